/* Users and roles: works without any plugin. */
#include "base/clock.h"
#include "plugin/site.h"
#include "verbs/options.h"
#include "verbs/session.h"
#include "verbs/verbs.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

typedef struct wanted {
    const char *dir, *dealership, *login, *name, *role, *mail, *lang, *password_file;
} wanted;

static int read_line(FILE *in, char *out, size_t cap)
{
    if (!fgets(out, (int)cap, in)) return 0;
    out[strcspn(out, "\r\n")] = 0;
    return *out != 0;
}

static int ask_hidden(const char *zh, const char *en, char *out, size_t cap)
{
    struct termios old, quiet;
    fprintf(stderr, "%s", fc_say(zh, en));
    tcgetattr(0, &old);
    quiet = old;
    quiet.c_lflag &= (tcflag_t)~ECHO;
    tcsetattr(0, TCSAFLUSH, &quiet);
    int got = read_line(stdin, out, cap);
    tcsetattr(0, TCSAFLUSH, &old);
    fputc('\n', stderr);
    return got;
}

/* Twice: nobody sees what he types. */
static int ask_twice(char *out, size_t cap, fc_err *err)
{
    char again[300] = "";
    if (!ask_hidden("密码（至少 10 个字符）：", "password (at least 10 characters): ", out, cap))
        return fc_fail(err, FC_EINVAL, "密码是空的", "the password is empty");
    ask_hidden("再输入一次：", "the same again: ", again, cap < sizeof again ? cap : sizeof again);
    int same = strcmp(out, again) == 0;
    sodium_memzero(again, sizeof again);
    return same ? FC_OK
                : fc_fail(err, FC_EINVAL, "两次输入的密码不一样，请再来一次",
                          "the two passwords are not the same, please begin again");
}

int fc_read_password(const char *file, char *out, size_t cap, fc_err *err)
{
    int got = 0;
    if (!file) {
        if (!isatty(0))
            return fc_fail(err, FC_EINVAL, "没有密码：用 --password-file F（- 表示标准输入）",
                           "there is no password: use --password-file F (- is standard input)");
        return ask_twice(out, cap, err);
    } else if (strcmp(file, "-") == 0) {
        got = read_line(stdin, out, cap);
    } else {
        FILE *in = fopen(file, "r");
        if (!in) return fc_fail(err, FC_ENOTFOUND, "%s: 无法打开：%m", "%s: cannot be opened: %m", file);
        got = read_line(in, out, cap);
        fclose(in);
    }
    return got ? FC_OK : fc_fail(err, FC_EINVAL, "密码是空的", "the password is empty");
}

static void audit(fc_dealership *d, const char *what, const char *subject, const char *detail)
{
    fc_value v[] = {fc_int(fc_id()), fc_int(fc_now()), fc_text(fc_cli_login()),
                    fc_text(what),   fc_text(subject), fc_text(detail)};
    if (!detail) v[5].type = FC_NULL;
    fc_run(d->store,
           "INSERT INTO host_audit (id, at, actor, what, subject, detail) VALUES (?, ?, ?, ?, ?, ?)", v, 6,
           NULL, NULL);
}

/* "it,supervisor": each role of the list. */
static int each_role(fc_site *s, fc_dealership *d, const wanted *w,
                     int (*fn)(fc_store *, const char *, const char *, const char *, fc_err *), fc_err *err)
{
    char roles[512], *rest = roles, *role;
    int rc = FC_OK;
    snprintf(roles, sizeof roles, "%s", w->role ? w->role : "");
    while (!rc && (role = strsep(&rest, ","))) {
        if (!*role) continue;
        if (strspn(role, "abcdefghijklmnopqrstuvwxyz-") != strlen(role))
            return fc_fail(err, FC_EINVAL, "角色 '%s' 应由小写字母和 - 组成",
                           "the role '%s' should be lower-case letters and -", role);
        rc = fn(s->store, w->login, d->id, role, err);
    }
    return rc;
}

static int add(fc_site *s, fc_dealership *d, const wanted *w, fc_err *err)
{
    char password[300];
    int64_t id;
    int rc = fc_read_password(w->password_file, password, sizeof password, err);
    if (!rc) rc = fc_tx_begin(s->store, err);
    if (rc) return rc;
    rc = fc_user_add(s->store, w->login, w->name ? w->name : w->login, w->mail ? w->mail : "",
                     w->lang ? w->lang : "zh", password, &id, err);
    sodium_memzero(password, sizeof password);
    if (!rc) rc = each_role(s, d, w, fc_user_grant, err);
    if (rc) {
        fc_tx_rollback(s->store);
        return rc;
    }
    rc = fc_tx_commit(s->store, err);
    if (!rc) audit(d, "user.add", w->login, w->role);
    return rc;
}

static int password(fc_site *s, fc_dealership *d, const wanted *w, fc_err *err)
{
    char text[300];
    int rc = fc_read_password(w->password_file, text, sizeof text, err);
    if (!rc) rc = fc_user_password(s->store, w->login, text, err);
    sodium_memzero(text, sizeof text);
    if (!rc) audit(d, "user.password", w->login, NULL);
    return rc;
}

static int grant(fc_site *s, fc_dealership *d, const wanted *w, fc_err *err)
{
    int rc = each_role(s, d, w, fc_user_grant, err);
    if (!rc) audit(d, "user.grant", w->login, w->role);
    return rc;
}

static int revoke_roles(fc_site *s, fc_dealership *d, const wanted *w, fc_err *err)
{
    int rc = each_role(s, d, w, fc_user_revoke, err);
    if (!rc) audit(d, "user.revoke", w->login, w->role);
    return rc;
}

static int off(fc_site *s, fc_dealership *d, const wanted *w, fc_err *err)
{
    int rc = fc_user_active(s->store, w->login, 0, err);
    if (!rc) audit(d, "user.off", w->login, NULL);
    return rc;
}

static int on(fc_site *s, fc_dealership *d, const wanted *w, fc_err *err)
{
    int rc = fc_user_active(s->store, w->login, 1, err);
    if (!rc) audit(d, "user.on", w->login, NULL);
    return rc;
}

static int list(fc_site *s, fc_dealership *d, const wanted *w, fc_err *err)
{
    size_t i, k;
    json_t *u, *role, *all = fc_user_list(s->store, w->dealership ? d->id : NULL, err);
    if (!all) return err->code;
    json_array_foreach(all, i, u)
    {
        printf("%-16s %-16s %s", json_string_value(json_object_get(u, "login")),
               json_string_value(json_object_get(u, "name")),
               json_is_true(json_object_get(u, "active")) || json_integer_value(json_object_get(u, "active"))
                   ? ""
                   : fc_say("(停用) ", "(off) "));
        json_array_foreach(json_object_get(u, "roles"), k, role)
            printf("%s%s", k ? "," : "", json_string_value(role));
        printf("\n");
    }
    json_decref(all);
    return FC_OK;
}

static const struct {
    const char *name;
    int (*run)(fc_site *, fc_dealership *, const wanted *, fc_err *);
    int needs_login;
} actions[] = {{"add", add, 1},           {"list", list, 0}, {"grant", grant, 1}, {"revoke", revoke_roles, 1},
               {"password", password, 1}, {"off", off, 1},   {"on", on, 1}};

int fc_verb_user(int argc, char **argv)
{
    wanted w = {0};
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &w.dir},
        {"dealership", "ID", "哪家店", "which dealership", &w.dealership},
        {"login", "L", "登录名", "login", &w.login},
        {"name", "N", "姓名", "name", &w.name},
        {"role", "R[,R]", "角色，用逗号分隔；由插件的页面决定，it 是信息员",
         "roles, with commas; the plugins' pages know them, it is the role of IT", &w.role},
        {"mail", "A@B", "邮箱", "mail address", &w.mail},
        {"lang", "zh|en", "语言", "language", &w.lang},
        {"password-file", "F", "从文件读密码（- 表示标准输入）",
         "read the password from a file (- is standard input)", &w.password_file},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {"user",
                            "add|list|grant|revoke|password|off|on",
                            "管理用户：新建、列出、给或收回角色、改密码、停用、启用。",
                            "Users: add, list, grant or revoke roles, change a password, switch off or on.",
                            options,
                            0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (argc != 2)
        return fc_wrong_use(&usage, "需要 add、list、grant、revoke、password、off 或 on",
                            "needs add, list, grant, revoke, password, off or on");
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(actions[i].name, argv[1]) != 0) continue;
        if (actions[i].needs_login && !w.login) return fc_wrong_use(&usage, "需要 --login", "needs --login");
        fc_err err;
        fc_site *site = NULL;
        int rc = fc_site_open(w.dir ? w.dir : ".", FC_SITE_OPEN, &site, &err);
        fc_dealership *d = rc ? NULL : fc_site_dealership(site, w.dealership, &err);
        if (!rc) rc = d ? actions[i].run(site, d, &w, &err) : 1;
        fc_site_close(site);
        return rc ? fc_failed(&err) : 0;
    }
    return fc_wrong_use(&usage, "没有 '%s'", "there is no '%s'", argv[1]);
}
