/* What a script returned, as lines of JSON or as the sentences it has for people. */
#include "verbs/json_line.h"
#include "verbs/run.h"

#include <stdio.h>

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
        fc_print_json(v);
    }
}

void fc_run_print(fc_call *c, const json_t *script, json_t *result, int json)
{
    size_t i;
    json_t *line, *lines = json_object_get(result, "lines");
    if (json) {
        json_array_foreach(lines, i, line) fc_print_json(line);
        fc_print_json(json_object_get(result, "summary") ? json_object_get(result, "summary") : result);
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
