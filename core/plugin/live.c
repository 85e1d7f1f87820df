/* Look-ups walk the list: a live set has a dozen plugins. */
#include "plugin/live.h"
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

static json_t *empty_array(void)
{
    static json_t *empty;
    if (!empty) empty = json_array();
    return empty;
}

fc_live *fc_live_ref(fc_live *l)
{
    l->refs++;
    return l;
}

struct fc_compiled {
    struct fc_compiled *next;
    const json_t *env;
    fc_rule_set *set;
};

void fc_live_unref(fc_live *l)
{
    if (!l || --l->refs > 0) return;
    for (struct fc_compiled *c = l->rule_sets, *next; c; c = next) {
        next = c->next;
        fc_rule_set_free(c->set);
        free(c);
    }
    free(l->routes);
    for (size_t i = 0; i < l->n; i++)
        fc_gen_unref(l->gens[i]);
    free(l->gens);
    fc_calendar_free(l->calendar);
    json_decref(l->points);
    fc_live_unref(l->healed);
    free(l);
}

fc_gen *fc_live_gen(const fc_live *l, const char *plugin)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->gens[i]->source->id, plugin) == 0) return l->gens[i];
    return NULL;
}

fc_gen *fc_live_sound_gen(fc_live *l, fc_live *now, const char *plugin)
{
    fc_gen *first = fc_live_gen(l, plugin), *g = first;
    while (g && fc_vm_spoiled(g->vm) && l != now) {
        if (!l->healed) l->healed = fc_live_ref(now);
        l = l->healed;
        g = fc_live_gen(l, plugin);
        if (!g || strcmp(g->key, first->key) != 0) return first; /* another version: not of this set */
    }
    return g;
}

json_t *fc_live_point(const fc_live *l, const char *point)
{
    json_t *list = json_object_get(l->points, point);
    return list ? list : empty_array();
}

json_t *fc_live_definition(const fc_live *l, const char *point, const char *id)
{
    size_t i;
    json_t *env;
    json_array_foreach(fc_live_point(l, point), i,
                       env) if (strcmp(json_string_value(json_object_get(env, "id")), id) == 0) return env;
    return NULL;
}

const fc_rule_set *fc_live_rule_set(fc_live *l, const char *point, const char *id, const char **hash,
                                    fc_err *err)
{
    json_t *env = fc_live_definition(l, point, id);
    if (!env) {
        fc_fail(err, FC_ENOTFOUND, "没有规则集 %s/%s", "there is no rule set %s/%s", point, id);
        return NULL;
    }
    *hash = json_string_value(json_object_get(env, "hash"));
    for (struct fc_compiled *c = l->rule_sets; c; c = c->next)
        if (c->env == env) return c->set;
    fc_rule_set *set = NULL;
    json_t *data = json_object_get(env, "data");
    if (fc_rule_set_compile(data, json_object_get(data, "facts"), &set, err)) return NULL;
    struct fc_compiled *c = fc_alloc(sizeof *c);
    *c = (struct fc_compiled){l->rule_sets, env, set};
    l->rule_sets = c;
    return set;
}
