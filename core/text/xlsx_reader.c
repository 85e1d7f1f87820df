/* Happy path: the book is read (xlsx_book.c), then the sheet is parsed row by row: the parser is paused at
 * each </row> that holds something, so no more than one row is ever in memory.
 *
 * Failures: cells that go backwards or a shared string that is not there (damaged), more than 16,384 columns,
 * 1,048,576 rows or 1 MiB in a row. fc_xlsx_close frees everything; the descriptor stays the caller's. */
#include "text/xlsx_reader.h"
#include "text/xlsx_book.h"
#include "text/xml_pull.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ROWS 1048576

struct fc_xlsx {
    fc_zip *zip;
    char *path;
    fc_book book;
    fc_xml *xml;
    fc_record *record; /* of the caller, while a row is read */
    int64_t row;
    int column; /* of the cell being read, from 0; cells before it are in the record */
    char type[12];
    int in_data, in_cell, in_text, in_phonetic;
    int filled, gave_rows;
    fc_buf text;
};

/* ---- where a cell stands ---- */

/* "BC12" -> 54; -1 if it does not begin with letters. */
static int column_of(const char *reference)
{
    int column = 0;
    const char *p = reference;
    for (; *p >= 'A' && *p <= 'Z' && column <= FC_RECORD_FIELDS; p++)
        column = column * 26 + (*p - 'A' + 1);
    return column - 1;
}

static void fail_limit(fc_xlsx *x, const char *zh, const char *en)
{
    fc_fail(fc_xml_fail(x->xml), FC_ELIMIT, "%s:%lld: 超过%s%.0s；请检查文件是否真是表格，或分成几个文件",
            "%s:%lld: %.0s%s; check that this is really a table, or split it", x->path, (long long)x->row, zh,
            en);
}

static void fail_damaged(fc_xlsx *x)
{
    fc_fail(fc_xml_fail(x->xml), FC_EINVAL,
            "%s:%lld: 工作簿已损坏（单元格的位置或文字不对）；请在 Excel 中打开并重新保存",
            "%s:%lld: the workbook is damaged (a cell's place or text is wrong); open it in Excel and save "
            "it again",
            x->path, (long long)x->row);
}

static void begin_row(fc_xlsx *x, const char **attrs)
{
    const char *number = fc_xml_attr(attrs, "r");
    int64_t row = number ? strtoll(number, NULL, 10) : x->row + 1;
    if (row > MAX_ROWS) {
        fail_limit(x, " 1,048,576 行", "more than 1,048,576 rows");
        return;
    }
    if (row <= x->row) {
        fail_damaged(x);
        return;
    }
    x->row = row;
    x->column = -1;
    x->filled = 0;
    fc_record_clear(x->record);
}

static void begin_cell(fc_xlsx *x, const char **attrs)
{
    const char *reference = fc_xml_attr(attrs, "r"), *type = fc_xml_attr(attrs, "t");
    int column = reference ? column_of(reference) : x->column + 1;
    if (column >= FC_RECORD_FIELDS) {
        fail_limit(x, " 16,384 列", "more than 16,384 columns");
        return;
    }
    if (column <= x->column) {
        fail_damaged(x);
        return;
    }
    x->column = column;
    x->in_cell = 1;
    snprintf(x->type, sizeof x->type, "%s", type ? type : "n");
    fc_buf_clear(&x->text);
}

/* ---- what a cell holds ---- */

/* "46347.0" and "1.38E10" are how some exporters write 46347 and 13800000000; digits alone are left as they
 * are. */
static void plain_number(fc_buf *text)
{
    char small[48], *end;
    if (!text->len || !strpbrk(text->data, ".eE")) return;
    double v = strtod(text->data, &end);
    if (*end || !isfinite(v)) return;
    int whole = fabs(v) < 1e15 && v == floor(v);
    int n = snprintf(small, sizeof small, whole ? "%.0f" : "%.15g", v);
    fc_buf_clear(text);
    fc_buf_add(text, small, (size_t)n);
}

/* The cell's text as a reader of the sheet sees it; NULL if the workbook is damaged. */
static const char *cell_text(fc_xlsx *x)
{
    fc_buf *t = &x->text;
    if (strcmp(x->type, "s") == 0) return t->len ? fc_book_string(&x->book, t->data) : "";
    if (strcmp(x->type, "b") == 0) return !t->len ? "" : strcmp(t->data, "0") == 0 ? "FALSE" : "TRUE";
    if (strcmp(x->type, "n") == 0)
        plain_number(t);
    else
        fc_book_unescape(t, 0);
    return fc_buf_str(t);
}

static void end_cell(fc_xlsx *x)
{
    const char *text = cell_text(x);
    x->in_cell = 0;
    if (!text) {
        fail_damaged(x);
        return;
    }
    if (!*text) return;
    while (x->record->n < x->column) {
        fc_record_begin_field(x->record);
        fc_record_end_field(x->record);
    }
    fc_record_begin_field(x->record);
    fc_buf_adds(&x->record->data, text);
    fc_record_end_field(x->record);
    x->filled = 1;
    if (x->record->data.len > FC_RECORD_BYTES) fail_limit(x, "每行 1 MiB", "a row longer than 1 MiB");
}

/* ---- the parser's calls ---- */

static void on_start(void *ctx, const char *name, const char **attrs)
{
    fc_xlsx *x = ctx;
    if (strcmp(name, "sheetData") == 0) x->in_data = 1;
    if (!x->in_data) return;
    if (strcmp(name, "row") == 0)
        begin_row(x, attrs);
    else if (strcmp(name, "c") == 0)
        begin_cell(x, attrs);
    else if (strcmp(name, "rPh") == 0)
        x->in_phonetic = 1;
    else
        x->in_text = x->in_cell && !x->in_phonetic && (strcmp(name, "v") == 0 || strcmp(name, "t") == 0);
}

static void on_end(void *ctx, const char *name)
{
    fc_xlsx *x = ctx;
    if (!x->in_data) return;
    x->in_text = 0;
    if (strcmp(name, "rPh") == 0)
        x->in_phonetic = 0;
    else if (strcmp(name, "c") == 0 && x->in_cell)
        end_cell(x);
    else if (strcmp(name, "row") == 0 && x->filled)
        fc_xml_pause(x->xml);
    else if (strcmp(name, "sheetData") == 0)
        fc_xml_finish(x->xml);
}

static void on_text(void *ctx, const char *s, int n)
{
    fc_xlsx *x = ctx;
    if (!x->in_text) return;
    fc_buf_add(&x->text, s, (size_t)n);
    if (x->text.len > FC_RECORD_BYTES) fail_limit(x, "每格 1 MiB", "a cell longer than 1 MiB");
}

/* ---- what the table calls ---- */

int fc_xlsx_open(int fd, const char *path, fc_xlsx **out, fc_err *err)
{
    static const fc_xml_handlers on_sheet = {on_start, on_end, on_text};
    fc_xlsx *x = fc_alloc(sizeof *x);
    *out = NULL;
    x->path = fc_strdup(path);
    int rc = fc_zip_open(fd, path, &x->zip, err);
    x->book.zip = x->zip;
    x->book.path = x->path;
    if (rc == FC_OK) rc = fc_book_read(&x->book, err);
    if (rc == FC_OK) rc = fc_zip_find(x->zip, x->book.sheet, err);
    if (rc == FC_ENOTFOUND && err) err->code = FC_EINVAL;
    if (rc == FC_ENOTFOUND) rc = FC_EINVAL; /* a part is missing, not the file */
    if (rc == FC_OK) {
        x->xml = fc_xml_open(x->zip, x->path, &on_sheet, x);
        *out = x;
    } else {
        fc_xlsx_close(x);
    }
    return rc;
}

void fc_xlsx_close(fc_xlsx *x)
{
    if (!x) return;
    fc_xml_close(x->xml);
    fc_book_free(&x->book);
    fc_zip_close(x->zip);
    fc_buf_free(&x->text);
    free(x->path);
    free(x);
}

int fc_xlsx_next(fc_xlsx *x, fc_record *record, int64_t *line, fc_err *err)
{
    int ended;
    x->record = record;
    x->filled = 0;
    int rc = fc_xml_go(x->xml, &ended, err);
    if (rc != FC_OK) return rc;
    if (ended && !x->gave_rows)
        return fc_fail(err, FC_EINVAL, "%s: 第一个工作表是空的；请把数据放在第一个工作表",
                       "%s: the first sheet is empty; put the data into the first sheet", x->path);
    if (ended) fc_record_clear(record);
    x->gave_rows = 1;
    *line = x->row;
    return FC_OK;
}

double fc_xlsx_progress(const fc_xlsx *x)
{
    return fc_zip_progress(x->zip);
}
