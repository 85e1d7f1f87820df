/* Queries. The happy path of a known text (statements.c): parameters are bound in place, and closing resets
 * the cursor and puts it back: no allocation, no copying, nothing parsed.
 *
 * What fails: a wrong number of parameters, a step. After a failed step the statement is reset at once, so
 * that its locks are gone even if the cursor is closed late. Values are bound without copying: SQLite reads
 * them only while stepping, and they live until the cursor is closed. */
#include "store/driver.h"

#include "base/log.h"

#include <string.h>

static int bind_one(sqlite3_stmt *stmt, int i, const fc_value *v)
{
    switch (v->type) {
    case FC_INT:
        return sqlite3_bind_int64(stmt, i, v->i);
    case FC_REAL:
        return sqlite3_bind_double(stmt, i, v->d);
    case FC_TEXT: /* no bytes at all is NULL, the empty string is text */
        return sqlite3_bind_text64(stmt, i, v->s, v->n, SQLITE_STATIC, SQLITE_UTF8);
    case FC_BLOB:
        return v->n ? sqlite3_bind_blob64(stmt, i, v->s, v->n, SQLITE_STATIC)
                    : sqlite3_bind_zeroblob(stmt, i, 0);
    default:
        return sqlite3_bind_null(stmt, i);
    }
}

static int bind_all(fc_cursor *c, const fc_value *args, int nargs, fc_err *err)
{
    if (nargs != c->params)
        return fc_fail(err, FC_EINVAL, "语句需要 %d 个参数，给了 %d 个；SQL：%.200s",
                       "the statement takes %d parameters and was given %d; SQL: %.200s", c->params, nargs,
                       c->home->sql);
    for (int i = 0; i < nargs; i++) {
        int rc = bind_one(c->stmt, i + 1, &args[i]);
        if (rc != SQLITE_OK) return fc_store_fail(c->conn, rc, c->home->sql, c->home->len, err);
    }
    return FC_OK;
}

static int begin(fc_cursor *c, const fc_value *args, int nargs, fc_err *err)
{
    fc_store *s = c->conn->store;
    int rc = bind_all(c, args, nargs, err);
    if (!rc && c->writes && !s->depth) rc = fc_turn_enter(s, &c->turn, err);
    if (!rc && c->conn == s->write && !s->depth) rc = fc_tx_clean(s, err);
    if (!rc) fc_snapshot_before(c->conn, c->writes);
    c->tx = s->depth ? s->tx_number : 0;
    return rc;
}

int fc_conn_query(fc_conn *conn, const char *sql, size_t n, const fc_value *args, int nargs, fc_cursor **out,
                  fc_err *err)
{
    fc_cursor *c;
    *out = NULL;
    int rc = fc_conn_find(conn, sql, n, &c, err);
    if (rc) return rc;
    rc = begin(c, args, nargs, err);
    if (rc)
        fc_cursor_close(c);
    else
        *out = c;
    return rc;
}

/* Inside a transaction everything runs on the writer's connection and sees its writes; outside reads have
 * their own. Which of both a new text is, the reader's connection finds out by preparing it. */
int fc_query(fc_store *s, const char *sql, size_t sql_len, const fc_value *args, int nargs, fc_cursor **out,
             fc_err *err)
{
    fc_cursor *c;
    *out = NULL;
    if (s->lost) return fc_tx_lost(s, err);
    if (s->depth || s->read == s->write) return fc_conn_query(s->write, sql, sql_len, args, nargs, out, err);
    int rc = fc_conn_find(s->read, sql, sql_len, &c, err);
    if (rc) return rc;
    if (c->writes) {
        fc_cursor_close(c);
        rc = fc_conn_writer(s, err);
        return rc ? rc : fc_conn_query(s->write, sql, sql_len, args, nargs, out, err);
    }
    rc = begin(c, args, nargs, err);
    if (rc)
        fc_cursor_close(c);
    else
        *out = c;
    return rc;
}

int fc_query_quick(fc_store *s, const char *sql, size_t sql_len, const fc_value *args, int nargs,
                   enum fc_kind *kind, fc_cursor **out, fc_err *err)
{
    fc_cursor *c;
    *out = NULL;
    int rc = fc_conn_find(s->read, sql, sql_len, &c, err);
    if (rc) return rc;
    *kind = fc_cost_kind(c);
    rc = *kind == FC_QUICK ? begin(c, args, nargs, err) : FC_OK;
    if (rc || *kind != FC_QUICK)
        fc_cursor_close(c);
    else
        *out = c;
    return rc;
}

/* The statement is over: a write of its own gives the turn back, and what was read before it is old. */
static void leave_turn(fc_cursor *c)
{
    if (!c->turn) return;
    c->turn = false;
    fc_turn_leave(c->conn->store);
    fc_store_refresh(c->conn->store);
    fc_checkpoint_after_commit(c->conn->store->checkpoint);
}

static int step_failed(fc_cursor *c, int rc, fc_err *err)
{
    fc_err own;
    if (!err) err = &own;
    int code = fc_store_fail(c->conn, rc, c->home->sql, c->home->len, err);
    c->state = FC_CURSOR_FAILED;
    sqlite3_reset(c->stmt);
    fc_tx_notice(c->conn, err);
    leave_turn(c);
    return code;
}

static int is_over(fc_cursor *c, fc_err *err)
{
    c->state = FC_CURSOR_FAILED;
    sqlite3_reset(c->stmt);
    return fc_fail(
        err, FC_EINVAL, "该查询属于一个已结束的事务；请在 db.tx 之内读完；SQL：%.200s",
        "this query belongs to a transaction that is over; read its rows inside db.tx; SQL: %.200s",
        c->home->sql);
}

int fc_cursor_next(fc_cursor *c, int *row, fc_err *err)
{
    *row = 0;
    if (c->tx && c->tx != c->conn->store->tx_number && c->state == FC_CURSOR_OPEN) return is_over(c, err);
    if (c->state != FC_CURSOR_OPEN) {
        if (c->state == FC_CURSOR_ENDED) return FC_OK;
        return fc_fail(err, FC_EINTERNAL, "该查询已失败或已关闭", "this query has failed or was closed");
    }
    int rc = sqlite3_step(c->stmt);
    if (rc == SQLITE_ROW) rc = fc_row_take(c);
    if (rc == SQLITE_ROW) {
        *row = 1;
        return FC_OK;
    }
    if (rc != SQLITE_DONE) return step_failed(c, rc, err);
    c->state = FC_CURSOR_ENDED;
    if (c->turn) {
        sqlite3_reset(c->stmt);
        leave_turn(c);
    }
    return FC_OK;
}

int fc_cursor_only_reads(const fc_cursor *c, fc_err *err)
{
    if (!c->writes) return FC_OK;
    return fc_fail(err, FC_EINVAL, "db.each 只能读取；写入请用 db.run 或 db.all；SQL：%.200s",
                   "db.each only reads; write with db.run or db.all; SQL: %.200s", c->home->sql);
}

/* A writing statement with RETURNING that is closed before its end commits here, where nobody can be told of
 * a failure but the log: whoever must know reads such a statement to the end. */
void fc_cursor_close(fc_cursor *c)
{
    if (!c || c->state == FC_CURSOR_IDLE) return;
    fc_conn *conn = c->conn;
    int rc = sqlite3_reset(c->stmt);
    if (rc != SQLITE_OK && c->state == FC_CURSOR_OPEN && c->writes)
        fc_log(FC_ERROR, "store",
               fc_say("%s：提前关闭的语句失败：%s", "%s: a statement closed early failed: %s"),
               conn->store->path, sqlite3_errmsg(conn->db));
    leave_turn(c);
    if (conn == conn->store->read) fc_cost_note(c);
    fc_conn_put_back(c);
}

int fc_cursor_end(fc_cursor *c, fc_err *err)
{
    int row = c->writes, rc = FC_OK;
    while (!rc && row)
        rc = fc_cursor_next(c, &row, err);
    return rc;
}

static int run_to_end(fc_cursor *c, int64_t *changed, fc_err *err)
{
    sqlite3 *db = c->conn->db;
    /* sqlite3_changes keeps the number of an earlier statement when this one is no INSERT, UPDATE or DELETE.
     */
    int64_t before = sqlite3_total_changes64(db);
    int row = 1, rc = FC_OK;
    while (!rc && row)
        rc = fc_cursor_next(c, &row, err);
    if (!rc && changed) *changed = sqlite3_total_changes64(db) == before ? 0 : sqlite3_changes64(db);
    return rc;
}

int fc_run(fc_store *s, const char *sql, const fc_value *args, int nargs, int64_t *changed, fc_err *err)
{
    fc_cursor *c;
    if (changed) *changed = 0;
    int rc = fc_query(s, sql, strlen(sql), args, nargs, &c, err);
    if (rc) return rc;
    rc = run_to_end(c, changed, err);
    fc_cursor_close(c);
    return rc;
}

/* The statement is read to its end, so that one with RETURNING has committed when the answer is given. */
int fc_ask_int(fc_store *s, const char *sql, const fc_value *args, int nargs, int64_t *value, int *found,
               fc_err *err)
{
    fc_cursor *c;
    int row = 0;
    *value = 0;
    *found = 0;
    int rc = fc_query(s, sql, strlen(sql), args, nargs, &c, err);
    if (rc) return rc;
    rc = fc_cursor_next(c, &row, err);
    if (!rc && row) {
        *value = sqlite3_column_int64(c->stmt, 0);
        *found = sqlite3_column_type(c->stmt, 0) != SQLITE_NULL;
        rc = fc_cursor_end(c, err);
    }
    fc_cursor_close(c);
    return rc;
}
