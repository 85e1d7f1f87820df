/* Workbooks behind the same functions as text tables: every kind of cell, and every refusal with its place.
 */
#include "base/buf.h"
#include "base/hash.h"
#include "text/table_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define FILE_OF(name) FIXTURES "/text_" name

/* "line:field|field;" per row, an error as "!sentence". */
static void show(const char *file, fc_buf *out)
{
    fc_table *t;
    fc_err err = {0};
    fc_buf_clear(out);
    if (fc_table_open(file, &t, &err) != FC_OK) {
        fc_buf_addf(out, "%d!%s", err.code, err.text[FC_EN]);
        return;
    }
    for (;;) {
        const char *const *fields;
        int count;
        int64_t line;
        int rc = fc_table_next(t, &line, &fields, &count, &err);
        if (rc != FC_OK) {
            fc_buf_addf(out, "%d!%s", rc, err.text[FC_EN]);
            assert_int_equal(fc_table_next(t, &line, &fields, &count, NULL), rc);
        }
        if (rc != FC_OK || count == 0) break;
        assert_true(fc_table_position(t) >= 0 && fc_table_position(t) <= fc_table_size(t));
        fc_buf_addf(out, "%lld:", (long long)line);
        for (int i = 0; i < count; i++)
            fc_buf_addf(out, "%s%s", i ? "|" : "", fields[i]);
        fc_buf_addc(out, ';');
    }
    fc_table_close(t);
}

static void the_workbook_reads_like_the_csv(void **state)
{
    (void)state;
    fc_buf book = {0}, csv = {0}, trimmed = {0};
    show(FILE_OF("orders.xlsx"), &book);
    show(FILE_OF("orders_utf8.csv"), &csv);
    for (const char *p = csv.data; *p; p++) { /* a sheet has no empty cells at the end of a row */
        if (*p == ';')
            while (trimmed.data[trimmed.len - 1] == '|')
                trimmed.data[--trimmed.len] = 0;
        fc_buf_addc(&trimmed, *p);
    }
    assert_string_equal(book.data, trimmed.data);
    fc_buf_free(&book);
    fc_buf_free(&csv);
    fc_buf_free(&trimmed);
}

static void every_kind_of_cell(void **state)
{
    (void)state;
    fc_buf out = {0};
    show(FILE_OF("kinds.xlsx"), &out);
    assert_string_equal(
        out.data,
        "2:a||inline ;"
        "4:46347|13800000000|0.3|13800138000|20261118000012345|TRUE|FALSE|#N/A|a\rb_x0041_<|ri ch|-2.5;"
        "1048576:|||||||||||||||||||||||||||end;");
    fc_buf_free(&out);
}

static void it_says_what_it_is(void **state)
{
    (void)state;
    fc_table *t;
    fc_buf bytes = {0};
    char hash[FC_HASH_HEX];
    const char *const *fields;
    int count = 1;
    int64_t line;
    assert_int_equal(fc_table_open(FILE_OF("orders.xlsx"), &t, NULL), FC_OK);
    assert_string_equal(fc_table_encoding(t), "XLSX");
    assert_int_equal(fc_table_delimiter(t), 0);
    assert_null(fc_table_hash(t));
    while (count)
        assert_int_equal(fc_table_next(t, &line, &fields, &count, NULL), FC_OK);
    assert_int_equal(fc_table_next(t, &line, &fields, &count, NULL), FC_OK);
    assert_int_equal(count, 0);
    assert_int_equal(fc_read_file(FILE_OF("orders.xlsx"), 1 << 20, &bytes, NULL), FC_OK);
    fc_hash(bytes.data, bytes.len, hash);
    assert_string_equal(fc_table_hash(t), hash);
    assert_int_equal(fc_table_size(t), bytes.len);
    assert_int_equal(fc_table_position(t), bytes.len);
    fc_buf_free(&bytes);
    fc_table_close(t);
}

static void bad_workbooks_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int code;
        const char *en;
    } cases[] = {{"bomb", FC_ELIMIT, "xl/worksheets/sheet1.xml is larger than 64 MiB unpacked"},
                 {"strings_bomb", FC_ELIMIT, "xl/sharedStrings.xml is larger than 64 MiB"},
                 {"columns", FC_ELIMIT, ".xlsx:1: more than 16,384 columns"},
                 {"rows", FC_ELIMIT, "more than 1,048,576 rows"},
                 {"backwards", FC_EINVAL, ".xlsx:2: the workbook is damaged"},
                 {"row_backwards", FC_EINVAL, ".xlsx:2: the workbook is damaged"},
                 {"string", FC_EINVAL, ".xlsx:1: the workbook is damaged"},
                 {"doctype", FC_EINVAL, "DOCTYPE"},
                 {"deep", FC_EINVAL, "too deep nesting"},
                 {"token", FC_EINVAL, "holds XML that no workbook has"},
                 {"unclosed", FC_EINVAL, "the workbook is damaged (XML line 1: no element found)"},
                 {"empty", FC_EINVAL, "the first sheet is empty"},
                 {"date1904", FC_EINVAL, "counts dates from 1904"},
                 {"hidden", FC_EINVAL, "no visible sheet"},
                 {"wide_row", FC_ELIMIT, "a row longer than 1 MiB"},
                 {"long_text", FC_ELIMIT, "a cell longer than 1 MiB"},
                 {"part", FC_EINVAL, "xl/worksheets/sheet9.xml is missing"},
                 {"zip", FC_EINVAL, "no .xlsx workbook"},
                 {"docx", FC_EINVAL, "no .xlsx workbook"}};
    fc_buf out = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char file[512], code[8];
        snprintf(file, sizeof file, "%s/text_bad_%s.xlsx", FIXTURES, cases[i].name);
        snprintf(code, sizeof code, "%d!", cases[i].code);
        show(file, &out);
        if (!strstr(out.data, cases[i].en) || !strstr(out.data, code))
            fail_msg("%s: %.300s", cases[i].name, out.data);
        assert_non_null(strstr(out.data, file));
    }
    fc_buf_free(&out);
}

/* A workbook cut or changed at any byte gives rows or a sentence, never a crash. */
static void damaged_archives_are_told(void **state)
{
    (void)state;
    fc_buf bytes = {0}, out = {0};
    char path[] = "/tmp/forecourt-xlsx-XXXXXX";
    close(mkstemp(path));
    assert_int_equal(fc_read_file(FILE_OF("orders.xlsx"), 1 << 20, &bytes, NULL), FC_OK);
    for (size_t n = 4; n < bytes.len; n += 13) {
        assert_int_equal(fc_write_file(path, bytes.data, n, 0600, NULL), FC_OK);
        show(path, &out);
        assert_non_null(strchr(out.data, '!'));
    }
    for (size_t i = 4; i < bytes.len; i += 3) {
        bytes.data[i] ^= 0x55;
        assert_int_equal(fc_write_file(path, bytes.data, bytes.len, 0600, NULL), FC_OK);
        bytes.data[i] ^= 0x55;
        show(path, &out);
        assert_true(out.len > 0);
    }
    unlink(path);
    fc_buf_free(&bytes);
    fc_buf_free(&out);
}

static void refusing_costs_little_memory(void **state)
{
    (void)state;
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    if (getenv("SHOW")) print_message("%ld KiB\n", use.ru_maxrss);
#if !defined(__SANITIZE_ADDRESS__)
    assert_true(use.ru_maxrss < 64 * 1024);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_workbook_reads_like_the_csv),
        cmocka_unit_test(every_kind_of_cell),
        cmocka_unit_test(it_says_what_it_is),
        cmocka_unit_test(bad_workbooks_are_refused),
        cmocka_unit_test(damaged_archives_are_told),
        cmocka_unit_test(refusing_costs_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
