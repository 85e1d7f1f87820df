/* Which reads belong into the pool: decided by what SQLite plans and by what the statement did before, never
 * by the clock, so that it is the same on every machine. A plan that sorts what it read, or asks a virtual
 * table, is looked at once when the text is new; a statement that ran more than MANY_STEPS of SQLite's
 * machine (about 2 ms) is remembered. */
#include "store/driver.h"

#include "base/buf.h"

#include <string.h>

#define MANY_STEPS 40000

static bool plan_is_slow(fc_conn *c, const char *sql, size_t n)
{
    fc_buf text = {0};
    sqlite3_stmt *stmt = NULL;
    bool slow = false;
    fc_buf_adds(&text, "EXPLAIN QUERY PLAN ");
    fc_buf_add(&text, sql, n);
    c->trusted = true;
    int rc = sqlite3_prepare_v2(c->db, fc_buf_str(&text), (int)text.len, &stmt, NULL);
    while (rc == SQLITE_OK && !slow && sqlite3_step(stmt) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(stmt, 3);
        slow = detail && (strstr(detail, "TEMP B-TREE") || strstr(detail, "VIRTUAL TABLE"));
    }
    c->trusted = false;
    sqlite3_finalize(stmt);
    fc_buf_free(&text);
    return slow;
}

void fc_cost_note(fc_cursor *c)
{
    if (c->writes) return;
    if (sqlite3_stmt_status(c->stmt, SQLITE_STMTSTATUS_VM_STEP, 1) > MANY_STEPS) c->home->slow = true;
}

enum fc_kind fc_cost_kind(const fc_cursor *c)
{
    fc_statement *t = c->home;
    if (c->writes) return FC_WRITES;
    if (!t->planned) t->slow = plan_is_slow(c->conn, t->sql, t->len);
    t->planned = true;
    return t->slow ? FC_SLOW : FC_QUICK;
}
