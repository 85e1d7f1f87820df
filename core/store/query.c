/* Statements and cursors. The happy path of a known text: the caller's pointer leads to the statement (bytes
 * compared), its idle cursor is taken, parameters are bound in place, and closing resets it: no allocation,
 * no copying, nothing parsed.
 *
 * What fails: a text that does not parse or holds two statements, a wrong number of parameters, a step. After
 * a failed step the statement is reset at once, so that its locks are gone even if the cursor is closed late.
 * Values are bound without copying: SQLite reads them only while stepping, and they live until the cursor is
 * closed. */
#include "store/driver.h"

#include "base/buf.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(const char *sql, size_t n)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)sql[i]) * 1099511628211u;
    return h ^ h >> 32;
}

static fc_near *near_of(fc_conn *conn, const char *sql)
{
    uintptr_t p = (uintptr_t)sql;
    return &conn->near[(p >> 4 ^ p >> 10) & (FC_CACHE_NEAR - 1)];
}

static bool same_text(const fc_statement *t, const char *sql, size_t n)
{
    return t->len == n && memcmp(t->sql, sql, n) == 0;
}

static void free_cursor(fc_cursor *c)
{
    sqlite3_finalize(c->stmt);
    free(c->row);
    free(c);
}

static void free_idle(fc_statement *t)
{
    while (t->idle) {
        fc_cursor *c = t->idle;
        t->idle = c->next_idle;
        free_cursor(c);
    }
    t->idle_count = 0;
}

static void drop_statement(fc_conn *conn, fc_statement *t)
{
    fc_statement **link = &conn->buckets[t->hash % FC_CACHE_BUCKETS];
    while (*link != t)
        link = &(*link)->next;
    *link = t->next;
    for (int i = 0; i < FC_CACHE_NEAR; i++)
        if (conn->near[i].statement == t) conn->near[i] = (fc_near){0};
    free_idle(t);
    free(t->sql);
    free(t);
    conn->statements--;
}

/* Only when the cache is full and a new text comes: a scan is nothing beside preparing it. */
static void evict(fc_conn *conn)
{
    fc_statement *oldest = NULL;
    for (int i = 0; i < FC_CACHE_BUCKETS; i++)
        for (fc_statement *t = conn->buckets[i]; t; t = t->next)
            if (!t->open_count && (!oldest || t->used < oldest->used)) oldest = t;
    if (oldest) drop_statement(conn, oldest);
}

FC_SELDOM static fc_statement *add_statement(fc_conn *conn, const char *sql, size_t n, uint64_t hash)
{
    if (conn->statements >= FC_CACHE_MAX) evict(conn);
    fc_statement *t = fc_alloc(sizeof *t);
    t->sql = fc_strndup(sql, n);
    t->len = n;
    t->hash = hash;
    t->next = conn->buckets[hash % FC_CACHE_BUCKETS];
    conn->buckets[hash % FC_CACHE_BUCKETS] = t;
    conn->statements++;
    return t;
}

static fc_statement *find_statement(fc_conn *conn, const char *sql, size_t n)
{
    fc_near *near = near_of(conn, sql);
    if (near->sql == sql && same_text(near->statement, sql, n)) return near->statement;
    uint64_t hash = hash_of(sql, n);
    fc_statement *t = conn->buckets[hash % FC_CACHE_BUCKETS];
    while (t && !(t->hash == hash && same_text(t, sql, n)))
        t = t->next;
    if (!t) t = add_statement(conn, sql, n, hash);
    *near = (fc_near){.sql = sql, .statement = t};
    return t;
}

/* Is there anything behind the first statement but blanks, comments and semicolons? SQLite itself is asked.
 */
static bool has_more(fc_conn *conn, const char *tail, const char *end)
{
    while (tail < end) {
        sqlite3_stmt *next = NULL;
        const char *rest = tail;
        int rc = *tail ? sqlite3_prepare_v2(conn->db, tail, (int)(end - tail), &next, &rest) : SQLITE_ERROR;
        sqlite3_finalize(next);
        if (rc != SQLITE_OK || next) return true;
        if (rest <= tail) return false;
        tail = rest;
    }
    return false;
}

static int prepare(fc_conn *conn, fc_statement *t, sqlite3_stmt **stmt, fc_err *err)
{
    const char *tail = NULL;
    conn->denied[FC_ZH] = conn->denied[FC_EN] = NULL;
    if (t->len > INT32_MAX) return fc_fail(err, FC_ELIMIT, "SQL 过长", "the SQL is too long");
    int rc = sqlite3_prepare_v3(conn->db, t->sql, (int)t->len + 1, SQLITE_PREPARE_PERSISTENT, stmt, &tail);
    if (rc != SQLITE_OK) return fc_store_fail(conn, rc, t->sql, t->len, err);
    if (!*stmt) return fc_fail(err, FC_EINVAL, "SQL 中没有语句", "the SQL holds no statement");
    if (!has_more(conn, tail, t->sql + t->len)) return FC_OK;
    sqlite3_finalize(*stmt);
    return fc_fail(err, FC_EINVAL, "一次只能执行一条 SQL 语句；请分开执行：%.120s",
                   "one SQL statement at a time; run them one by one: %.120s", t->sql);
}

static _Atomic uint64_t serials; /* the pool's connections make cursors, too */

FC_SELDOM static int make_cursor(fc_conn *conn, fc_statement *t, fc_cursor **out, fc_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = prepare(conn, t, &stmt, err);
    if (rc) {
        if (!t->open_count && !t->idle) drop_statement(conn, t);
        return rc;
    }
    fc_cursor *c = fc_alloc(sizeof *c);
    c->stmt = stmt;
    c->conn = conn;
    c->home = t;
    c->params = sqlite3_bind_parameter_count(stmt);
    c->writes = !sqlite3_stmt_readonly(stmt);
    c->serial = ++serials;
    *out = c;
    return FC_OK;
}

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

int fc_conn_find(fc_conn *conn, const char *sql, size_t n, fc_cursor **out, fc_err *err)
{
    fc_statement *t = find_statement(conn, sql, n);
    t->used = ++conn->tick;
    fc_cursor *c = t->idle;
    if (c) {
        t->idle = c->next_idle;
        t->idle_count--;
    } else {
        int rc = make_cursor(conn, t, &c, err);
        if (rc) return rc;
    }
    c->state = FC_CURSOR_OPEN;
    t->open_count++;
    conn->open_cursors++;
    *out = c;
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
    fc_statement *t = c->home;
    int rc = sqlite3_reset(c->stmt);
    if (rc != SQLITE_OK && c->state == FC_CURSOR_OPEN && c->writes)
        fc_log(FC_ERROR, "store",
               fc_say("%s：提前关闭的语句失败：%s", "%s: a statement closed early failed: %s"),
               conn->store->path, sqlite3_errmsg(conn->db));
    leave_turn(c);
    if (conn == conn->store->read) fc_cost_note(c);
    c->state = FC_CURSOR_IDLE;
    t->open_count--;
    conn->open_cursors--;
    if (t->idle_count >= FC_CACHE_IDLE) {
        free_cursor(c);
        return;
    }
    c->next_idle = t->idle;
    t->idle = c;
    t->idle_count++;
}

void fc_cache_clear(fc_conn *conn)
{
    for (int i = 0; i < FC_CACHE_BUCKETS; i++)
        while (conn->buckets[i])
            drop_statement(conn, conn->buckets[i]);
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
