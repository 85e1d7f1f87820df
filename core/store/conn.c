/* A connection to a store's file. Two processes that open a new file at the same time both try to switch it
 * to WAL; SQLite answers the second with BUSY without waiting, so the switch is tried again for as long as
 * any other lock would be waited for. */
#include "store/driver.h"
#include "loop/heart.h"
#include "store/pages.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int fc_conn_exec(fc_conn *c, const char *sql, fc_err *err)
{
    c->trusted = true;
    int rc = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
    c->trusted = false;
    if (rc == SQLITE_OK) return FC_OK;
    return fc_store_fail(c, rc, sql, strlen(sql), err);
}

static const char *const internal_sql[FC_SQL_INTERNALS] = {
    "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT fc_1", "RELEASE fc_1", "ROLLBACK TO fc_1", "BEGIN"};

/* What runs all the time is prepared once. */
int fc_conn_internal(fc_conn *c, enum fc_internal which, fc_err *err)
{
    sqlite3_stmt **stmt = &c->internals[which];
    c->trusted = true;
    int rc = SQLITE_OK;
    if (!*stmt)
        rc = sqlite3_prepare_v3(c->db, internal_sql[which], -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(*stmt);
    c->trusted = false;
    int code = rc == SQLITE_DONE
                   ? FC_OK
                   : fc_store_fail(c, rc, internal_sql[which], strlen(internal_sql[which]), err);
    sqlite3_reset(*stmt);
    return code;
}

static int wal_once(fc_conn *c, bool *is_wal)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(c->db, "PRAGMA journal_mode=WAL", -1, &stmt, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        const char *mode = (const char *)sqlite3_column_text(stmt, 0);
        *is_wal = mode && (strcmp(mode, "wal") == 0 || strcmp(mode, "memory") == 0);
        rc = SQLITE_OK;
    }
    int closed = sqlite3_finalize(stmt);
    return rc == SQLITE_OK ? closed : rc;
}

static int switch_to_wal(fc_conn *c, fc_err *err)
{
    int64_t end = fc_monotonic() + FC_BUSY_MS * 1000000LL;
    bool is_wal = false;
    int rc;
    while (((rc = wal_once(c, &is_wal)) & 0xff) == SQLITE_BUSY && fc_monotonic() < end)
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    if (rc != SQLITE_OK) return fc_store_fail(c, rc, NULL, 0, err);
    if (is_wal) return FC_OK;
    return fc_store_fail_open(c->store->path, SQLITE_PROTOCOL, "WAL", err);
}

/* SQLite's own counts the sleeps it planned, and the watchdog's signals cut them short: here the clock
 * decides. */
static int busy(void *ctx, int tries)
{
    fc_conn *c = ctx;
    if (!tries) c->busy_since = fc_monotonic();
    if (fc_monotonic() - c->busy_since > c->busy_ms * 1000000LL) return 0;
    fc_heart_beat();
    nanosleep(&(struct timespec){.tv_nsec = tries < 5 ? 200000 : 2000000}, NULL);
    return 1;
}

void fc_conn_patience(fc_conn *c, int ms)
{
    c->busy_ms = ms;
}

static int configure(fc_conn *c, fc_err *err)
{
    sqlite3_extended_result_codes(c->db, 1);
    c->busy_ms = FC_BUSY_MS;
    sqlite3_busy_handler(c->db, busy, c);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL); /* "x" is a column, as in PostgreSQL */
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    int rc = switch_to_wal(c, err);
    if (rc) return rc;
    return fc_conn_exec(c,
                        "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                        "PRAGMA cache_size=-16384; PRAGMA journal_size_limit=33554432",
                        err);
}

static int connect_file(fc_conn *c, fc_err *err)
{
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    const char *path = c->store->path;
    int rc = fc_pages_prepare(path, err);
    if (rc) return rc;
    rc = sqlite3_open_v2(path, &c->db, flags, fc_pages_vfs(path));
    if (rc == SQLITE_OK) {
        rc = configure(c, err);
        return rc ? rc : fc_pages_settle(c->db, path, err);
    }
    return fc_store_fail_open(c->store->path, rc, c->db ? sqlite3_errmsg(c->db) : sqlite3_errstr(rc), err);
}

/* Every 1000 steps of SQLite's machine: has the call spent its budget, has a read in the pool reached its
 * end? */
static int progress(void *ctx)
{
    const fc_conn *c = ctx;
    if (c->until) return fc_monotonic() > c->until;
    return c->store->watch && c->store->watch(c->store->watch_ctx);
}

int fc_conn_open(fc_store *s, fc_conn **out, fc_err *err)
{
    fc_conn *c = fc_alloc(sizeof *c);
    c->store = s;
    int rc = connect_file(c, err);
    if (rc) {
        fc_conn_close(c);
        return rc;
    }
    fc_guard_install(c);
    sqlite3_progress_handler(c->db, 1000, progress, c);
    *out = c;
    return FC_OK;
}

void fc_conn_close(fc_conn *c)
{
    if (!c) return;
    if (c->open_cursors)
        fc_log(FC_ERROR, "store",
               fc_say("%s：关闭时还有 %d 个查询没有结束", "%s: closed with %d open queries"), c->store->path,
               c->open_cursors);
    fc_cache_clear(c);
    for (int i = 0; i < FC_SQL_INTERNALS; i++)
        sqlite3_finalize(c->internals[i]);
    sqlite3_close_v2(c->db); /* v2: a cursor that is still open must not take the process with it */
    free(c);
}

void fc_store_read_only(fc_store *s)
{
    s->read_only = true;
}

int fc_conn_writer(fc_store *s, fc_err *err)
{
    if (s->read_only)
        return fc_fail(err, FC_EDENIED, "这里只能读数据库，不能写",
                       "the database is only read here, not written");
    if (s->write) return FC_OK;
    int rc = fc_turn_open(s, err);
    return rc ? rc : fc_conn_open(s, &s->write, err);
}
