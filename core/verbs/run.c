/* forecourt run SCRIPT --NAME VALUE ...: a script from the command line, or (--job N) one that the console
 * queued. */
#include "loop/heart.h"
#include "plugin/copies.h"
#include "plugin/site_keys.h"
#include "plugin/trial.h"
#include "verbs/run.h"
#include "verbs/verbs.h"

#include <stdlib.h>
#include <string.h>

json_t *fc_run_script(fc_call *c, const json_t *script, json_t *params, fc_fault *fault)
{
    char ref[256];
    fc_gen *g = fc_live_gen(c->live, json_string_value(json_object_get(script, "plugin")));
    json_t *args = json_pack("[O]", params);
    snprintf(ref, sizeof ref, "scripts/%s#run", json_string_value(json_object_get(script, "id")));
    fc_plugin_world.progress = fc_run_progress;
    json_t *values = fc_call_now(c, g->vm, ref, args, fault);
    json_decref(args);
    fc_trial_note(c->live, fc_call_dealership(c)->trials, g, values ? NULL : fault);
    fc_trial_flush(fc_call_dealership(c));
    if (!values) return NULL;
    json_t *result = json_incref(json_array_get(values, 0));
    json_decref(values);
    return result ? result : json_object();
}

int fc_run_by_hand(fc_dealership *d, const char *as, int argc, char **argv, int json, const fc_usage *usage)
{
    fc_err err;
    fc_fault fault;
    fc_running r = {.d = d};
    const json_t *script = fc_live_definition(d->live, "scripts", argv[1]);
    if (!script) return fc_run_unknown(d, argv[1]);
    char verb[128];
    fc_usage own = *usage; /* the parameters stand in the script's own help */
    snprintf(verb, sizeof verb, "run %s", argv[1]);
    own.verb = verb;
    json_t *params = json_object();
    int rc = fc_run_read_params(d, script, argc - 2, argv + 2, params, &own, &err);
    if (!rc && (rc = fc_run_complete(script, params, &err))) {
        json_decref(params);
        return fc_wrong_use(&own, "%s%.0s", "%.0s%s", err.text[FC_ZH], err.text[FC_EN]);
    }
    fc_call *c = rc ? NULL : fc_verb_call(d, as, FC_JOB_NS, &err);
    if (!c) {
        json_decref(params);
        return rc == -2 ? 2 : fc_failed(&err);
    }
    c->data = &r;
    json_t *result = fc_run_script(c, script, params, &fault);
    if (result) fc_run_print(c, script, result, json);
    int failed = !result || json_is_true(json_object_get(result, "failed"));
    json_decref(result);
    json_decref(params);
    fc_world_call_free(c);
    return result ? failed : fc_failed_fault(&fault);
}

/* --help is the script's own where one is named: it is taken out before the options are read. */
static int takes_help(int *argc, char **argv)
{
    int kept = 1;
    for (int i = 1; i < *argc; i++)
        if (strcmp(argv[i], "--help") != 0 && strcmp(argv[i], "-h") != 0) argv[kept++] = argv[i];
    int found = kept < *argc;
    *argc = kept;
    return found;
}

int fc_verb_run(int argc, char **argv)
{
    const char *dir = NULL, *dealership = NULL, *json = NULL, *as = NULL, *job = NULL, *steps = NULL,
               *keys = NULL, *heart = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {"dealership", "ID", "哪家店", "which dealership", &dealership},
        {"as", "USER", "以这个用户的权限（记入审计）", "with this user's rights (audited)", &as},
        {"json", NULL, "结果用 JSON，最后一行是汇总", "results as JSON, the last line is the summary", &json},
        {"keys-from", "FD", NULL, NULL, &keys},   /* the keys come from this descriptor */
        {"heart-from", "FD", NULL, NULL, &heart}, /* the call that runs is noted in this one */
        {"job", "N", NULL, NULL, &job},           /* one that the console queued */
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
    int help = takes_help(&argc, argv), code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (help) return fc_run_help(&usage, dir, dealership, argc > 1 && argv[1][0] != '-' ? argv[1] : NULL);
    if (!job && !steps && (argc < 2 || argv[1][0] == '-'))
        return fc_wrong_use(&usage, "需要脚本的名称", "needs the name of a script");
    fc_err err;
    fc_site *site = NULL;
    fc_dealership *d = NULL;
    if (keys) fc_site_keys_inherit(atoi(keys));
    if (heart) fc_heart_use_fd(atoi(heart));
    if (fc_verb_site(dir, dealership, &site, &d, &err))
        code = fc_failed(&err);
    else if (fc_copies_sweep(site->files), steps)
        code = fc_run_steps(d, steps, json != NULL, &usage);
    else
        code = job ? fc_run_job(d, atoll(job)) : fc_run_by_hand(d, as, argc, argv, json != NULL, &usage);
    fc_site_close(site);
    return code;
}
