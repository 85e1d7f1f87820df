/* What the files of the SQLite driver share. Nobody outside core/store includes this: above the store there
 * is no SQLite.
 *
 * A fc_statement is one SQL text; its cursors are prepared statements of it. A cursor that is closed goes
 * back to the idle list of its statement, so that a query of a known text allocates nothing. */
#ifndef FC_STORE_DRIVER_H
#define FC_STORE_DRIVER_H
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

struct fc_cursor {
    sqlite3_stmt *stmt;
    fc_store *store;
    fc_statement *home;
    fc_cursor *next_idle;
    enum fc_cursor_state state;
    int params;
};

struct fc_statement {
    char *sql; /* owned */
    size_t len;
    uint64_t hash;
    fc_statement *next; /* in the bucket */
    fc_cursor *idle;
    int idle_count, open_count;
    uint64_t used; /* the store's tick of the last use */
};

/* Where a caller's pointer led the last time. Only a hint: the bytes are compared, because a buffer may be
 * reused. */
typedef struct fc_near {
    const char *sql;
    fc_statement *statement;
} fc_near;

enum fc_internal { FC_SQL_BEGIN, FC_SQL_COMMIT, FC_SQL_ROLLBACK, FC_SQL_INTERNALS };

struct fc_store {
    sqlite3 *db;
    char *path; /* owned */
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
    int depth;
    bool lost;          /* SQLite rolled back the whole transaction by itself ... */
    fc_err lost_reason; /* ... because of this */
    bool sharing, held; /* snapshot.c */
    sqlite3_stmt *hold;
    int (*watch)(void *);
    void *watch_ctx;
};

/* error.c: makes a sentence of SQLite's last error on this store, with the first 200 characters of the SQL on
 * one line (sql may be NULL). rc is what SQLite returned. */
int fc_store_fail(fc_store *s, int rc, const char *sql, size_t n, fc_err *err);
/* The same without a store: for a file that could not be opened. */
int fc_store_fail_open(const char *path, int rc, const char *reason, fc_err *err);

/* query.c */
void fc_cache_clear(fc_store *s);

/* guard.c: what SQL from above may not do: end our transactions, open other files, change settings. */
void fc_guard_install(fc_store *s);

/* tx.c: to be called after every failed step; finds out whether SQLite rolled back the whole transaction. */
void fc_tx_notice(fc_store *s, const fc_err *err);
int fc_tx_lost(fc_store *s, fc_err *err);
void fc_tx_finalize(fc_store *s);

/* snapshot.c: to be called before a statement runs. */
void fc_snapshot_before(fc_store *s, sqlite3_stmt *stmt);
void fc_snapshot_finalize(fc_store *s);

/* store.c: runs the driver's own SQL, which the guard lets pass. */
int fc_store_exec(fc_store *s, const char *sql, fc_err *err);
#endif
