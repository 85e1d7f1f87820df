/* One consistent copy of a database that others write, by SQLite's backup API inside a read transaction of
 * our own: the snapshot does not move, so the copy is never begun again, however much is written meanwhile;
 * writers are not held up, and the log can only not be emptied for as long as a plain copy takes (measured
 * on 680 MB: 0.9 s; VACUUM INTO 1.8 s; cp 0.6 to 1.7 s). Compressing comes after that.
 *
 * The source is read through the layer that checks pages: a damaged one is not backed up. The copy lies in
 * the site's own data folder (0700), is not synced and goes away at once; after a kill the next backup
 * removes it. */
#include "store/backup_internal.h"
#include "store/pages.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#define PAGES 1024 /* a step: 4 MiB */
#define BUSY_MS 5000

static int fail(sqlite3 *db, const char *path, int rc, fc_err *err)
{
    const char *why = db ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
    if (fc_pages_refused(path, err)) return FC_EIO;
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return fc_fail(err, FC_EIO, "%s: 磁盘空间不足，无法复制数据库（%s）",
                       "%s: no space left on the disk to copy the database (%s)", path, why);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return fc_fail(err, FC_EIO, "%s: 数据库已损坏（%s），没有备份它；请运行 forecourt doctor",
                       "%s: the database is damaged (%s) and was not backed up; run forecourt doctor", path,
                       why);
    default:
        return fc_fail(err, FC_EIO, "%s: 无法复制数据库：%s", "%s: the database cannot be copied: %s", path,
                       why);
    }
}

int fc_backup_interrupted(fc_err *err)
{
    return fc_fail(err, FC_ELIMIT, "已中断，没有留下任何未完成的文件",
                   "interrupted; nothing half done is left");
}

static int begin_snapshot(sqlite3 *db)
{
    sqlite3_busy_timeout(db, BUSY_MS);
    return sqlite3_exec(db, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
}

static int copy_steps(sqlite3_backup *b, int page, int (*step)(void *, int64_t), void *ctx)
{
    int rc;
    do {
        int before = sqlite3_backup_remaining(b);
        rc = sqlite3_backup_step(b, PAGES);
        int after = sqlite3_backup_remaining(b);
        int pages = before ? before - after : PAGES;
        if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED) sqlite3_sleep(5);
        if (step(ctx, (int64_t)pages * page)) return SQLITE_INTERRUPT;
    } while (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int page_size(sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;
    int size = 4096;
    if (sqlite3_prepare_v2(db, "PRAGMA page_size", -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        size = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return size;
}

static int copy(sqlite3 *from, sqlite3 *to, const char *path, const char *copy_path,
                int (*step)(void *, int64_t), void *ctx, fc_err *err)
{
    int rc = begin_snapshot(from);
    if (rc) return fail(from, path, rc, err);
    rc = sqlite3_exec(to, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL, NULL);
    sqlite3_backup *b = rc ? NULL : sqlite3_backup_init(to, "main", from, "main");
    if (!b) return fail(to, copy_path, rc ? rc : sqlite3_errcode(to), err);
    rc = copy_steps(b, page_size(from), step, ctx);
    int ended = sqlite3_backup_finish(b);
    if (rc == SQLITE_INTERRUPT) return fc_backup_interrupted(err);
    if (!rc) rc = ended;
    if (rc) return fail(to, path, rc, err);
    sqlite3_exec(from, "COMMIT", NULL, NULL, NULL);
    /* The copy has no sums; without the mark it is taken for new when it is opened, and not for one that lost
     * them. */
    rc = sqlite3_exec(to, "PRAGMA application_id=0", NULL, NULL, NULL);
    return rc ? fail(to, copy_path, rc, err) : FC_OK;
}

/* Made by ourselves first, for its mode. */
static int make_private(const char *path, fc_err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return fc_fail(err, FC_EIO, "%s: 无法创建：%m", "%s: cannot be made: %m", path);
    close(fd);
    return FC_OK;
}

int fc_database_copy(const char *from, const char *to, int (*step)(void *ctx, int64_t bytes), void *ctx,
                     fc_err *err)
{
    sqlite3 *source = NULL, *target = NULL;
    int rc = make_private(to, err);
    if (!rc) rc = fc_pages_prepare(from, err);
    if (rc) return rc;
    int opened =
        sqlite3_open_v2(from, &source, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, fc_pages_vfs(from));
    if (opened)
        rc = fail(source, from, opened, err);
    else if ((opened = sqlite3_open_v2(to, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)))
        rc = fail(target, to, opened, err);
    if (!rc) rc = copy(source, target, from, to, step, ctx, err);
    sqlite3_close(target);
    sqlite3_close(source);
    return rc;
}
