#include "plugin/lease.h"
#include "base/log.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

int fc_lease_held(const fc_site *s)
{
    return s->passing || s->lease > 0;
}

/* Who keeps the lease says so in the file: a verb has it for a moment only, and is waited for. */
static int is_kept(int fd)
{
    char c;
    return pread(fd, &c, 1, 0) == 1;
}

static void keep(const fc_site *s, int fd)
{
    if (ftruncate(fd, 0) == 0 && s->keep_lease && pwrite(fd, "serve\n", 6, 0) != 6) return;
}

int fc_lease_take(fc_site *s, int wait_ms)
{
    char path[PATH_MAX];
    if (fc_lease_held(s)) return 1;
    if (s->follows) return 0;
    snprintf(path, sizeof path, "%s/data/.reload.lock", s->dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return 0;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if ((wait_ms -= 10) < 0 || is_kept(fd)) {
            close(fd);
            return 0;
        }
        usleep(10000);
    }
    keep(s, fd);
    s->lease = fd;
    return 1;
}

void fc_lease_release(fc_site *s)
{
    if (s->lease > 0) {
        if (ftruncate(s->lease, 0) != 0) fc_log(FC_WARN, "reload", "data/.reload.lock: %m");
        close(s->lease);
    }
    s->lease = 0;
}
