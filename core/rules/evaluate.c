/* Evaluation after Kleene: a conjunction is false as soon as one part is, true only if all are, else unknown;
 * a disjunction the other way round. It stops at the first part that settles the matter, with and without a
 * trace, so that both see the same errors; the trace lists the leaves that were looked at, in order.
 *
 * It fails when a fact is of a kind that the leaf cannot be asked of, and when a pattern meets one of its
 * limits: an answer that is not known to be right is never given as "false". Nothing is allocated unless a
 * trace is wanted. */
#include "rules/predicate.h"

#include "base/clock.h"

#include <stdio.h>

static int placed(const evaluation *e, const fc_predicate *leaf)
{
    return place_error(e->err, leaf->at ? json_string_value(leaf->at) : e->at, e->rule);
}

static int wrong_kind(const evaluation *e, const fc_predicate *leaf, const json_t *got)
{
    if (!e->err) return FC_EINVAL;
    enum kind kind = value_kind(got);
    e->err->code = FC_EINVAL;
    snprintf(e->err->text[FC_ZH], FC_ERR_TEXT, "数据项 '%.64s' 的值是%s，'%s' 需要%s", leaf->fact,
             kind_name(kind, FC_ZH), leaf->op->name, leaf->op->zh);
    snprintf(e->err->text[FC_EN], FC_ERR_TEXT, "fact '%.64s' is %s, and '%s' needs %s", leaf->fact,
             kind_name(kind, FC_EN), leaf->op->name, leaf->op->en);
    return placed(e, leaf);
}

static int no_day(const evaluation *e, const fc_predicate *leaf)
{
    fc_fail(e->err, FC_EINVAL, "数据项 '%.64s' 应是 \"YYYY-MM-DD\" 形式的有效日期",
            "fact '%.64s' must be a valid day \"YYYY-MM-DD\"", leaf->fact);
    return placed(e, leaf);
}

/* Days are compared as text, and "2026-1-5" would sort wrongly in silence. */
static bool is_day(const json_t *got)
{
    int64_t day;
    return json_is_string(got) && fc_day_parse(json_string_value(got), &day) == 0;
}

static int test_known(const evaluation *e, const fc_predicate *leaf, const json_t *got, enum fc_truth *out)
{
    bool yes = false;
    if (leaf->type == TYPE_DAY && leaf->value && !is_day(got)) return no_day(e, leaf);
    int rc = leaf->op->test(leaf, got, &yes, e->err);
    if (rc == WRONG_KIND) return wrong_kind(e, leaf, got);
    if (rc) {
        placed(e, leaf);
        return rc;
    }
    *out = yes ? FC_TRUE : FC_FALSE;
    return FC_OK;
}

static json_t *shared(json_t *v)
{
    return v ? json_incref(v) : json_null();
}

static void add_to_trace(json_t *trace, const fc_predicate *leaf, json_t *got, enum fc_truth is)
{
    json_t *row = json_object();
    json_object_set_new_nocheck(row, "op", json_string_nocheck(leaf->op->name));
    json_object_set_new_nocheck(row, "fact", json_string_nocheck(leaf->fact));
    json_object_set_new_nocheck(row, "want", shared(leaf->value));
    json_object_set_new_nocheck(row, "got", shared(got));
    json_object_set_new_nocheck(row, "is", is == FC_UNKNOWN ? json_null() : json_boolean(is == FC_TRUE));
    json_object_set_new_nocheck(row, "at", shared(leaf->at));
    json_array_append_new(trace, row);
}

static int evaluate_leaf(const evaluation *e, const fc_predicate *leaf, enum fc_truth *out)
{
    json_t *got = json_object_get(e->facts, leaf->fact);
    bool known = got && !json_is_null(got);
    if (!leaf->op->test)
        *out = known ? FC_TRUE : FC_FALSE;
    else if (!known)
        *out = FC_UNKNOWN;
    else {
        int rc = test_known(e, leaf, got, out);
        if (rc) return rc;
    }
    if (e->trace) add_to_trace(e->trace, leaf, got, *out);
    return FC_OK;
}

/* `settles` is FC_FALSE for "and", FC_TRUE for "or". */
static int evaluate_junction(const evaluation *e, const fc_predicate *p, enum fc_truth settles,
                             enum fc_truth *out)
{
    *out = settles == FC_FALSE ? FC_TRUE : FC_FALSE;
    for (size_t i = 0; i < p->count; i++) {
        enum fc_truth part = FC_UNKNOWN;
        int rc = evaluate(e, p->args[i], &part);
        if (rc) return rc;
        if (part == FC_UNKNOWN) *out = FC_UNKNOWN;
        if (part != settles) continue;
        *out = settles;
        return FC_OK;
    }
    return FC_OK;
}

int evaluate(const evaluation *e, const fc_predicate *p, enum fc_truth *out)
{
    if (op_is_leaf(p->op)) return evaluate_leaf(e, p, out);
    if (p->op->shape == SHAPE_AND) return evaluate_junction(e, p, FC_FALSE, out);
    if (p->op->shape == SHAPE_OR) return evaluate_junction(e, p, FC_TRUE, out);
    int rc = evaluate(e, p->args[0], out);
    if (!rc && *out != FC_UNKNOWN) *out = *out == FC_TRUE ? FC_FALSE : FC_TRUE;
    return rc;
}

int fc_predicate_eval(const fc_predicate *p, const json_t *facts, json_t *trace, enum fc_truth *out,
                      fc_err *err)
{
    evaluation e = {.facts = facts, .trace = trace, .err = err};
    if (!json_is_object(facts))
        return fc_fail(err, FC_EINVAL, "数据项应是一个表", "the facts must be a table");
    return evaluate(&e, p, out);
}
