/* Comparing JSON values as rules mean it: 1 equals 1.0, integers of 64 bits stay exact beside reals, texts
 * are ordered by code point (which in UTF-8 is the order of the bytes). Nothing here can fail. */
#include "rules/predicate.h"

#include <string.h>

enum kind value_kind(const json_t *v)
{
    if (!v) return KIND_NULL;
    switch (json_typeof(v)) {
    case JSON_TRUE:
    case JSON_FALSE:
        return KIND_BOOL;
    case JSON_INTEGER:
    case JSON_REAL:
        return KIND_NUMBER;
    case JSON_STRING:
        return KIND_TEXT;
    case JSON_ARRAY:
        return KIND_LIST;
    case JSON_OBJECT:
        return KIND_TABLE;
    default:
        return KIND_NULL;
    }
}

const char *kind_name(enum kind kind, enum fc_lang lang)
{
    static const char *const names[][2] = {
        {"空值", "null"},     {"是非值（true/false）", "true or false"},
        {"数字", "a number"}, {"文字", "a text"},
        {"列表", "a list"},   {"表", "a table"},
    };
    return names[kind][lang];
}

static int sign(double d)
{
    return (d > 0) - (d < 0);
}

/* Turning the integer into a double would make 2^53 and 2^53 + 1 the same. */
static int order_mixed(json_int_t i, double d)
{
    if (d >= 9223372036854775808.0) return -1;
    if (d < -9223372036854775808.0) return 1;
    json_int_t whole = (json_int_t)d;
    if (i != whole) return i < whole ? -1 : 1;
    return -sign(d - (double)whole);
}

static int order_numbers(const json_t *a, const json_t *b)
{
    if (json_is_integer(a) && json_is_integer(b)) {
        json_int_t x = json_integer_value(a), y = json_integer_value(b);
        return (x > y) - (x < y);
    }
    if (json_is_integer(a)) return order_mixed(json_integer_value(a), json_real_value(b));
    if (json_is_integer(b)) return -order_mixed(json_integer_value(b), json_real_value(a));
    return sign(json_real_value(a) - json_real_value(b));
}

static int order_texts(const json_t *a, const json_t *b)
{
    size_t x = json_string_length(a), y = json_string_length(b);
    int first = memcmp(json_string_value(a), json_string_value(b), x < y ? x : y);
    return first ? first : (x > y) - (x < y);
}

int value_order(const json_t *a, const json_t *b)
{
    return json_is_string(a) ? order_texts(a, b) : order_numbers(a, b);
}

static bool lists_equal(const json_t *a, const json_t *b)
{
    size_t n = json_array_size(a);
    if (n != json_array_size(b)) return false;
    for (size_t i = 0; i < n; i++)
        if (!value_equal(json_array_get(a, i), json_array_get(b, i))) return false;
    return true;
}

static bool tables_equal(const json_t *a, const json_t *b)
{
    const char *key;
    json_t *value;
    if (json_object_size(a) != json_object_size(b)) return false;
    json_object_foreach((json_t *)a, key, value)
    {
        const json_t *other = json_object_get(b, key);
        if (!other || !value_equal(value, other)) return false;
    }
    return true;
}

bool value_equal(const json_t *a, const json_t *b)
{
    enum kind kind = value_kind(a);
    if (kind != value_kind(b)) return false;
    switch (kind) {
    case KIND_NUMBER:
    case KIND_TEXT:
        return value_order(a, b) == 0;
    case KIND_LIST:
        return lists_equal(a, b);
    case KIND_TABLE:
        return tables_equal(a, b);
    case KIND_BOOL:
        return json_is_true(a) == json_is_true(b);
    case KIND_NULL:
        break;
    }
    return true;
}

bool value_as_bool(const json_t *v, bool *out)
{
    json_int_t i = json_integer_value(v);
    *out = json_is_true(v) || i == 1;
    return json_is_boolean(v) || (json_is_integer(v) && (i == 0 || i == 1));
}
