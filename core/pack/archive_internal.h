#ifndef FC_PACK_ARCHIVE_INTERNAL_H
#define FC_PACK_ARCHIVE_INTERNAL_H
#include "pack/archive.h"
#include "pack/tar.h"

#define SIGNATURE_NAME "INDEX.minisig"

struct reading {
    fc_archive *a;
    int64_t at;
    size_t next; /* of the index's files */
};

/* archive_refuse.c: what is wrong, in words. `path`: what should be there, NULL: the end. */
int fc_archive_refuse(const struct reading *r, const char *header, const char *path, int64_t size,
                      fc_err *err);
int fc_archive_cut(const char *path, fc_err *err);
/* FC_EINVAL with the kind of file it is if its beginning is plainly not a tar. */
int fc_archive_kind(const char *data, size_t n, fc_err *err);
#endif
