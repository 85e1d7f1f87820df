#include "base/buf.h"
#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static _Noreturn void out_of_memory(void)
{
    static const char text[] = "forecourt: out of memory\n";
    (void)!write(2, text, sizeof text - 1);
    abort();
}

void *fc_alloc(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p) out_of_memory();
    return p;
}

void *fc_realloc(void *p, size_t n)
{
    p = realloc(p, n ? n : 1);
    if (!p) out_of_memory();
    return p;
}

char *fc_strndup(const char *s, size_t n)
{
    char *copy = fc_alloc(n + 1);
    memcpy(copy, s, n);
    return copy;
}

char *fc_strdup(const char *s)
{
    return fc_strndup(s, strlen(s));
}

static void reserve(fc_buf *b, size_t more)
{
    if (b->len + more + 1 <= b->cap) return;
    size_t cap = b->cap ? b->cap * 2 : 256;
    while (cap < b->len + more + 1)
        cap *= 2;
    b->data = fc_realloc(b->data, cap);
    b->cap = cap;
}

void fc_buf_add(fc_buf *b, const void *bytes, size_t n)
{
    reserve(b, n);
    if (n) memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = 0;
}

void fc_buf_adds(fc_buf *b, const char *s)
{
    fc_buf_add(b, s, strlen(s));
}

void fc_buf_addc(fc_buf *b, char c)
{
    fc_buf_add(b, &c, 1);
}

void fc_buf_addf(fc_buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    reserve(b, (size_t)n);
    vsnprintf(b->data + b->len, (size_t)n + 1, format, again);
    va_end(again);
    b->len += (size_t)n;
}

const char *fc_buf_str(fc_buf *b)
{
    return b->data ? b->data : "";
}

void fc_buf_clear(fc_buf *b)
{
    b->len = 0;
    if (b->data) b->data[0] = 0;
}

void fc_buf_free(fc_buf *b)
{
    free(b->data);
    *b = (fc_buf){0};
}

int fc_read_file(const char *path, size_t max, fc_buf *b, fc_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fc_fail(err, errno == ENOENT ? FC_ENOTFOUND : FC_EIO, "%s: 无法打开：%s",
                       "%s: cannot be opened: %s", path, strerror(errno));
    char chunk[16384];
    ssize_t n;
    int rc = 0;
    while ((n = read(fd, chunk, sizeof chunk)) > 0) {
        if (b->len + (size_t)n > max) {
            rc = fc_fail(err, FC_ELIMIT, "%s: 超过 %zu 字节的上限", "%s: larger than the limit of %zu bytes",
                         path, max);
            break;
        }
        fc_buf_add(b, chunk, (size_t)n);
    }
    if (n < 0) rc = fc_fail(err, FC_EIO, "%s: 读取失败：%s", "%s: cannot be read: %s", path, strerror(errno));
    close(fd);
    return rc;
}

static int write_all(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return -1;
        bytes += done;
        n -= (size_t)done;
    }
    return fsync(fd);
}

int fc_write_file(const char *path, const void *bytes, size_t n, int mode, fc_err *err)
{
    char tmp[4096];
    snprintf(tmp, sizeof tmp, "%s.%ld.tmp", path, (long)getpid());
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0 || write_all(fd, bytes, n) != 0 || close(fd) != 0 || rename(tmp, path) != 0) {
        int why = errno;
        unlink(tmp);
        return fc_fail(err, FC_EIO, "%s: 无法写入：%s", "%s: cannot be written: %s", path, strerror(why));
    }
    return FC_OK;
}

int fc_make_dirs(const char *path, int mode, fc_err *err)
{
    char part[4096];
    snprintf(part, sizeof part, "%s", path);
    for (char *p = part + 1;; p++) {
        if (*p && *p != '/') continue;
        char keep = *p;
        *p = 0;
        if (mkdir(part, (mode_t)mode) != 0 && errno != EEXIST)
            return fc_fail(err, FC_EIO, "%s: 无法创建文件夹：%s", "%s: the folder cannot be made: %s", part,
                           strerror(errno));
        if (!keep) return FC_OK;
        *p = keep;
    }
}

static const char *spared; /* nftw carries no context */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    if (!spared || where->level != 1 || strcmp(path + where->base, spared) != 0) remove(path);
    return 0;
}

void fc_remove_tree(const char *path, const char *last)
{
    spared = last;
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    spared = NULL;
    if (last) nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
