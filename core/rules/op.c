/* The operations: one row each, and the test that a known fact is put to. A test answers WRONG_KIND
 * when the fact is of a kind that it cannot be asked of; the evaluation knows the place and writes the
 * sentence. */
#include "text/nearest.h"
#include "rules/predicate.h"

#include <string.h>

static int test_is(const fc_predicate *leaf, const json_t *got, bool *yes, fc_err *err)
{
    (void)err;
    if (json_is_boolean(leaf->value)) {
        bool truth;
        if (!value_as_bool(got, &truth)) return WRONG_KIND;
        *yes = truth == json_is_true(leaf->value);
        return FC_OK;
    }
    if (value_kind(got) != value_kind(leaf->value)) return WRONG_KIND;
    *yes = value_equal(got, leaf->value);
    return FC_OK;
}

static int test_isnt(const fc_predicate *leaf, const json_t *got, bool *yes, fc_err *err)
{
    int rc = test_is(leaf, got, yes, err);
    *yes = !*yes;
    return rc;
}

static int order(const fc_predicate *leaf, const json_t *got, int *out)
{
    if (value_kind(got) != value_kind(leaf->value)) return WRONG_KIND;
    *out = value_order(got, leaf->value);
    return FC_OK;
}

#define ORDER_TEST(name, condition)                                                                          \
    static int test_##name(const fc_predicate *leaf, const json_t *got, bool *yes, fc_err *err)              \
    {                                                                                                        \
        int way = 0, rc = order(leaf, got, &way);                                                            \
        (void)err;                                                                                           \
        *yes = way condition 0;                                                                              \
        return rc;                                                                                           \
    }
ORDER_TEST(lt, <)
ORDER_TEST(le, <=)
ORDER_TEST(gt, >)
ORDER_TEST(ge, >=)
#undef ORDER_TEST

static bool contains(const json_t *list, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (value_equal(json_array_get(list, i), value)) return true;
    return false;
}

static int test_one_of(const fc_predicate *leaf, const json_t *got, bool *yes, fc_err *err)
{
    (void)err;
    if (value_kind(got) != value_kind(json_array_get(leaf->value, 0))) return WRONG_KIND;
    *yes = contains(leaf->value, got);
    return FC_OK;
}

/* A list whose elements are of another kind than what is looked for could only ever answer no, silently. */
static bool is_list_of(const json_t *list, enum kind kind)
{
    /* An empty Lua table may arrive as {}. */
    if (!json_is_array(list)) return json_is_object(list) && json_object_size(list) == 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        enum kind each = value_kind(json_array_get(list, i));
        if (each != kind && each != KIND_NULL) return false;
    }
    return true;
}

static int test_has(const fc_predicate *leaf, const json_t *got, bool *yes, fc_err *err)
{
    (void)err;
    if (!is_list_of(got, value_kind(leaf->value))) return WRONG_KIND;
    *yes = contains(got, leaf->value);
    return FC_OK;
}

static size_t count_had(const fc_predicate *leaf, const json_t *got)
{
    size_t had = 0;
    for (size_t i = 0; i < json_array_size(leaf->value); i++)
        had += contains(got, json_array_get(leaf->value, i));
    return had;
}

static int test_has_any(const fc_predicate *leaf, const json_t *got, bool *yes, fc_err *err)
{
    (void)err;
    if (!is_list_of(got, value_kind(json_array_get(leaf->value, 0)))) return WRONG_KIND;
    *yes = count_had(leaf, got) > 0;
    return FC_OK;
}

static int test_has_all(const fc_predicate *leaf, const json_t *got, bool *yes, fc_err *err)
{
    (void)err;
    if (!is_list_of(got, value_kind(json_array_get(leaf->value, 0)))) return WRONG_KIND;
    *yes = count_had(leaf, got) == json_array_size(leaf->value);
    return FC_OK;
}

static int test_matches(const fc_predicate *leaf, const json_t *got, bool *yes, fc_err *err)
{
    int matched = 0;
    if (!json_is_string(got)) return WRONG_KIND;
    int rc = fc_pattern_match(leaf->pattern, json_string_value(got), json_string_length(got), 0, &matched,
                              NULL, 0, err);
    *yes = matched;
    return rc;
}

static int test_empty(const fc_predicate *leaf, const json_t *got, bool *yes, fc_err *err)
{
    (void)leaf;
    (void)err;
    switch (value_kind(got)) {
    case KIND_TEXT:
        *yes = json_string_length(got) == 0;
        return FC_OK;
    case KIND_LIST:
        *yes = json_array_size(got) == 0;
        return FC_OK;
    case KIND_TABLE: /* an empty Lua table may arrive as either */
        *yes = json_object_size(got) == 0;
        return FC_OK;
    default:
        return WRONG_KIND;
    }
}

static int test_true(const fc_predicate *leaf, const json_t *got, bool *yes, fc_err *err)
{
    (void)leaf;
    (void)err;
    return value_as_bool(got, yes) ? FC_OK : WRONG_KIND;
}

#define ORDERED (TYPE_TEXT | TYPE_NUMBER | TYPE_DAY | TYPE_JSON)
#define LISTS (TYPE_LIST | TYPE_JSON)

static const op ops[] = {
    {"and", SHAPE_AND, 0, NULL, NULL, NULL},
    {"or", SHAPE_OR, 0, NULL, NULL, NULL},
    {"not", SHAPE_NOT, 0, NULL, NULL, NULL},
    {"is", SHAPE_ANY, TYPE_EVERY, test_is, "与所写的值同类", "a fact of the same kind as the value"},
    {"isnt", SHAPE_ANY, TYPE_EVERY, test_isnt, "与所写的值同类", "a fact of the same kind as the value"},
    {"lt", SHAPE_ORDERED, ORDERED, test_lt, "数字、文字或日期", "a number, a text or a day"},
    {"le", SHAPE_ORDERED, ORDERED, test_le, "数字、文字或日期", "a number, a text or a day"},
    {"gt", SHAPE_ORDERED, ORDERED, test_gt, "数字、文字或日期", "a number, a text or a day"},
    {"ge", SHAPE_ORDERED, ORDERED, test_ge, "数字、文字或日期", "a number, a text or a day"},
    {"one_of", SHAPE_SCALARS, ORDERED, test_one_of, "数字、文字或日期", "a number, a text or a day"},
    {"has", SHAPE_SCALAR, LISTS, test_has, "元素与所写的值同类的列表", "a list of what the value is"},
    {"has_any", SHAPE_SCALARS, LISTS, test_has_any, "元素与所写的值同类的列表",
     "a list of what the values are"},
    {"has_all", SHAPE_SCALARS, LISTS, test_has_all, "元素与所写的值同类的列表",
     "a list of what the values are"},
    {"matches", SHAPE_PATTERN, TYPE_TEXT | TYPE_JSON, test_matches, "文字", "a text"},
    {"empty", SHAPE_NONE, TYPE_TEXT | TYPE_DAY | LISTS, test_empty, "文字或列表", "a text or a list"},
    {"answered", SHAPE_NONE, TYPE_EVERY, NULL, NULL, NULL},
    {"true", SHAPE_NONE, TYPE_BOOL | TYPE_JSON, test_true, "是非值（true/false）", "true or false"},
};

const op *op_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strcmp(ops[i].name, name) == 0) return &ops[i];
    return NULL;
}

const char *op_nearest(const char *name)
{
    json_t *names = json_object();
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        json_object_set_new(names, ops[i].name, json_true());
    const char *near = fc_nearest(name, names);
    const op *found = near ? op_by_name(near) : NULL;
    json_decref(names);
    return found ? found->name : NULL;
}
