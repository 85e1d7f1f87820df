/* Restoring: everything goes to TO.part and gets its name at the end, when all of it was whole. Names were
 * checked by the reader; here each is also held to the places a site has. Only folders and regular files are
 * made, each new, so there is no link to follow. Bytes are counted against the disk before they are written:
 * a file that unpacks to more than there is stops early.
 *
 * A TO.part of a restore that was killed carries our mark and a lock; it is removed, anything else is not. */
#include "store/backup_internal.h"

#include "base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MARK ".forecourt-restore"
#define MEMBERS_MAX 10000000
#define LONG_PATH (PATH_MAX + FC_FCB_NAME + 32)
#define SPARE (16LL << 20) /* of the disk stays free */

typedef struct job {
    const fc_restore_order *o;
    fc_restore_result *r;
    char part[PATH_MAX + 8];
    int lock;
    char *buffer;
    int64_t room, before; /* bytes; KiB of the file before this one */
    int64_t total;        /* KiB of all files */
} job;

static bool has_place(const char *name, bool keys)
{
    static const char *const roots[] = {"plugins/", "scripts/", "packs/", "data/files/"};
    if (strncmp(name, "data/", 5) == 0 && !strchr(name + 5, '/') && name[5] != '.') {
        /* a database, and what its driver keeps beside it */
        bool of_keys = strstr(name + 5, ".keys.db") != NULL;
        return of_keys == keys && strstr(name + 5, ".db") != NULL;
    }
    if (keys) return false;
    if (!strcmp(name, "site.lua") || !strcmp(name, "packs.lock")) return true;
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (strncmp(name, roots[i], strlen(roots[i])) == 0) return true;
    return false;
}

static int fail_write(const char *path, fc_err *err)
{
    int why = errno;
    if (why == ENOSPC || why == EDQUOT)
        return fc_fail(
            err, FC_EIO, "%s: 磁盘空间不足，没有恢复任何内容；请清理磁盘或换一个文件夹",
            "%s: no space left on the disk, nothing was restored; make room or choose another folder", path);
    return fc_fail(err, FC_EIO, "%s: 无法写入：%s", "%s: cannot be written: %s", path, strerror(why));
}

static int step(job *j, const fc_fcb_reader *r, const char *what)
{
    int64_t done, total;
    fc_fcb_position(r, &done, &total);
    return j->o->watch.step &&
           j->o->watch.step(j->o->watch.ctx, j->before + (done >> 10), j->total + 1, what);
}

static int make_file(const char *path, unsigned mode, int *fd, fc_err *err)
{
    char folder[LONG_PATH];
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = 0;
    int rc = fc_make_dirs(folder, 0700, err);
    if (rc) return rc;
    *fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode & 0700);
    return *fd >= 0 ? FC_OK : fail_write(path, err);
}

static int put(job *j, int fd, const char *path, size_t n, fc_err *err)
{
    const char *at = j->buffer;
    if ((j->room -= (int64_t)n) < 0) {
        errno = ENOSPC;
        return fail_write(path, err);
    }
    while (n) {
        ssize_t done = write(fd, at, n);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return fail_write(path, err);
        at += done;
        n -= (size_t)done;
    }
    return FC_OK;
}

/* fd < 0: only verifies. */
static int pour(job *j, fc_fcb_reader *r, int fd, const char *path, const char *name, fc_err *err)
{
    size_t n = 1;
    int rc = FC_OK;
    while (!rc && n) {
        rc = fc_fcb_read(r, j->buffer, FCB_BLOCK, &n, err);
        if (!rc && n && fd >= 0) rc = put(j, fd, path, n, err);
        if (!rc && step(j, r, name)) rc = fc_backup_interrupted(err);
        j->r->plain += rc ? 0 : (int64_t)n;
    }
    return rc;
}

static int one(job *j, fc_fcb_reader *r, const fc_fcb_entry *e, bool keys, fc_err *err)
{
    char path[LONG_PATH];
    int fd = -1;
    if (!has_place(e->name, keys))
        return fc_fail(err, FC_EDENIED, "%s: 备份中的 %s 不属于站点的任何位置，已拒绝恢复",
                       "%s: %s in the backup has no place in a site and is refused", j->o->file, e->name);
    if (++j->r->members > MEMBERS_MAX)
        return fc_fail(err, FC_ELIMIT, "%s: 文件数量超过上限", "%s: more members than can be", j->o->file);
    snprintf(path, sizeof path, "%s/%s", j->part, e->name);
    int rc = j->o->to ? make_file(path, e->mode | 0600, &fd, err) : FC_OK;
    if (!rc) rc = pour(j, r, fd, path, e->name, err);
    if (!rc && fd >= 0 && fchmod(fd, (e->mode & 0755) | 0600) != 0) rc = fail_write(path, err);
    if (!rc && fd >= 0 && fsync(fd) != 0) rc = fail_write(path, err);
    if (fd >= 0 && close(fd) != 0 && !rc) rc = fail_write(path, err);
    size_t n = strlen(e->name);
    bool database = n > 3 && strcmp(e->name + n - 3, ".db") == 0 && strncmp(e->name, "data/", 5) == 0 &&
                    !strchr(e->name + 5, '/');
    j->r->databases += database && !rc;
    return rc;
}

static int wrong_kind(const char *file, bool keys, fc_err *err)
{
    if (keys)
        return fc_fail(err, FC_EINVAL, "%s: 这不是密钥备份（...-keys.fcb）",
                       "%s: is no backup of keys (...-keys.fcb)", file);
    return fc_fail(err, FC_EINVAL, "%s: 这是密钥备份；请用 --keys 指定它，并指定站点的备份",
                   "%s: is a backup of keys: name it with --keys beside the site's own backup", file);
}

static int unpack(job *j, const char *file, bool keys, fc_err *err)
{
    fc_fcb_reader *r;
    fc_fcb_entry e;
    int more = 1, rc = fc_fcb_open(file, j->o->master, &r, err);
    if (rc) return rc;
    if ((strcmp(fc_fcb_head_of(r)->kind, "keys") == 0) != keys) rc = wrong_kind(file, keys, err);
    if (!keys) j->r->head = *fc_fcb_head_of(r);
    while (!rc && !(rc = fc_fcb_next(r, &e, &more, err)) && more)
        rc = one(j, r, &e, keys, err);
    int64_t done, total;
    fc_fcb_position(r, &done, &total);
    j->before += total >> 10;
    fc_fcb_close_reader(r);
    return rc;
}

static int not_empty(const char *path, fc_err *err)
{
    return fc_fail(err, FC_ECONFLICT, "%s: 已存在且不是空文件夹；请换一个新的文件夹名",
                   "%s: exists and is no empty folder; name a new one", path);
}

static int empty_folder(const char *path, fc_err *err)
{
    struct dirent *e;
    int others = 0;
    DIR *d = opendir(path);
    if (!d) return errno == ENOENT ? FC_OK : not_empty(path, err);
    while ((e = readdir(d)))
        others += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return others ? not_empty(path, err) : FC_OK;
}

/* NEWFOLDER.part: ours, new, locked. */
static int make_part(job *j, fc_err *err)
{
    char mark[LONG_PATH];
    size_t n = strlen(j->o->to);
    while (n > 1 && j->o->to[n - 1] == '/')
        n--;
    snprintf(j->part, sizeof j->part, "%.*s.part", n < PATH_MAX ? (int)n : PATH_MAX - 1, j->o->to);
    snprintf(mark, sizeof mark, "%s/" MARK, j->part);
    struct stat st;
    int old = open(mark, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (old >= 0 && flock(old, LOCK_EX | LOCK_NB) == 0) fc_remove_tree(j->part, MARK);
    if (old >= 0) close(old);
    if (lstat(j->part, &st) == 0 && rmdir(j->part) != 0)
        return fc_fail(err, FC_ECONFLICT, "%s: 已存在；请删除它，或等另一个恢复结束",
                       "%s: exists; remove it, or wait for the other restore to end", j->part);
    int rc = fc_make_dirs(j->part, 0700, err);
    if (rc) return rc;
    j->lock = open(mark, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (j->lock < 0 || flock(j->lock, LOCK_EX | LOCK_NB) != 0) return fail_write(mark, err);
    return FC_OK;
}

static int measure_room(job *j, fc_err *err)
{
    struct statvfs fs;
    if (statvfs(j->part, &fs) != 0) return fail_write(j->part, err);
    j->room = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize - SPARE;
    return FC_OK;
}

static int check_databases(job *j, fc_err *err)
{
    fc_parts parts;
    char path[LONG_PATH], schema[PATH_MAX];
    int rc = fc_parts_collect(j->part, &parts, err);
    for (size_t i = 0; i < parts.n && !rc; i++) {
        const fc_part *p = &parts.list[i];
        if (!p->database) continue;
        snprintf(path, sizeof path, "%s/%s", j->part, p->name);
        snprintf(schema, sizeof schema, "%s/%s", j->o->schema,
                 strcmp(p->name, "data/site.db") ? "dealership" : "site");
        rc = fc_restore_check(path, p->keys ? NULL : schema, err);
        if (!rc && j->o->watch.step && j->o->watch.step(j->o->watch.ctx, j->total, j->total + 1, p->name))
            rc = fc_backup_interrupted(err);
    }
    fc_parts_free(&parts);
    return rc;
}

/* The key that opened the backup goes to its place: without it nothing of the site would open. */
static int place_key(job *j, fc_err *err)
{
    char path[LONG_PATH];
    snprintf(path, sizeof path, "%s/secrets", j->part);
    int rc = fc_make_dirs(path, 0700, err);
    snprintf(path, sizeof path, "%s/secrets/master.key", j->part);
    return rc ? rc : fc_key_write(path, j->o->master, err);
}

/* All folders, however deep: a file whose name is not on the disk is lost with the power. */
static int sync_tree(const char *path, fc_err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd >= 0 && syncfs(fd) == 0 ? FC_OK : fail_write(path, err);
    if (fd >= 0) close(fd);
    return rc;
}

static int give_name(job *j, fc_err *err)
{
    char mark[LONG_PATH], above[LONG_PATH];
    int rc = sync_tree(j->part, err);
    if (rc) return rc;
    if (rename(j->part, j->o->to) != 0) /* takes the place of an empty folder */
        return errno == ENOTEMPTY || errno == EEXIST ? not_empty(j->o->to, err) : fail_write(j->o->to, err);
    snprintf(mark, sizeof mark, "%s/" MARK, j->o->to); /* last: until then a kill leaves what can be told */
    unlink(mark);
    snprintf(above, sizeof above, "%s/..", j->o->to);
    return fc_sync_folder(above, err);
}

static int size_of(const char *file)
{
    struct stat st;
    return file && stat(file, &st) == 0 ? (int)(st.st_size >> 10) : 0;
}

static int all(job *j, fc_err *err)
{
    const fc_restore_order *o = j->o;
    int rc = o->to ? empty_folder(o->to, err) : FC_OK;
    if (!rc && o->to) rc = make_part(j, err);
    if (!rc && o->to) rc = measure_room(j, err);
    if (!rc) rc = unpack(j, o->file, false, err);
    if (!rc && o->keys_file) rc = unpack(j, o->keys_file, true, err);
    if (rc || !o->to) return rc;
    rc = check_databases(j, err);
    if (!rc) rc = place_key(j, err);
    return rc ? rc : give_name(j, err);
}

int fc_restore(const fc_restore_order *o, fc_restore_result *r, fc_err *err)
{
    job j = {.o = o, .r = r, .lock = -1, .total = size_of(o->file) + size_of(o->keys_file)};
    *r = (fc_restore_result){0};
    j.buffer = fc_alloc(FCB_BLOCK);
    int rc = all(&j, err);
    if (rc && j.lock >= 0) fc_remove_tree(j.part, MARK);
    if (j.lock >= 0) close(j.lock);
    if (!rc && o->watch.step) o->watch.step(o->watch.ctx, j.total + 1, j.total + 1, "");
    free(j.buffer);
    return rc;
}
