/* Reads that come together share one snapshot: a statement of our own is left standing on its first row, and
 * while it stands SQLite neither takes nor drops the read lock again for the others (two system calls each,
 * half the price of a small read).
 *
 *     none --first read outside a transaction--> held --refresh, a write, a transaction--> none
 *
 * Where it cannot be held, reads go on each on its own. */
#include "store/driver.h"

void fc_store_share(fc_store *s, int on)
{
    fc_store_refresh(s);
    s->sharing = on;
}

void fc_store_refresh(fc_store *s)
{
    if (s->held) sqlite3_reset(s->hold);
    s->held = false;
}

static void hold(fc_store *s)
{
    static const char sql[] = "SELECT 1 FROM sqlite_schema";
    s->trusted = true;
    if (!s->hold) sqlite3_prepare_v3(s->db, sql, sizeof sql, SQLITE_PREPARE_PERSISTENT, &s->hold, NULL);
    s->held = s->hold && sqlite3_step(s->hold) == SQLITE_ROW;
    s->trusted = false;
    if (!s->held && s->hold) sqlite3_reset(s->hold);
}

void fc_snapshot_before(fc_store *s, sqlite3_stmt *stmt)
{
    if (!s->sharing || s->depth) return;
    int reads = sqlite3_stmt_readonly(stmt);
    if (reads && !s->held) hold(s);
    if (!reads) fc_store_refresh(s);
}

void fc_snapshot_finalize(fc_store *s)
{
    s->held = s->sharing = false;
    sqlite3_finalize(s->hold);
    s->hold = NULL;
}
