/* Checked pages: no byte of a database file or of its WAL reaches SQLite before it was compared with a sum.
 *
 * SQLite believes what the disk says. A layer between it and the disk (a VFS over the system's) keeps for
 * each page of NAME.db a sum over page number and content in NAME.db-sums, and compares a page in the WAL
 * with the frame's own sum; both on every read, also those of a checkpoint, which so never seals what was not
 * checked. What does not fit is answered with an I/O error and a sentence: flipped bits, swapped, zeroed and
 * old pages, a file that was cut, a WAL of another time or none, and what a program wrote that keeps no sums.
 *
 * A sync that fails ends the process: what the kernel has dropped cannot be asked for again. NAME.db-unsynced
 * then tells the next one to checkpoint everything again before it writes.
 *
 * How it is built: pages_file.h. What it cannot see: README.md. */
#ifndef FC_STORE_PAGES_H
#define FC_STORE_PAGES_H
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

struct sqlite3;

/* The name of the layer, for sqlite3_open_v2; NULL for ":memory:". */
const char *fc_pages_vfs(const char *path);

/* Before a file is opened: makes its sums if it is new. A file with content and without sums was made by an
 * older build or copied alone: its sums are made from it if PRAGMA integrity_check finds nothing, and the log
 * says so. */
int fc_pages_prepare(const char *path, fc_err *err);

/* After it was opened: marks the file as one that has sums, and mends a sync that failed earlier. */
int fc_pages_settle(struct sqlite3 *db, const char *path, fc_err *err);

/* Before a transaction: if a sync of this file failed in some process, checkpoints everything again; FC_EIO
 * if that cannot be done: nothing may be written then. Costs one system call while all is well. */
int fc_pages_mend(struct sqlite3 *db, const char *path, fc_err *err);

/* The sentence of the last refusal on this thread about this file, once; false if there is none. */
bool fc_pages_refused(const char *path, fc_err *err);

typedef struct fc_verified {
    int64_t pages, frames; /* compared, in the file and in the WAL */
    int64_t damaged;       /* of both; their numbers stand in the sentence */
    int64_t adopted_at;    /* when sums were made from what was there; 0 = they grew with the file */
    bool lost_sums;        /* ... although the file had sums before */
} fc_verified;

/* Compares every page of file and WAL, also while others work; progress (may be NULL) is told now and then.
 * Damage is FC_EIO with the numbers. Works on a file too damaged to be opened. */
int fc_store_verify(const char *path, void (*progress)(void *ctx, int64_t done, int64_t of), void *ctx,
                    fc_verified *out, fc_err *err);
#endif
