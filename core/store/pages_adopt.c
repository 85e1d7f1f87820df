/* Making sums. They are built beside (NAME.db-sums.new) and renamed, so there are all of them or none;
 * whoever else opens the file meanwhile waits at a lock on the old name and looks again.
 *
 * A file with content and without sums was made by an older build, or was copied alone. It is taken as it is
 * after integrity_check, with the write lock held and the WAL emptied, through the system's own VFS. Whether
 * it had sums once is told by its application_id, which lies in page 1 and travels with every copy. */
#include "store/driver.h"
#include "store/pages_file.h"

#include "base/buf.h"
#include "base/owner.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 50

typedef struct making {
    const char *path;
    sqlite3 *db; /* NULL: the file is new */
    fc_sums sums;
    fc_sums_file head;
} making;

static int fail_errno(const char *path, fc_err *err)
{
    int rc = errno == ENOSPC || errno == EDQUOT ? SQLITE_FULL : SQLITE_CANTOPEN;
    return fc_store_fail_open(path, rc, strerror(errno), err);
}

static int fail_sqlite(const making *k, int rc, fc_err *err)
{
    return fc_store_fail_open(k->path, rc, k->db ? sqlite3_errmsg(k->db) : sqlite3_errstr(rc), err);
}

static void sync_folder(const char *path)
{
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

/* Heads, sync, rename. */
static int put_in_place(making *k, const char *new_name, fc_err *err)
{
    char name[4096];
    fc_sums_wal wal = {0};
    fc_sums_name(k->path, name);
    int rc = fc_sums_set_wal(&k->sums, &wal);
    if (rc == SQLITE_OK) rc = fc_sums_set_file(&k->sums, &k->head);
    if (rc != SQLITE_OK) return fc_store_fail_open(k->path, rc, sqlite3_errstr(rc), err);
    if (fsync(k->sums.fd) != 0 || rename(new_name, name) != 0) return fail_errno(k->path, err);
    sync_folder(k->path);
    return FC_OK;
}

static int sum_pages(making *k, fc_err *err)
{
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    uint32_t n = k->head.page_size;
    unsigned char *page = fc_alloc(n);
    sqlite3_file_control(k->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    int rc = file->pMethods->xFileSize(file, &size);
    for (sqlite3_int64 at = 0; rc == SQLITE_OK && at + n <= size; at += n) {
        uint32_t number = (uint32_t)(at / n) + 1;
        rc = file->pMethods->xRead(file, page, (int)n, at);
        if (rc == SQLITE_OK) rc = fc_sums_put(&k->sums, number, fc_page_sum(number, page, n));
    }
    free(page);
    return rc == SQLITE_OK ? FC_OK : fail_sqlite(k, rc, err);
}

static int build(making *k, fc_err *err)
{
    char name[4096];
    snprintf(name, sizeof name, "%s-sums.new", k->path);
    k->sums.fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (k->sums.fd < 0) return fail_errno(k->path, err);
    fc_same_owner(k->sums.fd, k->path);
    int rc = k->db ? sum_pages(k, err) : FC_OK;
    if (!rc) rc = put_in_place(k, name, err);
    fc_sums_close(&k->sums);
    if (rc) unlink(name);
    return rc;
}

/* One value; text is cut. */
static int ask(making *k, const char *sql, char *out, size_t size, fc_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(k->db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    const char *text = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    snprintf(out, size, "%s", text ? text : "");
    int code = rc == SQLITE_ROW || rc == SQLITE_DONE ? FC_OK : fail_sqlite(k, rc, err);
    sqlite3_finalize(stmt);
    return code;
}

static int check_integrity(making *k, fc_err *err)
{
    char found[200];
    int rc = ask(k, "PRAGMA integrity_check(1)", found, sizeof found, err);
    if (rc || strcmp(found, "ok") == 0) return rc;
    return fc_store_fail_open(k->path, SQLITE_CORRUPT, found, err);
}

static bool wal_empty(const char *path)
{
    char name[4096];
    struct stat st;
    snprintf(name, sizeof name, "%s-wal", path);
    return stat(name, &st) != 0 || st.st_size == 0;
}

/* Ends inside a transaction that keeps writers away, everything in the file and nothing in the WAL. */
static int settle_file(making *k, fc_err *err)
{
    char word[64];
    for (int i = 0; i < TRIES; i++) {
        int rc = ask(k, "PRAGMA wal_checkpoint(TRUNCATE)", word, sizeof word, err);
        if (!rc) rc = ask(k, "BEGIN IMMEDIATE", word, sizeof word, err);
        if (rc || wal_empty(k->path)) return rc;
        rc = ask(k, "ROLLBACK", word, sizeof word, err);
        if (rc) return rc;
        usleep(10000);
    }
    return fail_sqlite(k, SQLITE_BUSY, err);
}

static int take(making *k, fc_err *err)
{
    char word[64], sql[64];
    int rc = check_integrity(k, err);
    if (!rc) rc = ask(k, "PRAGMA application_id", word, sizeof word, err);
    if (rc) return rc;
    k->head.lost_sums = atoi(word) == FC_PAGES_MARK;
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d", FC_PAGES_MARK);
    if (!k->head.lost_sums) rc = ask(k, sql, word, sizeof word, err);
    if (!rc) rc = settle_file(k, err);
    if (!rc) rc = ask(k, "PRAGMA page_size", word, sizeof word, err);
    if (rc) return rc;
    k->head.page_size = (uint32_t)atoi(word);
    k->head.adopted_at = fc_now();
    return build(k, err);
}

static int adopt(const char *path, fc_err *err)
{
    making k = {.path = path, .sums.fd = -1};
    int rc =
        sqlite3_open_v2(path, &k.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, fc_pages_base()->zName);
    if (rc == SQLITE_OK) sqlite3_busy_timeout(k.db, FC_BUSY_MS);
    rc = rc == SQLITE_OK ? take(&k, err) : fail_sqlite(&k, rc, err);
    sqlite3_close(k.db);
    if (rc) return rc;
    fc_log(
        k.head.lost_sums ? FC_WARN : FC_INFO, "store",
        fc_say("%s: 没有校验和文件%s；integrity_check 未发现问题，已按现状建立",
               "%s: had no file of sums%s; integrity_check found nothing, so it was made from what is there"),
        path, k.head.lost_sums ? fc_say("（曾经有过）", " (though it had one before)") : "");
    return FC_OK;
}

static int make_new(const char *path, fc_err *err)
{
    making k = {.path = path, .sums.fd = -1};
    return build(&k, err);
}

/* --- which of them is to be done --- */

static int64_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_size : 0;
}

static bool renamed(const fc_sums *s, const char *path)
{
    char name[4096];
    struct stat a, b;
    fc_sums_name(path, name);
    return fstat(s->fd, &a) != 0 || stat(name, &b) != 0 || a.st_ino != b.st_ino || a.st_dev != b.st_dev;
}

static int open_locked(fc_sums *s, const char *path, fc_err *err)
{
    for (;;) {
        if (fc_sums_open(s, path, true) != SQLITE_OK) return fail_errno(path, err);
        while (flock(s->fd, LOCK_EX) != 0 && errno == EINTR) {
        }
        if (!renamed(s, path)) return FC_OK;
        fc_sums_close(s);
    }
}

/* Page 1 has a sum since it was first synced. */
static int emptied(const fc_sums *s, const char *path, fc_err *err)
{
    uint64_t sum;
    int rc = fc_sums_get(s, 1, &sum);
    return rc == SQLITE_OK && sum ? fc_pages_sentence(path, FC_PAGE_CUT, 1, err) : FC_OK;
}

/* A file with content whose sums have not begun was filled by somebody else. */
static int missing(const fc_sums *s, const char *path, bool *is_missing, fc_err *err)
{
    struct stat st;
    fc_sums_file head;
    int64_t size = size_of(path);
    int rc = fc_sums_head_file(s, &head);
    *is_missing = rc == FC_SUMS_NO_HEAD && fstat(s->fd, &st) == 0 && st.st_size == 0;
    if (*is_missing) return FC_OK;
    if (rc != SQLITE_OK) return fc_pages_sentence(path, FC_SUMS_DAMAGED, 0, err);
    *is_missing = !head.page_size && size > 0;
    return head.page_size && !size ? emptied(s, path, err) : FC_OK;
}

static int look(const char *path, bool *is_missing, fc_err *err)
{
    fc_sums s = {.fd = -1};
    *is_missing = true;
    if (fc_sums_open(&s, path, false) != SQLITE_OK) return errno == ENOENT ? FC_OK : fail_errno(path, err);
    int rc = missing(&s, path, is_missing, err);
    fc_sums_close(&s);
    return rc;
}

int fc_pages_prepare(const char *path, fc_err *err)
{
    bool is_missing;
    fc_sums s = {.fd = -1};
    if (!fc_pages_vfs(path)) return FC_OK;
    int rc = look(path, &is_missing, err);
    if (rc || !is_missing) return rc;
    rc = open_locked(&s, path, err);
    if (!rc) rc = missing(&s, path, &is_missing, err);
    if (!rc && is_missing) rc = size_of(path) ? adopt(path, err) : make_new(path, err);
    if (rc && s.fd >= 0 && size_of(path)) {
        char name[4096];
        fc_sums_name(path, name);
        if (size_of(name) == 0) unlink(name);
    }
    fc_sums_close(&s);
    return rc;
}

int fc_pages_settle(sqlite3 *db, const char *path, fc_err *err)
{
    making k = {.path = path, .db = db};
    char word[64], sql[64];
    fc_err unimportant;
    if (!fc_pages_vfs(path)) return FC_OK;
    int rc = fc_pages_mend(db, path, err);
    if (!rc) rc = ask(&k, "PRAGMA application_id", word, sizeof word, err);
    if (rc || atoi(word) != 0) return rc;
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d", FC_PAGES_MARK);
    if (ask(&k, sql, word, sizeof word, &unimportant))
        fc_log(FC_DEBUG, "store", "%s: %s", path, unimportant.text[FC_EN]);
    return FC_OK;
}
