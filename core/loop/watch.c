/* A folder and everything below it, by inotify: one watch for each directory, because a watch on a file dies
 * with the first editor that saves by renaming. inotify itself and not libuv's face of it, because only the
 * kernel's IN_IGNORED says for certain that a directory was deleted and made again under the same name.
 *
 * Happy path: an event that is not about an ignored name starts the quiet timer anew; when the timer ends, fn
 * is called. A tree that is never quiet is reported once a second all the same. A directory is watched before
 * it is listed, so what appears in between is seen twice and never missed.
 *
 * States: ATTACHED (the folder exists, every directory below has a watch) and WAITING (it does not; its
 * nearest existing parent has one). Deleting or renaming the folder leads from the first to the second, an
 * event in the parent back. When the kernel drops events or has no watch left, the log says so; the first
 * heals itself by looking at all again. fc_watch_free may be called from fn. */
#include "loop/internal.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define LONGEST_UNREST_MS 1000
#define MOST_DIRS 10000 /* more is a link to somewhere else, not a tree of sources */
#define EVENTS                                                                                               \
    (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB |          \
     IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

struct dir {
    int wd;
    char *path;
};

struct fc_watch {
    fc_loop *loop;
    int fd;
    fc_poll *poll;
    fc_timer *quiet;
    int quiet_ms;
    int64_t unrest_since; /* fc_monotonic of the first change not yet reported, 0 = none */
    char *root;
    int waiting; /* the folder does not exist: dirs holds its nearest parent alone */
    int full;    /* said already that the kernel has no watch left */
    struct dir *dirs;
    int count, cap;
    void (*fn)(void *ctx);
    void *ctx;
};

static int ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), k = strlen(end);
    return n >= k && strcmp(name + n - k, end) == 0;
}

/* data/ is left out only directly below the watched folder: there it is a site's store, which changes all the
 * time. */
static int ignored(const fc_watch *w, const char *parent, const char *name)
{
    if (name[0] == '.' || ends_with(name, "~") || ends_with(name, ".swp") || ends_with(name, ".tmp"))
        return 1;
    if (strcmp(name, "node_modules") == 0) return 1;
    return strcmp(name, "data") == 0 && strcmp(parent, w->root) == 0;
}

static struct dir *find(fc_watch *w, int wd)
{
    for (int i = 0; i < w->count; i++)
        if (w->dirs[i].wd == wd) return &w->dirs[i];
    return NULL;
}

static void forget(fc_watch *w, struct dir *dir)
{
    free(dir->path);
    *dir = w->dirs[--w->count];
}

/* Takes the watches off a folder and all below: it was moved away, and its old name must not be reported any
 * more. */
static void remove_tree(fc_watch *w, const char *path)
{
    size_t n = strlen(path);
    for (int i = w->count - 1; i >= 0; i--) {
        const char *have = w->dirs[i].path;
        if (strncmp(have, path, n) != 0 || (have[n] != '/' && have[n] != 0)) continue;
        inotify_rm_watch(w->fd, w->dirs[i].wd);
        forget(w, &w->dirs[i]);
    }
}

/* Returns 1 if the directory is newly watched, 0 if it was known or is none, else -errno. */
static int add_dir(fc_watch *w, const char *path)
{
    int wd = inotify_add_watch(w->fd, path, EVENTS);
    if (wd < 0) return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -errno;
    if (find(w, wd)) return 0; /* also ends the walk where a symbolic link leads back */
    if (w->count == MOST_DIRS) {
        inotify_rm_watch(w->fd, wd);
        return -E2BIG;
    }
    if (w->count == w->cap) {
        w->cap = w->cap ? w->cap * 2 : 16;
        w->dirs = fc_realloc(w->dirs, (size_t)w->cap * sizeof *w->dirs);
    }
    w->dirs[w->count++] = (struct dir){wd, fc_strdup(path)};
    return 1;
}

static int add_tree(fc_watch *w, const char *path)
{
    int added = add_dir(w, path);
    if (added <= 0) return added;
    DIR *list = opendir(path);
    if (!list) return 1;
    int worst = 1;
    for (struct dirent *e; (e = readdir(list));) {
        if (e->d_type != DT_DIR && e->d_type != DT_LNK && e->d_type != DT_UNKNOWN) continue;
        if (ignored(w, path, e->d_name)) continue; /* "." and ".." too */
        char below[PATH_MAX];
        if (snprintf(below, sizeof below, "%s/%s", path, e->d_name) >= (int)sizeof below) continue;
        int result = add_tree(w, below);
        if (result < 0) {
            worst = result;
            break;
        }
    }
    closedir(list);
    return worst;
}

static int fail_full(const fc_watch *w, int error, fc_err *err)
{
    if (error == ENOSPC)
        return fc_fail(err, FC_ELIMIT, "%s：系统的目录监视数已用完，请提高 fs.inotify.max_user_watches",
                       "%s: the system has no folder watches left; raise fs.inotify.max_user_watches",
                       w->root);
    if (error == E2BIG)
        return fc_fail(
            err, FC_ELIMIT, "%s：目录超过 %d 个，无法全部监视：请检查其中的符号链接",
            "%s: more than %d folders, they cannot all be watched; look for symbolic links among them",
            w->root, MOST_DIRS);
    return fc_fail(err, FC_EIO, "%s：无法监视目录：%s", "%s: the folder cannot be watched: %s", w->root,
                   strerror(error));
}

static void remove_all(fc_watch *w)
{
    while (w->count) {
        inotify_rm_watch(w->fd, w->dirs[w->count - 1].wd);
        forget(w, &w->dirs[w->count - 1]);
    }
}

static int add_nearest_parent(fc_watch *w)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", w->root);
    for (;;) {
        char *slash = strrchr(path, '/');
        if (!slash) return add_dir(w, ".");
        if (slash == path) return add_dir(w, "/");
        *slash = 0;
        int added = add_dir(w, path);
        if (added) return added;
    }
}

/* Puts all watches anew. The folder may appear between the failed look and the watch on its parent: so look
 * again. */
static int attach(fc_watch *w)
{
    int result = 0;
    for (int round = 0; round < 3; round++) {
        remove_all(w);
        w->waiting = 0;
        result = add_tree(w, w->root);
        if (result) break;
        w->waiting = 1;
        result = add_nearest_parent(w);
        if (result < 0 || access(w->root, F_OK) != 0) break;
    }
    return result < 0 ? result : 0;
}

static void on_quiet(void *ctx)
{
    fc_watch *w = ctx;
    w->unrest_since = 0;
    w->fn(w->ctx);
}

static void changed(fc_watch *w)
{
    int64_t now = fc_monotonic();
    if (!w->unrest_since) w->unrest_since = now;
    int64_t left = LONGEST_UNREST_MS - (now - w->unrest_since) / 1000000;
    fc_timer_set(w->quiet, left < w->quiet_ms ? left : w->quiet_ms, 0);
}

static void complain(fc_watch *w, int result)
{
    if (result >= 0 || w->full) return;
    fc_err err;
    fail_full(w, -result, &err);
    w->full = 1;
    fc_log(FC_ERROR, "watch", "%s", fc_err_text(&err, fc_process_lang()));
}

/* Returns 1 if the whole tree has to be looked at again. */
static int take_event(fc_watch *w, const struct inotify_event *e)
{
    if (e->mask & IN_Q_OVERFLOW) return 1;
    struct dir *dir = find(w, e->wd);
    if (!dir) return 0; /* the last words of a watch taken away */
    if (w->waiting) return 1;
    int is_root = strcmp(dir->path, w->root) == 0;
    if (e->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) {
        if (is_root) return 1;
        if (e->mask & IN_IGNORED) forget(w, dir);
        changed(w);
        return 0;
    }
    if (e->len == 0 || ignored(w, dir->path, e->name)) return 0;
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", dir->path, e->name) < (int)sizeof path) {
        if ((e->mask & IN_MOVED_FROM) && (e->mask & IN_ISDIR)) remove_tree(w, path);
        if (e->mask & (IN_CREATE | IN_MOVED_TO)) complain(w, add_tree(w, path));
    }
    changed(w);
    return 0;
}

static void on_events(void *ctx, int events)
{
    (void)events;
    fc_watch *w = ctx;
    char bytes[16384] __attribute__((aligned(8)));
    int again = 0, was_waiting = w->waiting;
    for (ssize_t n; (n = read(w->fd, bytes, sizeof bytes)) > 0;) {
        for (ssize_t at = 0; at < n;) {
            const struct inotify_event *e = (const void *)(bytes + at);
            at += (ssize_t)(sizeof *e + e->len);
            again |= take_event(w, e);
        }
    }
    if (!again) return;
    complain(w, attach(w));
    if (!was_waiting || !w->waiting)
        changed(w); /* the coming and going of strangers beside a missing folder is no news */
}

int fc_watch_new(fc_loop *l, const char *dir, int quiet_ms, void (*fn)(void *ctx), void *ctx, fc_watch **out,
                 fc_err *err)
{
    fc_watch *w = fc_alloc(sizeof *w);
    w->loop = l;
    w->quiet_ms = quiet_ms;
    w->root = fc_strdup(dir);
    for (size_t n = strlen(w->root); n > 1 && w->root[n - 1] == '/'; n--)
        w->root[n - 1] = 0;
    w->fn = fn;
    w->ctx = ctx;
    w->quiet = fc_timer_new(l, on_quiet, w);
    w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (w->fd < 0) {
        fc_fail(err, FC_ELIMIT, "%s：系统的监视器已用完（%s），请提高 fs.inotify.max_user_instances",
                "%s: the system has no watchers left (%s); raise fs.inotify.max_user_instances", dir,
                strerror(errno));
        goto fail;
    }
    int result = attach(w);
    if (result < 0) {
        fail_full(w, -result, err);
        goto fail;
    }
    w->poll = fc_poll_new(l, w->fd, 1, on_events, w);
    *out = w;
    return 0;

fail:
    result = err ? err->code : FC_ELIMIT;
    fc_watch_free(w);
    return result;
}

void fc_watch_free(fc_watch *w)
{
    if (!w) return;
    fc_poll_free(w->poll);
    fc_timer_free(w->quiet);
    while (w->count)
        forget(w, &w->dirs[w->count - 1]);
    if (w->fd >= 0) close(w->fd);
    free(w->dirs);
    free(w->root);
    free(w);
}
