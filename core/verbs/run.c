/* forecourt run SCRIPT --NAME VALUE ...: a script from the command line, or (--job N) one that the console
 * queued. */
#include "base/buf.h"
#include "base/clock.h"
#include "plugin/copies.h"
#include "plugin/params.h"
#include "text/json.h"
#include "verbs/options.h"
#include "verbs/session.h"
#include "verbs/verbs.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

typedef struct running {
    fc_dealership *d;
    int64_t job; /* 0: from the command line */
    int quiet_percent;
    int64_t shown_at;
} running;

/* ---- progress */

static void show(running *r, int64_t done, int64_t total, const json_t *what)
{
    int percent = total > 0 ? (int)(done * 100 / total) : 0;
    const char *text =
        json_is_object(what)
            ? json_string_value(json_object_get(what, fc_process_lang() == FC_EN ? "en" : "zh"))
            : json_string_value(what);
    int terminal = isatty(2);
    if (!terminal && percent / 10 == r->quiet_percent / 10 && r->shown_at) return;
    if (terminal && fc_monotonic() - r->shown_at < 50000000 && done < total) return;
    r->quiet_percent = percent;
    r->shown_at = fc_monotonic();
    if (terminal) {
        fprintf(stderr, "\r\033[K[%-30.*s] %3d%% %s%s", percent * 30 / 100, "##############################",
                percent, text ? text : "", done >= total ? "\n" : "");
    } else {
        fprintf(stderr, "%lld/%lld %s\n", (long long)done, (long long)total, text ? text : "");
    }
}

static int store_progress(running *r, int64_t done, int64_t total, const json_t *what)
{
    fc_err err;
    int64_t n = 0;
    int found = 0;
    char *text = what ? json_dumps(what, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    fc_value v[] = {fc_int(done), fc_int(total), fc_text(text), fc_int(r->job)};
    if (!text) v[2].type = FC_NULL;
    if (fc_tx_depth(r->d->store) == 0)
        fc_run(r->d->store,
               "UPDATE host_job SET done = ?, total = ?, what = ? WHERE id = ? AND state = 'running'", v, 4,
               NULL, &err);
    free(text);
    fc_value id = fc_int(r->job);
    fc_ask_int(r->d->store, "SELECT count(*) FROM host_job WHERE id = ? AND state = 'cancelled'", &id, 1, &n,
               &found, &err);
    return n > 0;
}

static int progress(fc_call *c, int64_t done, int64_t total, const json_t *what)
{
    running *r = c->data;
    if (r->job) return store_progress(r, done, total, what);
    show(r, done, total, what);
    return 0;
}

/* ---- parameters */

static int copy_file(fc_dealership *d, const char *path, json_t **out, fc_err *err)
{
    char name[256];
    int rc = fc_copy_in(d->site->files, path, name, sizeof name, err);
    if (!rc) *out = json_string(name);
    return rc;
}

static json_t *declared(const json_t *script, const char *name)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(json_object_get(script, "data"), "params"), i,
                       p) if (!strcmp(json_string_value(json_object_get(p, "name")), name)) return p;
    return NULL;
}

static int check_choice(const json_t *p, const char *name, const char *text, fc_err *err)
{
    size_t i;
    json_t *choice, *choices = json_object_get(p, "choices");
    if (!choices) return FC_OK;
    json_array_foreach(choices, i, choice)
    {
        const char *value = json_is_object(choice) ? json_string_value(json_object_get(choice, "value"))
                                                   : json_string_value(choice);
        if (value && strcmp(value, text) == 0) return FC_OK;
    }
    return fc_fail(err, FC_EINVAL, "--%s: '%s' 不在可选的值里", "--%s: '%s' is not one of the choices", name,
                   text);
}

static int read_params(fc_dealership *d, const json_t *script, int argc, char **argv, json_t *params,
                       const fc_usage *usage, fc_err *err)
{
    for (int i = 0; i < argc; i += 2) {
        json_t *value = NULL, *p;
        if (strncmp(argv[i], "--", 2) != 0)
            return fc_wrong_use(usage, "多余的参数 %s", "unexpected argument %s", argv[i]), -2;
        char *equals = strchr(argv[i], '=');
        if (equals) *equals = 0;
        p = declared(script, argv[i] + 2);
        if (!p) return fc_wrong_use(usage, "脚本没有参数 %s", "the script has no parameter %s", argv[i]), -2;
        const char *text = equals ? equals + 1 : i + 1 < argc ? argv[i + 1] : NULL;
        if (equals) i--;
        if (!text)
            return fc_wrong_use(usage, "参数 %s 后面要有值", "parameter %s needs a value", argv[i]), -2;
        const char *type = json_string_value(json_object_get(p, "type"));
        int rc = check_choice(p, json_string_value(json_object_get(p, "name")), text, err);
        if (!rc)
            rc = strcmp(type, "file") == 0 ? copy_file(d, text, &value, err)
                                           : fc_param_value(json_string_value(json_object_get(p, "name")),
                                                            strcmp(type, "choice") ? type : "string", text,
                                                            strlen(text), &value, err);
        if (rc) return rc;
        json_object_set_new(params, json_string_value(json_object_get(p, "name")), value);
    }
    return FC_OK;
}

static int complete_params(const json_t *script, json_t *params, fc_err *err)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(json_object_get(script, "data"), "params"), i, p)
    {
        const char *name = json_string_value(json_object_get(p, "name"));
        if (json_object_get(params, name)) continue;
        if (json_object_get(p, "default"))
            json_object_set(params, name, json_object_get(p, "default"));
        else if (json_is_true(json_object_get(p, "required")))
            return fc_fail(err, FC_EINVAL, "缺少参数 --%s", "the parameter --%s is missing", name);
    }
    return FC_OK;
}

/* ---- results */

static void print_json(const json_t *v)
{
    fc_buf b = {0};
    fc_json_canonical(v, &b);
    printf("%s\n", fc_buf_str(&b));
    fc_buf_free(&b);
}

static void print_text(const json_t *v)
{
    size_t i;
    json_t *line;
    if (json_is_array(v)) {
        json_array_foreach((json_t *)v, i, line) print_text(line);
    } else if (json_is_object(v) && json_object_get(v, "zh")) {
        printf("%s\n", json_string_value(json_object_get(v, fc_process_lang() == FC_EN ? "en" : "zh")));
    } else if (json_is_string(v)) {
        printf("%s\n", json_string_value(v));
    } else {
        print_json(v);
    }
}

static void print_result(fc_call *c, const json_t *script, json_t *result, int json)
{
    size_t i;
    json_t *line, *lines = json_object_get(result, "lines");
    if (json) {
        json_array_foreach(lines, i, line) print_json(line);
        print_json(json_object_get(result, "summary") ? json_object_get(result, "summary") : result);
        return;
    }
    fc_fault fault;
    char ref[256];
    const char *plugin = json_string_value(json_object_get(script, "plugin"));
    fc_gen *g = fc_live_gen(c->live, plugin);
    json_t *shown = NULL;
    if (json_object_get(json_object_get(script, "data"), "text")) {
        json_t *args = json_pack("[O]", result);
        snprintf(ref, sizeof ref, "scripts/%s#text", json_string_value(json_object_get(script, "id")));
        shown = fc_call_now(c, g->vm, ref, args, &fault);
        json_decref(args);
    }
    print_text(shown                                ? json_array_get(shown, 0)
               : json_object_get(result, "summary") ? json_object_get(result, "summary")
                                                    : result);
    json_decref(shown);
}

static json_t *run_script(fc_call *c, const json_t *script, json_t *params, fc_fault *fault)
{
    char ref[256];
    fc_gen *g = fc_live_gen(c->live, json_string_value(json_object_get(script, "plugin")));
    json_t *args = json_pack("[O]", params);
    snprintf(ref, sizeof ref, "scripts/%s#run", json_string_value(json_object_get(script, "id")));
    fc_plugin_world.progress = progress;
    json_t *values = fc_call_now(c, g->vm, ref, args, fault);
    json_decref(args);
    if (!values) return NULL;
    json_t *result = json_incref(json_array_get(values, 0));
    json_decref(values);
    return result ? result : json_object();
}

static int unknown_script(fc_dealership *d, const char *name)
{
    size_t i;
    json_t *env;
    fprintf(stderr,
            fc_say("forecourt run: 没有脚本 '%s'。有：\n",
                   "forecourt run: there is no script '%s'. There are:\n"),
            name);
    json_array_foreach(fc_live_point(d->live, "scripts"), i, env)
    {
        json_t *title = json_object_get(json_object_get(env, "data"), "title");
        fprintf(stderr, "  %-20s %s\n", json_string_value(json_object_get(env, "id")),
                json_string_value(json_object_get(title, fc_process_lang() == FC_EN ? "en" : "zh")));
    }
    return 2;
}

static int run_by_hand(fc_dealership *d, const char *as, int argc, char **argv, int json,
                       const fc_usage *usage)
{
    fc_err err;
    fc_fault fault;
    running r = {.d = d};
    const json_t *script = fc_live_definition(d->live, "scripts", argv[1]);
    if (!script) return unknown_script(d, argv[1]);
    json_t *params = json_object();
    int rc = read_params(d, script, argc - 2, argv + 2, params, usage, &err);
    if (!rc && (rc = complete_params(script, params, &err))) {
        json_decref(params);
        return fc_wrong_use(usage, "%s%.0s", "%.0s%s", err.text[FC_ZH], err.text[FC_EN]);
    }
    fc_call *c = rc ? NULL : fc_verb_call(d, as, FC_JOB_NS, &err);
    if (!c) {
        json_decref(params);
        return rc == -2 ? 2 : fc_failed(&err);
    }
    c->data = &r;
    json_t *result = run_script(c, script, params, &fault);
    if (result) print_result(c, script, result, json);
    int failed = !result || json_is_true(json_object_get(result, "failed"));
    json_decref(result);
    json_decref(params);
    fc_world_call_free(c);
    return result ? failed : fc_failed_fault(&fault);
}

/* ---- several scripts in one process */

#define STEP_WORDS 32

/* "[@2026-11-20T09:30:00] LOGIN SCRIPT [--NAME VALUE ...]", words parted by blanks. */
static int run_step(fc_dealership *d, char *line, int json, const fc_usage *usage)
{
    char *argv[STEP_WORDS + 1] = {"run"}, *as = NULL, *rest = NULL;
    int argc = 1;
    for (char *word = strtok_r(line, " \t\r\n", &rest); word; word = strtok_r(NULL, " \t\r\n", &rest)) {
        if (word[0] == '#' && !as) return 0;
        if (word[0] == '@' && !as) {
            int rc = fc_clock_move(word + 1);
            if (rc == FC_EDENIED)
                return fc_wrong_use(usage, "只有设置了 FORECOURT_NOW 才能用 %s 拨动时钟",
                                    "%s moves the clock, which needs FORECOURT_NOW to be set", word);
            if (rc)
                return fc_wrong_use(usage, "%s 不是时间（应为 @2026-11-20T09:30:00）",
                                    "%s is no time (@2026-11-20T09:30:00 is expected)", word);
        } else if (!as) {
            as = word;
        } else if (argc < STEP_WORDS) {
            argv[argc++] = word;
        } else {
            return fc_wrong_use(usage, "一行最多 %d 个词", "at most %d words on a line", STEP_WORDS);
        }
    }
    if (!as) return 0;
    if (argc < 2) return fc_wrong_use(usage, "%s 后面要有脚本的名称", "%s is not followed by a script", as);
    return run_by_hand(d, as, argc, argv, json, usage);
}

/* The first step that fails ends it; what the ones before did stays done. */
static int run_steps(fc_dealership *d, const char *path, int json, const fc_usage *usage)
{
    char *line = NULL;
    size_t cap = 0;
    int code = 0, n = 0;
    fc_err err;
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!in) {
        fc_fail(&err, FC_ENOTFOUND, "%s: 无法打开：%m", "%s: cannot be opened: %m", path);
        return fc_failed(&err);
    }
    while (!code && getline(&line, &cap, in) >= 0) {
        n++;
        code = run_step(d, line, json, usage);
    }
    if (code) fprintf(stderr, fc_say("%s:%d: 到这一步停止\n", "%s:%d: stopped at this step\n"), path, n);
    free(line);
    if (in != stdin) fclose(in);
    return code;
}

/* ---- jobs of the console */

static int end_job(fc_dealership *d, int64_t id, const json_t *result, const fc_fault *fault)
{
    fc_err err;
    fc_buf text = {0};
    if (result) {
        fc_json_canonical(result, &text);
    } else {
        json_t *why = fault->code == FC_EINVAL
                          ? json_pack("{s:s, s:s}", "zh", fault->zh, "en", fault->en)
                          : json_pack("{s:s+++, s:s+++}", "zh", "脚本出错：", fault->place, " ", fault->zh,
                                      "en", "the script failed: ", fault->place, " ", fault->en);
        fc_json_canonical(why, &text);
        json_decref(why);
    }
    fc_value v[] = {fc_text(result ? "done" : "failed"), fc_text(fc_buf_str(&text)), fc_int(fc_now()),
                    fc_int(id)};
    int rc = fc_run(
        d->store,
        result ? "UPDATE host_job SET state = ?, result = ?, ended_at = ?, done = total WHERE id = ? AND "
                 "state = 'running'"
               : "UPDATE host_job SET state = ?, error = ?, ended_at = ? WHERE id = ? AND state = 'running'",
        v, 4, NULL, &err);
    fc_buf_free(&text);
    return rc ? fc_failed(&err) : 0;
}

static json_t *read_job(fc_dealership *d, int64_t id, char *script, size_t cap, char *actor, size_t acap)
{
    fc_cursor *c;
    fc_err err;
    fc_value arg = fc_int(id), v;
    int row = 0;
    json_t *params = NULL;
    static const char sql[] = "SELECT script, actor, params FROM host_job WHERE id = ?";
    if (fc_query(d->store, sql, sizeof sql - 1, &arg, 1, &c, &err)) return NULL;
    if (!fc_cursor_next(c, &row, &err) && row) {
        fc_cursor_value(c, 0, &v);
        snprintf(script, cap, "%.*s", (int)v.n, v.s);
        fc_cursor_value(c, 1, &v);
        snprintf(actor, acap, "%.*s", (int)v.n, v.s);
        fc_cursor_value(c, 2, &v);
        fc_json_parse(v.s, v.n, 1 << 20, &params, &err);
    }
    fc_cursor_close(c);
    return params;
}

static int may_run(const json_t *script, const json_t *roles)
{
    size_t i, k;
    json_t *role, *held;
    json_array_foreach(json_object_get(json_object_get(script, "data"), "who"), i, role)
        json_array_foreach((json_t *)roles, k, held) if (json_equal(role, held)) return 1;
    return 0;
}

static fc_call *job_call(fc_dealership *d, const char *actor, fc_err *err)
{
    fc_user user;
    if (fc_user_find(d->site->store, actor, &user, err)) return NULL;
    json_t *roles = fc_user_roles(d->site->store, user.id, d->id);
    return fc_world_call(d, FC_BY_JOB, user.login, user.name, roles, strcmp(user.lang, "en") ? FC_ZH : FC_EN,
                         FC_JOB_NS);
}

static void fault_text(fc_fault *f, int code, const char *zh, const char *en)
{
    memset(f, 0, sizeof *f);
    f->code = code;
    snprintf(f->zh, sizeof f->zh, "%s", zh);
    snprintf(f->en, sizeof f->en, "%s", en);
}

static json_t *job_result(fc_dealership *d, running *r, const char *name, const char *actor, json_t *params,
                          fc_fault *fault)
{
    fc_err err;
    const json_t *script = fc_live_definition(d->live, "scripts", name);
    fc_call *c = job_call(d, actor, &err);
    json_t *result = NULL;
    if (!script)
        fault_text(fault, FC_EINVAL, "没有这个脚本", "there is no such script");
    else if (!c)
        fault_text(fault, FC_EINVAL, err.text[FC_ZH], err.text[FC_EN]);
    else if (!may_run(script, c->roles))
        fault_text(fault, FC_EINVAL, "您没有运行这个脚本的权限", "you have no right to run this script");
    else if (complete_params(script, params, &err))
        fault_text(fault, FC_EINVAL, err.text[FC_ZH], err.text[FC_EN]);
    else {
        c->data = r;
        result = run_script(c, script, params, fault);
    }
    if (c) fc_world_call_free(c);
    return result;
}

/* The console that started it shows its end; without that console it would run on unseen, and a second time
 * beside itself as soon as somebody believed the next console that it was interrupted. */
static int run_job(fc_dealership *d, int64_t id)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fc_err err;
    fc_fault fault;
    char script[128] = "", actor[80] = "";
    int64_t changed = 0;
    running r = {.d = d, .job = id};
    fc_value v[] = {fc_int(fc_now()), fc_int(getpid()), fc_int(id)};
    if (fc_run(d->store,
               "UPDATE host_job SET state = 'running', started_at = ?, pid = ? WHERE id = ? AND state = "
               "'queued'",
               v, 3, &changed, &err))
        return fc_failed(&err);
    if (changed == 0) return 0; /* cancelled, or another process has it */
    json_t *params = read_job(d, id, script, sizeof script, actor, sizeof actor);
    json_t *result = job_result(d, &r, script, actor, params, &fault);
    int code = end_job(d, id, result, &fault);
    json_decref(result);
    json_decref(params);
    return code;
}

int fc_verb_run(int argc, char **argv)
{
    const char *dir = NULL, *dealership = NULL, *json = NULL, *as = NULL, *job = NULL, *steps = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {"dealership", "ID", "哪家店", "which dealership", &dealership},
        {"as", "USER", "以这个用户的权限（记入审计）", "with this user's rights (audited)", &as},
        {"json", NULL, "结果用 JSON，最后一行是汇总", "results as JSON, the last line is the summary", &json},
        {"job", "N", "运行控制台排队的任务", "run a job that the console queued", &job},
        {"steps", "FILE", "依次运行文件里的脚本，每行：用户 脚本 [--名称 值 ...]",
         "run the scripts of a file one after the other, a line each: USER SCRIPT [--NAME VALUE ...]",
         &steps},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {"run",
                            "SCRIPT [--NAME VALUE ...]",
                            "运行一个脚本；脚本的参数写作 --名称 值。",
                            "Runs a script; its parameters are given as --NAME VALUE.",
                            options,
                            1};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (!job && !steps && (argc < 2 || argv[1][0] == '-'))
        return fc_wrong_use(&usage, "需要脚本的名称", "needs the name of a script");
    fc_err err;
    fc_site *site = NULL;
    fc_dealership *d = NULL;
    if (fc_verb_site(dir, dealership, &site, &d, &err))
        code = fc_failed(&err);
    else if (fc_copies_sweep(site->files), steps)
        code = run_steps(d, steps, json != NULL, &usage);
    else
        code = job ? run_job(d, atoll(job)) : run_by_hand(d, as, argc, argv, json != NULL, &usage);
    fc_site_close(site);
    return code;
}
