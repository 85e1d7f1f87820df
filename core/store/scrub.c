/* What was deleted stands in two places: in the pages it was in (secure_delete writes zeros over it) and,
 * until the next checkpoint, as older versions of those pages in the WAL. */
#include "store/scrub.h"
#include "store/driver.h"

int fc_store_scrub_on(fc_store *s, fc_err *err)
{
    return fc_store_exec(s, "PRAGMA secure_delete=ON", err);
}

int fc_store_scrub(fc_store *s, fc_err *err)
{
    fc_store_refresh(s); /* a snapshot of our own would keep the WAL */
    int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (rc == SQLITE_OK) return FC_OK;
    if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED)
        return fc_fail(
            err, FC_ELIMIT,
            "%s: 日志文件里的旧内容暂时清不掉，因为另一个进程正在长时间读取；请稍后再运行一次",
            "%s: the old content in the write-ahead log cannot be removed while another process reads "
            "for so long; run it again later",
            s->path);
    return fc_store_fail(s, rc, NULL, 0, err);
}
