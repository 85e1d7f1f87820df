/* Leftovers are harmless: names that begin with a dot are half written, others are whole and in no lock. Both
 * go with the next run that holds the lock. */
#include "pack/unpack.h"
#include "base/owner.h"
#include "pack/site_file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ASIDE ".new-"

static int write_body(const char *dir, const char *path, const char *bytes, size_t n, fc_err *err)
{
    char full[PATH_MAX + FC_PACK_PATH + 2], parent[sizeof full];
    snprintf(full, sizeof full, "%s/%s", dir, path);
    snprintf(parent, sizeof parent, "%s", full);
    *strrchr(parent, '/') = 0;
    int rc = fc_make_dirs(parent, 0755, err);
    return rc ? rc : fc_write_file(full, bytes, n, 0644, err);
}

/* The folders of the files, so that their names are on disk, too. */
static int sync_folders(const fc_archive *a, const char *dir, fc_err *err)
{
    char full[PATH_MAX + FC_PACK_PATH + 2], last[sizeof full] = "";
    int rc = FC_OK;
    for (size_t i = 0; i < a->index->n && !rc; i++) {
        snprintf(full, sizeof full, "%s/%s", dir, a->index->files[i].path);
        for (char *slash; !rc && (slash = strrchr(full, '/')) && (size_t)(slash - full) > strlen(dir);) {
            *slash = 0;
            if (strcmp(full, last) == 0) break;
            rc = fc_sync_names(full, err);
        }
        snprintf(last, sizeof last, "%s", full);
    }
    return rc ? rc : fc_sync_names(dir, err);
}

static int write_all(const fc_archive *a, const char *dir, fc_err *err)
{
    int rc = fc_make_dirs(dir, 0755, err);
    if (!rc) rc = write_body(dir, "INDEX", a->index_text, a->index_len, err);
    if (!rc && a->signature) rc = write_body(dir, "INDEX.minisig", a->signature, a->signature_len, err);
    for (size_t i = 0; i < a->index->n && !rc; i++)
        rc = write_body(dir, a->index->files[i].path, a->bodies[i], (size_t)a->index->files[i].size, err);
    return rc ? rc : sync_folders(a, dir, err);
}

static int move_into_place(const fc_archive *a, const char *packs, const char *aside,
                           char folder[FC_PACK_FOLDER], fc_err *err)
{
    for (int i = 0; i < 1000; i++) {
        char to[PATH_MAX], number[16] = "";
        if (i) snprintf(number, sizeof number, ".%d", i + 1);
        snprintf(folder, FC_PACK_FOLDER, "%s@%s-%.12s%s", a->index->id, a->index->version, a->hash, number);
        snprintf(to, sizeof to, "%s/%s", packs, folder);
        if (access(to, F_OK) == 0) continue;
        if (rename(aside, to) == 0) return fc_sync_names(packs, err);
        if (errno != EEXIST && errno != ENOTEMPTY) break;
    }
    return fc_fail(err, FC_EIO, "%s/%s: 无法创建：%s", "%s/%s: cannot be made: %s", packs, folder,
                   strerror(errno));
}

int fc_pack_unpack(const fc_archive *a, const char *site, char folder[FC_PACK_FOLDER], fc_err *err)
{
    char packs[PATH_MAX - 300], aside[PATH_MAX];
    snprintf(packs, sizeof packs, "%s/packs", site);
    snprintf(aside, sizeof aside, "%s/" ASIDE "%s", packs, a->index->id);
    fc_packs_owner(site);
    fc_remove_tree(aside, NULL);
    int rc = write_all(a, aside, err);
    if (!rc) rc = move_into_place(a, packs, aside, folder, err);
    if (rc) fc_remove_tree(aside, NULL);
    fc_owner_end();
    return rc;
}

static int names(const json_t *entry, const char *folder)
{
    static const char *const keys[] = {"folder", "before", NULL};
    for (const char *const *k = keys; *k; k++) {
        const char *have = json_string_value(json_object_get(entry, *k));
        if (have && strcmp(have, folder) == 0) return 1;
    }
    const json_t *staged = json_object_get(entry, "staged");
    return staged && names(staged, folder);
}

static int is_named(const json_t *packs, const char *folder)
{
    const char *id;
    json_t *entry;
    json_object_foreach((json_t *)packs, id, entry) if (names(entry, folder)) return 1;
    return 0;
}

void fc_pack_tidy(const char *site, const json_t *packs)
{
    char dir[PATH_MAX], path[PATH_MAX + 300];
    struct dirent **list;
    snprintf(dir, sizeof dir, "%s/packs", site);
    fc_packs_owner(site);
    int n = scandir(dir, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = list[i]->d_name;
        int half = strncmp(name, ASIDE, strlen(ASIDE)) == 0;
        snprintf(path, sizeof path, "%s/%s", dir, name);
        if (half || (*name != '.' && strchr(name, '@') && !is_named(packs, name))) fc_remove_tree(path, NULL);
        free(list[i]);
    }
    if (n >= 0) free(list);
    fc_owner_end();
}
