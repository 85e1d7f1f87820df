/* Which versions go together: small worlds written as text, "id version [here] need range, need range". */
#include "pack/resolve.h"
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json_t *world(const char *const *lines)
{
    json_t *list = json_array();
    for (; *lines; lines++) {
        char text[200], *rest = text, *id, *version;
        snprintf(text, sizeof text, "%s", *lines);
        id = strsep(&rest, " ");
        version = strsep(&rest, " ");
        json_t *needs = json_object();
        int here = rest && strncmp(rest, "here", 4) == 0;
        if (here) rest += 4;
        for (char *one; rest && (one = strsep(&rest, ",")) && *one;) {
            one += strspn(one, " ");
            char *range = strchr(one, ' ');
            if (!range) continue;
            *range = 0;
            json_object_set_new(needs, one, json_string(range + 1));
        }
        json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:b}", "id", id, "version", version, "needs",
                                              needs, "here", here));
    }
    return list;
}

/* "a 1.0.0 b 2.0.0" in the order of ids, or the English reason. */
static void expect(const char *const *lines, json_t *wanted, const char *want)
{
    json_t *list = world(lines), *chosen = NULL, *at;
    const char *id;
    fc_err err;
    fc_buf got = {0};
    json_t *asked = json_deep_copy(wanted);
    size_t i;
    json_t *item;
    json_array_foreach(list, i,
                       item) if (json_is_true(json_object_get(item, "here")) &&
                                 !json_object_get(wanted, json_string_value(json_object_get(item, "id"))))
        json_object_set_new(wanted, json_string_value(json_object_get(item, "id")), json_string("*"));
    if (fc_resolve(wanted, asked, list, &chosen, &err)) {
        fc_buf_adds(&got, err.text[FC_EN]);
    } else {
        char *text = json_dumps(chosen, JSON_SORT_KEYS);
        json_t *sorted = json_loads(text, 0, NULL);
        free(text);
        json_object_foreach(sorted, id, at)
            fc_buf_addf(&got, "%s%s %s", got.len ? " " : "", id,
                        json_string_value(json_object_get(
                            json_array_get(list, (size_t)json_integer_value(at)), "version")));
        json_decref(sorted);
    }
    if (!strstr(fc_buf_str(&got), want)) fail_msg("got '%s', wanted '%s'", fc_buf_str(&got), want);
    fc_buf_free(&got);
    json_decref(chosen);
    json_decref(asked);
    json_decref(wanted);
    json_decref(list);
}

static json_t *want(const char *id, const char *range)
{
    return json_pack("{s:s}", id, range);
}

#define WORLD(...) ((const char *const[]){__VA_ARGS__, NULL})

static void the_newest_that_fits(void **state)
{
    (void)state;
    expect(WORLD("a 1.0.0", "a 1.10.0", "a 1.9.0", "a 2.0.0-rc.1"), want("a", "*"), "a 1.10.0");
    expect(WORLD("a 1.0.0", "a 2.0.0"), want("a", "^1"), "a 1.0.0");
    expect(WORLD("a 1.0.0 b ^1", "b 1.0.0", "b 1.5.0", "b 2.0.0"), want("a", "*"), "a 1.0.0 b 1.5.0");
    /* the newest a needs a b that is not there: an older a */
    expect(WORLD("a 2.0.0 b ^3", "a 1.0.0 b ^1", "b 1.0.0"), want("a", "*"), "a 1.0.0 b 1.0.0");
    /* two ways to one thing */
    expect(WORLD("a 1.0.0 b *, c *", "b 1.0.0 d ^1", "b 2.0.0 d ^2", "c 1.0.0 d ^1", "d 1.0.0", "d 2.0.0"),
           want("a", "*"), "a 1.0.0 b 1.0.0 c 1.0.0 d 1.0.0");
    /* a circle is no trouble here */
    expect(WORLD("a 1.0.0 b *", "b 1.0.0 a *"), want("a", "*"), "a 1.0.0 b 1.0.0");
}

static void what_is_there_stays(void **state)
{
    (void)state;
    expect(WORLD("b 1.0.0 here", "b 1.5.0", "a 1.0.0 b ^1"), want("a", "*"), "a 1.0.0 b 1.0.0");
    expect(WORLD("b 1.0.0 here", "b 1.5.0", "a 1.0.0 b ^1.2"), want("a", "*"), "a 1.0.0 b 1.5.0");
    expect(WORLD("b 1.0.0 here", "b 1.5.0"), want("b", "*"), "b 1.5.0");
    /* somebody here needs the old one */
    expect(WORLD("b 1.0.0 here", "b 2.0.0", "c 1.0.0 here b ^1", "a 1.0.0 b ^2"), want("a", "*"), "needs");
    expect(WORLD("b 1.0.0 here", "b 2.0.0", "c 1.0.0 here b ^1", "c 1.1.0 b ^2", "a 1.0.0 b ^2"),
           want("a", "*"), "a 1.0.0 b 2.0.0 c 1.1.0");
}

static void reasons(void **state)
{
    (void)state;
    expect(WORLD("a 1.0.0"), want("z", "*"), "z is nowhere");
    expect(WORLD("a 1.0.0 b ^1"), want("a", "*"), "b is nowhere (a needs ^1)");
    expect(WORLD("a 1.0.0 b ^2", "b 1.0.0", "b 1.1.0"), want("a", "*"),
           "no version of b fits: a needs ^2, there are 1.0.0, 1.1.0");
    expect(WORLD("a 1.0.0"), want("a", "^2"), "no version of a fits");
    expect(WORLD("a 1.0.0"), want("a", "nonsense"), "no version of a fits");
    expect(WORLD("a 1"), want("a", "*"), "no version of a fits");
}

/* What would take for ever without a bound ends with a sentence. */
static void a_tangle_ends(void **state)
{
    (void)state;
    json_t *list = json_array(), *chosen = NULL;
    for (int i = 0; i < 40; i++)
        for (int v = 1; v <= 10; v++) {
            char id[16], version[16], next[16];
            snprintf(id, sizeof id, "p%d", i);
            snprintf(next, sizeof next, "p%d", i + 1);
            snprintf(version, sizeof version, "1.%d.0", v);
            json_array_append_new(list, json_pack("{s:s, s:s, s:{s:s, s:s}}", "id", id, "version", version,
                                                  "needs", next, "*", "end", i == 39 ? "^2" : "*"));
        }
    json_array_append_new(list, json_pack("{s:s, s:s, s:{}}", "id", "p40", "version", "1.0.0", "needs"));
    json_array_append_new(list, json_pack("{s:s, s:s, s:{}}", "id", "end", "version", "1.0.0", "needs"));
    json_t *wanted = want("p0", "*");
    fc_err err;
    assert_int_not_equal(fc_resolve(wanted, wanted, list, &chosen, &err), 0);
    assert_null(chosen);
    assert_true(strlen(err.text[FC_EN]) > 10);
    json_decref(wanted);
    json_decref(list);
}

/* n packs, each needs `each` of those behind it. */
static int chain(int n, int each, fc_err *err)
{
    json_t *list = json_array(), *chosen = NULL, *wanted = json_pack("{s:s}", "p0", "*");
    for (int i = 0; i < n; i++) {
        char id[20], other[20];
        json_t *needs = json_object();
        for (int k = 1; k <= each && i + k < n; k++) {
            snprintf(other, sizeof other, "p%d", i + k);
            json_object_set_new(needs, other, json_string("*"));
        }
        snprintf(id, sizeof id, "p%d", i);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:o, s:b}", "id", id, "version", "1.0.0", "needs", needs, "here", 0));
    }
    int rc = fc_resolve(wanted, wanted, list, &chosen, err);
    json_decref(list);
    json_decref(wanted);
    json_decref(chosen);
    return rc;
}

/* An index may hold ten thousand packs that all want each other: that is a sentence, and soon. */
static void an_endless_chain_is_refused(void **state)
{
    (void)state;
    fc_err err;
    assert_int_equal(chain(200, 20, &err), 0);
    assert_int_equal(chain(10000, 1, &err), FC_ELIMIT);
    assert_non_null(strstr(err.text[FC_EN], "tangled"));
    assert_int_equal(chain(10000, 50, &err), FC_ELIMIT);
    assert_int_equal(chain(400, 400, &err), FC_ELIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_that_fits),
        cmocka_unit_test(what_is_there_stays),
        cmocka_unit_test(reasons),
        cmocka_unit_test(a_tangle_ends),
        cmocka_unit_test(an_endless_chain_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
