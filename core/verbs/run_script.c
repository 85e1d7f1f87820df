/* One run of a script: in a call that is there, or by hand with the words of a command line. */
#include "plugin/trial.h"
#include "verbs/run.h"

#include <stdio.h>

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
