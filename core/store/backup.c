/* Collect -> for each database: copy, add, remove the copy; for each file: add -> the keys' file -> rename
 * both, folders synced. Everything up to the renames happens under names that nobody takes for a backup; a
 * failure removes them, and after a kill the next backup does. */
#include "store/backup_internal.h"
#include "store/master.h"

#include "base/buf.h"
#include "base/owner.h"
#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum file { SITE, KEYS };

typedef struct job {
    const fc_backup_order *o;
    fc_backup_result *r;
    fc_parts parts;
    int64_t done;
    const char *what;
    char *buffer;
    char to[PATH_MAX], keys_to[PATH_MAX]; /* absolute: the record outlives this process's folder */
    char stage[PATH_MAX], tmp[2][PATH_MAX], made[24];
    bool has_tmp[2], placed[2];
    int held[2]; /* descriptors of tmp, locked; -1: none */
    unsigned char master[FC_KEY_BYTES];
} job;

void fc_backup_folder_name(const char *dir, char out[64])
{
    char real[PATH_MAX];
    size_t n = 0;
    const char *name = basename(realpath(dir, real) ? real : strcpy(real, "site"));
    for (; *name && n < 63; name++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", *name))
            out[n++] = *name;
    out[n] = 0;
    if (n == 0 || out[0] == '.') strcpy(out, "site");
}

int fc_backup_lock(const char *dir, int *lock, fc_err *err)
{
    char path[PATH_MAX], data[PATH_MAX];
    snprintf(data, sizeof data, "%.4000s/data", dir);
    snprintf(path, sizeof path, "%.4000s/data/.backup.lock", dir);
    *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*lock < 0) return fc_fail(err, FC_EIO, "%s: 无法打开：%m", "%s: cannot be opened: %m", path);
    fc_same_owner(*lock, data);
    if (flock(*lock, LOCK_EX | LOCK_NB) == 0) return FC_OK;
    close(*lock);
    *lock = -1;
    return fc_fail(err, FC_ECONFLICT, "%s: 另一个进程正在备份这个站点",
                   "%s: another process is making a backup "
                   "of this site",
                   dir);
}

static int step(void *ctx, int64_t bytes)
{
    job *j = ctx;
    j->done += bytes;
    if (j->done > j->parts.work) j->done = j->parts.work; /* it grew meanwhile */
    return j->o->watch.step &&
           j->o->watch.step(j->o->watch.ctx, j->done >> 10, (j->parts.work >> 10) + 1, j->what);
}

/* gone: a file that somebody took away between the list and now is no error. */
static int add_file(job *j, fc_fcb_writer *w, const char *path, const char *name, int *gone, fc_err *err)
{
    struct stat st;
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    *gone = fd < 0 && errno == ENOENT;
    if (*gone) return FC_OK;
    if (fd < 0 || fstat(fd, &st) != 0) {
        int why = errno;
        if (fd >= 0) close(fd);
        return fc_fail(err, FC_EIO, "%s: 无法打开：%s", "%s: cannot be opened: %s", path, strerror(why));
    }
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    int rc = fc_fcb_begin(w, name, st.st_mode, err);
    while (!rc && (n = read(fd, j->buffer, FCB_BLOCK)) > 0) {
        rc = fc_fcb_write(w, j->buffer, (size_t)n, err);
        if (!rc && step(j, n)) rc = fc_backup_interrupted(err);
    }
    if (!rc && n < 0)
        rc = fc_fail(err, FC_EIO, "%s: 读取失败：%s", "%s: cannot be read: %s", path, strerror(errno));
    close(fd);
    return rc ? rc : fc_fcb_end(w, err);
}

/* The copy, and what the driver may have put beside it. */
static int add_stage(job *j, fc_fcb_writer *w, fc_err *err)
{
    char path[PATH_MAX + 256], name[FC_FCB_NAME];
    struct dirent *e;
    int rc = FC_OK, gone;
    DIR *d = opendir(j->stage);
    if (!d) return fc_fail(err, FC_EIO, "%s: 无法读取：%m", "%s: cannot be read: %m", j->stage);
    while (!rc && (e = readdir(d))) {
        if (e->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", j->stage, e->d_name);
        snprintf(name, sizeof name, "data/%s", e->d_name);
        rc = add_file(j, w, path, name, &gone, err);
    }
    closedir(d);
    return rc;
}

static int clear_stage(job *j, fc_err *err)
{
    fc_remove_tree(j->stage, NULL);
    return fc_make_dirs(j->stage, 0700, err);
}

static int add_database(job *j, fc_fcb_writer *w, const fc_part *p, fc_err *err)
{
    char from[PATH_MAX], to[PATH_MAX + 256];
    snprintf(from, sizeof from, "%s/%s", j->o->dir, p->name);
    snprintf(to, sizeof to, "%s/%s", j->stage, strrchr(p->name, '/') + 1);
    int rc = clear_stage(j, err);
    if (!rc) rc = fc_database_copy(from, to, step, j, err);
    if (!rc) rc = add_stage(j, w, err);
    return rc;
}

static int add_part(job *j, fc_fcb_writer *w, const fc_part *p, fc_err *err)
{
    char path[PATH_MAX];
    int gone;
    j->what = p->name;
    if (p->database) return add_database(j, w, p, err);
    snprintf(path, sizeof path, "%s/%s", j->o->dir, p->name);
    return add_file(j, w, path, p->name, &gone, err);
}

/* Until it has its name: whoever clears up leftovers in this folder leaves it alone. */
static void hold(job *j, enum file which)
{
    j->has_tmp[which] = true;
    j->held[which] = open(j->tmp[which], O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (j->held[which] >= 0) (void)flock(j->held[which], LOCK_EX | LOCK_NB);
}

static int write_parts(job *j, enum file which, fc_fcb_sum *sum, fc_err *err)
{
    static const char *const kinds[] = {[SITE] = "site", [KEYS] = "keys"};
    fc_fcb_writer *w = NULL;
    fc_fcb_head head = {.program = FORECOURT_VERSION};
    snprintf(head.kind, sizeof head.kind, "%s", kinds[which]);
    snprintf(head.site, sizeof head.site, "%.250s", j->o->site);
    snprintf(head.made, sizeof head.made, "%s", j->made);
    int rc = fc_fcb_create(j->tmp[which], &head, j->master, &w, err);
    if (w) hold(j, which);
    for (size_t i = 0; i < j->parts.n && !rc; i++)
        if (j->parts.list[i].keys == (which == KEYS)) rc = add_part(j, w, &j->parts.list[i], err);
    if (!rc) rc = fc_fcb_finish(w, sum, err);
    fc_fcb_close_writer(w);
    return rc;
}

/* Another site of the same name may keep its backups here: it holds the file that it writes. */
static void remove_leftover(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) unlink(path);
    close(fd);
}

/* What a backup that was killed left. */
static void remove_leftovers(const char *to, const char *folder)
{
    char path[PATH_MAX + 300], name[256];
    struct dirent *e;
    bool keys;
    int64_t at;
    DIR *d = opendir(to);
    while (d && (e = readdir(d))) {
        size_t n = strlen(e->d_name);
        if (e->d_name[0] != '.' || n < 6 || strcmp(e->d_name + n - 5, ".part") != 0) continue;
        snprintf(name, sizeof name, "%.*s", (int)n - 6, e->d_name + 1);
        if (!fc_backup_name(name, folder, &keys, &at)) continue;
        snprintf(path, sizeof path, "%s/%s", to, e->d_name);
        remove_leftover(path);
    }
    if (d) closedir(d);
}

/* A second that is not taken yet. */
static void choose_names(job *j)
{
    fc_backup_result *r = j->r;
    for (time_t at = (time_t)(fc_now() / 1000);; at++) {
        struct tm t;
        char when[24];
        gmtime_r(&at, &t);
        strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &t);
        strftime(j->made, sizeof j->made, "%Y-%m-%dT%H:%M:%SZ", &t);
        snprintf(r->file, sizeof r->file, "%.3960s/forecourt-%s-%s.fcb", j->to, j->o->folder, when);
        snprintf(r->keys_file, sizeof r->keys_file, "%.3960s/forecourt-%s-%s-keys.fcb", j->keys_to,
                 j->o->folder, when);
        snprintf(j->tmp[SITE], PATH_MAX, "%.3960s/.forecourt-%s-%s.fcb.part", j->to, j->o->folder, when);
        snprintf(j->tmp[KEYS], PATH_MAX, "%.3960s/.forecourt-%s-%s-keys.fcb.part", j->keys_to, j->o->folder,
                 when);
        if (access(r->file, F_OK) != 0 && access(r->keys_file, F_OK) != 0) return;
    }
}

static int place(job *j, enum file which, const char *path, const char *folder, fc_err *err)
{
    const char *tmp = j->tmp[which];
    if (renameat2(AT_FDCWD, tmp, AT_FDCWD, path, RENAME_NOREPLACE) != 0 &&
        (errno != EINVAL || rename(tmp, path) != 0)) /* a file system that cannot refuse */
        return fc_fail(err, FC_EIO, "%s: 无法改名：%s", "%s: cannot be given its name: %s", path,
                       strerror(errno));
    j->has_tmp[which] = false;
    j->placed[which] = true;
    return fc_sync_folder(folder, err);
}

/* What stands under a name and was not made here is another site's. */
static void remove_own(const job *j)
{
    const char *const places[] = {[SITE] = j->r->file, [KEYS] = j->r->keys_file};
    for (int i = SITE; i <= KEYS; i++) {
        if (j->has_tmp[i]) unlink(j->tmp[i]);
        if (j->placed[i]) unlink(places[i]);
    }
}

static int make(job *j, fc_err *err)
{
    bool keys = false;
    for (size_t i = 0; i < j->parts.n; i++)
        keys |= j->parts.list[i].keys;
    if (!keys) j->r->keys_file[0] = 0;
    int rc = write_parts(j, SITE, &j->r->sum, err);
    if (!rc && keys) rc = write_parts(j, KEYS, &j->r->keys_sum, err);
    if (!rc && keys) rc = place(j, KEYS, j->r->keys_file, j->keys_to, err);
    if (!rc) rc = place(j, SITE, j->r->file, j->to, err);
    if (rc) remove_own(j);
    return rc;
}

/* One that is new belongs to whom the site belongs: the next backup may not be the superuser's. */
static int make_folder(const char *site, const char *path, char out[PATH_MAX], fc_err *err)
{
    int is_new = access(path, F_OK) != 0, rc = fc_make_dirs(path, 0700, err);
    int fd = !rc && is_new ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fc_same_owner(fd, site);
        close(fd);
    }
    if (rc || (realpath(path, out) && strlen(out) < PATH_MAX - 128)) return rc;
    return fc_fail(err, FC_EIO, "%s: 无法使用这个文件夹：%m", "%s: this folder cannot be used: %m", path);
}

static int is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && (path[n] == 0 || path[n] == '/');
}

/* Each backup would hold all before it, and an erased person's key would come back with the site's. */
static int not_inside(const job *j, const char *to, fc_err *err)
{
    char real[PATH_MAX], folder[PATH_MAX];
    if (!realpath(j->o->dir, real))
        return fc_fail(err, FC_EIO, "%s: 无法读取：%m", "%s: cannot be read: %m", j->o->dir);
    for (const char *const *f = fc_parts_folders; *f; f++) {
        snprintf(folder, sizeof folder, "%.4000s/%s", real, *f);
        if (!is_below(to, folder)) continue;
        if (strcmp(to, folder) != 0) rmdir(to); /* if it was made for this */
        return fc_fail(err, FC_EINVAL, "%s: 这个文件夹本身要备份，备份不能放在里面；请换一个文件夹",
                       "%s: this folder is backed up itself and cannot hold backups; choose another", to);
    }
    return FC_OK;
}

static int read_master(job *j, fc_err *err)
{
    char secrets[PATH_MAX];
    fc_master *m = NULL;
    snprintf(secrets, sizeof secrets, "%s/secrets", j->o->dir);
    int rc = fc_master_read(secrets, 0, &m, err);
    if (!rc) memcpy(j->master, m->key, sizeof j->master);
    fc_master_free(m);
    return rc;
}

static int prepare(job *j, fc_err *err)
{
    snprintf(j->stage, sizeof j->stage, "%s/data/" FC_BACKUP_STAGE, j->o->dir);
    int rc = read_master(j, err);
    if (!rc) rc = make_folder(j->o->dir, j->o->to, j->to, err);
    if (!rc) rc = make_folder(j->o->dir, j->o->keys_to, j->keys_to, err);
    if (!rc) rc = not_inside(j, j->to, err);
    if (!rc) rc = not_inside(j, j->keys_to, err);
    if (!rc) rc = fc_parts_collect(j->o->dir, &j->parts, err);
    if (rc) return rc;
    remove_leftovers(j->to, j->o->folder);
    remove_leftovers(j->keys_to, j->o->folder);
    choose_names(j);
    j->buffer = fc_alloc(FCB_BLOCK);
    j->r->skipped = j->parts.skipped;
    snprintf(j->r->first_skipped, sizeof j->r->first_skipped, "%s", j->parts.first_skipped);
    return FC_OK;
}

int fc_backup(const fc_backup_order *o, fc_backup_result *r, fc_err *err)
{
    job *j = fc_alloc(sizeof *j);
    *r = (fc_backup_result){0};
    j->held[SITE] = j->held[KEYS] = -1;
    j->o = o;
    j->r = r;
    int rc = prepare(j, err);
    if (!rc) rc = make(j, err);
    if (j->stage[0]) fc_remove_tree(j->stage, NULL);
    if (!rc && o->watch.step)
        o->watch.step(o->watch.ctx, (j->parts.work >> 10) + 1, (j->parts.work >> 10) + 1, "");
    for (int i = SITE; i <= KEYS; i++)
        if (j->held[i] >= 0) close(j->held[i]);
    fc_parts_free(&j->parts);
    free(j->buffer);
    explicit_bzero(j->master, sizeof j->master);
    free(j);
    return rc;
}
