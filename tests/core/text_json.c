/* JSON: what is refused, and that the canonical text depends on nothing but the value. */
#include "text/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static json_t *parse(const char *text)
{
    json_t *v;
    fc_err err;
    assert_int_equal(fc_json_parse(text, strlen(text), 1 << 20, &v, &err), FC_OK);
    return v;
}

static void assert_canonical(const char *text, const char *want)
{
    json_t *v = parse(text);
    fc_buf out = {0};
    fc_json_canonical(v, &out);
    assert_string_equal(fc_buf_str(&out), want);
    fc_buf_free(&out);
    json_decref(v);
}

static void assert_refused(const char *text, size_t n, int code, const char *en)
{
    json_t *v = (json_t *)1;
    fc_err err;
    assert_int_equal(fc_json_parse(text, n, 1000, &v, &err), code);
    assert_null(v);
    if (!strstr(err.text[FC_EN], en)) fail_msg("'%s' lacks '%s'", err.text[FC_EN], en);
    assert_true(strlen(err.text[FC_ZH]) > 6);
}

#define REFUSED(text, code, en) assert_refused(text, sizeof(text) - 1, code, en)

static void keys_are_sorted_as_bytes(void **state)
{
    (void)state;
    assert_canonical(" { \"b\" : 1 , \"a\" : { \"z\":[ ], \"\\u00e9\":{}, \"Z\":null } } ",
                     "{\"a\":{\"Z\":null,\"z\":[],\"\xC3\xA9\":{}},\"b\":1}");
    assert_canonical("{\"ab\":1,\"a\":2,\"\":3}", "{\"\":3,\"a\":2,\"ab\":1}");
}

static void many_keys_are_sorted_too(void **state)
{
    (void)state;
    fc_buf text = {0}, out = {0};
    for (int i = 99; i >= 0; i--)
        fc_buf_addf(&text, "%s\"k%02d\":%d", i == 99 ? "{" : ",", i, i);
    fc_buf_addc(&text, '}');
    json_t *v = parse(text.data);
    fc_json_canonical(v, &out);
    assert_memory_equal(out.data, "{\"k00\":0,\"k01\":1,\"k02\":2,", 25);
    assert_string_equal(out.data + out.len - 10, ",\"k99\":99}");
    json_decref(v);
    fc_buf_free(&text);
    fc_buf_free(&out);
}

static void integers_are_exact(void **state)
{
    (void)state;
    assert_canonical("[9223372036854775807,-9223372036854775808,0,-1,10]",
                     "[9223372036854775807,-9223372036854775808,0,-1,10]");
}

static void reals_read_back_as_themselves(void **state)
{
    (void)state;
    assert_canonical("[0.1,1.0,-0.0,1e300,123456789.123,0.30000000000000004,2.5e-8]",
                     "[0.1,1.0,-0.0,1e+300,123456789.123,0.30000000000000004,2.5e-08]");
    assert_canonical("[1e15,1e16]", "[1e+15,1e+16]");
}

static void text_is_escaped_only_where_it_must(void **state)
{
    (void)state;
    assert_canonical("\"\\u4f60\\ud840\\udc00 \\/ \\\" \\\\ \\b\\f\\n\\r\\t\\u001f\\u007f\"",
                     "\"\xE4\xBD\xA0\xF0\xA0\x80\x80 / \\\" \\\\ \\b\\f\\n\\r\\t\\u001f\x7F\"");
}

/* Every byte at every place of a text, alone and beside others that must be escaped. */
static void every_byte_is_seen_at_every_place(void **state)
{
    (void)state;
    for (int c = 0; c < 128; c++) {
        for (size_t at = 0; at < 20; at++) {
            char text[] = "abcdefghijklmnopqrst", want[64];
            fc_buf out = {0};
            text[at] = (char)c;
            const char *escape = c == '"'    ? "\\\""
                                 : c == '\\' ? "\\\\"
                                 : c == '\b' ? "\\b"
                                 : c == '\t' ? "\\t"
                                 : c == '\n' ? "\\n"
                                 : c == '\f' ? "\\f"
                                 : c == '\r' ? "\\r"
                                             : NULL;
            char plain[8];
            if (!escape) snprintf(plain, sizeof plain, c < 32 ? "\\u%04x" : "%c", c);
            snprintf(want, sizeof want, "\"%.*s%s%s\"", (int)at, text, escape ? escape : plain,
                     text + at + 1);
            fc_json_text(text, 20, &out);
            assert_string_equal(fc_buf_str(&out), want);
            fc_buf_free(&out);
        }
    }
}

static void canonical_text_is_a_fixed_point(void **state)
{
    (void)state;
    const char *text = "{\"a\":[1,2.5,{\"b\":null,\"c\":[true,false]}],\"z\":\"\xE5\xBC\xA0\"}";
    assert_canonical(text, text);
}

static void browsers_get_large_integers_as_text(void **state)
{
    (void)state;
    json_t *v = parse("[9007199254740992,9007199254740993,-9007199254740993,7]");
    fc_buf out = {0};
    fc_json_for_browser(v, &out);
    assert_string_equal(out.data, "[9007199254740992,\"9007199254740993\",\"-9007199254740993\",7]");
    fc_buf_free(&out);
    json_decref(v);
}

static void hash_is_of_the_value(void **state)
{
    (void)state;
    json_t *a = parse("{\"x\":1,\"y\":2}"), *b = parse("{ \"y\": 2, \"x\": 1 }"),
           *c = parse("{\"x\":1,\"y\":2.0}");
    char ha[FC_HASH_HEX], hb[FC_HASH_HEX], hc[FC_HASH_HEX];
    fc_json_hash(a, ha);
    fc_json_hash(b, hb);
    fc_json_hash(c, hc);
    assert_string_equal(ha, hb);
    assert_string_not_equal(ha, hc);
    json_decref(a);
    json_decref(b);
    json_decref(c);
}

static void mistakes_are_refused_with_their_place(void **state)
{
    (void)state;
    REFUSED("{\"a\":1,\n\"a\":2}", FC_EINVAL, "line 2 column 3: an object has the same key twice");
    REFUSED("{\"a\":1,}", FC_EINVAL, "line 1 column 8");
    REFUSED("[1", FC_EINVAL, "ends in the middle");
    REFUSED("", FC_EINVAL, "ends in the middle");
    REFUSED("1 2", FC_EINVAL, "more text");
    REFUSED("[9223372036854775808]", FC_EINVAL, "too large");
    REFUSED("[1e999]", FC_EINVAL, "too large");
    REFUSED("\"\\u0000\"", FC_EINVAL, "NUL");
    REFUSED("\"\xFF\"", FC_EINVAL, "UTF-8");
    REFUSED("[NaN]", FC_EINVAL, "not valid JSON");
    REFUSED("\"138", FC_EINVAL, "line 1");
}

static void a_phone_in_the_input_is_not_quoted(void **state)
{
    (void)state;
    fc_err err;
    json_t *v;
    const char *text = "{\"phone\": 13800138000 x}";
    assert_int_equal(fc_json_parse(text, strlen(text), 100, &v, &err), FC_EINVAL);
    assert_null(strstr(err.text[FC_EN], "138"));
    assert_null(strstr(err.text[FC_ZH], "138"));
}

static void depth_and_size_are_limited(void **state)
{
    (void)state;
    char text[200];
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    assert_refused(text, 130, FC_ELIMIT, "line 1 column 65: nested deeper");
    json_t *v;
    assert_int_equal(fc_json_parse(text + 1, 128, 1000, &v, NULL), FC_OK);
    json_decref(v);
    assert_int_equal(fc_json_parse("[1,2]", 5, 4, &v, NULL), FC_ELIMIT);
    REFUSED("{\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\":1}x",
            FC_EINVAL, "more");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_sorted_as_bytes),
        cmocka_unit_test(many_keys_are_sorted_too),
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(reals_read_back_as_themselves),
        cmocka_unit_test(text_is_escaped_only_where_it_must),
        cmocka_unit_test(every_byte_is_seen_at_every_place),
        cmocka_unit_test(canonical_text_is_a_fixed_point),
        cmocka_unit_test(browsers_get_large_integers_as_text),
        cmocka_unit_test(hash_is_of_the_value),
        cmocka_unit_test(mistakes_are_refused_with_their_place),
        cmocka_unit_test(a_phone_in_the_input_is_not_quoted),
        cmocka_unit_test(depth_and_size_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
