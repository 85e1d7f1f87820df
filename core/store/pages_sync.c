/* The sync that fails. Linux forgets what it could not write and answers the next fsync with success, so the
 * answer is believed once: the process says why, leaves NAME.db-unsynced beside the database and ends,
 * nothing acknowledged. How it is mended: pages_mend.c. */
#include "store/pages_file.h"

#include "base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define EXIT_UNSYNCED 3

void fc_unsynced_name(const char *path, char out[4096])
{
    snprintf(out, 4096, "%s-unsynced", path);
}

bool fc_unsynced(const char *path)
{
    char name[4096];
    fc_unsynced_name(path, name);
    return access(name, F_OK) == 0;
}

static void leave_mark(const char *path)
{
    char name[4096];
    fc_unsynced_name(path, name);
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
