/* Opening a site: config, stores, keys. Any failure closes what was opened and says what and where. */
#include "plugin/site.h"
#include "base/buf.h"
#include "net/web_host.h"
#include "plugin/lease.h"
#include "plugin/live.h"
#include "plugin/site_keys.h"
#include "plugin/site_log.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *fc_share_dir(void)
{
    char exe[PATH_MAX], path[PATH_MAX + 64];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n <= 0) return fc_strdup("share/forecourt");
    exe[n] = 0;
    *strrchr(exe, '/') = 0;
    snprintf(path, sizeof path, "%s/../share/forecourt", exe);
    char real[PATH_MAX];
    return fc_strdup(realpath(path, real) ? real : path);
}

static int config_error(fc_err *err, const char *zh, const char *en)
{
    return fc_fail(err, FC_EINVAL, "site.lua: %s%.0s", "site.lua: %.0s%s", zh, en);
}

int fc_dealership_id_check(const char *id, fc_err *err)
{
    if (id && *id && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(id) &&
        strcmp(id, "site") != 0 && strcmp(id, "assets") != 0)
        return FC_OK;
    return fc_fail(err, FC_EINVAL, "每家店要有 id：小写字母、数字和 -，不能是 site 或 assets",
                   "every dealership needs an id: lower-case letters, digits and -, not site or assets");
}

static int check_config(fc_site *s, fc_err *err)
{
    size_t i;
    json_t *d, *list = json_object_get(s->config, "dealerships");
    if (!json_is_array(list) || json_array_size(list) == 0)
        return config_error(err, "缺少 dealerships（至少一家店：{ id = \"...\", name = {...} }）",
                            "dealerships is missing (at least one: { id = \"...\", name = {...} })");
    json_array_foreach(list, i, d)
    {
        const char *id = json_string_value(json_object_get(d, "id"));
        if (fc_dealership_id_check(id, err)) return fc_wrap(err, "site.lua");
        for (size_t k = 0; k < i; k++)
            if (json_equal(json_object_get(json_array_get(list, k), "id"), json_object_get(d, "id")))
                return fc_fail(err, FC_EINVAL, "site.lua: 两家店的 id 都是 '%s'，请改其中一个",
                               "site.lua: two dealerships have the id '%s', change one of them", id);
    }
    if (fc_web_internal_check(json_object_get(s->config, "internal_hosts"), err))
        return fc_wrap(err, "site.lua");
    return FC_OK;
}

static int read_config(fc_site *s, fc_err *err)
{
    char path[PATH_MAX];
    fc_buf text = {0};
    fc_fault fault;
    snprintf(path, sizeof path, "%s/site.lua", s->dir);
    int rc = fc_read_file(path, 1 << 20, &text, err);
    if (rc == FC_ENOTFOUND)
        fc_fail(err, FC_ENOTFOUND, "%s 不是站点：没有 site.lua（用 forecourt init %s 新建一个）",
                "%s is no site: it has no site.lua (forecourt init %s makes one)", s->dir, s->dir);
    if (!rc && (rc = fc_lua_data(fc_buf_str(&text), text.len, "site.lua", &s->config, &fault)))
        fc_fault_to_err(&fault, err);
    fc_buf_free(&text);
    return rc ? rc : check_config(s, err);
}

int fc_site_config(const char *dir, json_t **out, fc_err *err)
{
    fc_site s = {.dir = (char *)(uintptr_t)dir}; /* only read */
    int rc = read_config(&s, err);
    *out = rc ? NULL : s.config;
    if (rc) json_decref(s.config);
    return rc;
}

static int memory_config(fc_site *s)
{
    s->config = json_pack("{s:{s:s, s:s}, s:[{s:s, s:{s:s, s:s}}], s:[s]}", "name", "zh", "内存站点", "en",
                          "Memory site", "dealerships", "id", "memory", "name", "zh", "内存店", "en",
                          "Memory store", "packs", "changan");
    return FC_OK;
}

static int open_store(fc_site *s, enum fc_site_mode mode, const char *name, const char *schema,
                      fc_store **out, fc_err *err)
{
    char path[PATH_MAX], dir[PATH_MAX];
    snprintf(path, sizeof path, "%s/data/%s.db", s->dir ? s->dir : "", name);
    snprintf(dir, sizeof dir, "%s/schema/%s", s->share, schema);
    if (mode == FC_SITE_LOOK && access(path, F_OK) != 0) return FC_OK;
    int rc = fc_store_open(mode == FC_SITE_MEMORY ? ":memory:" : path, out, err);
    if (rc) return rc;
    fc_call_watch(*out);
    if (mode == FC_SITE_LOOK) return FC_OK;
    rc = fc_store_migrate(*out, dir, err);
    if (rc) fc_wrap(err, mode == FC_SITE_MEMORY ? "memory" : path);
    return rc;
}

static void begin_dealership(fc_site *s, const json_t *config, fc_dealership *d)
{
    d->site = s;
    d->id = fc_strdup(json_string_value(json_object_get(config, "id")));
    d->name =
        json_object_get(config, "name") ? json_incref(json_object_get(config, "name")) : json_string(d->id);
    d->problems = json_array();
    d->staged = json_array();
    d->trials = json_object();
}

int fc_site_watches(const fc_site *s)
{
    return !json_is_false(json_object_get(s->config, "watch"));
}

static int open_dealership(fc_site *s, enum fc_site_mode mode, fc_dealership *d, fc_err *err)
{
    int rc = open_store(s, mode, d->id, "dealership", &d->store, err);
    return rc || mode == FC_SITE_LOOK ? rc : fc_site_keys_settle(d, err);
}

static int open_folders(fc_site *s, fc_err *err)
{
    char path[PATH_MAX];
    static const char *const folders[] = {"data", "data/files", "secrets"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", s->dir, folders[i]);
        int rc = fc_make_dirs(path, 0700, err);
        if (rc) return rc;
        if (access(path, W_OK) != 0)
            return fc_fail(
                err, FC_EIO, "%s: 没有写入权限（%s）：请改变所有者或权限，例如 chown -R $(whoami)",
                "%s: cannot be written (%s): change its owner or mode, for example chown -R $(whoami)", path,
                strerror(errno));
    }
    snprintf(path, sizeof path, "%s/data/files", s->dir);
    s->files = fc_strdup(path);
    fc_site_log_open(s->dir);
    return FC_OK;
}

static int memory_folders(fc_site *s, fc_err *err)
{
    char dir[PATH_MAX];
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%s/forecourt-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        return fc_fail(err, FC_EIO, "无法创建临时文件夹：%s", "a temporary folder cannot be made: %s",
                       strerror(errno));
    s->files = s->passing = fc_strdup(dir);
    return FC_OK;
}

/* The dealerships' databases are made after it: where one is there and it is not, it was lost, and a new one
 * would have no users and no record of backups. */
static int check_site_there(const fc_site *s, fc_err *err)
{
    char path[PATH_MAX], other[PATH_MAX];
    snprintf(path, sizeof path, "%s/data/site.db", s->dir);
    if (access(path, F_OK) == 0) return FC_OK;
    for (size_t i = 0; i < s->ndealerships; i++) {
        snprintf(other, sizeof other, "%s/data/%s.db", s->dir, s->dealerships[i].id);
        if (access(other, F_OK) == 0)
            return fc_fail(err, FC_ENOTFOUND,
                           "%s: 站点数据库不见了，而 %s.db 还在；用户和备份记录都在其中。请从备份恢复"
                           "（forecourt restore）。什么都没有改动",
                           "%s: the site's database is gone while %s.db is still there; it holds the users "
                           "and the record of backups. Restore it from a backup (forecourt restore). "
                           "Nothing was changed",
                           path, s->dealerships[i].id);
    }
    return FC_OK;
}

static int open_parts(fc_site *s, enum fc_site_mode mode, fc_err *err)
{
    int rc = s->dir ? read_config(s, err) : memory_config(s);
    if (!rc && mode != FC_SITE_LOOK)
        rc = mode == FC_SITE_MEMORY ? memory_folders(s, err) : open_folders(s, err);
    if (rc) return rc;
    json_t *list = json_object_get(s->config, "dealerships");
    s->dealerships = fc_alloc(json_array_size(list) * sizeof *s->dealerships);
    for (s->ndealerships = 0; s->ndealerships < json_array_size(list); s->ndealerships++)
        begin_dealership(s, json_array_get(list, s->ndealerships), &s->dealerships[s->ndealerships]);
    if (mode == FC_SITE_OPEN) rc = check_site_there(s, err);
    /* before anything else is written: a wrong key changes nothing */
    if (!rc && mode != FC_SITE_LOOK) rc = fc_site_keys(s, mode, err);
    if (!rc) rc = open_store(s, mode, "site", "site", &s->store, err);
    for (size_t i = 0; i < s->ndealerships && !rc; i++)
        rc = open_dealership(s, mode, &s->dealerships[i], err);
    return rc;
}

int fc_site_open(const char *dir, enum fc_site_mode mode, fc_site **out, fc_err *err)
{
    char real[PATH_MAX];
    fc_site *s = fc_alloc(sizeof *s);
    s->share = fc_share_dir();
    int rc = FC_OK;
    if (dir && !realpath(dir, real))
        rc = fc_fail(err, FC_ENOTFOUND, "%s: 没有这个文件夹（用 forecourt init %s 新建站点）",
                     "%s: there is no such folder (forecourt init %s makes a site)", dir, dir);
    if (!rc && dir) s->dir = fc_strdup(real);
    if (!rc) rc = open_parts(s, mode, err);
    if (rc) {
        fc_site_close(s);
        return rc;
    }
    *out = s;
    return FC_OK;
}

void fc_site_close(fc_site *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->ndealerships; i++) {
        fc_dealership *d = &s->dealerships[i];
        fc_live_unref(d->live);
        fc_store_close(d->store);
        if (d->vault) fc_vault_close(d->vault);
        json_decref(d->problems);
        json_decref(d->scan_problems);
        fc_sources_free(d->scanned);
        json_decref(d->staged);
        json_decref(d->trials);
        json_decref(d->name);
        free(d->id);
    }
    free(s->dealerships);
    fc_lease_release(s);
    fc_store_close(s->store);
    json_decref(s->config);
    if (s->dir && s->files && !s->passing) fc_site_log_close();
    if (s->passing) fc_remove_tree(s->passing, NULL);
    free(s->files);
    free(s->share);
    free(s->dir);
    free(s);
}

fc_dealership *fc_site_dealership(fc_site *s, const char *id, fc_err *err)
{
    fc_buf names = {0};
    if (!id && s->ndealerships == 1) return &s->dealerships[0];
    for (size_t i = 0; i < s->ndealerships; i++)
        if (id && strcmp(s->dealerships[i].id, id) == 0) return &s->dealerships[i];
    for (size_t i = 0; i < s->ndealerships; i++)
        fc_buf_addf(&names, "%s%s", i ? ", " : "", s->dealerships[i].id);
    if (id)
        fc_fail(err, FC_ENOTFOUND, "没有店 '%s'；有：%s", "there is no dealership '%s'; there are: %s", id,
                fc_buf_str(&names));
    else
        fc_fail(err, FC_EINVAL, "有几家店，请用 --dealership 指明：%s",
                "there are several dealerships, choose one with --dealership: %s", fc_buf_str(&names));
    fc_buf_free(&names);
    return NULL;
}
