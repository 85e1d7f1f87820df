/* The start of a process tells it from a later one of the same number. A process that cannot be looked at
 * (no /proc, not ours to see) counts as alive. */
#include "plugin/copies.h"
#include "store/store.h"
#include "text/utf8.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST (1LL << 30)

/* Field 22 of /proc/PID/stat, in ticks since the machine started; 0: not known. The second field is the
 * program's name in brackets and may hold anything. */
static unsigned long long started(long pid)
{
    char path[64], text[1024];
    unsigned long long ticks = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "re");
    if (!f) return 0;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    const char *p = strrchr(text, ')');
    for (int field = 2; p && field < 22; field++)
        if ((p = strchr(p, ' '))) p++;
    if (p) sscanf(p, "%llu", &ticks);
    return ticks;
}

static int is_gone(long pid, unsigned long long since)
{
    if (kill((pid_t)pid, 0) != 0 && errno == ESRCH) return 1;
    unsigned long long now = started(pid);
    return now && since && now != since;
}

/* ---- copying */

static int refused(int fd, const char *path, fc_err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0) return fc_fail(err, FC_EIO, "%s: 无法读取：%m", "%s: cannot be read: %m", path);
    if (S_ISDIR(st.st_mode))
        return fc_fail(err, FC_EINVAL, "%s: 这是文件夹，无法导入：请给出其中的文件",
                       "%s: this is a folder and cannot be read: name a file in it", path);
    if (!S_ISREG(st.st_mode))
        return fc_fail(err, FC_EINVAL, "%s: 不是普通文件（管道或设备）：请先存成文件",
                       "%s: is no plain file (a pipe or a device): save it as a file first", path);
    return FC_OK;
}

static int too_large(const char *path, fc_err *err)
{
    return fc_fail(err, FC_ELIMIT, "%s: 超过 1 GiB：请拆成几个文件",
                   "%s: is larger than 1 GiB: split it into several files", path);
}

static int cannot_copy(const char *path, int why, fc_err *err)
{
    if (why == ENOSPC)
        return fc_fail(err, FC_EIO, "%s: 磁盘空间不足，无法复制到站点的 data/files：请清理磁盘后再试",
                       "%s: no space left on the disk to copy it into the site's data/files: make room "
                       "and try again",
                       path);
    return fc_fail(err, FC_EIO, "%s: 无法读取或复制到站点：%s",
                   "%s: cannot be read or copied into the site: %s", path, strerror(why));
}

static int write_all(int to, const char *p, size_t n)
{
    while (n) {
        ssize_t done = write(to, p, n);
        if (done < 0) return -1;
        p += done;
        n -= (size_t)done;
    }
    return 0;
}

static int copy(int from, int to, const char *path, fc_err *err)
{
    char buffer[65536];
    long long all = 0;
    ssize_t n;
    while ((n = read(from, buffer, sizeof buffer)) > 0) {
        if ((all += n) > MOST) return too_large(path, err);
        if (write_all(to, buffer, (size_t)n)) return cannot_copy(path, errno, err);
    }
    return n < 0 ? cannot_copy(path, errno, err) : FC_OK;
}

static int copy_to(int from, const char *path, const char *to, fc_err *err)
{
    struct stat st;
    if (fstat(from, &st) == 0 && st.st_size > MOST) return too_large(path, err);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out < 0) return cannot_copy(path, errno, err);
    int rc = copy(from, out, path, err);
    if (close(out) != 0 && !rc) rc = cannot_copy(path, errno, err);
    if (rc) unlink(to);
    return rc;
}

int fc_copy_in(const char *folder, const char *path, char *name, size_t cap, fc_err *err)
{
    char to[PATH_MAX];
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    long pid = getpid();
    int from =
        open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a pipe nobody writes to would wait for ever */
    if (from < 0) return fc_fail(err, FC_ENOTFOUND, "%s: 无法打开：%m", "%s: cannot be opened: %m", path);
    size_t shown = fc_utf8_check(base, strlen(base) < 150 ? strlen(base) : 150); /* a cut character goes */
    snprintf(name, cap, "run-%ld-%llu-%" PRId64 "-%.*s", pid, started(pid), fc_id(), (int)shown, base);
    snprintf(to, sizeof to, "%s/%s", folder, name);
    int rc = refused(from, path, err);
    if (!rc) rc = copy_to(from, path, to, err);
    close(from);
    return rc;
}

/* ---- sweeping */

void fc_copies_sweep(const char *folder)
{
    DIR *d = opendir(folder);
    const struct dirent *e;
    while (d && (e = readdir(d))) {
        char path[PATH_MAX];
        long pid;
        unsigned long long since;
        if (sscanf(e->d_name, "run-%ld-%llu-", &pid, &since) != 2 || pid <= 0 || !is_gone(pid, since))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        unlink(path);
    }
    if (d) closedir(d);
}
