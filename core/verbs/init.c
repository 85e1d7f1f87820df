/* Makes a site that passes check: site.lua, folders, key, first user. Nothing is overwritten. */
#include "base/buf.h"
#include "plugin/audit_job.h"
#include "plugin/site.h"
#include "verbs/options.h"
#include "verbs/session.h"
#include "verbs/verbs.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct answers {
    const char *name, *id, *login, *user_name, *password_file;
} answers;

static const char *ask(const char *zh, const char *en, const char *otherwise, char *out, size_t cap)
{
    fprintf(stderr, "%s [%s]: ", fc_say(zh, en), otherwise);
    if (!fgets(out, (int)cap, stdin)) return otherwise;
    out[strcspn(out, "\r\n")] = 0;
    return *out ? out : otherwise;
}

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

static int write_site(const char *dir, const answers *a, fc_err *err)
{
    fc_buf b = {0};
    char path[4096];
    static const char *const folders[] = {"plugins", "scripts", "data", "secrets"};
    snprintf(path, sizeof path, "%s/site.lua", dir);
    if (access(path, F_OK) == 0)
        return fc_fail(err, FC_ECONFLICT, "%s 已存在：这里已经是一个站点",
                       "%s exists: this is a site already", path);
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

static int first_user(fc_site *s, const answers *a, const char *password, fc_err *err)
{
    int64_t id;
    int rc = fc_user_add(s->store, a->login, a->user_name, "", fc_process_lang() == FC_EN ? "en" : "zh",
                         password, &id, err);
    if (!rc) rc = fc_user_grant(s->store, a->login, a->id, "it", err);
    if (!rc) rc = fc_user_grant(s->store, a->login, a->id, "supervisor", err);
    return rc;
}

/* Without site.lua the folder is no site, and init can be run again. */
static void take_back(const char *dir)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/site.lua", dir);
    unlink(path);
}

static int make(const char *dir, const answers *a, const char *password)
{
    fc_err err;
    fc_site *site = NULL;
    int rc = fc_make_dirs(dir, 0755, &err);
    if (!rc) rc = write_site(dir, a, &err);
    int wrote = !rc;
    if (!rc) rc = fc_site_open(dir, FC_SITE_OPEN, &site, &err);
    if (!rc) rc = fc_audit_key_make(site, &err);
    if (!rc) rc = first_user(site, a, password, &err);
    fc_site_close(site);
    if (rc) {
        if (wrote) take_back(dir);
        return fc_failed(&err);
    }
    printf(fc_say("站点已建好：%s\n下一步：forecourt serve --site %s\n",
                  "the site is ready: %s\nnext: forecourt serve --site %s\n"),
           dir, dir);
    return 0;
}

int fc_verb_init(int argc, char **argv)
{
    answers a = {0};
    char name[200], login[100], password[300];
    const fc_option options[] = {
        {"name", "NAME", "店名", "name of the dealership", &a.name},
        {"id", "ID", "店的标识（地址的第一段，默认 main）",
         "id of the dealership (first part of addresses, default main)", &a.id},
        {"login", "L", "第一个用户的登录名", "login of the first user", &a.login},
        {"user-name", "N", "第一个用户的姓名", "name of the first user", &a.user_name},
        {"password-file", "F", "从文件读密码（- 表示标准输入）",
         "read the password from a file (- is standard input)", &a.password_file},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {"init",
                            "DIR",
                            "新建站点：询问（或从选项读取）店名和第一个用户。",
                            "Makes a site: asks for (or takes as options) a name and the first user.",
                            options,
                            0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (argc != 2) return fc_wrong_use(&usage, "需要一个文件夹", "needs a folder");
    int terminal = isatty(0);
    if (!a.id) a.id = "main";
    if (!a.name && !terminal) return fc_wrong_use(&usage, "需要 --name", "needs --name");
    if (!a.login && !terminal) return fc_wrong_use(&usage, "需要 --login", "needs --login");
    if (!a.name)
        a.name = ask("店名", "name of the dealership", fc_say("我的店", "My dealership"), name, sizeof name);
    if (!a.login)
        a.login = ask("第一个用户的登录名", "login of the first user", "admin", login, sizeof login);
    if (!a.user_name) a.user_name = a.login;
    fc_err err;
    if (fc_read_password(a.password_file, password, sizeof password, &err)) return fc_failed(&err);
    code = make(argv[1], &a, password);
    sodium_memzero(password, sizeof password);
    return code;
}
