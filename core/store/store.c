/* Opening and closing. The file is made by ourselves first: only so is its mode 0600 from the first moment
 * (SQLite gives -wal and -shm the same), and a missing folder or a full disk gets its own sentence instead of
 * SQLite's "unable to open database file".
 *
 * Two processes that open a new file at the same time both try to switch it to WAL; SQLite answers the second
 * with BUSY without waiting, so the switch is tried again for as long as any other lock would be waited for.
 * Closing rolls back what is open and, for the last process, checkpoints and removes the -wal file. */
#include "store/driver.h"
#include "store/pages.h"
#include "store/site.h"

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
#include <time.h>
#include <unistd.h>

static void sqlite_says(void *ctx, int rc, const char *text)
{
    (void)ctx;
    int kind = rc & 0xff;
    if (rc == SQLITE_NOTICE_RECOVER_WAL)
        fc_log(FC_INFO, "store", "%s", text);
    else if (kind == SQLITE_CORRUPT || kind == SQLITE_IOERR || kind == SQLITE_FULL)
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

int fc_store_exec(fc_store *s, const char *sql, fc_err *err)
{
    s->trusted = true;
    int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    s->trusted = false;
    if (rc == SQLITE_OK) return FC_OK;
    return fc_store_fail(s, rc, sql, strlen(sql), err);
}

static int wal_once(fc_store *s, bool *is_wal)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(s->db, "PRAGMA journal_mode=WAL", -1, &stmt, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        const char *mode = (const char *)sqlite3_column_text(stmt, 0);
        *is_wal = mode && (strcmp(mode, "wal") == 0 || strcmp(mode, "memory") == 0);
        rc = SQLITE_OK;
    }
    int closed = sqlite3_finalize(stmt);
    return rc == SQLITE_OK ? closed : rc;
}

static int switch_to_wal(fc_store *s, fc_err *err)
{
    int64_t end = fc_monotonic() + (int64_t)FC_BUSY_MS * 1000000;
    bool is_wal = false;
    int rc;
    while (((rc = wal_once(s, &is_wal)) & 0xff) == SQLITE_BUSY && fc_monotonic() < end)
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    if (rc != SQLITE_OK) return fc_store_fail(s, rc, NULL, 0, err);
    if (is_wal) return FC_OK;
    return fc_store_fail_open(s->path, SQLITE_PROTOCOL, "WAL", err);
}

static int configure(fc_store *s, fc_err *err)
{
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_busy_timeout(s->db, FC_BUSY_MS);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL); /* "x" is a column, as in PostgreSQL */
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    int rc = switch_to_wal(s, err);
    if (rc) return rc;
    return fc_store_exec(s,
                         "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                         "PRAGMA cache_size=-16384; PRAGMA journal_size_limit=67108864",
                         err);
}

static int connect_file(fc_store *s, fc_err *err)
{
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int rc = fc_pages_prepare(s->path, err);
    if (rc) return rc;
    rc = sqlite3_open_v2(s->path, &s->db, flags, fc_pages_vfs(s->path));
    if (rc == SQLITE_OK) {
        rc = configure(s, err);
        return rc ? rc : fc_pages_settle(s->db, s->path, err);
    }
    return fc_store_fail_open(s->path, rc, s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc), err);
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
    rc = connect_file(s, err);
    if (rc) {
        fc_store_close(s);
        return rc;
    }
    fc_guard_install(s);
    *out = s;
    return FC_OK;
}

void fc_store_close(fc_store *s)
{
    if (!s) return;
    if (s->open_cursors)
        fc_log(FC_ERROR, "store", "%s: closed with %d open queries", s->path, s->open_cursors);
    while (s->depth)
        fc_tx_rollback(s);
    fc_cache_clear(s);
    fc_snapshot_finalize(s);
    fc_tx_finalize(s);
    sqlite3_close_v2(s->db); /* v2: a cursor that is still open must not take the process with it */
    free(s->path);
    free(s);
}

void fc_store_patience(fc_store *s, int ms)
{
    sqlite3_busy_timeout(s->db, ms < 0 ? FC_BUSY_MS : ms);
}

const char *fc_store_version(void)
{
    return sqlite3_libversion();
}

const char *fc_store_path(const fc_store *s)
{
    return s->path;
}

static int progress(void *ctx)
{
    fc_store *s = ctx;
    return s->watch(s->watch_ctx);
}

void fc_store_watch(fc_store *s, int (*fn)(void *), void *ctx)
{
    s->watch = fn;
    s->watch_ctx = ctx;
    sqlite3_progress_handler(s->db, 1000, fn ? progress : NULL, s);
}
