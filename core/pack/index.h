/* INDEX: the first file of a pack. It says what the pack is and names every file with its size and hash; the
 * signature is made over it. Text, one thing a line, in exactly one form:
 *
 *   forecourt-pack 1
 *   id acme-routing
 *   version 1.2.0
 *   seq 100020000
 *   file 312 <64 hex digits of BLAKE2b-256> plugin.lua
 *
 * Paths are sorted by bytes. What is not in this one form is refused, so equal content has equal bytes. */
#ifndef FC_PACK_INDEX_H
#define FC_PACK_INDEX_H
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "pack/name.h"
#include <stdint.h>

#define FC_PACK_FILES 2000
#define FC_PACK_FILE_BYTES (16ll << 20)
#define FC_PACK_BYTES (64ll << 20) /* all files together */
#define FC_PACK_INDEX_BYTES (1u << 20)
#define FC_PACK_VERSION 80

typedef struct fc_pack_file {
    char path[FC_PACK_PATH + 1];
    int64_t size;
    char hash[FC_HASH_HEX];
} fc_pack_file;

typedef struct fc_pack_index {
    char id[FC_PACK_ID + 1], version[FC_PACK_VERSION];
    int64_t seq; /* >= 1 */
    fc_pack_file *files;
    size_t n;
} fc_pack_index;

int fc_pack_index_parse(const char *text, size_t n, fc_pack_index **out, fc_err *err);
void fc_pack_index_write(const fc_pack_index *x, fc_buf *out);
void fc_pack_index_free(fc_pack_index *x);
/* Sorts the files and checks everything that parsing checks: for who makes one. */
int fc_pack_index_settle(fc_pack_index *x, fc_err *err);
const fc_pack_file *fc_pack_index_file(const fc_pack_index *x, const char *path); /* NULL */
/* The sequence that follows from a version where none is given: MAJOR*10^8 + MINOR*10^4 + PATCH. FC_EINVAL
 * for a pre-release or parts too large. */
int fc_pack_seq_of(const char *version, int64_t *seq, fc_err *err);
#endif
