/* The archive around the files: ustar, as every tar reads it, with every byte decided by name and size: mode
 * 0644, owner and time 0. So a reader compares instead of interpreting. */
#ifndef FC_PACK_TAR_H
#define FC_PACK_TAR_H
#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

#define FC_TAR_BLOCK 512

/* The header of a plain file. The path is one that fc_pack_path_check lets through: it always fits. */
void fc_tar_header(const char *path, int64_t size, unsigned char out[FC_TAR_BLOCK]);
int64_t fc_tar_padding(int64_t size); /* zero bytes behind a file of this size */
void fc_tar_file(const char *path, const void *bytes, size_t n, fc_buf *out);
void fc_tar_end(fc_buf *out); /* two blocks of zeros */

/* What a header says, for one that is not as ours: only to name what is wrong with it. */
typedef struct fc_tar_entry {
    char path[257]; /* as it stands there, cut at the first NUL */
    char type;      /* '0' a plain file */
    int64_t size;   /* -1: unreadable */
    int intact;     /* magic and checksum fit */
    int empty;      /* a block of zeros: the end */
} fc_tar_entry;
void fc_tar_look(const unsigned char header[FC_TAR_BLOCK], fc_tar_entry *out);
#endif
