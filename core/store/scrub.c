/* What was deleted stands in two places: in the pages it was in (secure_delete writes zeros over it) and,
 * until the next checkpoint, as older versions of those pages in the WAL. Deleting is the transactions'
 * connection's affair alone; the checkpoint takes the write turn, so that no neighbour's commit makes it
 * fail. */
#include "store/scrub.h"
#include "store/driver.h"

int fc_store_scrub_on(fc_store *s, fc_err *err)
{
    int rc = fc_conn_writer(s, err);
    return rc ? rc : fc_conn_exec(s->write, "PRAGMA secure_delete=ON", err);
}

static int checkpoint(fc_store *s, fc_err *err)
{
    fc_conn_patience(s->write, s->patience_ms);
    int rc = sqlite3_wal_checkpoint_v2(s->write->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    fc_conn_patience(s->write, FC_BUSY_MS);
    if (rc == SQLITE_OK) return FC_OK;
    if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED)
        return fc_fail(
            err, FC_ELIMIT,
            "%s: 日志文件里的旧内容暂时清不掉，因为另一个进程正在长时间读取；请稍后再运行一次",
            "%s: the old content in the write-ahead log cannot be removed while another process reads "
            "for so long; run it again later",
            s->path);
    return fc_store_fail(s->write, rc, NULL, 0, err);
}

int fc_store_scrub(fc_store *s, fc_err *err)
{
    bool taken;
    fc_store_refresh(s); /* a snapshot of our own would keep the WAL */
    int rc = fc_conn_writer(s, err);
    if (!rc) rc = fc_turn_enter(s, &taken, err);
    if (rc) return rc;
    rc = checkpoint(s, err);
    if (taken) fc_turn_leave(s);
    return rc;
}
