/* Reads that come together share one snapshot: an open transaction of the reading connection, in which SQLite
 * neither takes nor drops the read lock for each statement (two system calls, most of the price of a small
 * read).
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

/* An error may have ended the transaction already. */
void fc_store_refresh(fc_store *s)
{
    fc_conn *c = s->read;
    if (c->held && !sqlite3_get_autocommit(c->db)) fc_conn_internal(c, FC_SQL_COMMIT, NULL);
    c->held = false;
}

void fc_snapshot_before(fc_conn *c, bool writes)
{
    fc_store *s = c->store;
    if (!s->sharing || c != s->read || s->depth) return;
    if (!writes && !c->held) c->held = fc_conn_internal(c, FC_SQL_SHARE, NULL) == FC_OK;
    if (writes) fc_store_refresh(s); /* in memory one connection does both */
}
