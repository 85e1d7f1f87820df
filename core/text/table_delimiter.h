/* Which character separates the fields of a table, judged from its first rows. */
#ifndef FC_TEXT_TABLE_DELIMITER_H
#define FC_TEXT_TABLE_DELIMITER_H
#include <stddef.h>

/* `complete`: the text is the whole file, so that its last row counts although no newline follows. */
char fc_delimiter_guess(const char *text, size_t n, int complete);
/* Excel's own hint, a first line "sep=;": its length with the newline and *delimiter; 0 if there is none. */
size_t fc_delimiter_hint(const char *text, size_t n, char *delimiter);
#endif
