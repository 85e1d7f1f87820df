/* Strict UTF-8, checked against a reading of every code point and of every two leading bytes; and "did you
 * mean". */
#include "text/nearest.h"
#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int encode(unsigned c, unsigned char *to)
{
    if (c < 0x80) return to[0] = (unsigned char)c, 1;
    int n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (int i = n - 1; i > 0; i--, c >>= 6)
        to[i] = (unsigned char)(0x80 | (c & 0x3F));
    to[0] = (unsigned char)((0xF00 >> n) | c);
    return n;
}

static void every_code_point(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 0x120000; c++) {
        unsigned char s[4];
        int n = encode(c, s), good = (c < 0xD800 || c > 0xDFFF) && c <= 0x10FFFF;
        assert_int_equal(fc_utf8_char(s, (size_t)n), good ? n : 0);
        for (int cut = 1; good && cut < n; cut++)
            assert_int_equal(fc_utf8_char(s, (size_t)cut), -1);
    }
}

/* Shorter forms of the same code points are attacks on whoever compares bytes. */
static void overlong_forms_and_lone_bytes(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xC0\x80",
                                      "\xC1\xBF",
                                      "\xE0\x80\xAF",
                                      "\xE0\x9F\xBF",
                                      "\xF0\x80\x80\x80",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xFE",
                                      "\xFF",
                                      "\x80",
                                      "\xBF"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(fc_utf8_char((const unsigned char *)bad[i], strlen(bad[i])), 0);
}

static void the_first_bad_byte_is_found_at_any_offset(void **state)
{
    (void)state;
    char text[64];
    for (size_t at = 0; at < 40; at++) {
        memset(text, 'a', sizeof text);
        memcpy(text + 40, "\xE5\xB7\xA5", 3);
        assert_int_equal(fc_utf8_check(text, sizeof text), sizeof text);
        text[at] = '\xFF';
        assert_int_equal(fc_utf8_check(text, sizeof text), at);
        assert_int_equal(fc_utf8_check(text, at), at);
    }
    assert_int_equal(fc_utf8_check("\xE5\xB7", 2), 0);
    assert_int_equal(fc_utf8_check("", 0), 0);
}

static const char *nearest(const char *word)
{
    static const char *const known[] = {"amount", "topic", "category", "name", "id", "settled_on"};
    fc_guess near;
    fc_guess_begin(&near, word, strlen(word));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        fc_guess_offer(&near, known[i]);
    return near.best;
}

static void the_nearest_word_is_offered_or_none(void **state)
{
    (void)state;
    assert_string_equal(nearest("ammount"), "amount");
    assert_string_equal(nearest("naem"), "name");
    assert_string_equal(nearest("catgory"), "category");
    assert_string_equal(nearest("setled_no"), "settled_on");
    assert_null(nearest("weather"));
    assert_string_equal(nearest("ix"), "id");
    assert_null(nearest("x"));
    assert_null(nearest(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point),
        cmocka_unit_test(overlong_forms_and_lone_bytes),
        cmocka_unit_test(the_first_bad_byte_is_found_at_any_offset),
        cmocka_unit_test(the_nearest_word_is_offered_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
