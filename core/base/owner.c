#include "base/owner.h"
#include "base/err.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int acting;

void fc_owner_begin(const char *folder)
{
    struct stat st;
    if (acting || geteuid() != 0 || stat(folder, &st) != 0 || st.st_uid == 0) return;
    acting = setegid(st.st_gid) == 0 && seteuid(st.st_uid) == 0;
    if (acting) return;
    fc_log(FC_WARN, "files", fc_say("%s：无法以它的属主行事：%s", "%s: cannot act as its owner: %s"), folder,
           strerror(errno));
    if (setegid(getgid()) != 0) fc_log(FC_WARN, "files", "%s", strerror(errno));
}

void fc_owner_end(void)
{
    if (!acting) return;
    acting = 0;
    if (seteuid(getuid()) != 0 || setegid(getgid()) != 0) fc_log(FC_WARN, "files", "%s", strerror(errno));
}

void fc_same_owner(int fd, const char *path)
{
    struct stat st;
    if (geteuid() == 0 && stat(path, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
        fc_log(FC_DEBUG, "files", fc_say("%s：无法保留属主：%s", "%s: its owner cannot be kept: %s"), path,
               strerror(errno));
}
