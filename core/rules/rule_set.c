/* Compiling a rule set: hit, the rules in order, the two fallbacks. A rule takes only the keys of the
 * contract, because a misspelt "when" would make it apply always; the set itself may carry what its engine
 * keeps beside the rules (title, version, examples). Each problem names the rule and its place. */
#include "rules/rule_set.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

static json_t *kept(const json_t *v)
{
    return v ? json_incref((json_t *)v) : NULL;
}

static void release_rule(rule *r)
{
    if (!r) return;
    fc_predicate_free(r->when);
    json_decref(r->id);
    json_decref(r->outcome);
    json_decref(r->because);
    json_decref(r->at);
}

/* An empty Lua table cannot say whether it is a list, so [] is also a table without fields and {} a list
 * without elements. */
static bool is_table(const json_t *v)
{
    return json_is_object(v) || (json_is_array(v) && json_array_size(v) == 0);
}

static bool is_list(const json_t *v)
{
    return json_is_array(v) || (json_is_object(v) && json_object_size(v) == 0);
}

static bool check_because(compiler *c, const json_t *because)
{
    if (!because || json_is_string(because) || json_is_object(because)) return true;
    compiler_fail(c, NULL, FC_EINVAL, "because 应是文字或 { zh = ..., en = ... }",
                  "because must be a text or { zh = ..., en = ... }");
    return false;
}

static bool compile_outcome(compiler *c, rule *r, const json_t *outcome)
{
    r->outcome = kept(outcome);
    if (is_table(outcome)) return true;
    compiler_fail(c, NULL, FC_EINVAL, "缺少结果（outcome 应是一个表）",
                  "no outcome (outcome must be a table)");
    return false;
}

static bool compile_when(compiler *c, rule *r, const json_t *when)
{
    if (!when) return true;
    r->when = compile_condition(c, when);
    return r->when != NULL;
}

static bool compile_id(compiler *c, rule *r, const json_t *v, size_t i)
{
    r->id = kept(json_object_get(v, "id"));
    r->name = json_string_value(r->id);
    if (r->name && *r->name) return true;
    compiler_fail(c, NULL, FC_EINVAL, "第 %zu 条规则没有 id", "rule number %zu has no id", i + 1);
    return false;
}

static bool compile_rule(compiler *c, rule *r, const json_t *v, size_t i)
{
    static const char *const keys[] = {"id", "when", "outcome", "because", "at", NULL};
    r->at = kept(json_object_get(v, "at"));
    if (json_string_value(r->at)) c->at = json_string_value(r->at);
    if (!compile_id(c, r, v, i)) return false;
    c->rule = r->name;
    r->because = kept(json_object_get(v, "because"));
    bool good = compile_keys(c, v, NULL, keys);
    good = compile_when(c, r, json_object_get(v, "when")) && good;
    good = compile_outcome(c, r, json_object_get(v, "outcome")) && good;
    return check_because(c, r->because) && good;
}

static bool compile_rules(compiler *c, fc_rule_set *s, const json_t *rules)
{
    const char *at = c->at;
    bool good = true;
    s->rules = fc_alloc(json_array_size(rules) * sizeof *s->rules);
    for (size_t i = 0; i < json_array_size(rules) && (good || c->problems); i++) {
        good = compile_rule(c, &s->rules[s->count++], json_array_get(rules, i), i) && good;
        c->rule = NULL;
        c->at = at;
    }
    return good;
}

/* A fallback is {"outcome":{...},"because"?,"at"?}, or the outcome itself. */
static bool compile_fallback(compiler *c, const char *name, const json_t *v, rule **out)
{
    if (!v) return true;
    rule *r = *out = fc_alloc(sizeof *r);
    const json_t *inner = json_object_get(v, "outcome");
    r->name = name;
    r->at = kept(json_object_get(v, "at"));
    r->because = kept(json_object_get(v, "because"));
    r->outcome = kept(is_table(inner) ? inner : v);
    if (is_table(v)) return check_because(c, r->because);
    compiler_fail(c, NULL, FC_EINVAL, "%s 应是一个表", "%s must be a table", name);
    return false;
}

static bool compile_hit(compiler *c, fc_rule_set *s, const json_t *set)
{
    const char *hit = json_string_value(json_object_get(set, "hit"));
    s->all = hit && strcmp(hit, "all") == 0;
    if (s->all || (hit && strcmp(hit, "first") == 0)) return true;
    compiler_fail(c, NULL, FC_EINVAL, "hit 应是 \"first\"（第一条符合的）或 \"all\"（全部符合的）",
                  "hit must be \"first\" (the first rule that applies) or \"all\" (every one)");
    return false;
}

fc_rule_set *compile_rule_set(compiler *c, const json_t *set)
{
    const json_t *rules = json_object_get(set, "rules");
    c->at = json_string_value(json_object_get(set, "at"));
    fc_rule_set *s = fc_alloc(sizeof *s);
    bool good = compile_hit(c, s, set);
    if (!is_list(rules)) {
        compiler_fail(c, NULL, FC_EINVAL, "rules 应是规则的列表", "rules must be a list of rules");
        good = false;
    }
    if (good || c->problems) good = compile_rules(c, s, rules) && good;
    if (good || c->problems)
        good = compile_fallback(c, "otherwise", json_object_get(set, "otherwise"), &s->otherwise) && good;
    if (good || c->problems)
        good = compile_fallback(c, "if_unknown", json_object_get(set, "if_unknown"), &s->if_unknown) && good;
    if (good) return s;
    fc_rule_set_free(s);
    return NULL;
}

int fc_rule_set_compile(const json_t *set, const json_t *facts, fc_rule_set **out, fc_err *err)
{
    compiler c = {.facts = facts, .err = err};
    *out = compile_rule_set(&c, set);
    return c.failed;
}

void fc_rule_set_free(fc_rule_set *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->count; i++)
        release_rule(&s->rules[i]);
    release_rule(s->otherwise);
    release_rule(s->if_unknown);
    free(s->otherwise);
    free(s->if_unknown);
    free(s->rules);
    free(s);
}

json_t *fc_rule_set_reads(const fc_rule_set *s)
{
    json_t *names = json_array();
    for (size_t i = 0; i < s->count; i++)
        if (s->rules[i].when) predicate_collect_reads(s->rules[i].when, names);
    return names;
}
