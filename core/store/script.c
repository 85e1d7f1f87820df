/* Files of SQL. The happy path: statement by statement prepared, run to its end, finalized. What fails keeps
 * its line; the transaction is the caller's to roll back. A plugin's file is judged before each statement
 * (subset.h) and watched by the guard while it is prepared (conn->own). */
#include "store/driver.h"
#include "store/look.h"
#include "store/subset.h"

#include <ctype.h>
#include <stdio.h>

typedef struct script {
    fc_store *s;
    const char *place, *text;
    size_t n;
    const char *const *prefixes;
} script;

static int at_line(const script *f, size_t at, fc_err *err)
{
    char place[4600];
    while (at < f->n && isspace((unsigned char)f->text[at]))
        at++;
    snprintf(place, sizeof place, "%s:%d", f->place, fc_sql_line(f->text, at));
    return fc_wrap(err, place);
}

static int judge(const script *f, size_t begin, size_t end, fc_err *err)
{
    fc_sql_problem p;
    const char *sql = f->text + begin;
    if (!fc_sql_subset(sql, end - begin, FC_SQL_SCHEMA, &p) && !fc_sql_own(sql, end - begin, f->prefixes, &p))
        return FC_OK;
    fc_fail(err, FC_EINVAL, "%s%.0s", "%.0s%s", p.text[FC_ZH], p.text[FC_EN]);
    return at_line(f, begin + p.at, err);
}

/* *end comes as the most that may be read and goes as where the statement ends. */
static int run_statement(const script *f, size_t begin, size_t *end, fc_err *err)
{
    sqlite3_stmt *stmt = NULL;
    const char *sql = f->text + begin, *rest = sql;
    fc_conn *c = f->s->write;
    c->denied[FC_ZH] = c->denied[FC_EN] = NULL;
    c->own = f->prefixes;
    int rc = sqlite3_prepare_v2(c->db, sql, (int)(*end - begin), &stmt, &rest);
    if (rc == SQLITE_OK && stmt)
        while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        }
    c->own = NULL;
    int code = FC_OK;
    if (rc != SQLITE_OK && rc != SQLITE_DONE) {
        fc_store_fail(c, rc, sql, *end - begin, err);
        fc_tx_notice(c, err);
        code = at_line(f, begin, err);
    }
    sqlite3_finalize(stmt);
    if (rest > sql) *end = (size_t)(rest - f->text);
    return code;
}

/* The host's own files are cut by SQLite: they may hold a trigger, whose semicolons are its own. */
static int run_host(const script *f, fc_err *err)
{
    size_t at = 0, end;
    int rc = FC_OK;
    for (; !rc && at < f->n; at = end) {
        end = f->n;
        rc = run_statement(f, at, &end, err);
    }
    return rc;
}

static int run_plugin(const script *f, fc_err *err)
{
    size_t from = 0, begin, end;
    int rc = FC_OK;
    while (!rc && fc_sql_next(f->text, f->n, &from, &begin, &end)) {
        rc = judge(f, begin, end, err);
        if (!rc) rc = run_statement(f, begin, &end, err);
    }
    return rc;
}

int fc_store_script(fc_store *s, const char *place, const char *text, size_t n, const char *const *prefixes,
                    fc_err *err)
{
    fc_err own;
    script f = {s, place, text, n, prefixes};
    if (!err) err = &own;
    return prefixes ? run_plugin(&f, err) : run_host(&f, err);
}
