/* The site's database goes first: the audit log's signed head stands in it, and a head that is older than the
 * log is no break, one that is newer would look like a cut. The keys go last: a row whose key is missing
 * would be lost, a key without its row does no harm. Links are not followed: what they lead to belongs to
 * somebody else. */
#include "store/backup_internal.h"

#include "base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 32

static void add(fc_parts *p, const char *name, int64_t size, bool database, bool keys)
{
    if (p->n == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 64;
        p->list = fc_realloc(p->list, p->cap * sizeof *p->list);
    }
    p->list[p->n++] = (fc_part){fc_strdup(name), size, database, keys};
    p->work += database ? size * 2 : size;
}

static void skip(fc_parts *p, const char *name)
{
    if (p->skipped++ == 0) snprintf(p->first_skipped, sizeof p->first_skipped, "%s", name);
}

static int fail_folder(const char *path, fc_err *err)
{
    return fc_fail(err, FC_EIO, "%s: 无法读取文件夹：%s", "%s: the folder cannot be read: %s", path,
                   strerror(errno));
}

static int walk(const char *dir, const char *name, int depth, fc_parts *p, fc_err *err);

static int one(const char *dir, const char *name, int depth, fc_parts *p, fc_err *err)
{
    char path[PATH_MAX];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    if (lstat(path, &st) != 0) return errno == ENOENT ? FC_OK : fail_folder(path, err);
    if (S_ISDIR(st.st_mode)) return walk(dir, name, depth + 1, p, err);
    if (S_ISREG(st.st_mode))
        add(p, name, st.st_size, false, false);
    else
        skip(p, name);
    return FC_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, so that two backups of the same site hold the same in the same order. */
static int names_of(const char *path, char ***out, size_t *n, fc_err *err)
{
    struct dirent *e;
    DIR *d = opendir(path);
    *out = NULL;
    *n = 0;
    if (!d) return errno == ENOENT ? FC_OK : fail_folder(path, err);
    while ((e = readdir(d))) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        *out = fc_realloc(*out, (*n + 1) * sizeof **out);
        (*out)[(*n)++] = fc_strdup(e->d_name);
    }
    closedir(d);
    if (*n) qsort(*out, *n, sizeof **out, by_name);
    return FC_OK;
}

static void free_names(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

static int walk(const char *dir, const char *name, int depth, fc_parts *p, fc_err *err)
{
    char path[PATH_MAX], **names, below[FC_FCB_NAME];
    size_t n;
    if (depth > DEPTH_MAX)
        return fc_fail(err, FC_ELIMIT, "%s: 文件夹嵌套超过 %d 层", "%s: folders nest deeper than %d", name,
                       DEPTH_MAX);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int rc = names_of(path, &names, &n, err);
    for (size_t i = 0; i < n && !rc; i++) {
        if (snprintf(below, sizeof below, "%s/%s", name, names[i]) >= (int)sizeof below)
            skip(p, name);
        else
            rc = one(dir, below, depth, p, err);
    }
    free_names(names, n);
    return rc;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n > m && strcmp(s + n - m, end) == 0;
}

static void add_database(const char *dir, const char *file, fc_parts *p)
{
    char name[FC_FCB_NAME], path[PATH_MAX];
    struct stat st;
    snprintf(name, sizeof name, "data/%.255s", file);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    if (lstat(path, &st) != 0) return;
    if (S_ISREG(st.st_mode))
        add(p, name, st.st_size, true, ends_with(file, ".keys.db"));
    else
        skip(p, name);
}

static int add_databases(const char *dir, fc_parts *p, fc_err *err)
{
    char path[PATH_MAX], **names;
    size_t n;
    snprintf(path, sizeof path, "%s/data", dir);
    int rc = names_of(path, &names, &n, err);
    for (int turn = 0; turn < 3 && !rc; turn++)
        for (size_t i = 0; i < n; i++) {
            int when = !strcmp(names[i], "site.db") ? 0 : ends_with(names[i], ".keys.db") ? 2 : 1;
            if (when == turn && names[i][0] != '.' && ends_with(names[i], ".db"))
                add_database(dir, names[i], p);
        }
    free_names(names, n);
    return rc;
}

const char *const fc_parts_folders[] = {"plugins", "scripts", "packs", "data/files", NULL};

int fc_parts_collect(const char *dir, fc_parts *p, fc_err *err)
{
    static const char *const single[] = {"site.lua", "packs.lock", "packs.trust", "packs.seen"};
    *p = (fc_parts){0};
    int rc = FC_OK;
    for (int i = 0; i < 4 && !rc; i++)
        rc = one(dir, single[i], 0, p, err);
    for (int i = 0; i < 3 && !rc; i++)
        rc = walk(dir, fc_parts_folders[i], 0, p, err);
    if (!rc) rc = add_databases(dir, p, err);
    if (!rc) rc = walk(dir, fc_parts_folders[3], 0, p, err); /* after the rows that name them */
    return rc;
}

void fc_parts_free(fc_parts *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->list[i].name);
    free(p->list);
}

int fc_sync_folder(const char *path, fc_err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0;
    if (fd >= 0) close(fd);
    if (!failed) return FC_OK;
    return fc_fail(err, FC_EIO, "%s: 无法同步文件夹：%s", "%s: the folder cannot be synced: %s", path,
                   strerror(errno));
}
