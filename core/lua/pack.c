/* Values on their way between two states: a flat byte form, so that neither state is touched while the other
 * may raise. Reading is raw and allocates nothing in Lua; writing into a state may raise a memory error there
 * and nowhere else. */
#include "lua/internal.h"

#include <string.h>

#define MAX_DEPTH 64
#define MAX_BYTES (16u << 20)

enum { P_NIL, P_FALSE, P_TRUE, P_INT, P_NUM, P_STR, P_TABLE, P_END, P_ARRAY_END };

static int pack(lua_State *L, int at, int depth, fc_buf *out, fc_err *err);

static int pack_table(lua_State *L, int at, int depth, fc_buf *out, fc_err *err)
{
    if (depth > MAX_DEPTH || !lua_checkstack(L, 6))
        return fc_fail(err, FC_EINVAL, "表嵌套超过 %d 层（是否自己包含自己？）",
                       "tables nested deeper than %d (does one contain itself?)", MAX_DEPTH);
    fc_buf_addc(out, P_TABLE);
    lua_pushnil(L);
    while (lua_next(L, at)) {
        int top = lua_gettop(L);
        int rc = pack(L, top - 1, depth + 1, out, err);
        if (!rc) rc = pack(L, top, depth + 1, out, err);
        if (rc) {
            lua_pop(L, 2);
            return rc;
        }
        lua_pop(L, 1);
    }
    fc_buf_addc(out, fc_array_marked(L, at) ? P_ARRAY_END : P_END);
    return FC_OK;
}

static int pack(lua_State *L, int at, int depth, fc_buf *out, fc_err *err)
{
    size_t n;
    const char *s;
    lua_Integer i;
    lua_Number d;
    if (out->len > MAX_BYTES)
        return fc_fail(err, FC_ELIMIT, "一次传递的数据超过 16 MiB", "more than 16 MiB handed over at once");
    switch (lua_type(L, at)) {
    case LUA_TNIL:
        fc_buf_addc(out, P_NIL);
        return FC_OK;
    case LUA_TBOOLEAN:
        fc_buf_addc(out, lua_toboolean(L, at) ? P_TRUE : P_FALSE);
        return FC_OK;
    case LUA_TNUMBER:
        if (lua_isinteger(L, at)) {
            i = lua_tointeger(L, at);
            fc_buf_addc(out, P_INT);
            fc_buf_add(out, &i, sizeof i);
        } else {
            d = lua_tonumber(L, at);
            fc_buf_addc(out, P_NUM);
            fc_buf_add(out, &d, sizeof d);
        }
        return FC_OK;
    case LUA_TSTRING:
        s = lua_tolstring(L, at, &n);
        fc_buf_addc(out, P_STR);
        fc_buf_add(out, &n, sizeof n);
        fc_buf_add(out, s, n);
        return FC_OK;
    case LUA_TTABLE:
        return pack_table(L, at, depth, out, err);
    default:
        return fc_fail(err, FC_EINVAL, "%s 不是数据，不能交给别的插件",
                       "a %s is not data and cannot be handed to another plugin", luaL_typename(L, at));
    }
}

int fc_pack(lua_State *L, int at, fc_buf *out, fc_err *err)
{
    return pack(L, lua_absindex(L, at), 0, out, err);
}

static const char *unpack_table(lua_State *L, const char *p, const char *end)
{
    luaL_checkstack(L, 6, "too deep");
    lua_newtable(L);
    while (*p != P_END && *p != P_ARRAY_END) {
        p = fc_unpack(L, p, end);
        p = fc_unpack(L, p, end);
        lua_rawset(L, -3);
    }
    if (*p == P_ARRAY_END) fc_array_mark(L);
    return p + 1;
}

const char *fc_unpack(lua_State *L, const char *p, const char *end)
{
    size_t n;
    lua_Integer i;
    lua_Number d;
    switch (*p++) {
    case P_NIL:
        lua_pushnil(L);
        return p;
    case P_FALSE:
        lua_pushboolean(L, 0);
        return p;
    case P_TRUE:
        lua_pushboolean(L, 1);
        return p;
    case P_INT:
        memcpy(&i, p, sizeof i);
        lua_pushinteger(L, i);
        return p + sizeof i;
    case P_NUM:
        memcpy(&d, p, sizeof d);
        lua_pushnumber(L, d);
        return p + sizeof d;
    case P_STR:
        memcpy(&n, p, sizeof n);
        lua_pushlstring(L, p + sizeof n, n);
        return p + sizeof n + n;
    case P_TABLE:
        return unpack_table(L, p, end);
    default:
        fc_misuse(L, "插件之间传递的数据损坏了：请把这条错误告诉软件的维护者",
                  "packed value is damaged: tell the maintainers of the program of this error");
        return end;
    }
}
