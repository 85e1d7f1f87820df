/* Finds the plugins a site sees. */
#include "base/buf.h"
#include "plugin/problem.h"
#include "plugin/source.h"
#include "lua/vm.h"
#include "pack/lock.h"
#include "pack/trust.h"
#include "plugin/pack_installed.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct found {
    fc_source **list;
    size_t n, cap;
    json_t *problems;
} found;

static void keep(found *f, fc_source *s)
{
    if (!s) return;
    for (size_t i = 0; i < f->n; i++) {
        if (strcmp(f->list[i]->id, s->id) != 0) continue;
        char zh[1024], en[1024];
        snprintf(zh, sizeof zh, "两个文件夹的插件 id 都是 '%s'：%s 和 %s；保留前者，请改其中一个", s->id,
                 f->list[i]->dir, s->dir);
        snprintf(en, sizeof en,
                 "two folders have the plugin id '%s': %s and %s; the first one stays, change one of them",
                 s->id, f->list[i]->dir, s->dir);
        char at[512];
        snprintf(at, sizeof at, "%s/plugin.lua", s->label);
        fc_problem(f->problems, s->label, at, zh, en);
        fc_source_unref(s);
        return;
    }
    if (f->n + 2 > f->cap)
        f->list = fc_realloc(f->list, (f->cap = f->cap ? f->cap * 2 : 32) * sizeof *f->list);
    f->list[f->n++] = s;
    f->list[f->n] = NULL;
}

static int is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void scan_children(found *f, const char *root, const char *label, const char *origin)
{
    struct dirent **list;
    int n = scandir(root, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char dir[4096], name[512];
        snprintf(dir, sizeof dir, "%s/%s", root, list[i]->d_name);
        snprintf(name, sizeof name, "%s/%s", label, list[i]->d_name);
        if (list[i]->d_name[0] != '.' && is_folder(dir))
            keep(f, fc_source_read(dir, name, origin, f->problems));
        free(list[i]);
    }
    if (n >= 0) free(list);
}

static void scan_scripts(found *f, const char *root, const char *label, const char *origin)
{
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/scripts", root);
    struct dirent **list;
    int n = scandir(dir, &list, NULL, alphasort), any = 0;
    for (int i = 0; i < n; i++) {
        size_t len = strlen(list[i]->d_name);
        any |= len > 4 && strcmp(list[i]->d_name + len - 4, ".lua") == 0;
        free(list[i]);
    }
    if (n >= 0) free(list);
    if (any) keep(f, fc_source_read(dir, label, origin, f->problems));
}

static void scan_pack(found *f, const char *share, const char *site, const char *name)
{
    char dir[4096], label[512];
    snprintf(label, sizeof label, "packs/%s", name);
    snprintf(dir, sizeof dir, "%s/packs/%s", site, name);
    if (!is_folder(dir)) snprintf(dir, sizeof dir, "%s/packs/%s", share, name);
    if (is_folder(dir)) {
        keep(f, fc_source_read(dir, label, "pack", f->problems));
        return;
    }
    char zh[512], en[512];
    snprintf(zh, sizeof zh, "找不到插件包 '%s'：请放到站点的 packs/%s，或从 site.lua 的 packs 中删去", name,
             name);
    snprintf(
        en, sizeof en,
        "the pack '%s' is not there: put it into the site's packs/%s or take it out of packs in site.lua",
        name, name);
    fc_problem(f->problems, label, "site.lua", zh, en);
}

/* ---- packs that were installed */

typedef struct installed {
    found *f;
    const char *site;
    json_t *lock, *trust;
} installed;

/* The problem stands under the pack's label, so that what is in force of it stays. */
static void broken_pack(found *f, const char *label, const fc_err *err)
{
    fc_problem(f->problems, label, label, err->text[FC_ZH], err->text[FC_EN]);
}

static void scan_installed(installed *in, const char *id, const json_t *entry)
{
    char dir[4096], label[512];
    fc_err err;
    const char *folder = json_string_value(json_object_get(entry, "folder"));
    if (!folder) return; /* waits for a person */
    snprintf(label, sizeof label, "packs/%s", id);
    snprintf(dir, sizeof dir, "%s/packs/%s", in->site, folder);
    fc_source *s = fc_source_read(dir, label, "pack", in->f->problems);
    if (s && fc_installed_check(s, dir, entry, in->trust, fc_lua_version(), &err)) {
        broken_pack(in->f, label, &err);
        fc_source_unref(s);
        s = NULL;
    }
    keep(in->f, s);
}

/* Without the lock nobody knows which folder is in force: each that was installed keeps what it has. */
static void lock_unreadable(found *f, const char *site, const fc_err *err)
{
    char dir[4096], label[512];
    struct dirent **list;
    snprintf(dir, sizeof dir, "%s/packs", site);
    int n = scandir(dir, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const char *at = strchr(list[i]->d_name, '@');
        snprintf(label, sizeof label, "packs/%.*s", at ? (int)(at - list[i]->d_name) : 0, list[i]->d_name);
        if (at) fc_problem(f->problems, label, "packs.lock", err->text[FC_ZH], err->text[FC_EN]);
        free(list[i]);
    }
    if (n >= 0) free(list);
}

static void open_installed(installed *in)
{
    fc_err err;
    in->lock = in->trust = NULL;
    if (!in->site) return;
    int rc = fc_lock_read(in->site, &in->lock, NULL, &err);
    if (!rc) rc = fc_trust_read(in->site, &in->trust, &err);
    if (!rc) return;
    lock_unreadable(in->f, in->site, &err);
    json_decref(in->lock);
    in->lock = NULL;
}

static void scan_packs(found *f, const char *share, const char *site, const json_t *packs)
{
    installed in = {.f = f, .site = site};
    size_t i;
    json_t *name, *entry;
    const char *id;
    open_installed(&in);
    json_array_foreach((json_t *)packs, i, name)
    {
        const json_t *have = json_is_string(name) ? json_object_get(in.lock, json_string_value(name)) : NULL;
        if (!json_is_string(name) || json_object_get(have, "folder")) continue;
        scan_pack(f, share, site ? site : share, json_string_value(name));
    }
    json_object_foreach(in.lock, id, entry) scan_installed(&in, id, entry);
    json_decref(in.lock);
    json_decref(in.trust);
}

fc_source **fc_sources_scan(const char *share, const char *site, const json_t *packs, json_t *problems)
{
    found f = {.problems = problems};
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/plugins", share);
    scan_children(&f, dir, "plugins", "shipped");
    scan_scripts(&f, share, "scripts", "shipped");
    scan_packs(&f, share, site, packs);
    if (site) {
        snprintf(dir, sizeof dir, "%s/plugins", site);
        scan_children(&f, dir, "plugins", "site");
        scan_scripts(&f, site, "site/scripts", "site");
    }
    if (!f.list) f.list = fc_alloc(sizeof *f.list);
    return f.list;
}

void fc_sources_free(fc_source **list)
{
    for (fc_source **p = list; p && *p; p++)
        fc_source_unref(*p);
    free(list);
}
