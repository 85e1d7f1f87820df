/* forecourt plugin: what is in force, what was, off, on, back. Rows of the store only: it works while the
 * site is served, while it is not, and with every plugin broken. */
#include "base/clock.h"
#include "base/log.h"
#include "plugin/lease.h"
#include "plugin/ledger.h"
#include "plugin/stage.h"
#include "verbs/json_line.h"
#include "verbs/options.h"
#include "verbs/session.h"
#include "verbs/verbs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MS 30000

typedef struct asked {
    const char *dir, *dealership, *json, *to, *from;
    char **names;
    int n;
} asked;

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static void when(const json_t *o, const char *key, char out[32])
{
    fc_civil c;
    json_t *v = json_object_get(o, key);
    snprintf(out, 32, "-");
    if (!json_is_integer(v)) return;
    fc_civil_of(json_integer_value(v), &c);
    snprintf(out, 32, "%04d-%02u-%02u %02u:%02u:%02u", c.year, (unsigned)c.month % 13, (unsigned)c.day % 32,
             (unsigned)c.hour % 24, (unsigned)c.minute % 60, (unsigned)c.second % 60);
}

static const char *word(const char *key)
{
    static const char *const words[][3] = {
        {"live", "在用", "live"},
        {"trial", "试用", "trial"},
        {"broken", "有错误", "broken"},
        {"staged", "等待测试", "staged"},
        {"held", "已退回", "held"},
        {"off", "停用", "off"},
        {"start", "启动", "start"},
        {"save", "保存", "save"},
        {"reload", "重新载入", "reload"},
        {"pack", "安装包", "pack installed"},
        {"rollback", "退回", "rollback"},
        {"enable", "启用", "enable"},
        {"replaced", "被替换", "replaced"},
        {"gone", "文件夹已删除", "gone"},
        {"removed", "包已移除", "pack removed"},
        {"disable", "停用", "disable"},
        {"running", "试用中", "on trial"},
        {"passed", "试用通过", "passed its trial"},
        {"worse", "试用失败", "failed its trial"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], key) == 0) return fc_say(words[i][1], words[i][2]);
    return key;
}

/* Who is no person has a name of his own in each language. */
static const char *who(const char *actor)
{
    if (!strcmp(actor, "watcher")) return fc_say("文件夹监视", "the folder watcher");
    return strcmp(actor, "host") ? actor : fc_say("系统", "the host");
}

static void print_problem(const json_t *p)
{
    const char *at = text(p, "at");
    printf("%s%s%s\n", at, *at ? ": " : "", text(p, fc_process_lang() == FC_EN ? "en" : "zh"));
}

/* Which site is meant is said where there are several. */
static int each(const asked *a, int (*fn)(fc_dealership *, const asked *, fc_err *), fc_err *err)
{
    fc_site *site = NULL;
    int rc = fc_site_open(a->dir, FC_SITE_OPEN, &site, err);
    fc_dealership *one = !rc && a->dealership ? fc_site_dealership(site, a->dealership, err) : NULL;
    if (!rc && a->dealership && !one) rc = err->code;
    for (size_t i = 0; !rc && i < site->ndealerships; i++) {
        fc_dealership *d = &site->dealerships[i];
        if (one && d != one) continue;
        if (site->ndealerships > 1 && !one && !a->json) printf("%s:\n", d->id);
        rc = fn(d, a, err);
    }
    fc_site_close(site);
    return rc;
}

/* ---- list */

static void print_row(const json_t *p)
{
    char since[32];
    const char *v = text(p, "version");
    size_t i;
    json_t *problem;
    when(p, "since", since);
    printf("%-20s %-8s %-12.12s %-8s %s", text(p, "plugin"), *v ? v : "-", *v ? text(p, "hash") : "-",
           word(text(p, "state")), since);
    if (json_integer_value(json_object_get(p, "failures")))
        printf(fc_say("  %lld 次调用中 %lld 次失败", "  of %lld calls %lld failed"),
               (long long)json_integer_value(json_object_get(p, "calls")),
               (long long)json_integer_value(json_object_get(p, "failures")));
    printf("\n");
    const json_t *staged = json_object_get(p, "staged"), *off = json_object_get(p, "off");
    if (staged)
        printf(fc_say("    版本 %s（%.12s）等待测试\n", "    version %s (%.12s) waits for its tests\n"),
               text(staged, "version"), text(staged, "hash"));
    if (off) printf(fc_say("    由 %s 停用\n", "    switched off by %s\n"), text(off, "actor"));
    json_array_foreach(json_object_get(p, "problems"), i, problem)
    {
        printf("    ");
        print_problem(problem);
    }
}

static int list(fc_dealership *d, const asked *a, fc_err *err)
{
    size_t i;
    json_t *p, *all = fc_plugin_list(d, err);
    if (!all) return err->code;
    json_array_foreach(all, i, p)
    {
        if (a->json) json_object_set_new(p, "dealership", json_string(d->id));
        if (a->json)
            fc_print_json(p);
        else
            print_row(p);
    }
    json_decref(all);
    return FC_OK;
}

/* ---- history */

/* What came as a pack was brought by a person; the watcher only saw it. */
static const char *why_of(const json_t *h)
{
    const char *why = text(h, "why");
    int installed =
        !strcmp(why, "save") && !strcmp(text(h, "origin"), "pack") && strcmp(text(h, "actor"), "watcher");
    return installed ? "pack" : why;
}

static void print_version(const json_t *h)
{
    char began[32], ended[32];
    when(h, "began_at", began);
    when(h, "ended_at", ended);
    printf("%s  %-16s %-8s %-12.12s %s (%s)", began, text(h, "plugin"), text(h, "version"), text(h, "hash"),
           word(why_of(h)), who(text(h, "actor")));
    if (json_is_integer(json_object_get(h, "ended_at")))
        printf(fc_say("；%s %s（%s）", "; %s %s (%s)"), ended, word(text(h, "ended_why")),
               who(text(h, "ended_by")));
    if (*text(h, "trial")) printf(fc_say("；%s", "; %s"), word(text(h, "trial")));
    if (json_integer_value(json_object_get(h, "calls")))
        printf(fc_say("；%lld 次调用，%lld 次失败", "; %lld calls, %lld failed"),
               (long long)json_integer_value(json_object_get(h, "calls")),
               (long long)json_integer_value(json_object_get(h, "failures")));
    if (!json_integer_value(json_object_get(h, "kept")))
        printf("%s", fc_say("；源代码已不保留", "; its source is no longer kept"));
    printf("\n");
}

static int history(fc_dealership *d, const asked *a, fc_err *err)
{
    size_t i;
    json_t *h, *all = fc_plugin_history(d, a->n ? a->names[0] : NULL, a->n ? 1000 : 50, err);
    if (!all) return err->code;
    json_array_foreach(all, i, h) a->json ? fc_print_json(h) : print_version(h);
    json_decref(all);
    return FC_OK;
}

static void print_hunk(const json_t *hunk, int colour)
{
    size_t i;
    json_t *l;
    printf("%s\n", text(hunk, "at"));
    json_array_foreach(json_object_get(hunk, "lines"), i, l)
    {
        const char *kind = text(l, "kind"), *tint = "";
        char sign = ' ';
        if (strcmp(kind, "out") == 0) sign = '-', tint = "\033[31m";
        if (strcmp(kind, "in") == 0) sign = '+', tint = "\033[32m";
        printf("%s%c%s%s\n", colour ? tint : "", sign, text(l, "text"), colour && *tint ? "\033[0m" : "");
    }
}

static int diff(fc_dealership *d, const asked *a, fc_err *err)
{
    size_t i, k;
    json_t *f, *h, *all = fc_plugin_changes(d, a->names[0], a->from, a->to, err);
    if (!all) return err->code;
    if (a->json) {
        fc_print_json(all);
        json_decref(all);
        return FC_OK;
    }
    json_array_foreach(json_object_get(all, "files"), i, f)
    {
        printf("--- %s/%s\t%s\n+++ %s/%s\t%s\n", a->names[0], text(f, "path"),
               text(json_object_get(all, "from"), "version"), a->names[0], text(f, "path"),
               text(json_object_get(all, "to"), "version"));
        json_array_foreach(json_object_get(f, "hunks"), k, h) print_hunk(h, isatty(1));
    }
    json_decref(all);
    return FC_OK;
}

/* ---- acts */

static int act(fc_dealership *d, const char *what, const asked *a, fc_err *err)
{
    int rc = fc_plugin_act(d, what, a->names[0], a->to, NULL, fc_cli_login(), err);
    if (rc) return rc;
    json_t *p, *all = fc_plugin_list(d, err);
    size_t i;
    json_array_foreach(all, i, p)
    {
        if (strcmp(text(p, "plugin"), a->names[0]) != 0) continue;
        a->json ? fc_print_json(p) : print_row(p);
        /* An older version is in force still: who runs the site builds the one that was held back. */
        if (!a->json && !strcmp(what, "enable") && !strcmp(text(p, "state"), "held"))
            printf("%s", fc_say("    被退回的内容重新检查后启用：forecourt plugin list 显示结果\n",
                                "    what was held back is looked at again: forecourt plugin list shows what "
                                "became of it\n"));
    }
    json_decref(all);
    return FC_OK;
}

static int disable(fc_dealership *d, const asked *a, fc_err *err)
{
    return act(d, "disable", a, err);
}

static int enable(fc_dealership *d, const asked *a, fc_err *err)
{
    return act(d, "enable", a, err);
}

static int rollback(fc_dealership *d, const asked *a, fc_err *err)
{
    return act(d, "rollback", a, err);
}

/* ---- reload */

static int tell(fc_dealership *d, const asked *a, int64_t since, fc_err *err)
{
    size_t i, k;
    json_t *h, *p, *all = fc_plugin_history(d, NULL, 1000, err), *now;
    int bad = 0;
    if (!all) return err->code;
    json_array_foreach(all, i, h) if (json_integer_value(json_object_get(h, "began_at")) >= since ||
                                      json_integer_value(json_object_get(h, "ended_at")) >= since) a->json
        ? fc_print_json(h)
        : print_version(h);
    json_decref(all);
    if (!(now = fc_plugin_list(d, err))) return err->code;
    json_array_foreach(now, i, h)
    {
        json_array_foreach(json_object_get(h, "problems"), k, p)
        {
            a->json ? fc_print_json(p) : print_problem(p);
            bad++;
        }
        if (json_object_get(h, "staged") && !a->json) print_row(h);
    }
    json_decref(now);
    return bad ? fc_fail(err, FC_EINVAL, "有 %d 个问题；它们的旧版继续使用",
                         "%d problem(s); their old versions stay in force", bad)
               : FC_OK;
}

static int ask_server(fc_dealership *d, fc_err *err)
{
    int64_t n;
    int rc = fc_reload_ask(d, fc_cli_login(), &n, err);
    for (int ms = 0; !rc && !fc_reload_answered(d, n); ms += 20) {
        if (ms >= WAIT_MS)
            return fc_fail(err, FC_EBUSY, "服务器 30 秒内没有回应",
                           "the server has not answered within 30 s");
        usleep(20000);
    }
    return rc;
}

/* Nobody serves the site: it is done here, with the tests. */
static int reload_here(fc_dealership *d, fc_err *err)
{
    int changed;
    fc_dealership_follow(d);
    int rc = fc_dealership_reload(d, NULL, fc_cli_login(), "reload", &changed, err);
    if (!rc && json_array_size(d->staged) && fc_stage_now(d))
        rc = fc_dealership_reload(d, NULL, fc_cli_login(), "reload", &changed, err);
    return rc;
}

static int reload(fc_dealership *d, const asked *a, fc_err *err)
{
    int64_t since = fc_now();
    int here = fc_lease_take(d->site, 200), rc = here ? reload_here(d, err) : ask_server(d, err);
    return rc ? rc : tell(d, a, since, err);
}

static const struct {
    const char *name;
    int (*run)(fc_dealership *, const asked *, fc_err *);
    int least, most;
} actions[] = {{"list", list, 0, 0},         {"history", history, 0, 1}, {"diff", diff, 1, 1},
               {"rollback", rollback, 1, 1}, {"disable", disable, 1, 1}, {"enable", enable, 1, 1},
               {"reload", reload, 0, 0}};

int fc_verb_plugin(int argc, char **argv)
{
    asked a = {.dir = "."};
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &a.dir},
        {"dealership", "ID", "哪家店（默认每一家）", "which dealership (default: each)", &a.dealership},
        {"to", "VERSION", "rollback、diff：版本号或指纹的开头",
         "rollback, diff: a version, or the beginning of a hash", &a.to},
        {"from", "VERSION", "diff：从哪个版本（默认前一个）",
         "diff: from which version (default: the one before)", &a.from},
        {"json", NULL, "每项一行 JSON", "one line of JSON each", &a.json},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {
        "plugin",
        "list|history [PLUGIN]|diff PLUGIN|rollback PLUGIN|disable PLUGIN|enable PLUGIN|reload",
        "插件：列出、历史、比较、退回、停用、启用、重新载入。站点运行时也可以用。",
        "Plugins: list, history, what changed, back, off, on, look at the folders. Also while the "
        "site is served.",
        options,
        0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    fc_log_level(FC_SILENT);
    for (size_t i = 0; argc > 1 && i < sizeof actions / sizeof *actions; i++) {
        fc_err err;
        if (strcmp(actions[i].name, argv[1]) != 0) continue;
        a.names = argv + 2;
        a.n = argc - 2;
        if (a.n < actions[i].least)
            return fc_wrong_use(&usage, "%s 需要插件的名称", "%s needs the name of a plugin", argv[1]);
        if (a.n > actions[i].most)
            return fc_wrong_use(&usage, "多余的参数 %s", "unexpected argument %s", a.names[actions[i].most]);
        return each(&a, actions[i].run, &err) ? fc_failed(&err) : 0;
    }
    return argc > 1 ? fc_wrong_use(&usage, "没有 '%s'", "there is no '%s'", argv[1])
                    : fc_wrong_use(&usage, "需要 list、history、diff、rollback、disable、enable 或 reload",
                                   "needs list, history, diff, rollback, disable, enable or reload");
}
