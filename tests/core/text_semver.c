/* Versions and ranges, by the tables of semver.org and npm. */
#include "text/semver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static fc_semver of(const char *text)
{
    fc_semver v;
    fc_err err;
    if (fc_semver_parse(text, &v, &err)) fail_msg("%s: %s", text, err.text[FC_EN]);
    return v;
}

static void what_is_a_version(void **state)
{
    (void)state;
    static const char *const good[] = {
        "0.0.0",       "1.2.3",         "10.20.30",       "1.0.0-alpha",  "1.0.0-alpha.1",
        "1.0.0-0.3.7", "1.0.0-x-y-z.4", "1.0.0+build.01", "1.0.0-rc.1+5", "999999999.0.0",
        NULL};
    static const char *const bad[] = {"",
                                      "1",
                                      "1.2",
                                      "1.2.x",
                                      "01.2.3",
                                      "1.02.3",
                                      "1.2.3-",
                                      "1.2.3-01",
                                      "1.2.3-a..b",
                                      "v1.2.3",
                                      " 1.2.3",
                                      "1.2.3 ",
                                      "1.2.3.4",
                                      "-1.2.3",
                                      "1.2.3-\xC3\xA9",
                                      "1.2.3+",
                                      "1000000000.0.0",
                                      "99999999999999999999.0.0",
                                      NULL};
    for (const char *const *p = good; *p; p++)
        of(*p);
    for (const char *const *p = bad; *p; p++) {
        fc_semver v;
        fc_err err;
        if (!fc_semver_parse(*p, &v, &err)) fail_msg("'%s' was taken", *p);
        assert_non_null(strstr(err.text[FC_EN], "is no version"));
    }
    char longest[200];
    snprintf(longest, sizeof longest, "1.0.0-%0100d", 1);
    assert_int_not_equal(fc_semver_parse(longest, &(fc_semver){0}, NULL), 0);
    assert_int_not_equal(fc_semver_parse(NULL, &(fc_semver){0}, NULL), 0);
}

/* Each is before all that follow. */
static void which_is_newer(void **state)
{
    (void)state;
    static const char *const order[] = {"0.0.1",
                                        "0.1.0",
                                        "1.0.0-1",
                                        "1.0.0-2",
                                        "1.0.0-10",
                                        "1.0.0-alpha",
                                        "1.0.0-alpha.1",
                                        "1.0.0-alpha.beta",
                                        "1.0.0-beta",
                                        "1.0.0-beta.2",
                                        "1.0.0-beta.11",
                                        "1.0.0-betas",
                                        "1.0.0-rc.1",
                                        "1.0.0",
                                        "1.0.1",
                                        "1.2.0",
                                        "1.10.0",
                                        "2.0.0",
                                        NULL};
    for (int i = 0; order[i]; i++)
        for (int k = 0; order[k]; k++) {
            fc_semver a = of(order[i]), b = of(order[k]);
            int c = fc_semver_compare(&a, &b);
            if ((c > 0) - (c < 0) != (i > k) - (i < k)) fail_msg("%s against %s: %d", order[i], order[k], c);
        }
    fc_semver a = of("1.0.0+a"), b = of("1.0.0+b");
    assert_int_equal(fc_semver_compare(&a, &b), 0);
}

static void what_a_range_holds(void **state)
{
    (void)state;
    static const struct {
        const char *range, *in, *out; /* separated by blanks */
    } rows[] = {
        {"^1.2.3", "1.2.3 1.2.9 1.9.0", "1.2.2 2.0.0 2.0.0-rc.1 1.3.0-beta 0.9.9"},
        {"^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2 1.0.0"},
        {"^0.0.3", "0.0.3", "0.0.4 0.0.2 0.1.0"},
        {"^0.0", "0.0.0 0.0.9", "0.1.0"},
        {"^0", "0.0.0 0.9.9", "1.0.0"},
        {"^1", "1.0.0 1.9.9", "2.0.0 0.9.9"},
        {"^1.x", "1.0.0 1.9.9", "2.0.0"},
        {"~1.2.3", "1.2.3 1.2.99", "1.3.0 1.2.2"},
        {"~1.2", "1.2.0 1.2.99", "1.3.0"},
        {"~1", "1.0.0 1.99.0", "2.0.0"},
        {">=1.2", "1.2.0 1.2.1 9.0.0", "1.1.9 1.2.0-rc.1"},
        {">1.2", "1.3.0 2.0.0", "1.2.0 1.2.9"},
        {">1.2.3", "1.2.4 2.0.0", "1.2.3"},
        {"<1.2", "1.1.9 0.0.0", "1.2.0 1.2.0-rc.1"},
        {"<=1.2", "1.2.9 1.0.0", "1.3.0"},
        {"<=1.2.3", "1.2.3", "1.2.4"},
        {"1.2.3", "1.2.3", "1.2.4 1.2.2"},
        {"=1.2.3", "1.2.3", "1.2.4"},
        {"1.2", "1.2.0 1.2.9", "1.3.0"},
        {"1.2.x", "1.2.0 1.2.9", "1.3.0"},
        {"1.X", "1.0.0 1.9.9", "2.0.0"},
        {"*", "0.0.0 9.9.9", "1.0.0-rc.1"},
        {"x", "0.0.0 9.9.9", "1.0.0-rc.1"},
        {">=1.0 <2", "1.0.0 1.9.9", "0.9.9 2.0.0"},
        {">=1.0, <2", "1.0.0 1.9.9", "0.9.9 2.0.0"},
        {">= 1.0  < 2", "1.0.0 1.9.9", "0.9.9 2.0.0"},
        {"^1.0 || ^3.1", "1.5.0 3.1.0 3.9.9", "2.0.0 3.0.9 4.0.0"},
        {"1.0.0||2.0.0", "1.0.0 2.0.0", "1.5.0"},
        {"^1.2.3-rc.2", "1.2.3-rc.2 1.2.3-rc.10 1.2.3 1.9.0", "1.2.3-rc.1 1.2.4-rc.1 2.0.0"},
        {">1.0 <1.0", "", "1.0.0 0.9.0 1.1.0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fc_err err;
        if (fc_semver_range(rows[i].range, &err)) fail_msg("%s: %s", rows[i].range, err.text[FC_EN]);
        for (int want = 0; want < 2; want++) {
            char list[200], *rest = list, *one;
            snprintf(list, sizeof list, "%s", want ? rows[i].in : rows[i].out);
            while ((one = strsep(&rest, " "))) {
                if (!*one) continue;
                fc_semver v = of(one);
                if (fc_semver_satisfies(&v, rows[i].range) != want)
                    fail_msg("%s %s %s", one, want ? "should satisfy" : "should not satisfy", rows[i].range);
            }
        }
    }
}

static void what_is_no_range(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    " ",       "||",     "^1 ||", "|| 1",      "1 | 2", "abc",
                                      "^",   "1.2.3.4", ">>1",    "=>1",   "1..2",      "x.1",   "1.x.3",
                                      "^01", "1.2.3-",  "latest", "1 - 2", "1.0.0 x y", NULL};
    fc_semver one = of("1.0.0");
    for (const char *const *p = bad; *p; p++) {
        fc_err err;
        if (!fc_semver_range(*p, &err)) fail_msg("'%s' was taken", *p);
        assert_non_null(strstr(err.text[FC_ZH], "不是版本范围"));
        assert_int_equal(fc_semver_satisfies(&one, *p), 0);
    }
    assert_int_not_equal(fc_semver_range(NULL, NULL), 0);
    char longest[600];
    memset(longest, ' ', sizeof longest);
    longest[0] = '1';
    longest[599] = 0;
    assert_int_not_equal(fc_semver_range(longest, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_a_version),
        cmocka_unit_test(which_is_newer),
        cmocka_unit_test(what_a_range_holds),
        cmocka_unit_test(what_is_no_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
