/* Transactions: level 1 is BEGIN IMMEDIATE, each further level a savepoint named after its depth.
 *
 *     none --begin--> open(1) --begin--> open(n)      commit, rollback: one level back, at 1 to none
 *     open(n) --SQLite rolled back all--> lost(n)     every query, begin and commit fails with the first
 * reason lost(n) --commit or rollback at level 1--> none
 *
 * SQLite gives the whole transaction up when the disk is full, memory runs out or a write is interrupted. The
 * levels above it do not know that yet: without "lost" their next statement would quietly commit on its own.
 * A commit always ends its level; when it fails, that level was rolled back. */
#include "store/driver.h"
#include "store/pages.h"

#include "base/log.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const internal_sql[FC_SQL_INTERNALS] = {"BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"};

/* The three that run all the time are prepared once; savepoints are rare enough to be parsed each time. */
static int run_internal(fc_store *s, enum fc_internal which, fc_err *err)
{
    sqlite3_stmt **stmt = &s->internals[which];
    s->trusted = true;
    int rc = SQLITE_OK;
    if (!*stmt)
        rc = sqlite3_prepare_v3(s->db, internal_sql[which], -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(*stmt);
    s->trusted = false;
    int code = rc == SQLITE_DONE
                   ? FC_OK
                   : fc_store_fail(s, rc, internal_sql[which], strlen(internal_sql[which]), err);
    sqlite3_reset(*stmt);
    return code;
}

static int run_savepoint(fc_store *s, const char *word, int level, fc_err *err)
{
    char sql[64];
    snprintf(sql, sizeof sql, "%s fc_%d", word, level);
    return fc_store_exec(s, sql, err);
}

void fc_tx_notice(fc_store *s, const fc_err *err)
{
    if (!s->depth || s->lost || !sqlite3_get_autocommit(s->db)) return;
    s->lost = true;
    s->lost_reason = *err;
}

int fc_tx_lost(fc_store *s, fc_err *err)
{
    return fc_fail(
        err, s->lost_reason.code, "整个事务已因先前的错误回滚，请先结束它：%s%.0s",
        "the whole transaction was rolled back by an earlier error and must be ended first: %.0s%s",
        s->lost_reason.text[FC_ZH], s->lost_reason.text[FC_EN]);
}

int fc_tx_begin(fc_store *s, fc_err *err)
{
    if (s->lost) return fc_tx_lost(s, err);
    fc_store_refresh(s);
    int settled = s->depth ? FC_OK : fc_pages_mend(s->db, s->path, err);
    if (settled) return settled;
    int rc = s->depth ? run_savepoint(s, "SAVEPOINT", s->depth, err) : run_internal(s, FC_SQL_BEGIN, err);
    if (!rc) s->depth++;
    return rc;
}

/* Leaves the innermost level, whose work is already gone. */
static void leave(fc_store *s)
{
    assert(s->depth > 0);
    if (--s->depth == 0) s->lost = false;
}

static int commit_level(fc_store *s, fc_err *err)
{
    if (s->lost) return fc_tx_lost(s, err);
    if (s->depth > 1) return run_savepoint(s, "RELEASE", s->depth - 1, err);
    return run_internal(s, FC_SQL_COMMIT, err);
}

int fc_tx_commit(fc_store *s, fc_err *err)
{
    if (!s->depth) return fc_fail(err, FC_EINTERNAL, "没有可提交的事务", "there is no transaction to commit");
    int rc = commit_level(s, err);
    if (rc)
        fc_tx_rollback(s);
    else
        leave(s);
    return rc;
}

/* Rolling back cannot fail in a way that leaves the work in: at worst SQLite has done it already. */
void fc_tx_rollback(fc_store *s)
{
    fc_err err;
    if (!s->depth) return;
    int rc = FC_OK;
    if (!s->lost && s->depth == 1) {
        if (!sqlite3_get_autocommit(s->db)) rc = run_internal(s, FC_SQL_ROLLBACK, &err);
    } else if (!s->lost) {
        rc = run_savepoint(s, "ROLLBACK TO", s->depth - 1, &err);
        if (!rc) rc = run_savepoint(s, "RELEASE", s->depth - 1, &err);
    }
    if (rc) {
        fc_log(FC_ERROR, "store", "rollback: %s", err.text[FC_EN]);
        fc_tx_notice(s, &err);
    }
    leave(s);
}

int fc_tx_depth(const fc_store *s)
{
    return s->depth;
}

void fc_tx_finalize(fc_store *s)
{
    for (int i = 0; i < FC_SQL_INTERNALS; i++)
        sqlite3_finalize(s->internals[i]);
}
