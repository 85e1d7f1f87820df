/* Whether the value of a leaf fits: first what the operation takes, then what the fact was declared to be.
 * Values are kept by reference with the set; a pattern is compiled here, so that a bad one is found when the
 * rules are loaded. */
#include "rules/predicate.h"

#include "base/clock.h"

#include <stdio.h>

static const char *type_name(enum fact_type type, enum fc_lang lang)
{
    switch (type) {
    case TYPE_TEXT:
        return lang == FC_ZH ? "文字" : "a text";
    case TYPE_NUMBER:
        return lang == FC_ZH ? "数字" : "a number";
    case TYPE_BOOL:
        return lang == FC_ZH ? "是非值" : "true or false";
    case TYPE_DAY:
        return lang == FC_ZH ? "日期" : "a day";
    case TYPE_LIST:
        return lang == FC_ZH ? "列表" : "a list";
    default:
        return lang == FC_ZH ? "任意数据" : "any data";
    }
}

static bool is_scalar(const json_t *v)
{
    return json_is_string(v) || json_is_number(v);
}

/* One kind throughout, so that a fact of the wrong kind can be told from one that is merely not among them.
 */
static bool are_scalars(const json_t *v)
{
    const json_t *first = json_array_get(v, 0);
    if (!is_scalar(first)) return false;
    for (size_t i = 1; i < json_array_size(v); i++)
        if (value_kind(json_array_get(v, i)) != value_kind(first)) return false;
    return true;
}

static const char *wanted(enum shape shape, enum fc_lang lang)
{
    static const char *const texts[][2] = {
        [SHAPE_NONE] = {"不带值", "no value"},
        [SHAPE_ANY] = {"要有一个值", "a value"},
        [SHAPE_ORDERED] = {"要有一个数字或文字", "a number or a text"},
        [SHAPE_SCALAR] = {"要有一个数字或文字", "one number or text"},
        [SHAPE_SCALARS] = {"要有一个非空的列表，全是文字或全是数字",
                           "a list that is not empty, all texts or all numbers"},
        [SHAPE_PATTERN] = {"要有一个正则表达式", "a regular expression as text"},
    };
    return texts[shape][lang];
}

static bool shape_fits(enum shape shape, const json_t *v)
{
    switch (shape) {
    case SHAPE_NONE:
        return !v;
    case SHAPE_ANY:
        return value_kind(v) != KIND_NULL;
    case SHAPE_ORDERED:
    case SHAPE_SCALAR:
        return is_scalar(v);
    case SHAPE_SCALARS:
        return are_scalars(v);
    case SHAPE_PATTERN:
        return json_is_string(v);
    default:
        return false;
    }
}

static bool type_fits(enum fact_type type, const json_t *v)
{
    int64_t day;
    switch (type) {
    case TYPE_TEXT:
        return json_is_string(v);
    case TYPE_NUMBER:
        return json_is_number(v);
    case TYPE_BOOL:
        return json_is_boolean(v);
    case TYPE_DAY:
        return json_is_string(v) && fc_day_parse(json_string_value(v), &day) == 0;
    default:
        return true;
    }
}

/* The value of has, has_any and has_all speaks of the list's elements, whose type is not declared. */
static bool value_fits_fact(const fc_predicate *leaf, const json_t *v)
{
    if (leaf->type == TYPE_LIST) return leaf->op->shape != SHAPE_ANY || json_is_array(v);
    if (leaf->op->shape != SHAPE_SCALARS) return type_fits(leaf->type, v);
    for (size_t i = 0; i < json_array_size(v); i++)
        if (!type_fits(leaf->type, json_array_get(v, i))) return false;
    return true;
}

#define SAY(problem, lang, ...) snprintf((problem).text[lang], FC_ERR_TEXT, __VA_ARGS__)

static void complain_of_type(compiler *c, const fc_predicate *leaf, const char *at)
{
    fc_err p = {.code = FC_EINVAL};
    SAY(p, FC_ZH, "数据项 '%.64s' 是%s，不能用 '%s'，它需要%s", leaf->fact, type_name(leaf->type, FC_ZH),
        leaf->op->name, leaf->op->zh);
    SAY(p, FC_EN, "fact '%.64s' is %s and cannot be asked '%s', which needs %s", leaf->fact,
        type_name(leaf->type, FC_EN), leaf->op->name, leaf->op->en);
    compiler_problem(c, at, &p);
}

static void complain_of_shape(compiler *c, const fc_predicate *leaf, const char *at, const json_t *value)
{
    fc_err p = {.code = FC_EINVAL};
    enum kind kind = value_kind(value);
    SAY(p, FC_ZH, "数据项 '%.64s' 的 '%s' %s，这里是%s", leaf->fact, leaf->op->name,
        wanted(leaf->op->shape, FC_ZH), value ? kind_name(kind, FC_ZH) : "空缺");
    SAY(p, FC_EN, "'%s' of fact '%.64s' takes %s, not %s", leaf->op->name, leaf->fact,
        wanted(leaf->op->shape, FC_EN), value ? kind_name(kind, FC_EN) : "nothing");
    compiler_problem(c, at, &p);
}

static void complain_of_value(compiler *c, const fc_predicate *leaf, const char *at)
{
    fc_err p = {.code = FC_EINVAL};
    const char *form = leaf->type == TYPE_DAY ? " (\"YYYY-MM-DD\")" : "";
    SAY(p, FC_ZH, "数据项 '%.64s' 是%s，'%s' 的值也应是有效的%s%s", leaf->fact, type_name(leaf->type, FC_ZH),
        leaf->op->name, type_name(leaf->type, FC_ZH), form);
    SAY(p, FC_EN, "fact '%.64s' is %s, so the value of '%s' must be %s too%s", leaf->fact,
        type_name(leaf->type, FC_EN), leaf->op->name, type_name(leaf->type, FC_EN), form);
    compiler_problem(c, at, &p);
}

static bool compile_pattern(compiler *c, fc_predicate *leaf, const char *at, const json_t *value)
{
    fc_err why = {0}, p = {0};
    p.code = fc_pattern_compile(json_string_value(value), json_string_length(value), &leaf->pattern, &why);
    if (!p.code) return true;
    SAY(p, FC_ZH, "数据项 '%.64s' 的 'matches'：%.700s", leaf->fact, why.text[FC_ZH]);
    SAY(p, FC_EN, "'matches' of fact '%.64s': %.700s", leaf->fact, why.text[FC_EN]);
    compiler_problem(c, at, &p);
    return false;
}

bool compile_value(compiler *c, fc_predicate *leaf, const char *at, const json_t *value)
{
    enum shape shape = leaf->op->shape;
    if (leaf->type && !(leaf->op->types & (int)leaf->type)) {
        complain_of_type(c, leaf, at);
        return false;
    }
    if (!shape_fits(shape, value)) {
        complain_of_shape(c, leaf, at, value);
        return false;
    }
    if (value && !value_fits_fact(leaf, value)) {
        complain_of_value(c, leaf, at);
        return false;
    }
    leaf->value = value ? json_incref((json_t *)value) : NULL;
    return shape != SHAPE_PATTERN || compile_pattern(c, leaf, at, value);
}
