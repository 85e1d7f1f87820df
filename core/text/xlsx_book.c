/* Happy path: the relations (which id is which part), the workbook (the first visible worksheet's id), the
 * shared strings. Each part is found from the archive's beginning, because their order in it is free.
 *
 * Failures: no workbook in the archive, no worksheet in the workbook, dates that count from 1904 (they could
 * not be told from the others and would be wrong by four years), damaged or oversized parts. */
#include "text/xlsx_book.h"
#include "text/xml_pull.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BOOK "xl/workbook.xml"
#define RELATIONS "xl/_rels/workbook.xml.rels"
#define STRINGS "xl/sharedStrings.xml"
#define MAX_RELATIONS 4096
#define MAX_STRING (1024 * 1024)

typedef struct relation {
    char *id, *part;
    int is_sheet;
} relation;

typedef struct reading {
    fc_book *book;
    fc_xml *xml;
    relation *relations;
    int n_relations;
    int date1904, in_text, in_phonetic;
} reading;

static int ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

static void ignore_end(void *ctx, const char *name)
{
    (void)ctx;
    (void)name;
}

static int read_part(reading *r, const char *part, const fc_xml_handlers *handlers, fc_err *err)
{
    int ended;
    int rc = fc_zip_find(r->book->zip, part, err);
    if (rc != FC_OK) return rc;
    r->xml = fc_xml_open(r->book->zip, r->book->path, handlers, r);
    rc = fc_xml_go(r->xml, &ended, err);
    fc_xml_close(r->xml);
    r->xml = NULL;
    return rc;
}

/* ---- relations ---- */

/* A target is relative to xl/ or, with a slash, to the archive. */
static char *part_name(const char *target)
{
    fc_buf b = {0};
    if (*target != '/') fc_buf_adds(&b, "xl/");
    fc_buf_adds(&b, target + (*target == '/'));
    return b.data;
}

static void on_relation(void *ctx, const char *name, const char **attrs)
{
    reading *r = ctx;
    const char *id = fc_xml_attr(attrs, "Id"), *target = fc_xml_attr(attrs, "Target"),
               *type = fc_xml_attr(attrs, "Type");
    if (strcmp(name, "Relationship") != 0 || !id || !target || !type || r->n_relations == MAX_RELATIONS)
        return;
    if (ends_with(type, "/sharedStrings") && !r->book->strings_part)
        r->book->strings_part = part_name(target);
    r->relations = fc_realloc(r->relations, (size_t)(r->n_relations + 1) * sizeof *r->relations);
    r->relations[r->n_relations++] =
        (relation){fc_strdup(id), part_name(target), ends_with(type, "/worksheet")};
}

static const relation *find_relation(const reading *r, const char *id)
{
    for (int i = 0; i < r->n_relations; i++)
        if (strcmp(r->relations[i].id, id) == 0) return &r->relations[i];
    return NULL;
}

/* ---- the workbook ---- */

static void on_book(void *ctx, const char *name, const char **attrs)
{
    reading *r = ctx;
    const char *value;
    if (strcmp(name, "workbookPr") == 0 && (value = fc_xml_attr(attrs, "date1904")))
        r->date1904 = strcmp(value, "1") == 0 || strcmp(value, "true") == 0;
    if (strcmp(name, "sheet") != 0 || r->book->sheet) return;
    const char *state = fc_xml_attr(attrs, "state"), *id = fc_xml_attr(attrs, "id");
    const relation *found = id ? find_relation(r, id) : NULL;
    if ((state && strcmp(state, "visible") != 0) || !found || !found->is_sheet) return;
    r->book->sheet = fc_strdup(found->part);
}

static int fail_no_book(const fc_book *b, fc_err *err)
{
    return fc_fail(
        err, FC_EINVAL,
        "%s: 这是压缩文件，但不是 .xlsx 工作簿；请解压，或在 Excel 中另存为 .xlsx 或 CSV 后再导入",
        "%s: this is a zip archive but no .xlsx workbook; unpack it, or save it in Excel as .xlsx or CSV and "
        "import that",
        b->path);
}

static int read_book(reading *r, fc_err *err)
{
    static const fc_xml_handlers on_relations = {on_relation, ignore_end, NULL},
                                 on_workbook = {on_book, ignore_end, NULL};
    fc_book *b = r->book;
    int rc = read_part(r, RELATIONS, &on_relations, err);
    if (rc == FC_OK) rc = read_part(r, BOOK, &on_workbook, err);
    if (rc == FC_ENOTFOUND) return fail_no_book(b, err);
    if (rc != FC_OK) return rc;
    if (!b->sheet)
        return fc_fail(err, FC_EINVAL, "%s: 工作簿里没有可见的工作表；请在 Excel 中取消隐藏后保存",
                       "%s: the workbook has no visible sheet; unhide one in Excel and save", b->path);
    if (r->date1904)
        return fc_fail(
            err, FC_EINVAL, "%s: 工作簿使用 1904 日期系统，日期会差四年；请在 Excel 中另存为 CSV 后再导入",
            "%s: the workbook counts dates from 1904, so they would be wrong by four years; save it as CSV "
            "and import that",
            b->path);
    return FC_OK;
}

/* ---- shared strings ---- */

static void on_string_start(void *ctx, const char *name, const char **attrs)
{
    reading *r = ctx;
    fc_book *b = r->book;
    (void)attrs;
    if (strcmp(name, "rPh") == 0) r->in_phonetic = 1;
    r->in_text = strcmp(name, "t") == 0 && !r->in_phonetic;
    if (strcmp(name, "si") != 0) return;
    if (b->n_strings == b->cap_strings) {
        b->cap_strings = b->cap_strings ? b->cap_strings * 2 : 1024;
        b->starts = fc_realloc(b->starts, b->cap_strings * sizeof *b->starts);
    }
    b->starts[b->n_strings++] = (uint32_t)b->strings.len;
}

static void on_string_end(void *ctx, const char *name)
{
    reading *r = ctx;
    fc_book *b = r->book;
    r->in_text = 0;
    if (strcmp(name, "rPh") == 0) r->in_phonetic = 0;
    if (strcmp(name, "si") != 0 || !b->n_strings) return;
    fc_book_unescape(&b->strings, b->starts[b->n_strings - 1]);
    fc_buf_addc(&b->strings, 0);
}

static void on_string_text(void *ctx, const char *s, int n)
{
    reading *r = ctx;
    fc_book *b = r->book;
    if (!r->in_text || !b->n_strings) return;
    fc_buf_add(&b->strings, s, (size_t)n);
    if (b->strings.len - b->starts[b->n_strings - 1] > MAX_STRING)
        fc_fail(fc_xml_fail(r->xml), FC_ELIMIT, "%s: 一个单元格的文字超过 1 MiB",
                "%s: the text of one cell is longer than 1 MiB", b->path);
}

static int read_strings(reading *r, fc_err *err)
{
    static const fc_xml_handlers on_strings = {on_string_start, on_string_end, on_string_text};
    fc_book *b = r->book;
    int rc = read_part(r, b->strings_part ? b->strings_part : STRINGS, &on_strings, err);
    return rc == FC_ENOTFOUND ? FC_OK
                              : rc; /* a sheet of numbers needs none; a cell that does is refused there */
}

int fc_book_read(fc_book *b, fc_err *err)
{
    reading r = {.book = b};
    int rc = read_book(&r, err);
    if (rc == FC_OK) rc = read_strings(&r, err);
    for (int i = 0; i < r.n_relations; i++) {
        free(r.relations[i].id);
        free(r.relations[i].part);
    }
    free(r.relations);
    return rc;
}

void fc_book_free(fc_book *b)
{
    free(b->sheet);
    free(b->strings_part);
    fc_buf_free(&b->strings);
    free(b->starts);
}

const char *fc_book_string(const fc_book *b, const char *number)
{
    char *end;
    errno = 0;
    unsigned long i = strtoul(number, &end, 10);
    if (errno || end == number || *end || *number == '-' || i >= b->n_strings) return NULL;
    return b->strings.data + b->starts[i];
}

/* ---- _x000D_ ---- */

static size_t put_utf8(char *to, unsigned c)
{
    if (c == 0 || (c >= 0xD800 && c <= 0xDFFF)) return 0;
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    to[0] = (char)(0xE0 | c >> 12);
    to[1] = (char)(0x80 | (c >> 6 & 0x3F));
    to[2] = (char)(0x80 | (c & 0x3F));
    return 3;
}

void fc_book_unescape(fc_buf *text, size_t from)
{
    if (!text->data || !memmem(text->data + from, text->len - from, "_x", 2)) return;
    char *to = text->data + from, *end = text->data + text->len, hex[5] = "";
    for (char *s = to; s < end;) {
        int escaped = end - s >= 7 && s[0] == '_' && s[1] == 'x' && s[6] == '_';
        if (escaped) memcpy(hex, s + 2, 4);
        if (escaped && strspn(hex, "0123456789abcdefABCDEF") == 4) {
            to += put_utf8(to, (unsigned)strtoul(hex, NULL, 16));
            s += 7;
        } else {
            *to++ = *s++;
        }
    }
    text->len = (size_t)(to - text->data);
    *to = 0;
}
