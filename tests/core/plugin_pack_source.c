/* From an archive's bytes to a plugin's source: what no folder could hold is refused before anything is made
 * of it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "plugin/pack_build.h"

#include <stdlib.h>
#include <string.h>

static const char manifest[] =
    "return { id = 'acme-x', version = '1.0.0', title = { zh = '甲', en = 'A' } }\n";

/* A pack of plugin.lua and `n` files of `size` bytes each, filled with `c`. */
static int source_of(const char *name, int n, size_t size, char c, fc_err *err)
{
    fc_pack_index x = {.id = "acme-x", .version = "1.0.0", .seq = 1};
    fc_archive *a = NULL;
    fc_source *s = NULL;
    fc_buf data = {0};
    const char **bodies = fc_alloc((size_t)(n + 1) * sizeof *bodies);
    char *body = malloc(size);
    memset(body, c, size);
    x.n = (size_t)n + 1;
    x.files = fc_alloc(x.n * sizeof *x.files);
    for (size_t i = 0; i < x.n; i++) {
        int last = i == x.n - 1;
        bodies[i] = last ? manifest : body;
        x.files[i].size = last ? (int64_t)strlen(manifest) : (int64_t)size;
        fc_hash(bodies[i], (size_t)x.files[i].size, x.files[i].hash);
        snprintf(x.files[i].path, sizeof x.files[i].path, last ? "plugin.lua" : name, (int)i);
    }
    fc_archive_write(&x, bodies, NULL, &data);
    int rc = fc_archive_open(&data, "x.pack", &a, err);
    if (!rc) rc = fc_pack_source(a, &s, err);
    fc_source_unref(s);
    fc_archive_free(a);
    free(x.files);
    free(bodies);
    free(body);
    return rc;
}

static void told(const char *word, const fc_err *err)
{
    if (!strstr(err->text[FC_EN], word)) fail_msg("no '%s' in: %s", word, err->text[FC_EN]);
}

static void what_fits(void **state)
{
    (void)state;
    fc_err err;
    if (source_of("a%03d.lua", 3, 1000, '-', &err)) fail_msg("%s", err.text[FC_EN]);
    if (source_of("assets/a%03d.bin", 2, 15u << 20, '\xFF', &err)) fail_msg("%s", err.text[FC_EN]);
}

static void what_is_too_large_is_named(void **state)
{
    (void)state;
    fc_err err;
    assert_int_equal(source_of("a%03d.lua", 1, (256u << 10) + 1, '-', &err), FC_ELIMIT);
    told("a000.lua", &err);
    assert_int_equal(source_of("a%03d.lua", 200, 256u << 10, '-', &err), FC_ELIMIT);
    told("16 MiB", &err);
}

static void what_is_no_text_is_named(void **state)
{
    (void)state;
    fc_err err;
    assert_int_equal(source_of("a%03d.lua", 1, 10, '\xFF', &err), FC_EINVAL);
    told("a000.lua", &err);
    assert_int_equal(source_of("pages/a%03d.html", 1, 10, '\xC3', &err), FC_EINVAL);
    told("pages/a000.html", &err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits),
        cmocka_unit_test(what_is_too_large_is_named),
        cmocka_unit_test(what_is_no_text_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
