/* Writes CSV that Excel in China opens rightly: UTF-8 with BOM, CRLF, quotes where needed; a text cell that
 * begins with = + - @ TAB or CR gets a leading apostrophe (formula injection). Numbers are written as they
 * are. */
#ifndef FC_TEXT_CSV_WRITER_H
#define FC_TEXT_CSV_WRITER_H
#include "base/buf.h"
void fc_csv_begin(fc_buf *out);
void fc_csv_text(fc_buf *out, int first, const char *text, size_t n);
void fc_csv_raw(fc_buf *out, int first, const char *text); /* a number made by us */
void fc_csv_end_row(fc_buf *out);
#endif
