/* Which encoding a file is in, decided over the whole file before the first row is given out: a file that
 * turns out to be no text at row 5,000 would leave half an import behind. */
#ifndef FC_TEXT_ENCODING_H
#define FC_TEXT_ENCODING_H
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

/* Bytes read at a time. Tests make it tiny, so that every character and record meets a border. */
#ifndef FC_SOURCE_CHUNK
#define FC_SOURCE_CHUNK 65536
#endif

enum fc_encoding { FC_UTF8, FC_UTF8_BOM, FC_UTF16LE, FC_UTF16BE, FC_GB18030 };

const char *fc_encoding_name(enum fc_encoding e);

/* Length of the well-formed start of s[0..n). *bad = 1 if what follows it is malformed, 0 if it is only cut
 * off. */
size_t fc_encoding_check(enum fc_encoding e, const unsigned char *s, size_t n, int *bad);

/* Reads fd from its beginning and leaves it there. `path` is for the sentence. *bom = bytes to skip. */
int fc_encoding_detect(int fd, const char *path, enum fc_encoding *out, int *bom, fc_err *err);
#endif
