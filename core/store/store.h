/* A store is one dealership's (or the site's) database: rows, transactions, migrations, time-ordered ids.
 *
 * Everything above sees only this page, so that another driver can come behind it. SQL is the common subset
 * of SQLite and PostgreSQL: STRICT tables, `?` parameters, no rowid, strftime, INSERT OR, JSON operators.
 *
 * One fc_store belongs to one thread (the loop's). Errors are sentences that carry the SQL's own text.
 *
 * Writing: several processes may have a store open; each takes the write turn for a transaction and gives it
 * back (first come, first served). What commit has answered is on the disk. Where a loop runs, fc_tx_queue
 * gathers transactions into one commit that happens beside it; the plain ones below wait on the spot.
 *
 * Reading: outside a transaction a read sees what was committed when it began, and everything this process
 * was told is committed. */
#ifndef FC_STORE_STORE_H
#define FC_STORE_STORE_H
#include "base/err.h"
#include "loop/loop.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fc_store fc_store;
typedef struct fc_cursor fc_cursor;

enum fc_type { FC_NULL, FC_INT, FC_REAL, FC_TEXT, FC_BLOB };

/* A bound parameter or a column. TEXT and BLOB bytes belong to the caller (parameters: valid until the query
 * is closed) or to the cursor (columns: valid until its next step). */
typedef struct fc_value {
    enum fc_type type;
    int64_t i;
    double d;
    const char *s;
    size_t n;
} fc_value;

#define fc_int(v) ((fc_value){.type = FC_INT, .i = (v)})
#define fc_textn(p, len) ((fc_value){.type = FC_TEXT, .s = (p), .n = (len)})
#define fc_bytes(p, len) ((fc_value){.type = FC_BLOB, .s = (p), .n = (len)})
static inline fc_value fc_text(const char *str) /* NULL binds NULL */
{
    return (fc_value){.type = FC_TEXT, .s = str, .n = str ? __builtin_strlen(str) : 0};
}

const char *fc_store_version(void); /* of the driver */

/* Opens or creates. path ":memory:" is a store of its own that lives as long as the handle. The file is
 * created with mode 0600. WAL, synchronous=FULL, foreign keys on, trusted_schema off, busy timeout 5 s. A
 * folder that cannot be written, a file that is no database, a disk that is full: a sentence naming the path.
 */
int fc_store_open(const char *path, fc_store **out, fc_err *err);
void fc_store_close(fc_store *s); /* rolls back what is open; NULL is allowed */
const char *fc_store_path(const fc_store *s);
/* From now on this handle writes nothing: whatever would is refused (FC_EDENIED) with a sentence. */
void fc_store_read_only(fc_store *s);

/* How long a lock is waited for on the spot; negative: the ordinary 5 s. */
void fc_store_patience(fc_store *s, int ms);

/* Runs the files NNNN_name.sql of `dir` whose number is above the store's version, in order, each in one
 * transaction with the version row (tables fc_migration(number, name, hash, at)). A store whose version is
 * higher than the highest file was written by a newer program: FC_EVERSION. A file whose text changed after
 * it ran: FC_ECONFLICT. */
int fc_store_migrate(fc_store *s, const char *dir, fc_err *err);

/* Runs one statement. Several statements in one text are refused. The statement is prepared once and kept
 * (cache by text). The cursor must be closed before the store. A statement without rows is complete after the
 * first fc_cursor_next. Outside a transaction each writing statement commits by itself, at its last
 * fc_cursor_next: one with RETURNING is read to its end. A query that was begun inside a transaction ends
 * with it. BEGIN, COMMIT, ATTACH and the like are refused (FC_EDENIED). */
int fc_query(fc_store *s, const char *sql, size_t sql_len, const fc_value *args, int nargs, fc_cursor **out,
             fc_err *err);
int fc_cursor_next(fc_cursor *c, int *row, fc_err *err); /* *row = 1 there is a row, 0 the end */
/* Runs a writing statement to its end; does nothing with one that reads. */
int fc_cursor_end(fc_cursor *c, fc_err *err);
/* FC_EINVAL: what is read row by row may not write. */
int fc_cursor_only_reads(const fc_cursor *c, fc_err *err);
int fc_cursor_columns(const fc_cursor *c);
const char *fc_cursor_name(const fc_cursor *c, int i);
/* After a row: its values; texts live until the next fc_cursor_next or the close. */
void fc_cursor_value(const fc_cursor *c, int i, fc_value *out);
const fc_value *fc_cursor_row(const fc_cursor *c, int *n);
/* While this number is the same, so are the names of the columns; never 0. */
uint64_t fc_cursor_shape(const fc_cursor *c);
void fc_cursor_close(fc_cursor *c); /* resets the statement; NULL is allowed */

/* Shorthand: run to the end, *changed (may be NULL) = rows changed. */
int fc_run(fc_store *s, const char *sql, const fc_value *args, int nargs, int64_t *changed, fc_err *err);
/* Shorthand: first column of the first row as int64; *found = 0 if there is no row or it is NULL. */
int fc_ask_int(fc_store *s, const char *sql, const fc_value *args, int nargs, int64_t *value, int *found,
               fc_err *err);

/* Transactions: begin takes the write lock at once (IMMEDIATE). A begin inside one is a savepoint; commit and
 * rollback end the innermost; a commit that fails has rolled its level back. An error that made SQLite roll
 * back everything makes the following calls fail until the outermost level was ended with rollback. */
int fc_tx_begin(fc_store *s, fc_err *err);
int fc_tx_commit(fc_store *s, fc_err *err);
void fc_tx_rollback(fc_store *s);
int fc_tx_depth(const fc_store *s);

/* ---- beside a loop */

/* From now on until fc_store_unserve transactions are gathered and reads may go to the pool of this loop.
 * Does nothing in memory. fc_store_unserve lets what was begun end; what still waited is told so. */
int fc_store_serve(fc_store *s, fc_loop *l, fc_err *err);
void fc_store_unserve(fc_store *s);
bool fc_store_served(const fc_store *s);

/* A transaction that waits for the next common commit. `body` runs on the loop's thread with the store inside
 * the transaction and a savepoint of its own; non-zero undoes what it did and nothing else. It may be run
 * again (a common commit that failed is done over, one by one), so it must do nothing but use the store.
 * `done` is called once, on the loop: err NULL = it is on the disk, or body had said no; else nothing of it
 * is. The struct is the caller's and stays valid until then. */
typedef struct fc_tx fc_tx;
struct fc_tx {
    int (*body)(fc_tx *t);
    void (*done)(fc_tx *t, const fc_err *err);
    uint64_t kind; /* equal for equal code, 0 unknown: what once took over 20 ms gets a commit of its own */
    /* the store's */
    fc_tx *next;
    int runs;
    bool alone;
};
void fc_tx_queue(fc_store *s, fc_tx *t);

/* fc_query for whoever may wait: begins only what is a quick read. Else *out is NULL and *kind says what the
 * statement is: it writes; it is a read for the pool, because it once took long or sorts without an index.
 * Not inside a transaction. */
enum fc_kind { FC_QUICK = 0, FC_WRITES = 1, FC_SLOW = 2 };
int fc_query_quick(fc_store *s, const char *sql, size_t sql_len, const fc_value *args, int nargs,
                   enum fc_kind *kind, fc_cursor **out, fc_err *err);

/* A read on a connection of its own, which sees everything committed before its first fetch and does not hold
 * other reads at that. open, close and the rows belong to the loop's thread; fetch may run in the pool (one
 * at a time) and gives out at most `rows` rows. It ends with FC_ELIMIT after `ms`, and with FC_ECANCEL after
 * fc_read_cancel, which may be called while a fetch runs. fc_read_fetch_here is for the loop's thread: there
 * fc_store_watch ends it and not the time. Needs no loop; not in memory, not inside a transaction
 * (fc_store_streams). */
typedef struct fc_read fc_read;
int fc_read_open(fc_store *s, const char *sql, size_t n, const fc_value *args, int nargs, int64_t ms,
                 fc_read **out, fc_err *err);
bool fc_store_streams(const fc_store *s);
int fc_read_fetch(fc_read *r, int64_t rows); /* the error stays with the read: fc_read_error */
int fc_read_fetch_here(fc_read *r, int64_t rows);
const fc_err *fc_read_error(const fc_read *r);
bool fc_read_row(fc_read *r); /* moves to the next row of what was fetched; false: there is none left */
bool fc_read_ended(const fc_read *r); /* nothing is left to fetch */
int fc_read_columns(const fc_read *r);
const char *fc_read_name(const fc_read *r, int i);
void fc_read_value(const fc_read *r, int i, fc_value *out); /* valid until the next row or fetch */
void fc_read_cancel(fc_read *r);
void fc_read_close(fc_read *r); /* NULL is allowed */

/* While sharing, reads outside a transaction see one snapshot, from the first of them until fc_store_refresh,
 * a write or a transaction of this handle: what others commit meanwhile is seen after it. For a loop that
 * refreshes each turn. */
void fc_store_share(fc_store *s, int on);
void fc_store_refresh(fc_store *s);

/* Interrupts a running statement at the latest after every 1000 virtual machine steps when fn returns
 * non-zero. */
void fc_store_watch(fc_store *s, int (*fn)(void *ctx), void *ctx);

/* A new 63-bit id: milliseconds since 2020-01-01 (41 bits), worker (10), sequence (12). Strictly increasing
 * in one process, whatever the clock does. fc_id_worker is called once at start (0..1023; default: pid modulo
 * 1024). */
int64_t fc_id(void);
void fc_id_worker(int worker);
#endif
