/* One rotation at a time: the folder secrets/ is locked. Every file is opened and unlocked before anything is
 * written, so a wrong key changes nothing. */
#include "store/rotate.h"
#include "base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

typedef struct turn {
    const fc_rotation *r;
    fc_keys **keys;
    fc_master *now, *next;
    char next_path[4096];
    int folder, steps;
} turn;

static void step(turn *t, const char *what)
{
    t->steps++;
    if (t->r->step) t->r->step(t->r->ctx, t->steps, what);
}

int fc_rotate_lock(const char *secrets, int *folder, fc_err *err)
{
    *folder = open(secrets, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder < 0)
        return fc_fail(err, FC_EIO, "%s: 无法打开：%s", "%s: cannot be opened: %s", secrets, strerror(errno));
    if (flock(*folder, LOCK_EX | LOCK_NB) == 0) return FC_OK;
    close(*folder);
    *folder = -1;
    return fc_fail(err, FC_ECONFLICT, "%s: 另一个 forecourt key rotate 正在进行，请等它结束",
                   "%s: another forecourt key rotate is running, wait for its end", secrets);
}

static int open_all(turn *t, fc_err *err)
{
    int rc = fc_master_read(t->r->secrets, 0, &t->now, err);
    t->keys = fc_alloc((t->r->n + 1) * sizeof *t->keys);
    for (size_t i = 0; i < t->r->n && !rc; i++) {
        if (access(t->r->paths[i], F_OK) != 0)
            return fc_fail(err, FC_ENOTFOUND, "%s: 密钥库不存在；请先启动一次站点，或从备份恢复它",
                           "%s: the key store is missing; start the site once, or restore it from a backup",
                           t->r->paths[i]);
        rc = fc_keys_open(t->r->paths[i], t->r->schema, t->r->dealerships[i], &t->keys[i], err);
        if (!rc) rc = fc_keys_unlock(t->keys[i], t->now, err);
    }
    return rc;
}

/* More than one wrapping without a next key: everything but the last step was done. */
static int half_done(turn *t, int *half, fc_err *err)
{
    int64_t count, since;
    *half = 0;
    for (size_t i = 0; i < t->r->n; i++) {
        int rc = fc_keys_wrappings(t->keys[i], t->now, &count, &since, err);
        if (rc) return rc;
        *half |= count > 1;
    }
    return FC_OK;
}

/* A file half made by a process that was killed holds a key, too. */
static void sweep(turn *t)
{
    struct dirent *e;
    DIR *d = opendir(t->r->secrets);
    while (d && (e = readdir(d)))
        if (fnmatch("master.key*.tmp", e->d_name, 0) == 0) unlinkat(t->folder, e->d_name, 0);
    if (d) closedir(d);
}

static int remove_old(turn *t, const fc_master *m, fc_err *err)
{
    for (size_t i = 0; i < t->r->n; i++) {
        int rc = fc_keys_only(t->keys[i], m, err);
        if (rc) return rc;
        step(t, "old removed");
    }
    if (t->next_path[0]) unlink(t->next_path);
    sweep(t);
    fsync(t->folder);
    return FC_OK;
}

static int wrap_all(turn *t, fc_err *err)
{
    for (size_t i = 0; i < t->r->n; i++) {
        int rc = fc_keys_wrap(t->keys[i], t->next, err);
        if (rc) return rc;
        step(t, "wrapped");
    }
    return FC_OK;
}

static int put_in_place(turn *t, fc_err *err)
{
    if (rename(t->next_path, t->now->place) != 0 || fsync(t->folder) != 0)
        return fc_fail(err, FC_EIO, "%s: 无法替换：%s", "%s: cannot be replaced: %s", t->now->place,
                       strerror(errno));
    step(t, "in place");
    return FC_OK;
}

static int next_key(turn *t, fc_err *err)
{
    int rc = access(t->next_path, F_OK) == 0 ? FC_OK : fc_master_make(t->next_path, err);
    if (!rc) rc = fc_master_read_file(t->next_path, &t->next, err);
    if (!rc) step(t, "next made");
    return rc;
}

static int change(turn *t, enum fc_rotated *result, fc_err *err)
{
    int half = 0, waiting = access(t->next_path, F_OK) == 0;
    int rc = waiting ? FC_OK : half_done(t, &half, err);
    if (!rc && half) {
        *result = FC_ROTATED_RESUME;
        return remove_old(t, t->now, err);
    }
    if (!rc) rc = next_key(t, err);
    if (rc) return rc;
    *result = waiting ? FC_ROTATED_RESUME : FC_ROTATED;
    if (strcmp(t->next->print, t->now->print) == 0)
        return remove_old(t, t->now, err); /* put in place by hand */
    rc = wrap_all(t, err);
    if (!rc && t->now->source != FC_MASTER_FILE) {
        *result = FC_ROTATED_WAITS;
        return FC_OK;
    }
    if (!rc) rc = put_in_place(t, err);
    return rc ? rc : remove_old(t, t->next, err);
}

static void end(turn *t)
{
    for (size_t i = 0; t->keys && i < t->r->n; i++)
        fc_keys_close(t->keys[i]);
    free(t->keys);
    fc_master_free(t->now);
    fc_master_free(t->next);
    if (t->folder >= 0) close(t->folder);
}

int fc_rotate(const fc_rotation *r, enum fc_rotated *result, char before[FC_PRINT_CAP],
              char after[FC_PRINT_CAP], fc_err *err)
{
    turn t = {.r = r, .folder = -1};
    snprintf(t.next_path, sizeof t.next_path, "%s/master.key.next", r->secrets);
    int rc = fc_rotate_lock(r->secrets, &t.folder, err);
    if (!rc) rc = open_all(&t, err);
    if (!rc) rc = change(&t, result, err);
    if (!rc) {
        snprintf(before, FC_PRINT_CAP, "%s", t.now->print);
        snprintf(after, FC_PRINT_CAP, "%s", t.next ? t.next->print : t.now->print);
    }
    end(&t);
    return rc;
}
