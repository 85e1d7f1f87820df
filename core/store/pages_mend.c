/* How a sync that failed is mended. SQLite has not counted those frames as copied, so a checkpoint that goes
 * through writes every page again that may be missing; only after it (TRUNCATE: the WAL too begins anew) is
 * the mark taken away. */
#include "store/pages_file.h"

#include "base/log.h"

#include <unistd.h>

int fc_pages_mend(sqlite3 *db, const char *path, fc_err *err)
{
    char name[4096];
    if (!fc_pages_vfs(path) || !fc_unsynced(path)) return FC_OK;
    int rc = sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (rc != SQLITE_OK) return fc_pages_sentence(path, FC_FILE_UNSYNCED, (uint32_t)rc, err);
    fc_unsynced_name(path, name);
    unlink(name);
    fc_log(FC_WARN, "store",
           fc_say("%s: 先前同步失败之后，全部内容已重新写入磁盘",
                  "%s: after the sync that failed everything was written to the disk again"),
           path);
    return FC_OK;
}
