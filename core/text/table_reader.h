/* Reads tables as dealer systems really export them (domain K3), streaming, in bounded memory.
 *
 * Encoding: BOM (UTF-8, UTF-16LE, UTF-16BE), else strict UTF-8, else UTF-16 without BOM if the NULs of the
 * head all stand on one side, else GB18030. Decoded before splitting. Delimiter: the one of , ; tab | that
 * gives the steadiest number of fields over the first rows. Quotes "..." with doubled quotes, quoted
 * newlines; CRLF, CR, LF. A workbook (.xlsx) is read behind the same functions: its first visible sheet,
 * numbers as text, dates as serial numbers, rows that hold nothing left out. Refused with a sentence naming
 * file and remedy: real binary .xls (D0CF11E0: "save as .xlsx or CSV"), other zip archives, an HTML table,
 * bytes that are no text (NUL outside UTF-16, invalid in every encoding: line and byte; found when opening),
 * a record longer than 1 MiB or 16,384 fields (line), a file without any row; of a workbook: a part over 64
 * MiB unpacked, more than 1,048,576 rows, dates counted from 1904. A quote that is opened and never closed:
 * the record ends at 1 MiB, or with the file, naming the line where it was opened. */
#ifndef FC_TEXT_TABLE_READER_H
#define FC_TEXT_TABLE_READER_H
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

typedef struct fc_table fc_table;

int fc_table_open(const char *path, fc_table **out, fc_err *err);
void fc_table_close(fc_table *t);
const char *
fc_table_encoding(const fc_table *t); /* "UTF-8", "UTF-8-BOM", "GB18030", "UTF-16LE", "UTF-16BE", "XLSX" */
char fc_table_delimiter(const fc_table *t); /* 0 for a workbook */
const char *
fc_table_hash(const fc_table *t);         /* of the file's bytes; known once the end was reached, else NULL */
int64_t fc_table_size(const fc_table *t); /* bytes of the file */
int64_t fc_table_position(const fc_table *t); /* bytes consumed, for progress */

/* Next record. *fields (UTF-8, NUL-terminated) belong to the table until the next call; *count = 0 at the
 * end. *line = physical line where the record begins, from 1; of a workbook the row in the sheet. A blank
 * line is a record of one empty field. */
int fc_table_next(fc_table *t, int64_t *line, const char *const **fields, int *count, fc_err *err);
#endif
