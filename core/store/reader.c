/* Reads in the pool: each has a connection of its own for as long as it lives, taken from a few that are
 * kept. What a fetch brings lies packed in a buffer, so that the loop can take the rows while no statement is
 * held.
 *
 *     open (loop) --fetch (pool), rows (loop)--> ... --ended or failed--> close (loop)
 *
 * A row in the buffer is, for each column, its type and then 8 bytes of number, or 8 bytes of length and the
 * bytes. */
#include "store/driver.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define KEPT 4                   /* connections that wait for the next read */
#define MOST_BYTES (64u << 20)   /* of one fetch */
#define FETCH_BYTES (256u << 10) /* a fetch of part of the rows ends here */

struct fc_readers {
    fc_store *store;
    fc_conn *free[KEPT];
    int nfree;
    fc_read *open;
    bool ending; /* the last read that closes frees this */
};

struct fc_read {
    fc_readers *home;
    fc_read *next, *previous;
    fc_conn *conn;
    fc_cursor *cursor;
    char *sql;
    size_t n;
    fc_value *args; /* texts and blobs lie in `texts` */
    int nargs;
    fc_buf texts, rows;
    size_t at; /* of the next row */
    int64_t began, ms;
    int columns;
    fc_value *row;
    char **names;
    bool ended;
    atomic_bool cancelled;
    pthread_mutex_t busy; /* a fetch has it: whoever ends a read that rests must know that it does */
    int rc;
    fc_err err;
};

static void make_readers(fc_store *s)
{
    s->readers = fc_alloc(sizeof *s->readers);
    s->readers->store = s;
}

void fc_readers_free(fc_readers *r)
{
    if (!r) return;
    while (r->nfree)
        fc_conn_close(r->free[--r->nfree]);
    r->ending = true;
    for (fc_read *each = r->open; each; each = each->next)
        fc_read_cancel(each);
    if (!r->open) free(r);
}

static int take_conn(fc_readers *r, fc_conn **out, fc_err *err)
{
    if (!r->nfree) return fc_conn_open(r->store, out, err);
    *out = r->free[--r->nfree];
    return FC_OK;
}

static void keep_conn(fc_readers *r, fc_conn *c)
{
    c->until = 0;
    if (r->nfree < KEPT && !r->ending)
        r->free[r->nfree++] = c;
    else
        fc_conn_close(c);
}

/* The caller's values live no longer than his call. */
static void copy_args(fc_read *r, const fc_value *args, int nargs)
{
    r->args = fc_alloc(((size_t)nargs + 1) * sizeof *args);
    r->nargs = nargs;
    for (int i = 0; i < nargs; i++) {
        r->args[i] = args[i];
        if (args[i].s) fc_buf_add(&r->texts, args[i].s, args[i].n);
    }
    size_t at = 0;
    for (int i = 0; i < nargs; i++) {
        if (!args[i].s) continue;
        r->args[i].s = args[i].n ? r->texts.data + at : "";
        at += args[i].n;
    }
}

int fc_read_open(fc_store *s, const char *sql, size_t n, const fc_value *args, int nargs, int64_t ms,
                 fc_read **out, fc_err *err)
{
    fc_conn *c;
    if (!s->readers) make_readers(s);
    int rc = take_conn(s->readers, &c, err);
    if (rc) return rc;
    fc_read *r = fc_alloc(sizeof *r);
    r->home = s->readers;
    r->conn = c;
    r->sql = fc_strndup(sql, n);
    r->n = n;
    r->ms = ms;
    r->began = fc_monotonic();
    pthread_mutex_init(&r->busy, NULL);
    copy_args(r, args, nargs);
    r->next = r->home->open;
    if (r->next) r->next->previous = r;
    r->home->open = r;
    *out = r;
    return FC_OK;
}

static void pack(fc_buf *b, const fc_value *v)
{
    uint64_t n = v->n;
    fc_buf_addc(b, (char)v->type);
    switch (v->type) {
    case FC_INT:
        fc_buf_add(b, &v->i, sizeof v->i);
        break;
    case FC_REAL:
        fc_buf_add(b, &v->d, sizeof v->d);
        break;
    case FC_TEXT:
    case FC_BLOB:
        fc_buf_add(b, &n, sizeof n);
        fc_buf_add(b, v->s, v->n);
        break;
    default:
        break;
    }
}

static const char *unpack(const char *p, fc_value *v)
{
    uint64_t n;
    *v = (fc_value){.type = (enum fc_type) * p++};
    switch (v->type) {
    case FC_INT:
        memcpy(&v->i, p, sizeof v->i);
        return p + sizeof v->i;
    case FC_REAL:
        memcpy(&v->d, p, sizeof v->d);
        return p + sizeof v->d;
    case FC_TEXT:
    case FC_BLOB:
        memcpy(&n, p, sizeof n);
        v->s = p + sizeof n;
        v->n = n;
        return p + sizeof n + n;
    default:
        return p;
    }
}

/* A statement that writes would take the write turn here, in a thread that is not the loop's. */
static int check_reads(fc_read *r)
{
    fc_cursor *c;
    int rc = fc_conn_find(r->conn, r->sql, r->n, &c, &r->err);
    if (rc) return rc;
    rc = fc_cursor_only_reads(c, &r->err);
    fc_cursor_close(c);
    return rc;
}

static int begin(fc_read *r)
{
    int rc = check_reads(r);
    if (!rc) rc = fc_conn_query(r->conn, r->sql, r->n, r->args, r->nargs, &r->cursor, &r->err);
    if (rc) return rc;
    r->columns = fc_cursor_columns(r->cursor);
    r->row = fc_alloc(((size_t)r->columns + 1) * sizeof *r->row);
    r->names = fc_alloc(((size_t)r->columns + 1) * sizeof *r->names);
    for (int i = 0; i < r->columns; i++)
        r->names[i] = fc_strdup(fc_cursor_name(r->cursor, i));
    return FC_OK;
}

static int too_large(fc_read *r)
{
    return fc_fail(&r->err, FC_ELIMIT, "查询结果超过 %d MB：请加条件，或用 db.each 逐行读取",
                   "the rows of the query pass %d MiB: narrow it, or read row by row with db.each",
                   (int)(MOST_BYTES >> 20));
}

static int fetch(fc_read *r, int64_t rows)
{
    fc_value v;
    int row = 0, rc = r->cursor ? FC_OK : begin(r);
    for (int64_t i = 0; !rc && i < rows; i++) {
        rc = fc_cursor_next(r->cursor, &row, &r->err);
        if (rc || !row) break;
        for (int k = 0; k < r->columns; k++) {
            fc_cursor_value(r->cursor, k, &v);
            pack(&r->rows, &v);
        }
        if (r->rows.len > MOST_BYTES) return too_large(r);
        if (r->rows.len > FETCH_BYTES && rows != INT64_MAX) return FC_OK;
    }
    if (!rc && !row) r->ended = true;
    return rc;
}

static void name_the_end(fc_read *r)
{
    if (atomic_load(&r->cancelled))
        r->rc = fc_fail(&r->err, FC_ECANCEL, "查询已取消", "the query was cancelled");
    else if (r->conn->until && fc_monotonic() > r->conn->until)
        r->rc =
            fc_fail(&r->err, FC_ELIMIT, "查询超过了 %lld 秒，已被中断：请加条件或索引；SQL：%.200s",
                    "the query took more than %lld s and was ended: narrow it or add an index; SQL: %.200s",
                    (long long)r->ms / 1000, r->sql);
}

/* The end is set before it is asked whether the read was cancelled meanwhile, so that neither can be missed.
 */
static int fetch_until(fc_read *r, int64_t rows, int64_t until)
{
    pthread_mutex_lock(&r->busy);
    r->rows.len = r->at = 0;
    if (!r->rc && !r->ended) {
        r->conn->until = until;
        r->rc = fetch(r, rows);
        if (r->rc) name_the_end(r);
        if (!r->rc && atomic_load(&r->cancelled)) name_the_end(r);
    }
    pthread_mutex_unlock(&r->busy);
    return r->rc;
}

int fc_read_fetch(fc_read *r, int64_t rows)
{
    return fetch_until(r, rows, r->began + r->ms * 1000000);
}

int fc_read_fetch_here(fc_read *r, int64_t rows)
{
    return fetch_until(r, rows, 0);
}

const fc_err *fc_read_error(const fc_read *r)
{
    return r->rc ? &r->err : NULL;
}

bool fc_read_row(fc_read *r)
{
    if (r->at >= r->rows.len) return false;
    const char *p = r->rows.data + r->at;
    for (int i = 0; i < r->columns; i++)
        p = unpack(p, &r->row[i]);
    r->at = (size_t)(p - r->rows.data);
    return true;
}

bool fc_read_ended(const fc_read *r)
{
    return r->ended;
}

int fc_read_columns(const fc_read *r)
{
    return r->columns;
}

const char *fc_read_name(const fc_read *r, int i)
{
    return r->names[i];
}

void fc_read_value(const fc_read *r, int i, fc_value *out)
{
    *out = r->row[i];
}

void fc_read_cancel(fc_read *r)
{
    atomic_store(&r->cancelled, true);
    sqlite3_interrupt(r->conn->db);
}

/* An interrupt only reaches a statement that runs. One between two fetches, which may never go on, is closed
 * here; the rows it brought stay. */
static void end_resting(fc_read *r)
{
    if (pthread_mutex_trylock(&r->busy) != 0) return;
    fc_cursor_close(r->cursor);
    r->cursor = NULL;
    if (!r->rc && !r->ended) name_the_end(r);
    pthread_mutex_unlock(&r->busy);
}

void fc_readers_limit(fc_readers *r, int64_t older_ms)
{
    int64_t before = fc_monotonic() - older_ms * 1000000;
    for (fc_read *each = r ? r->open : NULL; each; each = each->next) {
        if (each->began > before || atomic_load(&each->cancelled)) continue;
        fc_log(FC_WARN, "store",
               fc_say("%s：打开超过 %lld 秒的读取已结束：它使预写日志不能重用",
                      "%s: a read that is open for more than %lld s was ended: it keeps the log from "
                      "being reused"),
               r->store->path, (long long)older_ms / 1000);
        fc_read_cancel(each);
        end_resting(each);
    }
}

void fc_read_close(fc_read *r)
{
    if (!r) return;
    if (r->next) r->next->previous = r->previous;
    if (r->previous)
        r->previous->next = r->next;
    else
        r->home->open = r->next;
    fc_cursor_close(r->cursor);
    pthread_mutex_destroy(&r->busy);
    keep_conn(r->home, r->conn);
    if (r->home->ending && !r->home->open) free(r->home);
    for (int i = 0; i < r->columns; i++)
        free(r->names[i]);
    free(r->names);
    free(r->row);
    free(r->args);
    free(r->sql);
    fc_buf_free(&r->texts);
    fc_buf_free(&r->rows);
    free(r);
}
