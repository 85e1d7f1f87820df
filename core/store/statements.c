/* The statements that a connection knows, each prepared once and kept by its text. The happy path of a known
 * text: the caller's pointer leads to the statement (bytes compared) and its idle cursor is taken: no
 * allocation, no copying, nothing parsed.
 *
 * What fails: a text that does not parse or holds two statements. */
#include "store/driver.h"

#include "base/buf.h"

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

void fc_conn_put_back(fc_cursor *c)
{
    fc_statement *t = c->home;
    c->state = FC_CURSOR_IDLE;
    t->open_count--;
    c->conn->open_cursors--;
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
