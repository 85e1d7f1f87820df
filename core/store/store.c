/* Opening and closing. The file is made by ourselves first: only so is its mode 0600 from the first moment
 * (SQLite gives -wal and -shm the same), and a missing folder or a full disk gets its own sentence instead of
 * SQLite's "unable to open database file". Closing rolls back what is open and, for the last process,
 * checkpoints and removes the -wal file. */
#include "store/driver.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What somebody asks each second would fill the log with one trouble: a kind is written once a minute. It is
 * told to whoever asked all the same. */
static bool said_lately(int rc)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct {
        int rc;
        int64_t at;
    } said[8];
    size_t oldest = 0;
    int64_t now = fc_monotonic();
    bool lately = false;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < sizeof said / sizeof *said && !lately; i++) {
        lately = said[i].rc == rc && now - said[i].at < 60 * 1000000000LL;
        if (said[i].at < said[oldest].at) oldest = i;
    }
    if (!lately) said[oldest].rc = rc, said[oldest].at = now;
    pthread_mutex_unlock(&lock);
    return lately;
}

static void sqlite_says(void *ctx, int rc, const char *text)
{
    (void)ctx;
    int kind = rc & 0xff;
    if (rc == SQLITE_NOTICE_RECOVER_WAL)
        fc_log(FC_INFO, "store", "%s", text);
    else if ((kind == SQLITE_CORRUPT || kind == SQLITE_IOERR || kind == SQLITE_FULL) && !said_lately(rc))
        fc_log(FC_ERROR, "store", "SQLite (%d): %s", rc, text);
}

/* Without the counters of memory in use, allocations of different handles do not meet at one mutex. */
static void configure_sqlite(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_LOG, sqlite_says, NULL);
}

static int fail_file(const char *path, int error, fc_err *err)
{
    char *copy = fc_strdup(path);
    const char *folder = dirname(copy);
    int rc;
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        rc = fc_fail(err, FC_ENOTFOUND, "%s: 文件夹 %s 不存在；请先创建它",
                     "%s: the folder %s does not exist; make it first", path, folder);
        break;
    case EACCES:
    case EPERM:
    case EROFS:
        rc = fc_fail(err, FC_EIO, "%s: 无法写入；请检查文件夹 %s 的权限，以及磁盘是否只读",
                     "%s: cannot be written; check the permissions of the folder %s, and whether the disk is "
                     "read-only",
                     path, folder);
        break;
    case ENOSPC:
    case EDQUOT:
        rc = fc_store_fail_open(path, SQLITE_FULL, strerror(error), err);
        break;
    case EISDIR:
        rc = fc_fail(err, FC_EINVAL, "%s: 这是一个文件夹，不是数据库文件",
                     "%s: this is a folder, not a database file", path);
        break;
    default:
        rc = fc_store_fail_open(path, SQLITE_CANTOPEN, strerror(error), err);
    }
    free(copy);
    return rc;
}

/* WAL needs its two files beside the database, so a writable file in a read-only folder is of no use. */
static int check_folder(const char *path, fc_err *err)
{
    char *copy = fc_strdup(path);
    int rc = faccessat(AT_FDCWD, dirname(copy), W_OK | X_OK, AT_EACCESS) == 0 ? FC_OK
                                                                              : fail_file(path, errno, err);
    free(copy);
    return rc;
}

static int look_at_file(const char *path, fc_err *err)
{
    struct stat st;
    if (stat(path, &st) != 0) return fail_file(path, errno, err);
    if (S_ISDIR(st.st_mode)) return fail_file(path, EISDIR, err);
    if (!S_ISREG(st.st_mode))
        return fc_fail(err, FC_EINVAL, "%s: 不是普通文件", "%s: is not a regular file", path);
    if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) != 0) return fail_file(path, errno, err);
    return check_folder(path, err);
}

/* A file that exists is looked at without being opened: closing any descriptor of it would drop the locks
 * that other handles of this process hold on it (POSIX). */
static int make_file(const char *path, fc_err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST || errno == EISDIR ? look_at_file(path, err) : fail_file(path, errno, err);
    close(fd);
    return check_folder(path, err);
}

static bool in_memory(const fc_store *s)
{
    return strcmp(s->path, ":memory:") == 0;
}

int fc_store_open(const char *path, fc_store **out, fc_err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    *out = NULL;
    pthread_once(&once, configure_sqlite);
    int rc = strcmp(path, ":memory:") == 0 ? FC_OK : make_file(path, err);
    if (rc) return rc;
    fc_store *s = fc_alloc(sizeof *s);
    s->path = fc_strdup(path);
    s->lock_fd = -1;
    s->tx_number = 1;
    s->patience_ms = FC_BUSY_MS;
    rc = fc_conn_open(s, &s->read, err);
    if (rc) {
        fc_store_close(s);
        return rc;
    }
    if (in_memory(s)) s->write = s->read;
    *out = s;
    return FC_OK;
}

void fc_store_close(fc_store *s)
{
    if (!s) return;
    fc_tx_unwind(s, 0);
    fc_readers_free(s->readers);
    if (s->write != s->read) fc_conn_close(s->write);
    fc_conn_close(s->read);
    if (s->lock_fd >= 0) close(s->lock_fd);
    free(s->path);
    free(s);
}

void fc_store_patience(fc_store *s, int ms)
{
    s->patience_ms = ms < 0 ? FC_BUSY_MS : ms;
}

bool fc_store_streams(const fc_store *s)
{
    return !s->depth && !in_memory(s);
}

bool fc_store_served(const fc_store *s)
{
    return s->writer != NULL;
}

int fc_store_serve(fc_store *s, fc_loop *l, fc_err *err)
{
    if (in_memory(s) || s->writer) return FC_OK;
    int rc = fc_conn_writer(s, err);
    if (!rc) rc = fc_writer_new(s, l, err);
    if (rc) return rc;
    fc_checkpoint_new(s, l, fc_readers_limit);
    return FC_OK;
}

void fc_store_unserve(fc_store *s)
{
    fc_writer_free(s->writer);
    fc_checkpoint_free(s->checkpoint);
    fc_readers_free(s->readers);
    s->checkpoint = NULL;
    s->writer = NULL;
    s->readers = NULL;
}

const char *fc_store_version(void)
{
    return sqlite3_libversion();
}

const char *fc_store_path(const fc_store *s)
{
    return s->path;
}

void fc_store_watch(fc_store *s, int (*fn)(void *), void *ctx)
{
    s->watch = fn;
    s->watch_ctx = ctx;
}
