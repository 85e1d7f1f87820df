/* A value says which pair it lies under, in its head or at its end, so a pass needs to remember nothing and
 * may be begun again at any row. Which columns: sealed ones end in _sealed, indexes in _index, and what is
 * only compared (a hash of what is private) in _hash or signature; there only what has an index's form
 * counts.
 *
 * Rows are looked for outside a transaction, however long that takes, and written in short ones, where each
 * is read once more. An index that would meet its own like in a unique column stays as it is. */
#include "store/remake.h"
#include "store/vault_form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 256 /* rows in one commit */
#define WINDOW                                                                                               \
    20000 /* rows that one statement looks at: a longer read would keep the log from being emptied */

typedef struct column {
    char table[64], name[64];
    int sealed;
} column;

typedef struct columns {
    column *list;
    size_t n;
} columns;

static const char columns_sql[] =
    "SELECT m.name, c.name, c.name LIKE '%\\_sealed' ESCAPE '\\' FROM sqlite_schema m JOIN "
    "pragma_table_info(m.name) c WHERE m.type = 'table' AND (c.name LIKE '%\\_sealed' ESCAPE '\\' OR c.name "
    "LIKE '%\\_index' ESCAPE '\\' OR c.name LIKE '%\\_hash' ESCAPE '\\' OR c.name LIKE '%signature') ORDER "
    "BY "
    "1, 2";

static int find_columns(fc_store *s, columns *out, fc_err *err)
{
    fc_cursor *c;
    fc_value table, name, sealed;
    int row = 0, rc = fc_query(s, columns_sql, sizeof columns_sql - 1, NULL, 0, &c, err);
    if (rc) return rc;
    while (!(rc = fc_cursor_next(c, &row, err)) && row) {
        fc_cursor_value(c, 0, &table);
        fc_cursor_value(c, 1, &name);
        fc_cursor_value(c, 2, &sealed);
        out->list = fc_realloc(out->list, (out->n + 1) * sizeof *out->list);
        column *to = &out->list[out->n++];
        snprintf(to->table, sizeof to->table, "%.*s", (int)table.n, table.s);
        snprintf(to->name, sizeof to->name, "%.*s", (int)name.n, name.s);
        to->sealed = (int)sealed.i;
    }
    fc_cursor_close(c);
    return rc;
}

/* What tells the pair, and how it reads for each pair before the present one. */
static void add_condition(fc_buf *sql, const column *at, int64_t present)
{
    if (at->sealed)
        fc_buf_addf(sql, "substr(\"%s\", 1, 9) IN (x'020000000000000000'", at->name);
    else
        fc_buf_addf(sql, "length(\"%s\") >= 32 AND substr(\"%s\", 33) IN (''", at->name, at->name);
    for (int n = 1; n < (int)present; n++) {
        if (at->sealed)
            fc_buf_addf(sql, ", x'03%02x00000000000000', x'04%02x00000000000000'", n, n);
        else
            fc_buf_addf(sql, ", '~%d'", n);
    }
    fc_buf_addc(sql, ')');
}
_Static_assert(FC_PAST < 256, "a pair's number is one byte in the condition");

/* *to: the last row of the next window after `last`; *any = 0: there is none. */
static int next_window(fc_store *s, const column *at, int64_t last, int64_t *to, int *any, fc_err *err)
{
    char sql[256];
    fc_value v[] = {fc_int(last), fc_int(WINDOW)};
    snprintf(sql, sizeof sql,
             "SELECT max(r) FROM (SELECT rowid AS r FROM \"%s\" WHERE rowid > ? ORDER BY rowid LIMIT ?)",
             at->table);
    return fc_ask_int(s, sql, v, 2, to, any, err);
}

static int find_rows(fc_store *s, const column *at, int64_t present, int64_t last, int64_t to,
                     int64_t rows[AT_ONCE], int *n, fc_err *err)
{
    fc_buf sql = {0};
    fc_cursor *c;
    fc_value id, v[] = {fc_int(last), fc_int(to), fc_int(AT_ONCE)};
    fc_buf_addf(&sql, "SELECT rowid FROM \"%s\" WHERE rowid > ? AND rowid <= ? AND ", at->table);
    add_condition(&sql, at, present);
    fc_buf_adds(&sql, " ORDER BY rowid LIMIT ?");
    int row = 0, rc = fc_query(s, sql.data, sql.len, v, 3, &c, err);
    fc_buf_free(&sql);
    *n = 0;
    if (rc) return rc;
    while (*n < AT_ONCE && !(rc = fc_cursor_next(c, &row, err)) && row) {
        fc_cursor_value(c, 0, &id);
        rows[(*n)++] = id.i;
    }
    fc_cursor_close(c);
    return rc;
}

static int count_window(fc_store *s, const column *at, int64_t present, int64_t last, int64_t to, int64_t *n,
                        fc_err *err)
{
    fc_buf sql = {0};
    fc_value v[] = {fc_int(last), fc_int(to)};
    int64_t here = 0;
    int found;
    fc_buf_addf(&sql, "SELECT count(*) FROM \"%s\" WHERE rowid > ? AND rowid <= ? AND ", at->table);
    add_condition(&sql, at, present);
    int rc = fc_ask_int(s, fc_buf_str(&sql), v, 2, &here, &found, err);
    fc_buf_free(&sql);
    *n += here;
    return rc;
}

static int count_rows(fc_store *s, const column *at, int64_t present, int64_t *n, fc_err *err)
{
    int64_t last = INT64_MIN, to;
    for (;; last = to) {
        int any = 0, rc = next_window(s, at, last, &to, &any, err);
        if (rc || !any) return rc;
        if ((rc = count_window(s, at, present, last, to, n, err))) return rc;
    }
}

static int remade_index(const fc_keys *k, const fc_value *old, fc_buf *out)
{
    char index[FC_INDEX_CAP];
    int64_t pair = old->type == FC_TEXT ? fc_vault_index_pair(old->s, old->n) : -1;
    if (pair < 0 || pair >= fc_keys_pair_number(k)) return 0;
    memcpy(index, old->s, old->n);
    index[old->n] = 0;
    while (++pair <= fc_keys_pair_number(k))
        fc_vault_reindex(k, pair, index);
    fc_buf_adds(out, index);
    return 1;
}

static int remade_value(const fc_keys *k, const fc_value *old, fc_buf *out)
{
    int64_t pair = old->type == FC_BLOB ? fc_vault_pair_of(old->s, old->n) : -1;
    if (pair < 0 || pair >= fc_keys_pair_number(k)) return 0;
    fc_vault_over(k, old->s, old->n, out);
    return 1;
}

static int read_row(fc_vault *v, fc_store *s, const column *at, int64_t id, int *remade, fc_buf *out,
                    fc_err *err)
{
    char sql[256];
    fc_cursor *c;
    fc_value arg = fc_int(id), old;
    snprintf(sql, sizeof sql, "SELECT \"%s\" FROM \"%s\" WHERE rowid = ?", at->name, at->table);
    int row = 0, rc = fc_query(s, sql, strlen(sql), &arg, 1, &c, err);
    *remade = 0;
    if (rc) return rc;
    rc = fc_cursor_next(c, &row, err);
    if (!rc && row) {
        fc_cursor_value(c, 0, &old);
        *remade = at->sealed ? remade_value(fc_vault_keys(v), &old, out)
                             : remade_index(fc_vault_keys(v), &old, out);
    }
    fc_cursor_close(c);
    return rc;
}

static int remake_row(fc_vault *v, fc_store *s, const column *at, int64_t id, int64_t *n, fc_err *err)
{
    char sql[256];
    fc_buf out = {0};
    int64_t changed = 0;
    int remade, rc = read_row(v, s, at, id, &remade, &out, err);
    if (!rc && remade) {
        fc_value arg[] = {at->sealed ? fc_bytes(out.data, out.len) : fc_textn(out.data, out.len), fc_int(id)};
        snprintf(sql, sizeof sql, "UPDATE OR IGNORE \"%s\" SET \"%s\" = ? WHERE rowid = ?", at->table,
                 at->name);
        rc = fc_run(s, sql, arg, 2, &changed, err);
    }
    fc_buf_free(&out);
    *n += changed;
    return rc;
}

static int remake_rows(fc_vault *v, fc_store *s, const column *at, const int64_t *rows, int many, int64_t *n,
                       fc_err *err)
{
    int rc = fc_tx_begin(s, err);
    *n = 0;
    if (rc) return rc;
    for (int i = 0; i < many && !rc; i++)
        rc = remake_row(v, s, at, rows[i], n, err);
    if (!rc) return fc_tx_commit(s, err);
    fc_tx_rollback(s);
    return rc;
}

typedef struct pass {
    fc_vault *v;
    fc_store *s;
    void (*tick)(void *ctx, int64_t n);
    void *ctx;
} pass;

static int remake_window(const pass *p, const column *at, int64_t last, int64_t to, int64_t *n, fc_err *err)
{
    int64_t rows[AT_ONCE], done, present = fc_keys_pair_number(fc_vault_keys(p->v));
    for (;;) {
        int many, rc = find_rows(p->s, at, present, last, to, rows, &many, err);
        if (rc || !many) return rc;
        if ((rc = remake_rows(p->v, p->s, at, rows, many, &done, err))) return rc;
        *n += done;
        last = rows[many - 1];
        p->tick(p->ctx, done);
    }
}

static int remake_column(const pass *p, const column *at, int64_t *n, fc_err *err)
{
    int64_t last = INT64_MIN, to;
    for (;; last = to) {
        int any = 0, rc = next_window(p->s, at, last, &to, &any, err);
        if (rc || !any) return rc;
        if ((rc = remake_window(p, at, last, to, n, err))) return rc;
    }
}

int fc_remake_pass(fc_vault *v, fc_store *data, void (*tick)(void *ctx, int64_t n), void *ctx, int64_t *n,
                   fc_err *err)
{
    columns all = {0};
    const pass p = {v, data, tick, ctx};
    *n = 0;
    if (!fc_keys_pair_number(fc_vault_keys(v))) return FC_OK; /* there is no earlier pair */
    int rc = find_columns(data, &all, err);
    for (size_t i = 0; i < all.n && !rc; i++)
        rc = remake_column(&p, &all.list[i], n, err);
    free(all.list);
    return rc;
}

int fc_remake_behind(fc_vault *v, fc_store *data, int64_t *n, fc_err *err)
{
    columns all = {0};
    int64_t present = fc_keys_pair_number(fc_vault_keys(v));
    *n = 0;
    if (!present) return FC_OK;
    int rc = find_columns(data, &all, err);
    for (size_t i = 0; i < all.n && !rc; i++)
        rc = count_rows(data, &all.list[i], present, n, err);
    free(all.list);
    return rc;
}
