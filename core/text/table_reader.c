/* Happy path: the source gives chunks of UTF-8, the splitter walks over them and collects one record in a
 * buffer, fields ended by NUL; when the record is complete the field pointers are set and given out. In plain
 * fields and in quoted ones it jumps from one special byte to the next.
 *
 * Failure modes: a record beyond 1 MiB or 16,384 fields (so that a line of 200 MB costs 1 MiB), a quote that
 * is never closed, whatever the source reports. A failed table stays failed: each further call gives the same
 * sentence.
 *
 * A workbook (.xlsx) is read by xlsx_reader.c behind the same functions. */
#include "text/table_reader.h"
#include "text/table_delimiter.h"
#include "text/table_record.h"
#include "text/table_source.h"
#include "text/xlsx_reader.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum where { FIELD_START, PLAIN, QUOTED, AFTER_QUOTE };

struct fc_table {
    fc_source *source;
    char delimiter;
    unsigned char stops[256]; /* what ends a run of plain text */
    size_t at;                /* in source->text */
    int64_t line;             /* physical line of the next byte */
    int64_t quote_line;       /* where the open quote stands */
    int after_cr;             /* a \n that comes now belongs to the \r before it */
    enum where where;
    int started; /* the record has at least one byte */
    fc_record record;
    fc_xlsx *book; /* instead of all this, where the file is a workbook */
    fc_err failure;
};

/* ---- splitting ---- */

static void begin_field(fc_table *t)
{
    fc_record_begin_field(&t->record);
    t->where = FIELD_START;
}

static void begin_record(fc_table *t)
{
    fc_record_clear(&t->record);
    t->started = 0;
    begin_field(t);
}

static void newline(fc_table *t, char c)
{
    t->line++;
    t->after_cr = c == '\r';
}

/* One special byte outside of quotes. Returns 1 if it ends the record. */
static int special(fc_table *t, char c)
{
    if (c == t->delimiter) {
        fc_record_end_field(&t->record);
        begin_field(t);
        return 0;
    }
    if (c == '"' && t->where == FIELD_START) {
        t->quote_line = t->line;
        t->where = QUOTED;
        return 0;
    }
    if (c == '"') {
        fc_buf_addc(&t->record.data, c);
        return 0;
    }
    fc_record_end_field(&t->record);
    newline(t, c);
    return 1;
}

static size_t run_of_plain(const fc_table *t, const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && !t->stops[(unsigned char)s[i]])
        i++;
    return i;
}

static size_t run_of_quoted(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] != '"' && s[i] != '\n' && s[i] != '\r')
        i++;
    return i;
}

/* Inside quotes. Returns the bytes used. */
static size_t split_quoted(fc_table *t, const char *s, size_t n)
{
    size_t run = run_of_quoted(s, n);
    fc_buf_add(&t->record.data, s, run);
    if (run) t->after_cr = 0;
    if (run == n) return n;
    char c = s[run];
    if (c == '"') {
        t->where = AFTER_QUOTE;
        t->after_cr = 0;
        return run + 1;
    }
    int second_half = c == '\n' && t->after_cr;
    fc_buf_addc(&t->record.data, c);
    if (second_half)
        t->after_cr = 0;
    else
        newline(t, c);
    return run + 1;
}

/* Goes on at s[0..n): returns the bytes used; *done = 1 if the record is complete. */
static size_t split(fc_table *t, const char *s, size_t n, int *done)
{
    if (t->where == QUOTED) return split_quoted(t, s, n);
    if (t->where == AFTER_QUOTE && s[0] == '"') {
        fc_buf_addc(&t->record.data, '"');
        t->where = QUOTED;
        return 1;
    }
    size_t run = run_of_plain(t, s, n);
    if (run || t->where == AFTER_QUOTE) t->where = PLAIN;
    fc_buf_add(&t->record.data, s, run);
    if (run == n) return n;
    *done = special(t, s[run]);
    return run + 1;
}

/* ---- limits ---- */

static int fail_quote(fc_table *t, int code, fc_err *err)
{
    return fc_fail(
        err, code, "%s:%lld: 这一行打开的引号 \" 一直没有关闭；请在这一行补上引号，或删去多余的引号",
        "%s:%lld: the quote \" that this line opens is never closed; close it in this line, or remove it",
        t->source->path, (long long)t->quote_line);
}

static int check_limits(fc_table *t, int64_t line, fc_err *err)
{
    if (t->record.data.len <= FC_RECORD_BYTES && t->record.n <= FC_RECORD_FIELDS) return FC_OK;
    if (t->where == QUOTED) return fail_quote(t, FC_ELIMIT, err);
    if (t->record.n > FC_RECORD_FIELDS)
        return fc_fail(
            err, FC_ELIMIT, "%s:%lld: 这一行超过 %d 列；请检查文件是否完整、是否真是表格",
            "%s:%lld: this row has more than %d columns; check that the file is complete and really a table",
            t->source->path, (long long)line, FC_RECORD_FIELDS);
    return fc_fail(
        err, FC_ELIMIT, "%s:%lld: 这一行超过 1 MiB；请检查文件是否完整、是否真是表格",
        "%s:%lld: this row is longer than 1 MiB; check that the file is complete and really a table",
        t->source->path, (long long)line);
}

/* ---- reading ---- */

static int more(fc_table *t, fc_err *err)
{
    t->at = 0;
    return fc_source_more(t->source, t->line, err);
}

/* The second half of a \r\n that ended the record before. */
static void skip_lf(fc_table *t)
{
    if (t->after_cr && t->where != QUOTED && t->at < t->source->text_len) {
        t->at += t->source->text[t->at] == '\n';
        t->after_cr = 0;
    }
}

static int next_record(fc_table *t, int64_t *line, fc_err *err)
{
    int done = 0;
    begin_record(t);
    *line = t->line;
    while (!done) {
        int rc = t->at == t->source->text_len ? more(t, err) : FC_OK;
        if (rc != FC_OK) return rc;
        skip_lf(t);
        size_t left = t->source->text_len - t->at;
        if (left == 0 && t->source->text_len) continue;
        if (left == 0) break;
        t->started = 1;
        t->at += split(t, t->source->text + t->at, left < FC_SOURCE_CHUNK ? left : FC_SOURCE_CHUNK, &done);
        rc = check_limits(t, *line, err);
        if (rc != FC_OK) return rc;
    }
    if (!done && t->where == QUOTED) return fail_quote(t, FC_EINVAL, err);
    if (!done) fc_record_end_field(&t->record);
    return FC_OK;
}

/* The next row of a workbook, put into the record as if it had been split from text. */
static int next_row(fc_table *t, int64_t *line, fc_err *err)
{
    int rc = fc_xlsx_next(t->book, &t->record, line, err);
    t->started = rc == FC_OK && t->record.n > 0;
    return rc == FC_OK && !t->started ? fc_source_hash_file(t->source, err) : rc;
}

int fc_table_next(fc_table *t, int64_t *line, const char *const **fields, int *count, fc_err *err)
{
    *count = 0;
    *fields = NULL;
    int rc = t->failure.code;
    if (rc == FC_OK) rc = t->book ? next_row(t, line, &t->failure) : next_record(t, line, &t->failure);
    if (rc != FC_OK) {
        if (err) *err = t->failure;
        return rc;
    }
    if (!t->started) return FC_OK;
    *fields = fc_record_fields(&t->record);
    *count = t->record.n;
    return FC_OK;
}

/* ---- opening ---- */

/* The first bytes that are no blank, for a look at what kind of text this is. */
static const char *first_word(const char *s, size_t n, size_t *left)
{
    while (n && strchr(" \t\r\n", *s))
        s++, n--;
    *left = n;
    return s;
}

static int refuse_markup(fc_table *t, const char *s, size_t n, fc_err *err)
{
    static const char *const openings[] = {"<html",   "<!doctype", "<table", "<head", "<meta",
                                           "<body",   "<style",    "<div",   "<?xml", "<workbook",
                                           "<script", "<!--",      "<tr"};
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        size_t m = strlen(openings[i]);
        if (n < m || strncasecmp(s, openings[i], m) != 0) continue;
        return fc_fail(
            err, FC_EINVAL,
            "%s: 这是网页（HTML/XML）表格，只是文件名像 Excel；请用 Excel 打开，另存为 .xlsx 或 CSV 后再导入",
            "%s: this is a web page (HTML or XML table) with the name of an Excel file; open it in Excel, "
            "save "
            "as .xlsx or CSV and import that",
            t->source->path);
    }
    return FC_OK;
}

static void know_delimiter(fc_table *t)
{
    const fc_source *s = t->source;
    t->at = fc_delimiter_hint(s->text, s->text_len, &t->delimiter);
    if (t->at)
        t->line = 2;
    else
        t->delimiter = fc_delimiter_guess(s->text, s->text_len, s->decoded_to == s->size);
    t->stops[(unsigned char)t->delimiter] = t->stops['"'] = t->stops['\r'] = t->stops['\n'] = 1;
}

static int look_at_head(fc_table *t, fc_err *err)
{
    size_t left;
    int rc = more(t, err);
    if (rc != FC_OK) return rc;
    const char *word = first_word(t->source->text, t->source->text_len, &left);
    if (left == 0 && t->source->decoded_to == t->source->size)
        return fc_fail(err, FC_EINVAL, "%s: 文件里没有任何一行数据；请重新导出",
                       "%s: the file has no row; export it again", t->source->path);
    rc = refuse_markup(t, word, left, err);
    if (rc == FC_OK) know_delimiter(t);
    return rc;
}

int fc_table_open(const char *path, fc_table **out, fc_err *err)
{
    *out = NULL;
    fc_table *t = fc_alloc(sizeof *t);
    t->line = 1;
    int rc = fc_source_open(path, &t->source, err);
    if (rc == FC_OK && t->source->kind == FC_FILE_ZIP)
        rc = fc_xlsx_open(t->source->fd, path, &t->book, err);
    else if (rc == FC_OK)
        rc = look_at_head(t, err);
    if (rc == FC_OK)
        *out = t;
    else
        fc_table_close(t);
    return rc;
}

void fc_table_close(fc_table *t)
{
    if (!t) return;
    fc_xlsx_close(t->book);
    fc_source_close(t->source);
    fc_record_free(&t->record);
    free(t);
}

const char *fc_table_encoding(const fc_table *t)
{
    return t->book ? "XLSX" : fc_encoding_name(t->source->encoding);
}

char fc_table_delimiter(const fc_table *t)
{
    return t->delimiter;
}

const char *fc_table_hash(const fc_table *t)
{
    return t->source->hash[0] ? t->source->hash : NULL;
}

int64_t fc_table_size(const fc_table *t)
{
    return t->source->size;
}

int64_t fc_table_position(const fc_table *t)
{
    if (!t->book) return t->source->position;
    return t->source->at_end ? t->source->size
                             : (int64_t)(fc_xlsx_progress(t->book) * (double)t->source->size);
}
