/* The sync that fails. Linux forgets what it could not write and answers the next fsync with success, so the
 * answer is believed once: the process says why, leaves NAME.db-unsynced beside the database and ends,
 * nothing acknowledged. SQLite has not counted those frames as copied, so a checkpoint that goes through
 * writes every page again that may be missing; only after it (TRUNCATE: the WAL too begins anew) is the mark
 * taken away. */
#include "store/pages_file.h"

#include "base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define EXIT_UNSYNCED 3

static void mark_name(const char *path, char out[4096])
{
    snprintf(out, 4096, "%s-unsynced", path);
}

bool fc_unsynced(const char *path)
{
    char name[4096];
    mark_name(path, name);
    return access(name, F_OK) == 0;
}

static void leave_mark(const char *path)
{
    char name[4096];
    mark_name(path, name);
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

int fc_pages_synced(const char *path, const char *what, int rc)
{
    if (rc == SQLITE_OK) return rc;
    leave_mark(path);
    fc_log(FC_ERROR, "store",
           fc_say("%s（%s）: 磁盘同步失败：本次写入未被确认，进程结束；请检查磁盘",
                  "%s (%s): the disk could not be synced: this write is not acknowledged and "
                  "the process ends; check the disk"),
           path, what);
    fflush(NULL);
    _exit(EXIT_UNSYNCED);
}

int fc_pages_mend(sqlite3 *db, const char *path, fc_err *err)
{
    char name[4096];
    if (!fc_pages_vfs(path) || !fc_unsynced(path)) return FC_OK;
    int rc = sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (rc != SQLITE_OK) return fc_pages_sentence(path, FC_FILE_UNSYNCED, (uint32_t)rc, err);
    mark_name(path, name);
    unlink(name);
    fc_log(FC_WARN, "store",
           fc_say("%s: 先前同步失败之后，全部内容已重新写入磁盘",
                  "%s: after the sync that failed everything was written to the disk again"),
           path);
    return FC_OK;
}
