/* What the files of the SQLite driver share. Nobody outside core/store includes this: above the store there
 * is no SQLite.
 *
 * A store has several connections (fc_conn) to one file: `read` for the loop's own reads, `write` for
 * transactions, others that reader.c keeps for the pool. In memory there is one for everything. A connection
 * belongs to one thread at a time; `write` goes to the writer's thread for the commit and comes back.
 *
 * A fc_statement is one SQL text of one connection; its cursors are prepared statements of it. A cursor that
 * is closed goes back to the idle list of its statement, so that a query of a known text allocates nothing.
 */
#ifndef FC_STORE_DRIVER_H
#define FC_STORE_DRIVER_H
#include "base/often.h"
#include "store/store.h"
#include <sqlite3.h>
#include <stdbool.h>

#define FC_CACHE_BUCKETS 128
#define FC_CACHE_NEAR 64 /* power of two */
#define FC_CACHE_MAX 256 /* texts; the one unused for longest goes first */
#define FC_CACHE_IDLE 4  /* prepared cursors kept per text: a text that recurses deeper is rare */
#define FC_BUSY_MS 5000

enum fc_cursor_state { FC_CURSOR_IDLE, FC_CURSOR_OPEN, FC_CURSOR_ENDED, FC_CURSOR_FAILED };

typedef struct fc_statement fc_statement;
typedef struct fc_conn fc_conn;
typedef struct fc_writer fc_writer;
typedef struct fc_readers fc_readers;
typedef struct fc_checkpoint fc_checkpoint;

struct fc_cursor {
    sqlite3_stmt *stmt;
    fc_conn *conn;
    fc_statement *home;
    fc_cursor *next_idle;
    enum fc_cursor_state state;
    int params;
    uint64_t serial; /* since the process began, of all cursors that were made */
    fc_value *row;   /* owned; texts are SQLite's, until the next step */
    int columns, room;
    bool writes, turn; /* it changes rows; it holds the write turn until it ends */
    uint64_t tx;       /* the transaction it was begun in; 0: none */
};

struct fc_statement {
    char *sql; /* owned */
    size_t len;
    uint64_t hash;
    fc_statement *next; /* in the bucket */
    fc_cursor *idle;
    int idle_count, open_count;
    uint64_t used; /* the connection's tick of the last use */
    bool slow;     /* a read that belongs into the pool: cost.c */
    bool planned;  /* its plan was looked at */
};

/* Where a caller's pointer led the last time. Only a hint: the bytes are compared, because a buffer may be
 * reused. */
typedef struct fc_near {
    const char *sql;
    fc_statement *statement;
} fc_near;

enum fc_internal {
    FC_SQL_BEGIN,
    FC_SQL_COMMIT,
    FC_SQL_ROLLBACK,
    FC_SQL_MARK,
    FC_SQL_KEEP,
    FC_SQL_UNDO,
    FC_SQL_SHARE,
    FC_SQL_INTERNALS
};

struct fc_conn {
    sqlite3 *db;
    fc_store *store;
    fc_statement *buckets[FC_CACHE_BUCKETS];
    fc_near near[FC_CACHE_NEAR];
    int statements, open_cursors;
    uint64_t tick;
    sqlite3_stmt *internals[FC_SQL_INTERNALS];
    bool trusted;           /* the driver's own SQL is running: the guard lets everything pass */
    const char *denied[2];  /* why the guard refused, by language */
    const char *const *own; /* a plugin's migration runs: it changes only what begins so (ends with NULL) */
    void (*writes)(void *, const char *table); /* look.c: told what the statement would write */
    void *writes_ctx;
    bool held;   /* snapshot.c */
    int busy_ms; /* how long a lock of a program that knows no turns is waited for */
    int64_t busy_since;
    int64_t until; /* fc_monotonic at which a read in the pool ends; 0: none */
};

struct fc_store {
    char *path;            /* owned */
    fc_conn *read, *write; /* the same one in memory; write is opened with the first transaction */
    int depth;
    uint64_t tx_number; /* of the transaction that is open, or the next one's; from 1 */
    bool read_only;     /* fc_store_read_only */
    bool lost;          /* SQLite rolled back the whole transaction by itself ... */
    fc_err lost_reason; /* ... because of this */
    bool sharing;       /* snapshot.c */
    int (*watch)(void *);
    void *watch_ctx;
    int lock_fd;               /* turn.c; -1: none needed (memory) */
    bool turn;                 /* this process has the write turn */
    bool tx_turn;              /* ... which the outermost fc_tx_begin took */
    int patience_ms;           /* how long a turn that others have is waited for on the spot */
    int wal_pages;             /* after the last commit of this process */
    fc_writer *writer;         /* writer.c; NULL without a loop */
    fc_thread *committer;      /* the writer's thread: a write on the spot lets its job end first */
    fc_readers *readers;       /* reader.c; NULL until the first read of its own connection */
    fc_checkpoint *checkpoint; /* checkpoint.c; NULL without a loop */
};

/* conn.c: a connection of its own to the store's file. */
int fc_conn_open(fc_store *s, fc_conn **out, fc_err *err);
void fc_conn_patience(fc_conn *c, int ms);
void fc_conn_close(fc_conn *c);               /* NULL is allowed */
int fc_conn_writer(fc_store *s, fc_err *err); /* makes s->write if there is none yet */
/* Runs the driver's own SQL, which the guard lets pass. */
int fc_conn_exec(fc_conn *c, const char *sql, fc_err *err);
int fc_conn_internal(fc_conn *c, enum fc_internal which, fc_err *err);

/* statements.c: a cursor of this text, open, not yet bound or begun; and back when it was reset. */
int fc_conn_find(fc_conn *c, const char *sql, size_t n, fc_cursor **out, fc_err *err);
void fc_conn_put_back(fc_cursor *c);
void fc_cache_clear(fc_conn *c);

/* query.c */
int fc_conn_query(fc_conn *c, const char *sql, size_t n, const fc_value *args, int nargs, fc_cursor **out,
                  fc_err *err);

/* row.c: reads the row that a step ended at; SQLITE_ROW, or SQLITE_NOMEM */
int fc_row_take(fc_cursor *c);

/* turn.c: the write turn among all processes that have the file open. fc_turn_wait blocks until it is ours
 * (for the writer's thread); fc_turn_try asks for at most `ms` and then answers FC_EBUSY. */
int fc_turn_open(fc_store *s, fc_err *err);
int fc_turn_wait(fc_store *s, fc_err *err);
int fc_turn_try(fc_store *s, int ms, fc_err *err);
bool fc_turn_wanted(const fc_store *s); /* is another process waiting for it? */
void fc_turn_leave(fc_store *s);
/* For whoever writes at once on the loop's thread: lets a commit under way end and takes the turn if this
 * process has it not; *taken says whether fc_turn_leave is the caller's to call. */
int fc_turn_enter(fc_store *s, bool *taken, fc_err *err);

/* writer.c */
int fc_writer_new(fc_store *s, fc_loop *l, fc_err *err);
void fc_writer_free(fc_writer *w); /* NULL is allowed */

/* reader.c */
void fc_readers_free(fc_readers *r);                    /* NULL is allowed */
void fc_readers_limit(fc_readers *r, int64_t older_ms); /* ends reads that began before that */

/* cost.c: what a statement is; what a read did, looked at before its statement is used again. */
enum fc_kind fc_cost_kind(const fc_cursor *c);
void fc_cost_note(fc_cursor *c);

/* checkpoint.c. The readers stand above the queries that tell it of commits, so what ends the old ones is
 * handed in. */
typedef void (*fc_limit_readers)(fc_readers *r, int64_t older_ms);
void fc_checkpoint_new(fc_store *s, fc_loop *l, fc_limit_readers limit);
void fc_checkpoint_free(fc_checkpoint *c); /* NULL is allowed */
void fc_checkpoint_after_commit(fc_checkpoint *c);
bool fc_checkpoint_overdue(const fc_store *s);
void fc_checkpoint_now(fc_store *s); /* in the writer's thread, with the turn: waits for readers a little */

/* error.c: makes a sentence of SQLite's last error on this store, with the first 200 characters of the SQL on
 * one line (sql may be NULL). rc is what SQLite returned. */
int fc_store_fail(fc_conn *c, int rc, const char *sql, size_t n, fc_err *err);
/* The same without a store: for a file that could not be opened. */
int fc_store_fail_open(const char *path, int rc, const char *reason, fc_err *err);

/* guard.c: what SQL from above may not do: end our transactions, open other files, change settings. */
void fc_guard_install(fc_conn *c);

/* tx.c: to be called after every failed step; finds out whether SQLite rolled back the whole transaction. */
void fc_tx_notice(fc_conn *c, const fc_err *err);
int fc_tx_lost(fc_store *s, fc_err *err);
/* With the turn, before anything is written outside a transaction: ends one whose rollback had failed. */
int fc_tx_clean(fc_store *s, fc_err *err);
void fc_tx_unwind(fc_store *s, int depth); /* rolls back the levels above */
void fc_tx_end_queries(fc_store *s);       /* of the transaction that ends */

/* snapshot.c: to be called before a statement runs. */
void fc_snapshot_before(fc_conn *c, bool writes);
#endif
