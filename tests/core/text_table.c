/* Tables as dealer systems export them: encodings, delimiters, quotes, and every refusal with its place. */
#include "text/table_reader.h"
#include "base/buf.h"
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];

static void write_file(const void *bytes, size_t n)
{
    strcpy(path, "/tmp/forecourt-table-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
}

/* A table as one text: "line:field|field;" per record, an error as "!sentence". */
static void show(const char *file, fc_buf *out)
{
    fc_table *t;
    fc_err err;
    fc_buf_clear(out);
    if (fc_table_open(file, &t, &err) != FC_OK) {
        fc_buf_addf(out, "!%s", err.text[FC_EN]);
        return;
    }
    fc_buf_addf(out, "%s %c ", fc_table_encoding(t),
                fc_table_delimiter(t) == '\t' ? 'T' : fc_table_delimiter(t));
    for (;;) {
        const char *const *fields;
        int count;
        int64_t line;
        int rc = fc_table_next(t, &line, &fields, &count, &err);
        if (rc != FC_OK) {
            fc_buf_addf(out, "!%s", err.text[FC_EN]);
            assert_int_equal(fc_table_next(t, &line, &fields, &count, NULL), rc);
        }
        if (rc != FC_OK || count == 0) break;
        fc_buf_addf(out, "%lld:", (long long)line);
        for (int i = 0; i < count; i++)
            fc_buf_addf(out, "%s%s", i ? "|" : "", fields[i]);
        fc_buf_addc(out, ';');
    }
    fc_table_close(t);
}

static void assert_table(const void *bytes, size_t n, const char *want)
{
    fc_buf out = {0};
    write_file(bytes, n);
    show(path, &out);
    unlink(path);
    assert_string_equal(out.data, want);
    fc_buf_free(&out);
}

#define TABLE(bytes, want) assert_table(bytes, sizeof(bytes) - 1, want)

static void assert_refused(const void *bytes, size_t n, const char *what)
{
    fc_buf out = {0};
    write_file(bytes, n);
    show(path, &out);
    unlink(path);
    if (!strchr(out.data, '!') || !strstr(out.data, what)) fail_msg("'%.300s' lacks '%s'", out.data, what);
    assert_non_null(strstr(out.data, path));
    fc_buf_free(&out);
}

#define REFUSED(bytes, what) assert_refused(bytes, sizeof(bytes) - 1, what)

/* ---- splitting ---- */

static void fields_and_records(void **state)
{
    (void)state;
    TABLE("a,b\nc,d\n", "UTF-8 , 1:a|b;2:c|d;");
    TABLE("a,b\r\nc,d", "UTF-8 , 1:a|b;2:c|d;");
    TABLE("a,b\rc,d\r", "UTF-8 , 1:a|b;2:c|d;");
    TABLE("a,b,\n,,\n", "UTF-8 , 1:a|b|;2:||;");
    TABLE("a,b\n\n\r\nc,d\n", "UTF-8 , 1:a|b;2:;3:;4:c|d;");
    TABLE("one\ntwo\n", "UTF-8 , 1:one;2:two;");
    TABLE("x", "UTF-8 , 1:x;");
}

static void quotes(void **state)
{
    (void)state;
    TABLE("\"a,b\",\"c\"\"d\",\"\"\n", "UTF-8 , 1:a,b|c\"d|;");
    TABLE("\"two\nlines\",x\nnext,y\n", "UTF-8 , 1:two\nlines|x;3:next|y;");
    TABLE("\"a\r\nb\rc\nd\",x\ne,f\n", "UTF-8 , 1:a\r\nb\rc\nd|x;5:e|f;");
    TABLE("x,\"a\r\"\ny,z\n", "UTF-8 , 1:x|a\r;3:y|z;");
    TABLE("a\"b,c\"\nd,e\n", "UTF-8 , 1:a\"b|c\";2:d|e;");
    TABLE("\"a\"b,c\nd,e\n", "UTF-8 , 1:ab|c;2:d|e;");
    TABLE("\"a\"\"\",c\nd,e\n", "UTF-8 , 1:a\"|c;2:d|e;");
    TABLE("=\"13800138000\",c\nd,e\n", "UTF-8 , 1:=\"13800138000\"|c;2:d|e;");
    REFUSED("a,b\nc,\"d\ne,f\n", ":2: the quote");
}

static void delimiters_are_found(void **state)
{
    (void)state;
    TABLE("a;b;c\n1,5;2,5;3\n", "UTF-8 ; 1:a|b|c;2:1,5|2,5|3;");
    TABLE("a\tb\tc\n1,5\t2,5\t3,0\n", "UTF-8 T 1:a|b|c;2:1,5|2,5|3,0;");
    TABLE("a|b|c\n1|2|3\n", "UTF-8 | 1:a|b|c;2:1|2|3;");
    TABLE("维修日报,,\n\na,b,c\n1|x,2|x,3\n1|x,2,3\n合计\n",
          "UTF-8 , 1:维修日报||;2:;3:a|b|c;4:1|x|2|x|3;5:1|x|2|3;6:合计;");
    TABLE("维修日报\na\tb,c,d\td\n1\t2\t3\n4\t5\t6", "UTF-8 T 1:维修日报;2:a|b,c,d|d;3:1|2|3;4:4|5|6;");
    TABLE("\"x;y\",1\n\"x;y;z\",2\n", "UTF-8 , 1:x;y|1;2:x;y;z|2;");
    TABLE("sep=;\r\na,b;c\r\n", "UTF-8 ; 2:a,b|c;");
    TABLE("SEP=,\na,b;c\n", "UTF-8 , 2:a|b;c;");
}

/* ---- encodings ---- */

static void marks_and_encodings(void **state)
{
    (void)state;
    TABLE("\xEF\xBB\xBF工,单\n", "UTF-8-BOM , 1:工|单;");
    TABLE("工,单\n", "UTF-8 , 1:工|单;");
    TABLE("\xB9\xA4,\xB5\xA5\n", "GB18030 , 1:工|单;");
    TABLE("\xFF\xFE\xE5\x5D\x09\x00\x55\x53\x0D\x00\x0A\x00", "UTF-16LE T 1:工|单;");
    TABLE("\xFE\xFF\x5D\xE5\x00\x09\x53\x55\x00\x0A", "UTF-16BE T 1:工|单;");
    TABLE("a\0\t\0b\0\n\0", "UTF-16LE T 1:a|b;");
    TABLE("\0a\0\t\0b\0\n", "UTF-16BE T 1:a|b;");
    TABLE("\xE5\x5D\x09\x00\x55\x53\x0A\x00", "UTF-16LE T 1:工|单;");
    TABLE("\xFF\xFE\x40\xD8\x00\xDC\x2C\x00\x61\x00", "UTF-16LE , 1:\xF0\xA0\x80\x80|a;");
    TABLE("\x84\x31\x95\x33\xB9\xA4,b\n", "GB18030 , 1:工|b;");
}

/* Two characters of real names that a plain GBK decoder refuses, and trail bytes that look like \ and |. */
static void rare_names_and_ascii_trail_bytes(void **state)
{
    (void)state;
    TABLE("\xFE\x9F,\x82\x30\xB7\x31,x\n", "GB18030 , 1:䶮|㛃|x;");
    TABLE("\x81\x5C,\x81\x7C|\n\xB9\xA4,\xB5\xA5\n", "GB18030 , 1:乗|亅|;2:工|单;");
    TABLE("\x95\x32\x82\x36,\xB9\xA4\n", "GB18030 , 1:\xF0\xA0\x80\x80|工;");
}

static void one_sheet_in_six_dresses(void **state)
{
    (void)state;
    static const char *const files[] = {"bom.csv", "gb18030.csv", "utf16le.txt", "utf16be.txt",
                                        "utf16le_nomark.txt"};
    fc_buf want = {0}, got = {0};
    show(FIXTURES "/text_orders_utf8.csv", &want);
    assert_non_null(strstr(
        want.data, "2:RO2611180001|定期保养|2026/11/18 16:42|2026/11/18|渝A·D12345|LS5TEST10TA000123|张某|"
                   "13800000000|||李工|12,036|￥486.00|12781001|;"));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char file[512];
        snprintf(file, sizeof file, "%s/text_orders_%s", FIXTURES, files[i]);
        show(file, &got);
        assert_string_equal(strstr(got.data, " 1:"), strstr(want.data, " 1:"));
    }
    fc_buf_free(&want);
    fc_buf_free(&got);
}

/* Characters must survive the borders of the reader's chunks, whatever their offset. */
static void long_files_lose_nothing_at_borders(void **state)
{
    (void)state;
    static const struct {
        const char *unit;
        size_t n;
        const char *mark;
        size_t mark_n;
    } kinds[] = {{"工单,䶮\r\n", 12, "", 0},
                 {"\xB9\xA4\xB5\xA5,\x82\x30\xB7\x31\r\n", 11, "", 0},
                 {"\xE5\x5D,\0\x40\xD8\x00\xDC\r\0\n\0", 12, "\xFF\xFE", 2}};
    static const char *const want[] = {"䶮", "㛃", "\xF0\xA0\x80\x80"};
    for (int kind = 0; kind < 3; kind++) {
        for (int shift = 0; shift < 4; shift++) {
            fc_buf b = {0};
            fc_buf_add(&b, kinds[kind].mark, kinds[kind].mark_n);
            for (int i = 0; i < shift; i++)
                fc_buf_add(&b, "x\0", kind == 2 ? 2 : 1);
            for (int i = 0; i < 20000; i++)
                fc_buf_add(&b, kinds[kind].unit, kinds[kind].n);
            write_file(b.data, b.len);
            fc_table *t;
            assert_int_equal(fc_table_open(path, &t, NULL), FC_OK);
            int64_t line, last = 0;
            const char *const *fields;
            int count;
            assert_null(fc_table_hash(t));
            while (fc_table_next(t, &line, &fields, &count, NULL) == FC_OK && count) {
                assert_int_equal(count, 2);
                assert_int_equal(line, ++last);
                assert_string_equal(fields[1], want[kind]);
            }
            assert_int_equal(last, 20000);
            char hash[FC_HASH_HEX];
            fc_hash(b.data, b.len, hash);
            assert_string_equal(fc_table_hash(t), hash);
            assert_int_equal(fc_table_size(t), b.len);
            assert_int_equal(fc_table_position(t), b.len);
            fc_table_close(t);
            unlink(path);
            fc_buf_free(&b);
        }
    }
}

/* ---- refusals ---- */

static void other_kinds_of_files_are_named(void **state)
{
    (void)state;
    REFUSED("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1xxxxxxxxxxx",
            "binary .xls file, which cannot be read; in Excel, save as .xlsx or CSV");
    REFUSED("\x09\x08\x10\x00\x00\x06\x05\x00", "binary .xls");
    REFUSED("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1xE\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0",
            "with a password");
    REFUSED("%PDF-1.4\n", "this is a PDF");
    REFUSED("\n <html><table><tr><td>工单号</td></tr></table>", "web page");
    REFUSED("<TABLE border=1>", "web page");
    REFUSED("\xEF\xBB\xBF<?xml version=\"1.0\"?><Workbook>", "web page");
    REFUSED("\xFF\xFE<\0h\0t\0m\0l\0>\0", "web page");
    REFUSED("", "is empty");
    REFUSED("\xEF\xBB\xBF", "no row");
    REFUSED("\n \r\n", "no row");
    TABLE("<5,b\n", "UTF-8 , 1:<5|b;");
}

static void bytes_that_are_no_text_have_a_place(void **state)
{
    (void)state;
    REFUSED("a,b\nc,\0d\n", ":2: byte 7 of the file is NUL");
    REFUSED("a,b\r\nc,d\r\n\xB9\xA4,\xFF\n",
            ":3: byte 14 of the file is invalid in UTF-8, UTF-16 and GB18030");
    REFUSED("\xEF\xBB\xBF工,单\n\xFF", ":2: the file is UTF-8-BOM, but the character at byte 12");
    REFUSED("\xFF\xFE"
            "a\0\n\0\x00\xDC,\0",
            ":2: the file is UTF-16LE, but the character at byte 7");
    REFUSED("\xFF\xFE"
            "a\0\n\0b",
            ":2: the file is UTF-16LE");
    REFUSED("\x84\x31\xA4\x40,a\n\xE4\x31\x81\x30\n", "invalid in UTF-8");
}

/* One character cut by bytes must not turn a UTF-8 file into GB18030 nonsense. */
static void damaged_utf8_is_not_taken_for_gb18030(void **state)
{
    (void)state;
    REFUSED("工单号,车牌号\n渝\xE5\xB7,单\n",
            ":2: the file is UTF-8, but the character at byte 24 is damaged");
    REFUSED("工单号,车牌号,底盘号\n渝\xE5", "damaged or cut off");
}

static void what_cannot_be_opened(void **state)
{
    (void)state;
    fc_table *t;
    fc_err err;
    assert_int_equal(fc_table_open("/nowhere/x.csv", &t, &err), FC_ENOTFOUND);
    assert_null(t);
    assert_non_null(strstr(err.text[FC_ZH], "/nowhere/x.csv: 没有这个文件"));
    assert_int_equal(fc_table_open("/tmp", &t, &err), FC_EINVAL);
    strcpy(path, "/tmp/forecourt-fifo-XXXXXX");
    close(mkstemp(path));
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(fc_table_open(path, &t, &err), FC_EINVAL);
    unlink(path);
}

static void rows_are_limited(void **state)
{
    (void)state;
    fc_buf b = {0};
    fc_buf_adds(&b, "a,b\n");
    for (int i = 0; i < 16385; i++)
        fc_buf_adds(&b, "1,");
    assert_refused(b.data, b.len, ":2: this row has more than 16384 columns");
    fc_buf_clear(&b);
    fc_buf_adds(&b, "a,b\nc,\"");
    for (int i = 0; i < 300000; i++)
        fc_buf_adds(&b, "xyz\n");
    assert_refused(b.data, b.len, ":2: the quote");
    fc_buf_free(&b);
}

static long peak_kib(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return use.ru_maxrss;
}

static void a_line_of_200_mb_costs_little(void **state)
{
    (void)state;
    char *block = malloc(1 << 20);
    memset(block, 'x', 1 << 20);
    write_file("a,b\n", 4);
    int fd = open(path, O_WRONLY | O_APPEND);
    for (int i = 0; i < 200; i++)
        assert_int_equal(write(fd, block, 1 << 20), 1 << 20);
    close(fd);
    free(block);
    long before = peak_kib();
    fc_buf out = {0};
    show(path, &out);
    unlink(path);
    if (!strstr(out.data, "1:a|b;!") || !strstr(out.data, ":2: this row is longer than 1 MiB"))
        fail_msg("%.200s", out.data);
    assert_true(peak_kib() - before < 16 * 1024);
    fc_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_of_200_mb_costs_little),
        cmocka_unit_test(fields_and_records),
        cmocka_unit_test(quotes),
        cmocka_unit_test(delimiters_are_found),
        cmocka_unit_test(marks_and_encodings),
        cmocka_unit_test(rare_names_and_ascii_trail_bytes),
        cmocka_unit_test(one_sheet_in_six_dresses),
        cmocka_unit_test(long_files_lose_nothing_at_borders),
        cmocka_unit_test(other_kinds_of_files_are_named),
        cmocka_unit_test(bytes_that_are_no_text_have_a_place),
        cmocka_unit_test(damaged_utf8_is_not_taken_for_gb18030),
        cmocka_unit_test(what_cannot_be_opened),
        cmocka_unit_test(rows_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
