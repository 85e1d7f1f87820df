/* Checkpoints: what the WAL holds goes into the file, in the pool and never in somebody's commit.
 *
 * Whenever the log has grown by START_PAGES a passive one runs, which waits for nobody (its syncs compete
 * with those of commits, so not more often). Under a steady load or a long reader it may not come to the end
 * of the WAL, so that it goes on growing: from MUCH_PAGES on the writer, with the turn, waits a moment for
 * the readers and begins the WAL anew; reads that are older than PATIENCE_MS are ended when that did not
 * help, so that nobody can make it grow for ever. */
#include "store/driver.h"

#include "base/buf.h"
#include "base/log.h"

#include <stdlib.h>

#define START_PAGES 1000     /* 4 MiB */
#define MUCH_PAGES 8192      /* 32 MiB */
#define TOO_MUCH_PAGES 65536 /* 256 MiB */
#define READERS_MS 50
#define PATIENCE_MS 10000

struct fc_checkpoint {
    fc_store *store;
    fc_loop *loop;
    fc_conn *conn;
    fc_limit_readers limit;
    bool running, ending, stuck;
    int from; /* pages of the log when the last one began */
    int rc;
};

static int after_commit(void *ctx, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    ((fc_store *)ctx)->wal_pages = pages;
    return SQLITE_OK;
}

static void work(void *ctx)
{
    fc_checkpoint *k = ctx;
    int pages = 0, done = 0;
    k->rc = sqlite3_wal_checkpoint_v2(k->conn->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &done);
}

static void finished(void *ctx)
{
    fc_checkpoint *k = ctx;
    k->running = k->stuck = false;
    if (k->rc != SQLITE_OK) k->from = 0; /* again after the next commit */
    if (k->rc != SQLITE_OK && k->rc != SQLITE_BUSY)
        fc_log(FC_ERROR, "store", fc_say("%s：检查点没有做成：%s", "%s: the checkpoint failed: %s"),
               k->store->path, sqlite3_errmsg(k->conn->db));
    if (!k->ending) return;
    fc_conn_close(k->conn);
    free(k);
}

bool fc_checkpoint_overdue(const fc_store *s)
{
    return s->checkpoint && !s->checkpoint->running && s->wal_pages > MUCH_PAGES && !s->checkpoint->stuck;
}

void fc_checkpoint_after_commit(fc_checkpoint *k)
{
    if (!k || k->running) return;
    int pages = k->store->wal_pages;
    if (pages > TOO_MUCH_PAGES) k->limit(k->store->readers, PATIENCE_MS);
    if (pages < k->from) k->from = 0; /* the log was begun anew */
    if (pages - k->from < START_PAGES) return;
    if (fc_checkpoint_overdue(k->store)) return; /* the writer's next turn does it */
    k->from = pages;
    k->running = true;
    fc_pool(k->loop, work, finished, k);
}

void fc_checkpoint_now(fc_store *s)
{
    fc_conn_patience(s->write, READERS_MS);
    int rc = sqlite3_wal_checkpoint_v2(s->write->db, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    fc_conn_patience(s->write, FC_BUSY_MS);
    s->checkpoint->stuck =
        rc != SQLITE_OK; /* a reader is in the way: not again before the next passive one */
    if (rc == SQLITE_OK) s->wal_pages = 0;
}

void fc_checkpoint_new(fc_store *s, fc_loop *l, fc_limit_readers limit)
{
    fc_err err;
    fc_checkpoint *k = fc_alloc(sizeof *k);
    k->store = s;
    k->loop = l;
    k->limit = limit;
    if (fc_conn_open(s, &k->conn, &err)) {
        fc_log(FC_ERROR, "store", "%s", err.text[fc_process_lang()]); /* SQLite's own checkpoints stay on */
        free(k);
        return;
    }
    sqlite3_wal_hook(s->write->db, after_commit, s);
    s->checkpoint = k;
}

void fc_checkpoint_free(fc_checkpoint *k)
{
    if (!k) return;
    sqlite3_wal_autocheckpoint(k->store->write->db, START_PAGES);
    k->ending = true;
    if (k->running) return; /* `finished` frees it */
    fc_conn_close(k->conn);
    free(k);
}
