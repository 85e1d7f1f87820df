/* What fc_diff_lines shows, taken as a patch, leads from the one text to the other; and it is as short as it
 * can be where that can be reckoned. */
#include "text/diff.h"
#include "base/buf.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json_t *diff(const char *a, const char *b, int context)
{
    return fc_diff_lines(a, strlen(a), b, strlen(b), context);
}

/* The hunks' lines of one side ("old" or "new"), with their numbers: each must be that line of the text. */
static int lines_of(const json_t *hunks, const char *side, const char *text)
{
    size_t i, k;
    json_t *h, *l;
    int seen = 0;
    json_array_foreach((json_t *)hunks, i, h) json_array_foreach(json_object_get(h, "lines"), k, l)
    {
        const json_t *number = json_object_get(l, side);
        if (!number) continue;
        const char *p = text;
        for (json_int_t n = json_integer_value(number); n > 1; n--)
            p = strchr(p, '\n') + 1;
        const char *want = json_string_value(json_object_get(l, "text"));
        assert_int_equal(strncmp(p, want, strlen(want)), 0);
        assert_true(p[strlen(want)] == '\n' || !p[strlen(want)]);
        seen++;
    }
    return seen;
}

static int changes(const json_t *hunks)
{
    size_t i, k;
    json_t *h, *l;
    int n = 0;
    json_array_foreach((json_t *)hunks, i, h) json_array_foreach(json_object_get(h, "lines"), k, l) n +=
        strcmp(json_string_value(json_object_get(l, "kind")), "same") != 0;
    return n;
}

static void same_texts_show_nothing(void **state)
{
    (void)state;
    json_t *d = diff("a\nb\n", "a\nb\n", 3);
    assert_int_equal(json_array_size(d), 0);
    json_decref(d);
    d = diff("", "", 3);
    assert_int_equal(json_array_size(d), 0);
    json_decref(d);
}

static void one_line_changes(void **state)
{
    (void)state;
    json_t *d = diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n", 3);
    assert_int_equal(json_array_size(d), 1);
    const json_t *h = json_array_get(d, 0);
    assert_string_equal(json_string_value(json_object_get(h, "at")), "@@ -2,7 +2,7 @@");
    assert_int_equal(changes(d), 2);
    assert_int_equal(json_array_size(json_object_get(h, "lines")), 8);
    json_decref(d);
}

static void from_and_to_nothing(void **state)
{
    (void)state;
    json_t *d = diff("", "a\nb", 3);
    assert_string_equal(json_string_value(json_object_get(json_array_get(d, 0), "at")), "@@ -0,0 +1,2 @@");
    json_decref(d);
    d = diff("a\nb\n", "", 3);
    assert_string_equal(json_string_value(json_object_get(json_array_get(d, 0), "at")), "@@ -1,2 +0,0 @@");
    json_decref(d);
}

static void far_changes_are_two_hunks_near_ones_are_one(void **state)
{
    (void)state;
    json_t *d = diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n", "x\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\ny\n", 3);
    assert_int_equal(json_array_size(d), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(d, 1), "at")), "@@ -9,4 +9,4 @@");
    json_decref(d);
    d = diff("1\n2\n3\n4\n5\n6\n", "x\n2\n3\n4\n5\ny\n", 3);
    assert_int_equal(json_array_size(d), 1);
    json_decref(d);
}

static unsigned long seed = 7;
static unsigned pick(unsigned n)
{
    seed = seed * 6364136223846793005UL + 1442695040888963407UL;
    return (unsigned)(seed >> 33) % n;
}

/* The length of the shortest way, by the textbook's table. */
static int shortest(const char *a, int na, const char *b, int nb)
{
    static int t[64][64];
    for (int i = 0; i <= na; i++)
        for (int j = 0; j <= nb; j++) {
            if (!i || !j)
                t[i][j] = i + j;
            else if (a[2 * (i - 1)] == b[2 * (j - 1)])
                t[i][j] = t[i - 1][j - 1];
            else
                t[i][j] = 1 + (t[i - 1][j] < t[i][j - 1] ? t[i - 1][j] : t[i][j - 1]);
        }
    return t[na][nb];
}

static void any_two_texts(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char a[128] = "", b[128] = "";
        int na = (int)pick(20), nb = (int)pick(20), letters = 1 + (int)pick(5);
        for (int i = 0; i < na; i++)
            snprintf(a + 2 * i, 3, "%c\n", 'a' + (int)pick((unsigned)letters));
        for (int i = 0; i < nb; i++)
            snprintf(b + 2 * i, 3, "%c\n", 'a' + (int)pick((unsigned)letters));
        json_t *d = diff(a, b, 50);
        int want = shortest(a, na, b, nb);
        assert_int_equal(changes(d), want);
        if (want) {
            assert_int_equal(lines_of(d, "old", a), na);
            assert_int_equal(lines_of(d, "new", b), nb);
        }
        json_decref(d);
    }
}

static void nothing_in_common(void **state)
{
    (void)state;
    fc_buf a = {0}, b = {0};
    for (int i = 0; i < 3000; i++) {
        fc_buf_addf(&a, "old %d\n", i);
        fc_buf_addf(&b, "new %d\n", i);
    }
    json_t *d = fc_diff_lines(a.data, a.len, b.data, b.len, 3);
    assert_int_equal(changes(d), 6000);
    json_decref(d);
    fc_buf_free(&a);
    fc_buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_texts_show_nothing),
        cmocka_unit_test(one_line_changes),
        cmocka_unit_test(from_and_to_nothing),
        cmocka_unit_test(far_changes_are_two_hunks_near_ones_are_one),
        cmocka_unit_test(any_two_texts),
        cmocka_unit_test(nothing_in_common),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
