/* In the order of needs and wishes (order.h), so that who needs another's changes sees them. Each amendment
 * is applied and checked before the next: the one that breaks something is the one that is blamed. */
#include "plugin/amend.h"
#include "plugin/amend_data.h"
#include "plugin/envelope.h"
#include "plugin/order.h"
#include "plugin/problem.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct amending {
    json_t *points, *failed, *problems;
    const json_t *opened;
    fc_gen *gen; /* the amender */
    json_t *by;  /* its envelope */
    char point[128];
    const char *id; /* of the definition */
} amending;

static void blame(amending *a, const char *zh, const char *en)
{
    fc_problem(a->problems, a->gen->source->id, fc_envelope_text(a->by, "at"), zh, en);
    json_object_set_new(a->failed, a->gen->source->id, json_true());
}

static bool may_amend(amending *a, const json_t *env)
{
    char zh[600], en[600];
    const char *owner = fc_envelope_text(env, "plugin"), *whole = fc_envelope_text(a->by, "id");
    if (strcmp(owner, a->gen->source->id) != 0 && fc_source_needs(a->gen->source, owner)) return true;
    snprintf(zh, sizeof zh,
             "要修改的 %.200s 属于插件 %.60s：请在 plugin.lua 的 needs 里写上它（自己的定义请直接改）", whole,
             owner);
    snprintf(en, sizeof en,
             "amends %.200s, which is the plugin %.60s's: name that in needs in plugin.lua (what is your own "
             "you change where it stands)",
             whole, owner);
    blame(a, zh, en);
    return false;
}

static bool target(amending *a, json_t **list, size_t *at)
{
    char zh[600], en[600];
    json_t *env;
    size_t i;
    const char *whole = fc_envelope_text(a->by, "id");
    snprintf(a->point, sizeof a->point, "%.*s", (int)strcspn(whole, "/"), whole);
    a->id = whole + strcspn(whole, "/") + 1;
    *list = json_object_get(a->points, a->point);
    json_array_foreach(*list, i, env)
    {
        *at = i;
        if (strcmp(fc_envelope_text(env, "id"), a->id) == 0) return may_amend(a, env);
    }
    snprintf(zh, sizeof zh, "要修改的 %.200s 不存在：没有插件定义它", whole);
    snprintf(en, sizeof en, "amends %.200s, which no plugin defines", whole);
    blame(a, zh, en);
    return false;
}

static void sign(const amending *a, json_t *env, json_t *changes)
{
    size_t i;
    json_t *row, *all = json_object_get(env, "amended");
    if (!all) json_object_set_new(env, "amended", all = json_array());
    json_array_foreach(changes, i, row)
    {
        json_object_set_new(row, "plugin", json_string(a->gen->source->id));
        json_object_set_new(row, "version", json_string(fc_source_version(a->gen->source)));
        json_object_set(row, "at", json_object_get(a->by, "at"));
        json_array_append(all, row);
    }
}

/* The engine's own check, in the amender's state: one that hangs or breaks is the amender's trouble. */
static void run_check(amending *a, json_t *env)
{
    size_t i;
    json_t *p, *list = json_pack("[O]", env);
    fc_fault fault;
    fc_vm *vm = a->gen->vm;
    const char *engine = json_string_value(json_object_get(a->opened, a->point));
    fc_vm_phase(vm, FC_CHECKING);
    if (engine && *engine && fc_vm_check(vm, engine, list, &fault)) blame(a, fault.zh, fault.en);
    fc_vm_phase(vm, FC_RUNNING);
    json_decref(list);
    list = fc_vm_problems(vm);
    json_array_foreach(list, i, p) blame(a, fc_envelope_text(p, "zh"), fc_envelope_text(p, "en"));
    json_decref(list);
}

static void apply(amending *a)
{
    json_t *list;
    size_t at, before = json_array_size(a->problems);
    fc_err err;
    if (!target(a, &list, &at)) return;
    json_t *env = json_deep_copy(json_array_get(list, at)), *changes = json_array();
    if (fc_amend_data(json_object_get(env, "data"), json_object_get(a->by, "data"), changes, &err)) {
        fc_wrap(&err, fc_envelope_text(a->by, "id"));
        blame(a, err.text[FC_ZH], err.text[FC_EN]);
    } else {
        fc_envelope_hash(env);
        sign(a, env, changes);
        fc_envelope_check_rules(env, a->gen->source->id, a->problems);
        if (json_array_size(a->problems) > before)
            json_object_set_new(a->failed, a->gen->source->id, json_true());
        run_check(a, env);
        json_array_set(list, at, env);
    }
    json_decref(changes);
    json_decref(env);
}

static fc_gen *gen_of(fc_gen *const *gens, size_t n, const char *plugin)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(gens[i]->source->id, plugin) == 0) return gens[i];
    return NULL;
}

void fc_amend(json_t *points, fc_gen *const *gens, size_t n, const json_t *opened, json_t *failed,
              json_t *problems)
{
    size_t i;
    json_t *list = json_object_get(points, "amend");
    amending a = {.points = points, .failed = failed, .problems = problems, .opened = opened};
    if (list) fc_order_amendments(list, gens, n, failed, problems);
    json_array_foreach(list, i, a.by)
    {
        a.gen = gen_of(gens, n, fc_envelope_text(a.by, "plugin"));
        if (a.gen && !fc_vm_spoiled(a.gen->vm)) apply(&a);
    }
}
