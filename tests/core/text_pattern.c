/* Regular expressions: matches, places, and every limit told from "no match". */
#include "base/buf.h"
#include "base/clock.h"
#include "text/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static fc_pattern *compile(const char *text)
{
    fc_pattern *p;
    fc_err err;
    if (fc_pattern_compile(text, strlen(text), &p, &err) != FC_OK) fail_msg("%s", err.text[FC_EN]);
    return p;
}

static int matches(const char *pattern, const char *subject)
{
    fc_pattern *p = compile(pattern);
    int matched = -1;
    assert_int_equal(fc_pattern_match(p, subject, strlen(subject), 0, &matched, NULL, 0, NULL), FC_OK);
    fc_pattern_free(p);
    return matched;
}

static void chinese_text_matches_by_character(void **state)
{
    (void)state;
    assert_true(matches("刹车失灵|自燃|气囊", "行驶中刹车失灵"));
    assert_false(matches("刹车失灵|自燃|气囊", "刹车很好"));
    assert_true(matches("^..$", "气囊"));
    assert_false(matches("\\d", "１２３"));
}

static void groups_come_as_byte_offsets(void **state)
{
    (void)state;
    fc_pattern *p = compile("(工)(x)?(单)");
    size_t spans[10];
    int matched;
    assert_int_equal(fc_pattern_groups(p), 3);
    assert_int_equal(fc_pattern_match(p, "a工单", 7, 0, &matched, spans, 5, NULL), FC_OK);
    assert_true(matched);
    size_t want[10] = {1, 7, 1, 4, (size_t)-1, (size_t)-1, 4, 7, (size_t)-1, (size_t)-1};
    assert_memory_equal(spans, want, sizeof want);
    fc_pattern_free(p);
}

static void trailing_unset_groups_are_unset(void **state)
{
    (void)state;
    fc_pattern *p = compile("(a)|(b)|(c)");
    size_t spans[8];
    int matched;
    assert_int_equal(fc_pattern_match(p, "abc", 3, 1, &matched, spans, 4, NULL), FC_OK);
    size_t want[8] = {1, 2, (size_t)-1, (size_t)-1, 1, 2, (size_t)-1, (size_t)-1};
    assert_memory_equal(spans, want, sizeof want);
    fc_pattern_free(p);
}

static void a_match_begins_where_it_is_told(void **state)
{
    (void)state;
    fc_pattern *p = compile("ab");
    size_t span[2];
    int matched;
    assert_int_equal(fc_pattern_match(p, "abab", 4, 1, &matched, span, 1, NULL), FC_OK);
    assert_int_equal(span[0], 2);
    assert_int_equal(fc_pattern_match(p, "abab", 4, 5, &matched, span, 1, NULL), FC_OK);
    assert_false(matched);
    fc_pattern_free(p);
}

static void mistakes_have_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *en, *zh;
    } cases[] = {{"刹车(", "after character 3: missing closing parenthesis", "第 3 个字符之后：缺少右括号"},
                 {"a)", "unmatched closing parenthesis", "多了一个右括号"},
                 {"[ab", "missing terminating ]", "缺少右方括号"},
                 {"*a", "quantifier does not follow", "没有可以重复的内容"},
                 {"a\\C", "disabled", "不允许使用 \\C"},
                 {"(?<=a+)b", "lookbehind", "写法有误"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fc_pattern *p = (fc_pattern *)1;
        fc_err err;
        const char *text = cases[i].pattern;
        assert_int_equal(fc_pattern_compile(text, strlen(text), &p, &err), FC_EINVAL);
        assert_null(p);
        if (!strstr(err.text[FC_EN], cases[i].en)) fail_msg("%s: %s", text, err.text[FC_EN]);
        if (!strstr(err.text[FC_ZH], cases[i].zh)) fail_msg("%s: %s", text, err.text[FC_ZH]);
    }
}

static void sizes_are_limited(void **state)
{
    (void)state;
    char *big = malloc(256 * 1024 + 1);
    memset(big, 'a', 256 * 1024 + 1);
    fc_pattern *p;
    assert_int_equal(fc_pattern_compile(big, 4097, &p, NULL), FC_ELIMIT);
    assert_int_equal(fc_pattern_compile(big, 4096, &p, NULL), FC_OK);
    int matched;
    assert_int_equal(fc_pattern_match(p, big, 256 * 1024 + 1, 0, &matched, NULL, 0, NULL), FC_ELIMIT);
    assert_int_equal(fc_pattern_match(p, big, 256 * 1024, 0, &matched, NULL, 0, NULL), FC_OK);
    assert_true(matched);
    fc_pattern_free(p);
    free(big);
}

static void bytes_that_are_no_text_are_named(void **state)
{
    (void)state;
    fc_pattern *p = compile("b");
    fc_err err;
    int matched;
    assert_int_equal(fc_pattern_match(p,
                                      "aa\xFF"
                                      "b",
                                      4, 0, &matched, NULL, 0, &err),
                     FC_EINVAL);
    assert_non_null(strstr(err.text[FC_EN], "at byte 3"));
    assert_int_equal(fc_pattern_match(p, "\xE5\xB7\xA5", 3, 1, &matched, NULL, 0, &err), FC_EINVAL);
    fc_pattern_free(p);
}

/* Each of these would run for seconds to ages without limits; those with lookaheads even with PCRE2's own. */
static void runaway_patterns_are_stopped(void **state)
{
    (void)state;
    static const char *const patterns[] = {"(a+)+$",
                                           "(a|aa)+$",
                                           "(?:a*)*b",
                                           "[a-z]*[0-9]",
                                           "(?:[a-z]*?[a-z]*+[0-9])",
                                           "a*a*a*a*a*a*[^a]",
                                           "(.*)(.*)(.*)(.*)(.*)[^a]",
                                           "(?=(a+))\\1+[^a]",
                                           "(?:(?=[a-z]*[0-9])|a)*+[0-9]",
                                           "(?:(?![a-z]*+[0-9])a)*[0-9]",
                                           "(?:a(?=.*x|))*[0-9]",
                                           "(a(?1)?[0-9])",
                                           "\\G(?:(?![a-z]*+[0-9])a)*[0-9]"};
    size_t sizes[] = {40, 2000, 8000, 60000, 262143};
    char *text = malloc(262144);
    memset(text, 'a', 262144);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        fc_pattern *p = compile(patterns[i]);
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            text[sizes[j]] = 0;
            int matched;
            int64_t began = fc_cpu();
            int rc = fc_pattern_match(p, text, sizes[j], 0, &matched, NULL, 0, NULL);
            int64_t ms = (fc_cpu() - began) / 1000000;
            text[sizes[j]] = 'a';
            if (getenv("SHOW"))
                print_message("%s n=%zu rc=%d matched=%d %ld ms\n", patterns[i], sizes[j], rc, matched,
                              (long)ms);
            assert_true(rc == FC_OK || rc == FC_ELIMIT);
            assert_true(ms < 2500);
        }
        fc_pattern_free(p);
    }
    free(text);
}

static void a_match_far_in_a_long_text_is_found(void **state)
{
    (void)state;
    size_t n = 200000;
    char *text = malloc(n + 16);
    for (size_t i = 0; i + 3 <= n; i += 3)
        memcpy(text + i, "工", 3);
    memcpy(text + n - n % 3, "x12", 4);
    fc_pattern *p = compile("(?<=工)x\\d+$|nothing");
    size_t span[2];
    int matched;
    assert_int_equal(fc_pattern_match(p, text, n - n % 3 + 3, 0, &matched, span, 1, NULL), FC_OK);
    assert_true(matched);
    assert_int_equal(span[0], n - n % 3);
    fc_pattern_free(p);
    p = compile("\\Gx|^x");
    assert_int_equal(fc_pattern_match(p, text, n - n % 3 + 3, 0, &matched, NULL, 0, NULL), FC_OK);
    assert_false(matched);
    fc_pattern_free(p);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chinese_text_matches_by_character),
        cmocka_unit_test(groups_come_as_byte_offsets),
        cmocka_unit_test(trailing_unset_groups_are_unset),
        cmocka_unit_test(a_match_begins_where_it_is_told),
        cmocka_unit_test(mistakes_have_their_place),
        cmocka_unit_test(sizes_are_limited),
        cmocka_unit_test(bytes_that_are_no_text_are_named),
        cmocka_unit_test(runaway_patterns_are_stopped),
        cmocka_unit_test(a_match_far_in_a_long_text_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
