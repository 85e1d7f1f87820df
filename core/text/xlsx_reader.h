/* The first sheet of a workbook (.xlsx) as rows of text, streaming, for fc_table. Private to table_*.c.
 *
 * Texts are shared or inline strings, numbers are written without exponent and with at most 15 digits, a date
 * stays the serial number it is. A row in which no cell holds anything does not exist: formats reach down to
 * the last row of a sheet, and nobody sees them. */
#ifndef FC_TEXT_XLSX_READER_H
#define FC_TEXT_XLSX_READER_H
#include "base/err.h"
#include "text/table_record.h"

typedef struct fc_xlsx fc_xlsx;

/* Borrows fd. Reads what the sheet needs: which one is first, the shared strings. */
int fc_xlsx_open(int fd, const char *path, fc_xlsx **out, fc_err *err);
void fc_xlsx_close(fc_xlsx *x);
/* The next row into the record; no fields at the end. *line = its row in the sheet. */
int fc_xlsx_next(fc_xlsx *x, fc_record *record, int64_t *line, fc_err *err);
double fc_xlsx_progress(const fc_xlsx *x); /* 0..1 */
#endif
