/* Sentences in two languages: also where the system adds its own word, and where the text is too long. */
#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* after the four above */
#include <cmocka.h>

static void the_system_s_word_is_in_the_reader_s_language(void **state)
{
    fc_err err;
    (void)state;
    assert_int_equal(fc_fail(&err, FC_EIO, "%s：无法写入：%s。请检查", "%s cannot be written: %s. Look",
                             "a.db", strerror(ENOSPC)),
                     FC_EIO);
    assert_string_equal(err.text[FC_ZH], "a.db：无法写入：磁盘空间不足。请检查");
    assert_string_equal(err.text[FC_EN], "a.db cannot be written: no space left on the disk. Look");
}

static void a_long_sentence_is_cut_on_a_character(void **state)
{
    fc_err err;
    char name[2000];
    (void)state;
    for (size_t i = 0; i + 3 < sizeof name; i += 3)
        memcpy(name + i, "店", 4);
    for (size_t skip = 0; skip < 3; skip++) {
        fc_fail(&err, FC_EIO, "%.*s%s：%s", "%.*s%s: %s", (int)skip, "ab", name, strerror(EACCES));
        size_t n = strlen(err.text[FC_ZH]);
        assert_true(n < FC_ERR_TEXT && (n - skip) % 3 == 0);
    }
    fc_fail(&err, FC_EIO, "%.1015s%s", "%.1015s%s", name, strerror(EACCES));
    assert_true(strlen(err.text[FC_ZH]) < FC_ERR_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_system_s_word_is_in_the_reader_s_language),
        cmocka_unit_test(a_long_sentence_is_cut_on_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
