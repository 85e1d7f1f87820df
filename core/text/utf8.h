/* Strict UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF), and what stands beside it. */
#ifndef FC_TEXT_UTF8_H
#define FC_TEXT_UTF8_H
#include "base/buf.h"
#include <stddef.h>

/* Length of the well-formed character at s[0..n): 1-4; 0 if it is not well formed; -1 if it is cut off by the
 * end. */
int fc_utf8_char(const unsigned char *s, size_t n);
/* Offset of the first byte that is not part of well-formed UTF-8, or n. */
size_t fc_utf8_check(const char *s, size_t n);
/* Adds s for a line that a person reads: what moves a cursor, begins a line, turns the writing round or
 * cannot be seen is a '?' (a tab a blank), and so is what is no UTF-8. Of more than `most` bytes the rest is
 * "...". */
void fc_utf8_tame(const char *s, size_t most, fc_buf *out);
#endif
