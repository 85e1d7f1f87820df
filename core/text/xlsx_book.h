/* What a workbook says about itself: which part is its first sheet, where its shared strings lie, what they
 * are. */
#ifndef FC_TEXT_XLSX_BOOK_H
#define FC_TEXT_XLSX_BOOK_H
#include "base/buf.h"
#include "text/zip_entry.h"

typedef struct fc_book {
    fc_zip *zip; /* borrowed */
    const char *path;
    char *sheet;        /* "xl/worksheets/sheet1.xml" */
    char *strings_part; /* or NULL */
    fc_buf strings;     /* each ended by NUL */
    uint32_t *starts;
    uint32_t n_strings, cap_strings;
} fc_book;

int fc_book_read(fc_book *b, fc_err *err);
void fc_book_free(fc_book *b);
/* The shared string of this number, or NULL. */
const char *fc_book_string(const fc_book *b, const char *number);
/* Excel writes characters that XML cannot hold as _x000D_: decoded in place. */
void fc_book_unescape(fc_buf *text, size_t from);
#endif
