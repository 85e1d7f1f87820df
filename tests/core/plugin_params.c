/* One value by its declared type: what is taken, what is refused, and that every refusal names the parameter
 * in both languages. */
#include "plugin/params.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void takes(const char *type, const char *text, const char *json)
{
    fc_err err;
    json_t *out = NULL;
    if (fc_param_value("the-name", type, text, strlen(text), &out, &err))
        fail_msg("%s '%s': %s", type, text, err.text[FC_EN]);
    char *got = json_dumps(out, JSON_ENCODE_ANY | JSON_COMPACT);
    if (strcmp(got, json) != 0) fail_msg("%s '%s': %s instead of %s", type, text, got, json);
    free(got);
    json_decref(out);
}

static void refuses_bytes(const char *type, const char *text, size_t n)
{
    fc_err err = {0};
    json_t *out = NULL;
    if (!fc_param_value("the-name", type, text, n, &out, &err))
        fail_msg("%s took '%s' as %s", type, text, json_dumps(out, JSON_ENCODE_ANY));
    assert_null(out);
    assert_non_null(strstr(err.text[FC_EN], "the-name"));
    assert_non_null(strstr(err.text[FC_ZH], "the-name"));
    assert_string_not_equal(err.text[FC_EN], err.text[FC_ZH]);
}

static void refuses(const char *type, const char *text)
{
    refuses_bytes(type, text, strlen(text));
}

static void whole_numbers(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        const char *type = i ? "id!" : "integer";
        takes(type, "0", "0");
        takes(type, "-7", "-7");
        takes(type, "9223372036854775807", "9223372036854775807");
        takes(type, "-9223372036854775808", "-9223372036854775808");
        static const char *const bad[] = {
            "9223372036854775808", "1.5", "1e3", "0x10", "12a", "a", "1 2", "--1",
            "\xef\xbc\x91",        " 5",  "+5",  "5 "};
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
            refuses(type, bad[k]);
        refuses_bytes(type,
                      "12\0"
                      "3",
                      4);
    }
}

static void numbers(void **state)
{
    (void)state;
    takes("number", "1.5", "1.5");
    takes("number!", "-3", "-3.0");
    static const char *const bad[] = {"nan", "inf", "-inf", "infinity", "1e999", "1,5", "x", "1.5x", "0x1p3"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        refuses("number", bad[k]);
}

static void days_and_months(void **state)
{
    (void)state;
    takes("day", "2026-11-21", "\"2026-11-21\"");
    takes("day!", "2024-02-29", "\"2024-02-29\"");
    takes("month", "2026-11", "\"2026-11\"");
    static const char *const days[] = {"2026-02-29",       "2026-13-01", "2026-00-10",
                                       "2026-1-1",         "2026-11-31", "20261121",
                                       "2026-11-21T00:00", "x",          "2026-11-21 "};
    for (size_t k = 0; k < sizeof days / sizeof *days; k++)
        refuses("day", days[k]);
    static const char *const months[] = {"2026-13", "2026-0", "2026-11-21", "2026", "x", "2026-1 "};
    for (size_t k = 0; k < sizeof months / sizeof *months; k++)
        refuses("month", months[k]);
    refuses_bytes("day", "2026-11-21\0x", 12);
}

static void texts(void **state)
{
    (void)state;
    char long_text[5000];
    takes("string", "x", "\"x\"");
    takes("string:3!", "\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97",
          "\"\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97\""); /* characters, not bytes */
    refuses("string:2", "\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97");
    refuses("string:3", "abcd");
    memset(long_text, 'x', sizeof long_text);
    long_text[4999] = 0;
    refuses("string", long_text);
    takes("boolean", "1", "true");
    takes("boolean", "on", "true");
    takes("boolean", "0", "false");
    long_text[4096] = 0;
    fc_err err;
    json_t *out = NULL;
    assert_int_equal(fc_param_value("x", "string", long_text, 4096, &out, &err), FC_OK);
    json_decref(out);
    refuses("string", "\xff\xfe");
    refuses("string", "\xc3\x28");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole_numbers), cmocka_unit_test(numbers),
                                       cmocka_unit_test(days_and_months), cmocka_unit_test(texts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
