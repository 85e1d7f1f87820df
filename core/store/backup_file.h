/* The file of a backup: members (a name, a mode, bytes) in one stream, compressed, sealed, whole or refused.
 *
 *   text      "forecourt-backup 1", then lines "name: value" (kind, site, made, program, key), the line
 *             "check: ..." over all before it, an empty line. Readable without any key.
 *   24 bytes  beginning of the secretstream
 *   frames    65,536 bytes of compressed stream + 17 each, the last one shorter and marked as the last. The
 *             first is bound to the text. A frame is read whole or not at all, and only after the ones before
 *             it: what was moved, changed, left out or added in the middle does not open.
 *   100 bytes "forecourt-end LENGTH HASH\n" tells a file that was cut off without a key. The hash is over the
 * text, the beginning and the last 16 bytes (the MAC) of each frame
 *
 * Inside: 'M' name mode, blocks, size and BLAKE2b for each member; 'T' the content table (name, size, hash
 * again); 'E'. Numbers are little-endian.
 *
 * The key is derived from the site's master key and the kind; its fingerprint stands in the text, so that a
 * wrong key is told from damage. Everything that fails is a sentence that names the file, the offset and the
 * member that is hit. One handle belongs to one thread. */
#ifndef FC_STORE_BACKUP_FILE_H
#define FC_STORE_BACKUP_FILE_H
#include "base/err.h"
#include "base/hash.h"
#include "store/key_file.h"
#include "store/master.h"
#include <stddef.h>
#include <stdint.h>

#define FC_FCB_NAME 1024

typedef struct fc_fcb_head {
    char kind[16]; /* "site" or "keys" */
    char site[256];
    char made[24]; /* 2026-11-25T17:40:00Z */
    char program[32];
    char key[17]; /* fingerprint of the master key, made by the writer */
} fc_fcb_head;

typedef struct fc_fcb_writer fc_fcb_writer;
typedef struct fc_fcb_reader fc_fcb_reader;

typedef struct fc_fcb_sum {
    int64_t bytes, plain; /* of the file; of what is in it */
    int members;
    char hash[FC_HASH_HEX]; /* of the file, as its end says it */
} fc_fcb_sum;

/* path must not exist. Until finish it is nobody's: whoever abandons a writer removes the file. */
int fc_fcb_create(const char *path, const fc_fcb_head *head, const unsigned char master[FC_KEY_BYTES],
                  fc_fcb_writer **out, fc_err *err);
int fc_fcb_begin(fc_fcb_writer *w, const char *name, unsigned mode, fc_err *err);
int fc_fcb_write(fc_fcb_writer *w, const void *bytes, size_t n, fc_err *err);
int fc_fcb_end(fc_fcb_writer *w, fc_err *err);
/* Content table, end, fsync. The writer still has to be closed. */
int fc_fcb_finish(fc_fcb_writer *w, fc_fcb_sum *sum, fc_err *err);
void fc_fcb_close_writer(fc_fcb_writer *w);

typedef struct fc_fcb_entry {
    char name[FC_FCB_NAME];
    unsigned mode;
} fc_fcb_entry;

/* Only the text, without a key. */
int fc_fcb_peek(const char *path, fc_fcb_head *head, fc_err *err);
int fc_fcb_open(const char *path, const unsigned char master[FC_KEY_BYTES], fc_fcb_reader **out, fc_err *err);
const fc_fcb_head *fc_fcb_head_of(const fc_fcb_reader *r);
/* *more = 0: the end, and everything up to it was whole. The member before must have been read to its end. */
int fc_fcb_next(fc_fcb_reader *r, fc_fcb_entry *entry, int *more, fc_err *err);
/* *n = 0: the end of the member, whose size and hash are right. */
int fc_fcb_read(fc_fcb_reader *r, void *to, size_t cap, size_t *n, fc_err *err);
/* How much of the file was read, for progress. */
void fc_fcb_position(const fc_fcb_reader *r, int64_t *done, int64_t *total);
void fc_fcb_close_reader(fc_fcb_reader *r);

/* Relative, below the site, no "..", no empty part, nothing but printable text. */
int fc_fcb_name_is_safe(const char *name, size_t n);

/* ---- what writer and reader share */
#define FCB_MAGIC "forecourt-backup "
#define FCB_FORMAT 1
#define FCB_FRAME 65536
#define FCB_SEALED (FCB_FRAME + 17)
#define FCB_MAC 16 /* at the end of a frame */
#define FCB_TRAILER 100
#define FCB_TEXT_MAX 4096
#define FCB_BLOCK 1048576
void fc_fcb_key(const unsigned char master[FC_KEY_BYTES], const char *kind, unsigned char key[32],
                char id[17]);
/* Is this what a file made before 2026-11-26 calls the key? It gave keys a name of its own. */
int fc_fcb_old_id(const unsigned char master[FC_KEY_BYTES], const char *id);
void fc_fcb_check(const char *text, size_t n, char out[17]);
void *fc_fcb_alloc(size_t n); /* zeroed; aligned as libsodium's states want it */
#endif
