/* The row at which a cursor stands. All of it is read when the step ends: a text that spans pages is put
 * together when it is asked for, which takes memory, and here its lack is an error; later the value would
 * look empty. The handle is never shared between threads, so the "unprotected" values that SQLite warns of
 * are safe.
 */
#include "store/driver.h"

#include <stdlib.h>

static int read_value(sqlite3_value *v, fc_value *out)
{
    *out = (fc_value){.type = FC_NULL};
    switch (sqlite3_value_type(v)) {
    case SQLITE_INTEGER:
        out->type = FC_INT;
        out->i = sqlite3_value_int64(v);
        return SQLITE_ROW;
    case SQLITE_FLOAT:
        out->type = FC_REAL;
        out->d = sqlite3_value_double(v);
        return SQLITE_ROW;
    case SQLITE_TEXT:
        out->type = FC_TEXT;
        out->s = (const char *)sqlite3_value_text(v);
        break;
    case SQLITE_BLOB:
        out->type = FC_BLOB;
        out->s = sqlite3_value_blob(v);
        break;
    default:
        return SQLITE_ROW;
    }
    out->n = (size_t)sqlite3_value_bytes(v);
    if (out->s) return SQLITE_ROW;
    out->s = "";
    return out->type == FC_TEXT || out->n ? SQLITE_NOMEM : SQLITE_ROW;
}

/* A statement that SQLite prepares anew while it steps may get more columns. */
static int make_room(fc_cursor *c, int n)
{
    if (n <= c->room) return SQLITE_ROW;
    fc_value *row = realloc(c->row, (size_t)n * sizeof *row);
    if (!row) return SQLITE_NOMEM;
    c->row = row;
    c->room = n;
    return SQLITE_ROW;
}

int fc_row_take(fc_cursor *c)
{
    int n = sqlite3_data_count(c->stmt), rc = make_room(c, n);
    c->columns = rc == SQLITE_ROW ? n : 0;
    for (int i = 0; i < n && rc == SQLITE_ROW; i++)
        rc = read_value(sqlite3_column_value(c->stmt, i), &c->row[i]);
    return rc;
}

void fc_cursor_value(const fc_cursor *c, int i, fc_value *out)
{
    *out = i >= 0 && i < c->columns ? c->row[i] : (fc_value){.type = FC_NULL};
}

const fc_value *fc_cursor_row(const fc_cursor *c, int *n)
{
    *n = c->columns;
    return c->row;
}

int fc_cursor_columns(const fc_cursor *c)
{
    return sqlite3_column_count(c->stmt);
}

const char *fc_cursor_name(const fc_cursor *c, int i)
{
    return sqlite3_column_name(c->stmt, i);
}

uint64_t fc_cursor_shape(const fc_cursor *c)
{
    return c->serial << 20 | (sqlite3_stmt_status(c->stmt, SQLITE_STMTSTATUS_REPREPARE, 0) & 0xfffff);
}
