/* Makes a site that passes check: site.lua, folders, key, first user. Nothing is overwritten, and a failed
 * one leaves nothing behind. */
#include "base/log.h"
#include "verbs/init.h"
#include "verbs/options.h"
#include "verbs/session.h"
#include "verbs/verbs.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *ask(const char *zh, const char *en, const char *otherwise, char *out, size_t cap)
{
    fprintf(stderr, "%s [%s]: ", fc_say(zh, en), otherwise);
    if (!fgets(out, (int)cap, stdin)) return otherwise;
    out[strcspn(out, "\r\n")] = 0;
    return *out ? out : otherwise;
}

int fc_verb_init(int argc, char **argv)
{
    fc_init a = {0};
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
    fc_log_level(FC_WARN);
    int rc = fc_init_site(argv[1], &a, password, &err);
    sodium_memzero(password, sizeof password);
    if (rc) return fc_failed(&err);
    printf(fc_say("站点已建好：%s\n下一步：forecourt serve --site %s\n",
                  "the site is ready: %s\nnext: forecourt serve --site %s\n"),
           argv[1], argv[1]);
    return 0;
}
