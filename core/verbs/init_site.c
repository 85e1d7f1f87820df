/* Checked first, in memory: id, login, password. Then made: folders, site.lua, databases, key, first user. A
 * failure removes what was made and nothing that was there before. */
#include "base/buf.h"
#include "plugin/audit_job.h"
#include "plugin/site.h"
#include "verbs/init.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const folders[] = {"plugins", "scripts", "data", "secrets"};

/* Text inside a Lua string: only what could end it is escaped. */
static void quoted(fc_buf *b, const char *s)
{
    fc_buf_addc(b, '"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\') fc_buf_addc(b, '\\');
        if (*s != '\n' && *s != '\r') fc_buf_addc(b, *s);
    }
    fc_buf_addc(b, '"');
}

static int write_site(const char *dir, const fc_init *a, fc_err *err)
{
    fc_buf b = {0};
    char path[4096];
    snprintf(path, sizeof path, "%s/site.lua", dir);
    fc_buf_adds(&b, "-- 站点 / the site: forecourt serve --site .\nreturn {\n  name = { zh = ");
    quoted(&b, a->name);
    fc_buf_adds(&b, ", en = ");
    quoted(&b, a->name);
    fc_buf_adds(&b, " },\n  dealerships = {\n    { id = ");
    quoted(&b, a->id);
    fc_buf_adds(&b, ", name = { zh = ");
    quoted(&b, a->name);
    fc_buf_adds(&b, ", en = ");
    quoted(&b, a->name);
    fc_buf_adds(
        &b,
        " } },\n  },\n  -- 插件包 / packs of plugins\n  packs = { \"changan\" },\n"
        "  -- 邮件 / mail: smtp://host:25, or dir:data/mail (files, for trying out)\n"
        "  mail = { url = \"dir:data/mail\", from = \"Forecourt <forecourt@localhost>\" },\n"
        "  -- 每天的备份；请另外保管 secrets/master.key / a backup each day; keep secrets/master.key "
        "elsewhere\n"
        "  backup = { at = \"02:30\" },\n"
        "  -- 插件的设置 / settings of plugins: settings = { callback = { due_days = 3 } },\n  settings = "
        "{},\n}\n");
    int rc = FC_OK;
    for (int i = 0; i < 4 && !rc; i++) {
        char folder[4096];
        snprintf(folder, sizeof folder, "%s/%s", dir, folders[i]);
        rc = fc_make_dirs(folder, i < 2 ? 0755 : 0700, err);
    }
    if (!rc) rc = fc_write_file(path, fc_buf_str(&b), b.len, 0644, err);
    fc_buf_free(&b);
    return rc;
}

static int first_user(fc_site *s, const fc_init *a, const char *password, fc_err *err)
{
    int64_t id;
    int rc = fc_user_add(s->store, a->login, a->user_name, "", fc_process_lang() == FC_EN ? "en" : "zh",
                         password, &id, err);
    if (!rc) rc = fc_user_grant(s->store, a->login, a->id, "it", err);
    if (!rc) rc = fc_user_grant(s->store, a->login, a->id, "supervisor", err);
    return rc;
}

/* ---- checking */

static int rehearse(const fc_init *a, const char *password, fc_err *err)
{
    fc_site *memory = NULL;
    int rc = fc_dealership_id_check(a->id, err);
    if (!rc) rc = fc_site_open(NULL, FC_SITE_MEMORY, &memory, err);
    if (!rc) rc = first_user(memory, a, password, err);
    fc_site_close(memory);
    return rc;
}

static int is_new(const char *dir, fc_err *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/site.lua", dir);
    if (access(path, F_OK) != 0) return FC_OK;
    return fc_fail(err, FC_ECONFLICT, "%s 已存在：这里已经是一个站点", "%s exists: this is a site already",
                   path);
}

/* ---- taking back */

/* What was not there before: the topmost new folder, or parts of one that was there. */
typedef struct before {
    char top[PATH_MAX]; /* "" when dir was there */
    int had[4];
} before;

static void look(const char *dir, before *b)
{
    char path[PATH_MAX];
    memset(b, 0, sizeof *b);
    for (size_t n = 1; n <= strlen(dir) && !b->top[0]; n++) {
        if (dir[n] != '/' && dir[n] != 0) continue;
        snprintf(path, sizeof path, "%.*s", (int)n, dir);
        if (access(path, F_OK) != 0) memcpy(b->top, path, sizeof path);
    }
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, folders[i]);
        b->had[i] = access(path, F_OK) == 0;
    }
}

static void take_back(const char *dir, const before *b)
{
    char path[PATH_MAX];
    if (b->top[0]) {
        fc_remove_tree(b->top, NULL);
        return;
    }
    snprintf(path, sizeof path, "%s/site.lua", dir);
    unlink(path);
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, folders[i]);
        if (!b->had[i]) fc_remove_tree(path, NULL);
    }
}

int fc_init_site(const char *dir, const fc_init *a, const char *password, fc_err *err)
{
    before b;
    fc_site *site = NULL;
    int rc = is_new(dir, err);
    if (!rc) rc = rehearse(a, password, err);
    if (rc) return rc;
    look(dir, &b);
    rc = fc_make_dirs(dir, 0755, err);
    if (!rc) rc = write_site(dir, a, err);
    if (!rc) rc = fc_site_open(dir, FC_SITE_OPEN, &site, err);
    if (!rc) rc = fc_audit_key_make(site, err);
    if (!rc) rc = first_user(site, a, password, err);
    fc_site_close(site);
    if (rc) take_back(dir, &b);
    return rc;
}
