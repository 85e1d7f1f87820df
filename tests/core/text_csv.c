/* What we write opens in Excel: mark, line ends, quotes, and no cell that becomes a formula. */
#include "text/csv_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_cell(const char *text, size_t n, const char *want)
{
    fc_buf out = {0};
    fc_csv_text(&out, 1, text, n);
    assert_string_equal(fc_buf_str(&out), want);
    fc_buf_free(&out);
}

#define CELL(text, want) assert_cell(text, sizeof(text) - 1, want)

static void a_table_as_excel_wants_it(void **state)
{
    (void)state;
    fc_buf out = {0};
    fc_csv_begin(&out);
    fc_csv_text(&out, 1, "工单", 6);
    fc_csv_text(&out, 0, "", 0);
    fc_csv_raw(&out, 0, "-12.5");
    fc_csv_end_row(&out);
    assert_string_equal(out.data, "\xEF\xBB\xBF工单,,-12.5\r\n");
    fc_buf_free(&out);
}

static void quotes_stand_only_where_they_must(void **state)
{
    (void)state;
    CELL("plain", "plain");
    CELL("a,b", "\"a,b\"");
    CELL("say \"no\"", "\"say \"\"no\"\"\"");
    CELL("\"", "\"\"\"\"");
    CELL("two\nlines", "\"two\nlines\"");
    CELL("a\rb", "\"a\rb\"");
    CELL(" led by a blank", "\" led by a blank\"");
    CELL("", "");
}

static void no_cell_becomes_a_formula(void **state)
{
    (void)state;
    CELL("=1+1", "'=1+1");
    CELL("+8613800000000", "'+8613800000000");
    CELL("-1", "'-1");
    CELL("@x", "'@x");
    CELL("\tx", "'\tx");
    CELL("\rx", "\"'\rx\"");
    CELL("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
    CELL("a=b", "a=b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_as_excel_wants_it),
        cmocka_unit_test(quotes_stand_only_where_they_must),
        cmocka_unit_test(no_cell_becomes_a_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
