/* Transactions: level 1 is BEGIN IMMEDIATE, each further level a savepoint named after its depth.
 *
 *     none --begin--> open(1) --begin--> open(n)      commit, rollback: one level back, at 1 to none
 *     open(n) --SQLite rolled back all--> lost(n)     every query, begin and commit fails with its reason
 *     open(n) --a rollback that fails--> lost(n)
 *     lost(n) --commit or rollback at level 1--> none
 *
 * SQLite gives the whole transaction up when the disk is full, memory runs out or a write is interrupted. The
 * levels above it do not know that yet: without "lost" their next statement would quietly commit on its own.
 * A commit always ends its level; when it fails, that level was rolled back. */
#include "store/driver.h"
#include "store/pages.h"

#include "base/log.h"

#include <assert.h>
#include <stdio.h>

/* Deeper ones are rare enough to be parsed each time. */
static int run_savepoint(fc_store *s, enum fc_internal which, int level, fc_err *err)
{
    static const char *const words[] = {
        [FC_SQL_MARK] = "SAVEPOINT", [FC_SQL_KEEP] = "RELEASE", [FC_SQL_UNDO] = "ROLLBACK TO"};
    char sql[64];
    if (level == 1) return fc_conn_internal(s->write, which, err);
    snprintf(sql, sizeof sql, "%s fc_%d", words[which], level);
    return fc_conn_exec(s->write, sql, err);
}

void fc_tx_notice(fc_conn *c, const fc_err *err)
{
    fc_store *s = c->store;
    if (c != s->write || !s->depth || s->lost || !sqlite3_get_autocommit(c->db)) return;
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

/* What was read before this transaction is old now. */
static void end_turn(fc_store *s)
{
    if (s->tx_turn) fc_turn_leave(s);
    s->tx_turn = false;
    fc_store_refresh(s);
    fc_checkpoint_after_commit(s->checkpoint);
}

FC_SELDOM int fc_tx_clean(fc_store *s, fc_err *err)
{
    if (sqlite3_get_autocommit(s->write->db)) return FC_OK;
    return fc_conn_internal(s->write, FC_SQL_ROLLBACK, err);
}

static int begin_outermost(fc_store *s, fc_err *err)
{
    int rc = fc_conn_writer(s, err);
    if (!rc) rc = fc_turn_enter(s, &s->tx_turn, err);
    if (rc) return rc;
    fc_store_refresh(s);
    rc = fc_tx_clean(s, err);
    if (!rc) rc = fc_pages_mend(s->write->db, s->path, err);
    if (!rc) rc = fc_conn_internal(s->write, FC_SQL_BEGIN, err);
    if (rc) end_turn(s);
    return rc;
}

int fc_tx_begin(fc_store *s, fc_err *err)
{
    if (s->lost) return fc_tx_lost(s, err);
    int rc = s->depth ? run_savepoint(s, FC_SQL_MARK, s->depth, err) : begin_outermost(s, err);
    if (!rc) s->depth++;
    return rc;
}

/* What is left open would keep the writer's connection at the snapshot of this transaction: after the next
 * commit of another process nothing could be written. In memory, where no other process is, reads from before
 * the transaction are among them. */
void fc_tx_end_queries(fc_store *s)
{
    s->tx_number++;
    if (s->read == s->write || !s->write->open_cursors) return;
    for (sqlite3_stmt *t = NULL; (t = sqlite3_next_stmt(s->write->db, t));)
        if (sqlite3_stmt_busy(t) && sqlite3_stmt_readonly(t)) sqlite3_reset(t);
}

/* Leaves the innermost level, whose work is already gone or done. */
static void leave(fc_store *s)
{
    assert(s->depth > 0);
    if (--s->depth) return;
    s->lost = false;
    fc_tx_end_queries(s);
    end_turn(s);
}

static int commit_level(fc_store *s, fc_err *err)
{
    if (s->lost) return fc_tx_lost(s, err);
    if (s->depth > 1) return run_savepoint(s, FC_SQL_KEEP, s->depth - 1, err);
    return fc_conn_internal(s->write, FC_SQL_COMMIT, err);
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

/* A rollback fails when there is no memory to parse it. What it left must not be committed with the levels
 * around it, so the whole transaction is lost; and what is left of that goes before the next write. */
void fc_tx_rollback(fc_store *s)
{
    fc_err err;
    if (!s->depth) return;
    int rc = FC_OK;
    if (s->depth == 1) {
        rc = fc_tx_clean(s, &err);
    } else if (!s->lost) {
        rc = run_savepoint(s, FC_SQL_UNDO, s->depth - 1, &err);
        if (!rc) rc = run_savepoint(s, FC_SQL_KEEP, s->depth - 1, &err);
    }
    if (rc) {
        fc_log(FC_ERROR, "store", fc_say("回滚：%s", "rollback: %s"), err.text[fc_process_lang()]);
        s->lost = true;
        s->lost_reason = err;
    }
    leave(s);
}

int fc_tx_depth(const fc_store *s)
{
    return s->depth;
}

void fc_tx_unwind(fc_store *s, int depth)
{
    while (s->depth > depth)
        fc_tx_rollback(s);
}
