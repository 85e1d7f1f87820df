/* One entry of a zip archive after the other, by name, never more than 64 MiB of it unpacked.
 * libarchive is opened at first use: it and what it needs would cost every start 2.5 ms. */
#ifndef FC_TEXT_ZIP_ENTRY_H
#define FC_TEXT_ZIP_ENTRY_H
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

typedef struct fc_zip fc_zip;

/* Borrows fd, moves its offset. `path` is for sentences and is kept. */
int fc_zip_open(int fd, const char *path, fc_zip **out, fc_err *err);
void fc_zip_close(fc_zip *z);
/* Goes to the entry of this name (in any case). FC_ENOTFOUND if there is none. */
int fc_zip_find(fc_zip *z, const char *name, fc_err *err);
/* Some more of the entry; *n = 0 at its end. */
int fc_zip_read(fc_zip *z, void *to, size_t cap, size_t *n, fc_err *err);
/* 0..1 of the entry, as far as its size is known. */
double fc_zip_progress(const fc_zip *z);
#endif
