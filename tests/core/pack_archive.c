/* An archive: the same bytes whoever builds it, and every other byte refused. */
#include "pack/archive.h"
#include "pack/tar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LONG_PATH                                                                                            \
    "pages/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/"                                                \
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.lua"

static const char *const paths[] = {LONG_PATH, "plugin.lua", "pages/a.lua", "assets/empty"};
static const char *const texts[] = {"-- long\n", "return { id = \"acme\", version = \"1.2.0\" }\n",
                                    "return 1\n", ""};
#define COUNT 4

static fc_pack_index *an_index(const char **bodies)
{
    fc_err err;
    fc_pack_index *x = fc_alloc(sizeof *x);
    strcpy(x->id, "acme");
    strcpy(x->version, "1.2.0");
    x->seq = 100020000;
    x->files = fc_alloc(COUNT * sizeof *x->files);
    x->n = COUNT;
    for (int i = 0; i < COUNT; i++) {
        strcpy(x->files[i].path, paths[i]);
        x->files[i].size = (int64_t)strlen(texts[i]);
        fc_hash(texts[i], strlen(texts[i]), x->files[i].hash);
    }
    if (fc_pack_index_settle(x, &err)) fail_msg("%s", err.text[FC_EN]);
    for (size_t i = 0; i < x->n; i++)
        for (int k = 0; k < COUNT; k++)
            if (!strcmp(paths[k], x->files[i].path)) bodies[i] = texts[k];
    return x;
}

static void make(fc_buf *out, const fc_sign_secret *key)
{
    const char *bodies[COUNT];
    fc_buf text = {0}, comment = {0}, sig = {0};
    fc_err err;
    fc_pack_index *x = an_index(bodies);
    fc_pack_index_write(x, &text);
    fc_claims c = {.seq = x->seq};
    strcpy(c.id, x->id);
    strcpy(c.version, x->version);
    fc_claims_write(&c, &comment);
    if (key && fc_sign(key, text.data, text.len, comment.data, &sig, &err)) fail_msg("%s", err.text[FC_EN]);
    fc_archive_write(x, bodies, key ? sig.data : NULL, out);
    fc_pack_index_free(x);
    fc_buf_free(&text);
    fc_buf_free(&comment);
    fc_buf_free(&sig);
}

static int open_copy(const fc_buf *b, fc_archive **out, fc_err *err)
{
    fc_buf copy = {0};
    fc_buf_add(&copy, b->data, b->len);
    return fc_archive_open(&copy, "x.pack", out, err);
}

static void it_is_read_as_it_was_written(void **state)
{
    (void)state;
    fc_buf one = {0}, two = {0};
    fc_archive *a;
    fc_err err;
    make(&one, NULL);
    make(&two, NULL);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    if (open_copy(&one, &a, &err)) fail_msg("%s", err.text[FC_EN]);
    assert_int_equal(a->index->n, COUNT);
    assert_string_equal(a->index->files[0].path, "assets/empty");
    assert_null(a->signature);
    assert_int_equal(strncmp(a->bodies[3], texts[1], strlen(texts[1])), 0);
    /* the hash names these bytes for ever: a change of the form is a change of every lock */
    assert_string_equal(a->hash, "266fee84948d86719d5ec128f9c3cc6ab714159093b97ac352105d2b8b0044e1");
    fc_archive_free(a);
    fc_buf_free(&one);
    fc_buf_free(&two);
}

static void every_changed_byte_is_refused(void **state)
{
    (void)state;
    fc_buf b = {0};
    fc_sign_secret *key;
    fc_sign_public pub;
    fc_err err;
    assert_int_equal(fc_sign_new(&key, &err), 0);
    fc_sign_public_of(key, &pub);
    make(&b, key);
    for (size_t i = 0; i < b.len; i++) {
        fc_archive *a;
        b.data[i] ^= (char)(1 << i % 8);
        int rc = open_copy(&b, &a, &err);
        if (!rc) {
            rc = fc_archive_verify(a, &pub, NULL, &err);
            fc_archive_free(a);
        }
        b.data[i] ^= (char)(1 << i % 8);
        if (!rc) fail_msg("byte %zu: nobody minded", i);
    }
    for (size_t n = 0; n < b.len; n += 7) {
        fc_archive *a;
        fc_buf cut = {.data = b.data, .len = n};
        assert_int_not_equal(open_copy(&cut, &a, &err), 0);
        assert_null(a);
    }
    fc_buf_addc(&b, 0);
    fc_archive *a;
    assert_int_not_equal(open_copy(&b, &a, &err), 0);
    fc_sign_free(key);
    fc_buf_free(&b);
}

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *path, *says;
    } bad[] = {{"", "1 to 150"},
               {"/etc/passwd", "absolute"},
               {"../x", "out of the pack"},
               {"a/../b", "out of the pack"},
               {"a//b", "empty part"},
               {"a/", "empty part"},
               {"a\\b", "backslash"},
               {"a\nb", "control"},
               {"a\x7F", "control"},
               {".git/x", "dot"},
               {"a/.x", "dot"},
               {"a.", "ends with a dot"},
               {"caf\xC3\xA9", "ASCII"},
               {"a b", "ASCII"},
               {"a:b", "ASCII"},
               {"C:/x", "ASCII"}};
    fc_err err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_not_equal(fc_pack_path_check(bad[i].path, strlen(bad[i].path), &err), 0);
        if (!strstr(err.text[FC_EN], bad[i].says)) fail_msg("%s: %s", bad[i].path, err.text[FC_EN]);
    }
    assert_int_not_equal(fc_pack_path_check("a\0b", 3, &err), 0);
    assert_non_null(strstr(err.text[FC_EN], "NUL"));
    assert_int_equal(fc_pack_path_check("a/b-c_d+e@2x.png", 16, &err), 0);
    assert_int_equal(fc_pack_path_check(LONG_PATH, strlen(LONG_PATH), &err), 0);
    assert_true(fc_pack_in_namespace("acme", "acme") && fc_pack_in_namespace("acme-x", "acme"));
    assert_false(fc_pack_in_namespace("acmex", "acme") || fc_pack_in_namespace("acm", "acme") ||
                 fc_pack_in_namespace("a", ""));
}

#define HEAD "forecourt-pack 1\nid acme\nversion 1.0.0\nseq 1\n"
#define H "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define MAIN "file 1 " H " plugin.lua\n"

static void indexes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"", "forecourt-pack 1"},
        {"forecourt-pack 2\n", "newer version"},
        {HEAD, "plugin.lua"},
        {HEAD "file 1 " H " A\nfile 1 " H " a\n" MAIN, "capitals"},
        {HEAD "file 1 " H " a\nfile 1 " H " a/b\n" MAIN, "is a file, too"},
        {HEAD "file 1 " H " A\nfile 1 " H " a/b\n" MAIN, "is a file, too"},
        {HEAD MAIN MAIN, "twice"},
        {HEAD MAIN "file 1 " H " a\n", "out of order"},
        {HEAD MAIN "file 1 " H " ../x\n", "out of the pack"},
        {HEAD MAIN "file 1 " H " /x\n", "absolute"},
        {HEAD "file 1 " H " INDEX\n" MAIN, "own name"},
        {HEAD "file 1 " H " index.MINISIG\n" MAIN, "own name"},
        {HEAD "file 16777217 " H " a\n" MAIN, "16 MiB"},
        {HEAD "file 999999999999999999 " H " a\n" MAIN, "16 MiB"},
        {HEAD "file 01 " H " plugin.lua\n", "not written"},
        {HEAD "file 1  " H " plugin.lua\n", "line 5"},
        {HEAD "file -1 " H " plugin.lua\n", "line 5"},
        {HEAD "file 1 abc plugin.lua\n", "line 5"},
        {HEAD "file 1 " H " plugin.lua", "line 5"},
        {HEAD MAIN "more\n", "line 6"},
        {"forecourt-pack 1\nid ACME\nversion 1.0.0\nseq 1\n" MAIN, "lower-case"},
        {"forecourt-pack 1\nid acme\nversion 1.0\nseq 1\n" MAIN, "no version"},
        {"forecourt-pack 1\nid acme\nversion 1.0.0\nseq 0\n" MAIN, "positive"},
        {"forecourt-pack 1\nid acme\nseq 1\nversion 1.0.0\n" MAIN, "line 3"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fc_pack_index *x;
        fc_err err;
        if (!fc_pack_index_parse(bad[i].text, strlen(bad[i].text), &x, &err))
            fail_msg("taken: %s", bad[i].text);
        assert_null(x);
        if (!strstr(err.text[FC_EN], bad[i].says)) fail_msg("%s: %s", bad[i].text, err.text[FC_EN]);
    }
    fc_buf many = {0};
    fc_buf_adds(&many, HEAD);
    for (int i = 0; i < FC_PACK_FILES + 5; i++)
        fc_buf_addf(&many, "file 1 " H " a%05d\n", i);
    fc_pack_index *x;
    fc_err err;
    assert_int_not_equal(fc_pack_index_parse(many.data, many.len, &x, &err), 0);
    assert_non_null(strstr(err.text[FC_EN], "too many"));
    fc_buf_clear(&many);
    fc_buf_adds(&many, HEAD);
    for (int i = 0; i < 5; i++)
        fc_buf_addf(&many, "file 16777216 " H " a%05d\n", i);
    fc_buf_adds(&many, MAIN);
    assert_int_not_equal(fc_pack_index_parse(many.data, many.len, &x, &err), 0);
    assert_non_null(strstr(err.text[FC_EN], "64 MiB"));
    fc_buf_free(&many);
}

static void sequences(void **state)
{
    (void)state;
    int64_t seq;
    fc_err err;
    assert_int_equal(fc_pack_seq_of("1.2.3", &seq, &err), 0);
    assert_int_equal(seq, 100020003);
    assert_int_not_equal(fc_pack_seq_of("1.0.0-rc.1", &seq, &err), 0);
    assert_int_not_equal(fc_pack_seq_of("1.10000.0", &seq, &err), 0);
    assert_int_not_equal(fc_pack_seq_of("0.0.0", &seq, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_read_as_it_was_written),
        cmocka_unit_test(every_changed_byte_is_refused),
        cmocka_unit_test(names),
        cmocka_unit_test(indexes),
        cmocka_unit_test(sequences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
