/* From JSON to a tree that can be evaluated. Every problem is a sentence with the leaf's own place; in a run
 * that collects problems the compiler goes on after each, so that all mistakes of a set are reported at once.
 * A node that failed is freed with all below it; fc_predicate_free closes what succeeded. */
#include "text/nearest.h"
#include "rules/predicate.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

/* A chain of `&` is one node, so real conditions stay flat; this only keeps the recursion bounded. */
#define DEEPEST 64

static fc_predicate *compile_node(compiler *c, const json_t *p, int depth);

static bool add_arg(compiler *c, fc_predicate *node, const json_t *p, int depth)
{
    fc_predicate *arg = compile_node(c, p, depth + 1);
    if (arg) node->args[node->count++] = arg;
    return arg != NULL;
}

static bool compile_not(compiler *c, fc_predicate *node, const json_t *p, const char *at, int depth)
{
    static const char *const keys[] = {"op", "arg", "at", NULL};
    if (!compile_keys(c, p, at, keys)) return false;
    node->args = fc_alloc(sizeof *node->args);
    return add_arg(c, node, json_object_get(p, "arg"), depth);
}

static bool compile_junction(compiler *c, fc_predicate *node, const json_t *p, const char *at, int depth)
{
    static const char *const keys[] = {"op", "args", "at", NULL};
    const json_t *args = json_object_get(p, "args");
    size_t n = json_array_size(args);
    bool good = compile_keys(c, p, at, keys);
    if (good && n == 0) {
        compiler_fail(c, at, FC_EINVAL, "'%s' 至少需要一个条件（args）",
                      "'%s' needs at least one condition (args)", node->op->name);
        return false;
    }
    node->args = fc_alloc(n * sizeof *node->args);
    for (size_t i = 0; i < n && (good || c->problems); i++)
        good = add_arg(c, node, json_array_get(args, i), depth) && good;
    return good;
}

static enum fact_type type_by_name(const char *name)
{
    static const char *const names[] = {"text", "number", "bool", "day", "list", "json"};
    for (int i = 0; name && i < 6; i++)
        if (strcmp(names[i], name) == 0) return (enum fact_type)(1 << i);
    return TYPE_UNDECLARED;
}

static bool compile_fact(compiler *c, fc_predicate *leaf, const json_t *p, const char *at)
{
    const char *name = json_string_value(json_object_get(p, "fact"));
    if (!name || !*name) {
        compiler_fail(c, at, FC_EINVAL, "'%s' 没有写明数据项（fact）", "'%s' does not name its fact",
                      leaf->op->name);
        return false;
    }
    leaf->fact = fc_strdup(name);
    if (!c->facts) return true;
    const json_t *declared = json_object_get(c->facts, name);
    if (!declared) {
        const char *near = fc_nearest(name, c->facts);
        if (near)
            compiler_fail(c, at, FC_EINVAL, "没有名为 '%.64s' 的数据项（是不是 '%.64s'？）",
                          "unknown fact '%.64s' (did you mean '%.64s'?)", name, near);
        else
            compiler_fail(c, at, FC_EINVAL, "没有名为 '%.64s' 的数据项", "unknown fact '%.64s'", name);
        return false;
    }
    leaf->type = type_by_name(json_string_value(json_object_get(declared, "type")));
    if (leaf->type) return true;
    compiler_fail(c, at, FC_EINVAL, "数据项 '%.64s' 的类型应为 text、number、bool、day、list 或 json",
                  "the type of fact '%.64s' must be text, number, bool, day, list or json", name);
    return false;
}

static bool compile_leaf(compiler *c, fc_predicate *leaf, const json_t *p, const char *at)
{
    static const char *const keys[] = {"op", "fact", "value", "at", NULL};
    return compile_keys(c, p, at, keys) && compile_fact(c, leaf, p, at) &&
           compile_value(c, leaf, at, json_object_get(p, "value"));
}

static const op *compile_op(compiler *c, const json_t *p, const char *at)
{
    const char *name = json_string_value(json_object_get(p, "op"));
    const op *found = name ? op_by_name(name) : NULL;
    if (found) return found;
    const char *near = name ? op_nearest(name) : NULL;
    if (near)
        compiler_fail(c, at, FC_EINVAL, "不认识的操作 '%.64s'（是不是 '%s'？）",
                      "unknown operation '%.64s' (did you mean '%s'?)", name, near);
    else if (name)
        compiler_fail(c, at, FC_EINVAL, "不认识的操作 '%.64s'", "unknown operation '%.64s'", name);
    else
        compiler_fail(c, at, FC_EINVAL, "这里应是一个条件，例如 c.amount:gt(1000)",
                      "a condition is expected here, such as c.amount:gt(1000)");
    return NULL;
}

static fc_predicate *compile_node(compiler *c, const json_t *p, int depth)
{
    const json_t *place = json_object_get(p, "at");
    const char *at = json_string_value(place);
    if (depth > DEEPEST) {
        compiler_fail(c, at, FC_ELIMIT, "条件嵌套超过 %d 层，请拆成几条规则",
                      "the condition is nested deeper than %d; split it into several rules", DEEPEST);
        return NULL;
    }
    const op *kind = compile_op(c, p, at);
    if (!kind) return NULL;
    fc_predicate *node = fc_alloc(sizeof *node);
    node->op = kind;
    node->at = at ? json_incref((json_t *)place) : NULL;
    bool good;
    if (op_is_leaf(kind))
        good = compile_leaf(c, node, p, at);
    else if (kind->shape == SHAPE_NOT)
        good = compile_not(c, node, p, at, depth);
    else
        good = compile_junction(c, node, p, at, depth);
    if (good) return node;
    fc_predicate_free(node);
    return NULL;
}

fc_predicate *compile_condition(compiler *c, const json_t *p)
{
    return compile_node(c, p, 1);
}

int fc_predicate_compile(const json_t *p, const json_t *facts, fc_predicate **out, fc_err *err)
{
    compiler c = {.facts = facts, .err = err};
    *out = compile_node(&c, p, 1);
    return c.failed;
}

void fc_predicate_free(fc_predicate *p)
{
    if (!p) return;
    for (size_t i = 0; i < p->count; i++)
        fc_predicate_free(p->args[i]);
    free(p->args);
    fc_pattern_free(p->pattern);
    json_decref(p->value);
    json_decref(p->at);
    free(p->fact);
    free(p);
}

void predicate_collect_reads(const fc_predicate *p, json_t *names)
{
    for (size_t i = 0; i < p->count; i++)
        predicate_collect_reads(p->args[i], names);
    if (!p->fact) return;
    for (size_t i = 0; i < json_array_size(names); i++)
        if (strcmp(json_string_value(json_array_get(names, i)), p->fact) == 0) return;
    json_array_append_new(names, json_string(p->fact));
}

json_t *fc_predicate_reads(const fc_predicate *p)
{
    json_t *names = json_array();
    predicate_collect_reads(p, names);
    return names;
}
