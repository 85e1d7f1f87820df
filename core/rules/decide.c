/* Evaluating a rule set: rules in their order, each with its own part of the trace, until the set is settled.
 * An error in one rule is an error of the whole: a later rule must not win because an earlier one could not
 * be asked. The result shares outcome, facts and texts with the set by reference; whoever changes them copies
 * first. */
#include "rules/rule_set.h"

static json_t *shared(json_t *v)
{
    return v ? json_incref(v) : json_null();
}

/* One rule; *is tells what became of it. */
static int ask(const json_t *facts, const rule *r, json_t *trace, enum fc_truth *is, fc_err *err)
{
    json_t *leaves = json_array();
    const char *at = json_string_value(r->at);
    evaluation e = {.facts = facts, .rule = r->name, .at = at, .trace = leaves, .err = err};
    *is = FC_TRUE;
    int rc = r->when ? evaluate(&e, r->when, is) : FC_OK;
    if (rc) {
        json_decref(leaves);
        return rc;
    }
    json_t *truth = *is == FC_UNKNOWN ? json_null() : json_boolean(*is == FC_TRUE);
    json_array_append_new(trace, json_pack("{sO so so}", "rule", r->id, "is", truth, "leaves", leaves));
    return FC_OK;
}

static void add_hit(json_t *hits, const rule *r)
{
    json_array_append_new(hits, json_pack("{sO sO so so}", "id", r->id, "outcome", r->outcome, "because",
                                          shared(r->because), "at", shared(r->at)));
}

struct verdict {
    const rule *winner; /* the first that was true */
    bool unknown;       /* some rule could not be decided */
};

static int ask_all(const fc_rule_set *s, const json_t *facts, json_t *trace, json_t *hits, struct verdict *v,
                   fc_err *err)
{
    for (size_t i = 0; i < s->count; i++) {
        enum fc_truth is;
        int rc = ask(facts, &s->rules[i], trace, &is, err);
        if (rc) return rc;
        if (is == FC_UNKNOWN) v->unknown = true;
        if (is != FC_TRUE) continue;
        if (!v->winner) v->winner = &s->rules[i];
        if (!s->all) return FC_OK;
        add_hit(hits, &s->rules[i]);
    }
    return FC_OK;
}

static const rule *concluded(const fc_rule_set *s, const struct verdict *v)
{
    if (v->winner) return v->winner;
    return v->unknown && s->if_unknown ? s->if_unknown : s->otherwise;
}

static json_t *result(const rule *r, json_t *trace)
{
    if (!r) return json_pack("{sn sn sn sn sO}", "rule", "outcome", "because", "at", "trace", trace);
    return json_pack("{ss sO so so sO}", "rule", r->name, "outcome", r->outcome, "because",
                     shared(r->because), "at", shared(r->at), "trace", trace);
}

int fc_rule_set_eval(const fc_rule_set *s, const json_t *facts, json_t **out, fc_err *err)
{
    *out = NULL;
    if (!json_is_object(facts))
        return fc_fail(err, FC_EINVAL, "数据项应是一个表", "the facts must be a table");
    struct verdict v = {0};
    json_t *trace = json_array(), *hits = json_array();
    int rc = ask_all(s, facts, trace, hits, &v, err);
    if (!rc) {
        *out = result(concluded(s, &v), trace);
        if (s->all) json_object_set(*out, "rules", hits);
    }
    json_decref(trace);
    json_decref(hits);
    return rc;
}
