/* Lua values <-> JSON. Reading is raw (no metamethods), bounded in depth; a table is an array if it was
 * marked as one or if its keys are 1..n. */
#include "lua/internal.h"

#include <math.h>

#define MAX_DEPTH 64
#define MAX_BYTES (64 << 20)
#define SHORT_BYTES (3 << 20) /* where others wait; 64 for each value */

static const char array_key = 'a';

static void push_array_meta(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key) == LUA_TTABLE) return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "array");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0); /* a script that held it could give all arrays a finalizer */
    lua_setfield(L, -2, "__metatable");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &array_key);
}

void fc_array_mark(lua_State *L)
{
    push_array_meta(L);
    lua_setmetatable(L, -2);
}

int fc_array_marked(lua_State *L, int at)
{
    if (!lua_getmetatable(L, at)) return 0;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key);
    int same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

/* A small table can be a huge one when it is written down: the same part may stand in it a million times. */
static size_t purse, whole_purse;

static int spend(size_t n)
{
    if (n > purse) return 0;
    purse -= n;
    return 1;
}

static int too_much(fc_err *err)
{
    return fc_fail(err, FC_ELIMIT, "数据太多：写出来超过 %d MiB",
                   "too much data: more than %d MiB when written down", (int)(whole_purse >> 20));
}

static int convert(lua_State *L, int at, int empty, int depth, json_t **out, fc_err *err);

static int convert_array(lua_State *L, int at, int empty, lua_Unsigned n, int depth, json_t **out,
                         fc_err *err)
{
    json_t *list = json_array();
    for (lua_Unsigned i = 1; i <= n; i++) {
        json_t *item = NULL;
        lua_rawgeti(L, at, (lua_Integer)i);
        int rc = convert(L, lua_gettop(L), empty, depth + 1, &item, err);
        lua_pop(L, 1);
        if (rc) {
            json_decref(list);
            return rc;
        }
        json_array_append_new(list, item);
    }
    *out = list;
    return FC_OK;
}

static int key_text(lua_State *L, char *number, size_t cap, const char **key, size_t *n, fc_err *err)
{
    if (lua_type(L, -2) == LUA_TSTRING) {
        *key = lua_tolstring(L, -2, n);
        return FC_OK;
    }
    if (!lua_isinteger(L, -2))
        return fc_fail(err, FC_EINVAL, "表的键应为文字或整数，而不是 %s",
                       "table keys should be text or integers, not %s", luaL_typename(L, -2));
    *n = (size_t)snprintf(number, cap, "%lld", (long long)lua_tointeger(L, -2));
    *key = number;
    return FC_OK;
}

static int convert_object(lua_State *L, int at, int empty, int depth, json_t **out, fc_err *err)
{
    json_t *object = json_object();
    int rc = FC_OK;
    lua_pushnil(L);
    while (rc == FC_OK && lua_next(L, at)) {
        char number[24];
        const char *key = NULL;
        size_t n = 0;
        json_t *item = NULL;
        rc = key_text(L, number, sizeof number, &key, &n, err);
        if (!rc) rc = convert(L, lua_gettop(L), empty, depth + 1, &item, err);
        if (!rc && json_object_setn_new(object, key, n, item) != 0)
            rc = fc_fail(err, FC_EINVAL, "键不是有效的 UTF-8 文字", "a key is not valid UTF-8");
        lua_pop(L, 1);
    }
    if (rc) {
        lua_pop(L, 1);
        json_decref(object);
        return rc;
    }
    *out = object;
    return FC_OK;
}

int fc_is_array(lua_State *L, int at, int empty, lua_Unsigned *n)
{
    *n = lua_rawlen(L, at);
    if (fc_array_marked(L, at)) return 1;
    lua_Unsigned keys = 0;
    lua_pushnil(L);
    while (lua_next(L, at)) {
        lua_pop(L, 1);
        if (++keys > *n) {
            lua_pop(L, 1);
            return 0;
        }
    }
    return keys == *n && (*n > 0 || empty == FC_EMPTY_ARRAY);
}

static int convert_table(lua_State *L, int at, int empty, int depth, json_t **out, fc_err *err)
{
    if (depth > MAX_DEPTH || !lua_checkstack(L, 8))
        return fc_fail(err, FC_EINVAL, "表嵌套超过 %d 层（是否自己包含自己？）",
                       "tables nested deeper than %d (does one contain itself?)", MAX_DEPTH);
    lua_Unsigned n;
    if (fc_is_array(L, at, empty, &n)) return convert_array(L, at, empty, n, depth, out, err);
    return convert_object(L, at, empty, depth, out, err);
}

static int convert_number(lua_State *L, int at, json_t **out, fc_err *err)
{
    if (lua_isinteger(L, at)) {
        *out = json_integer(lua_tointeger(L, at));
        return FC_OK;
    }
    double d = lua_tonumber(L, at);
    if (!isfinite(d))
        return fc_fail(err, FC_EINVAL, "数字不是有限值（nan 或 inf）", "a number is not finite (nan or inf)");
    *out = json_real(d);
    return FC_OK;
}

static int convert(lua_State *L, int at, int empty, int depth, json_t **out, fc_err *err)
{
    size_t n;
    const char *s;
    if (!spend(64)) return too_much(err);
    switch (lua_type(L, at)) {
    case LUA_TNIL:
        *out = json_null();
        return FC_OK;
    case LUA_TBOOLEAN:
        *out = json_boolean(lua_toboolean(L, at));
        return FC_OK;
    case LUA_TNUMBER:
        return convert_number(L, at, out, err);
    case LUA_TSTRING:
        s = lua_tolstring(L, at, &n);
        if (!spend(n)) return too_much(err);
        *out = json_stringn(s, n);
        if (!*out) return fc_fail(err, FC_EINVAL, "文字不是有效的 UTF-8", "text is not valid UTF-8");
        return FC_OK;
    case LUA_TTABLE:
        return convert_table(L, at, empty, depth, out, err);
    default:
        return fc_fail(err, FC_EINVAL, "%s 不是数据，不能传出", "a %s is not data and cannot be handed out",
                       luaL_typename(L, at));
    }
}

int fc_to_json(lua_State *L, int at, int empty, json_t **out, fc_err *err)
{
    purse = whole_purse = fc_at_once(MAX_BYTES, SHORT_BYTES);
    return convert(L, lua_absindex(L, at), empty, 0, out, err);
}

static void push_array(lua_State *L, const json_t *v)
{
    size_t i;
    json_t *item;
    lua_createtable(L, (int)json_array_size(v), 0);
    json_array_foreach((json_t *)v, i, item)
    {
        fc_push_json(L, item);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    fc_array_mark(L);
}

static void push_object(lua_State *L, const json_t *v)
{
    const char *key;
    json_t *item;
    lua_createtable(L, 0, (int)json_object_size(v));
    json_object_foreach((json_t *)v, key, item)
    {
        if (json_is_null(item)) continue;
        lua_pushstring(L, key);
        fc_push_json(L, item);
        lua_rawset(L, -3);
    }
}

void fc_push_json(lua_State *L, const json_t *v)
{
    luaL_checkstack(L, 8, "JSON is nested too deeply");
    if (!v) {
        lua_pushnil(L);
        return;
    }
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        push_object(L, v);
        break;
    case JSON_ARRAY:
        push_array(L, v);
        break;
    case JSON_STRING:
        lua_pushlstring(L, json_string_value(v), json_string_length(v));
        break;
    case JSON_INTEGER:
        lua_pushinteger(L, json_integer_value(v));
        break;
    case JSON_REAL:
        lua_pushnumber(L, json_real_value(v));
        break;
    case JSON_TRUE:
        lua_pushboolean(L, 1);
        break;
    case JSON_FALSE:
        lua_pushboolean(L, 0);
        break;
    case JSON_NULL:
        lua_pushnil(L);
        break;
    }
}
