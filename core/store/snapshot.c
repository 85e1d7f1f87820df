/* Reads that come together share one snapshot: a statement of our own is left standing on its first row, and
 * while it stands SQLite neither takes nor drops the read lock again for the others (two system calls each,
 * half the price of a small read).
 *
 *     none --first read outside a transaction--> held --refresh, a commit of this process--> none
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
    if (s->read->held) sqlite3_reset(s->read->hold);
    s->read->held = false;
}

static void hold(fc_conn *c)
{
    static const char sql[] = "SELECT 1 FROM sqlite_schema";
    c->trusted = true;
    if (!c->hold) sqlite3_prepare_v3(c->db, sql, sizeof sql, SQLITE_PREPARE_PERSISTENT, &c->hold, NULL);
    c->held = c->hold && sqlite3_step(c->hold) == SQLITE_ROW;
    c->trusted = false;
    if (!c->held && c->hold) sqlite3_reset(c->hold);
}

void fc_snapshot_before(fc_conn *c, bool writes)
{
    fc_store *s = c->store;
    if (!s->sharing || c != s->read || s->depth) return;
    if (!writes && !c->held) hold(c);
    if (writes) fc_store_refresh(s); /* in memory one connection does both */
}

void fc_snapshot_finalize(fc_conn *c)
{
    c->held = false;
    sqlite3_finalize(c->hold);
    c->hold = NULL;
}
