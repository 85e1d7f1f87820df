/* Which names may stand in a pack. */
#ifndef FC_PACK_NAME_H
#define FC_PACK_NAME_H
#include "base/err.h"
#include <stddef.h>

#define FC_PACK_PATH 150 /* with parts of 99 every path fits a header of ustar */
#define FC_PACK_ID 60

/* A relative path of plain parts: letters, digits and . _ - + @ of ASCII, so that no two names are one on any
 * file system; at most 150 bytes, each part at most 99, none begins with a dot. */
int fc_pack_path_check(const char *path, size_t n, fc_err *err);
/* An id as manifests have it: lower-case letters, digits and -. */
int fc_pack_id_ok(const char *id);
/* `bytes` so that they can stand in a sentence: what is no printable ASCII becomes '?'. */
void fc_pack_show(const char *bytes, size_t n, char *out, size_t cap);
/* 1 if `id` is the namespace or begins with it and a '-'. */
int fc_pack_in_namespace(const char *id, const char *space);
#endif
