/* --job N: a script that the console queued, in a process of its own. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/trial.h"
#include "text/json.h"
#include "verbs/run.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Whose code failed, "archive 1.0.0, "; "" where no plugin's did. */
static void name_source(fc_dealership *d, const char *script, const fc_fault *fault, char *out, size_t cap)
{
    const json_t *env = fc_live_definition(d->live, "scripts", script);
    const fc_gen *g = env ? fc_live_gen(d->live, json_string_value(json_object_get(env, "plugin"))) : NULL;
    const fc_source *s = g ? fc_fault_source(d->live, g, fault) : NULL;
    out[0] = 0;
    if (s) snprintf(out, cap, "%s %s, ", s->id, fc_source_version(s));
}

static int end_job(fc_dealership *d, int64_t id, const char *script, const json_t *result,
                   const fc_fault *fault)
{
    fc_err err;
    char whose[130] = "";
    if (!result) name_source(d, script, fault, whose, sizeof whose);
    fc_buf text = {0};
    if (result) {
        fc_json_canonical(result, &text);
    } else {
        json_t *why =
            fault->code == FC_EINVAL
                ? json_pack("{s:s, s:s}", "zh", fault->zh, "en", fault->en)
                : json_pack("{s:s++++, s:s++++}", "zh", "脚本出错：", whose, fault->place, " ", fault->zh,
                            "en", "the script failed: ", whose, fault->place, " ", fault->en);
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

static json_t *job_result(fc_dealership *d, fc_running *r, const char *name, const char *actor,
                          json_t *params, fc_fault *fault)
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
    else if (fc_run_complete(script, params, &err))
        fault_text(fault, FC_EINVAL, err.text[FC_ZH], err.text[FC_EN]);
    else {
        c->data = r;
        result = fc_run_script(c, script, params, fault);
        char what[256];
        snprintf(what, sizeof what, "job %lld %s", (long long)r->job, name);
        if (!result && fault->code != FC_EINVAL)
            fc_world_log_fault(c, FC_ERROR, json_string_value(json_object_get(script, "plugin")), what,
                               fault);
    }
    if (c) fc_world_call_free(c);
    return result;
}

/* The console that started it shows its end; without that console it would run on unseen, and a second time
 * beside itself as soon as somebody believed the next console that it was interrupted. */
int fc_run_job(fc_dealership *d, int64_t id)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fc_err err;
    fc_fault fault;
    char script[128] = "", actor[80] = "";
    int64_t changed = 0;
    fc_running r = {.d = d, .job = id};
    fc_value v[] = {fc_int(fc_now()), fc_int(getpid()), fc_int(id)};
    if (fc_run(d->store,
               "UPDATE host_job SET state = 'running', started_at = ?, pid = ? WHERE id = ? AND state = "
               "'queued'",
               v, 3, &changed, &err))
        return fc_failed(&err);
    if (changed == 0) return 0; /* cancelled, or another process has it */
    json_t *params = read_job(d, id, script, sizeof script, actor, sizeof actor);
    json_t *result = job_result(d, &r, script, actor, params, &fault);
    int code = end_job(d, id, script, result, &fault);
    json_decref(result);
    json_decref(params);
    return code;
}
