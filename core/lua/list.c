/* table.insert, remove, move, concat and sort: Lua's own run to their end, and a list may claim any length.
 * Here each element is a step at which the watchdog is asked. Metamethods are honoured as in Lua. The sort is
 * a merge of ever longer runs in two tables of its own: an order that contradicts itself gives some order and
 * never leaves the list, and equal elements stay as they stood. */
#include "lua/internal.h"

static void poll(lua_State *L, lua_Integer i)
{
    if ((i & 255) == 0) fc_raise_if_killed(L);
}

static lua_Integer length(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    return luaL_len(L, 1);
}

static int own_insert(lua_State *L)
{
    lua_Integer behind = (lua_Integer)((lua_Unsigned)length(L) + 1), at = behind;
    int n = lua_gettop(L);
    if (n != 2 && n != 3) return luaL_error(L, "wrong number of arguments to 'insert'");
    if (n == 3) {
        at = luaL_checkinteger(L, 2);
        luaL_argcheck(L, (lua_Unsigned)at - 1u < (lua_Unsigned)behind, 2, "position out of bounds");
        for (lua_Integer i = behind; i > at; i--) {
            poll(L, i);
            lua_geti(L, 1, i - 1);
            lua_seti(L, 1, i);
        }
    }
    lua_seti(L, 1, at);
    return 0;
}

static int own_remove(lua_State *L)
{
    lua_Integer n = length(L), at = luaL_optinteger(L, 2, n);
    if (at != n) luaL_argcheck(L, (lua_Unsigned)at - 1u <= (lua_Unsigned)n, 2, "position out of bounds");
    lua_geti(L, 1, at);
    for (; at < n; at++) {
        poll(L, at);
        lua_geti(L, 1, at + 1);
        lua_seti(L, 1, at);
    }
    lua_pushnil(L);
    lua_seti(L, 1, at);
    return 1;
}

static int own_move(lua_State *L)
{
    lua_Integer from = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3), to = luaL_checkinteger(L, 4);
    int into = lua_isnoneornil(L, 5) ? 1 : 5;
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, into, LUA_TTABLE);
    if (last >= from) {
        luaL_argcheck(L, from > 0 || last < LUA_MAXINTEGER + from, 3, "too many elements to move");
        lua_Integer n = last - from + 1;
        luaL_argcheck(L, to <= LUA_MAXINTEGER - n + 1, 4, "destination wrap around");
        int forward = to > last || to <= from || (into != 1 && !lua_rawequal(L, 1, into));
        for (lua_Integer k = 0; k < n; k++) {
            lua_Integer i = forward ? k : n - 1 - k;
            poll(L, k);
            lua_geti(L, 1, from + i);
            lua_seti(L, into, to + i);
        }
    }
    lua_pushvalue(L, into);
    return 1;
}

static int own_concat(lua_State *L)
{
    luaL_Buffer b;
    size_t n;
    lua_Integer len = length(L);
    const char *between = luaL_optlstring(L, 2, "", &n);
    lua_Integer i = luaL_optinteger(L, 3, 1), last = luaL_optinteger(L, 4, len);
    luaL_buffinit(L, &b);
    for (; i <= last; i++) {
        poll(L, i);
        lua_geti(L, 1, i);
        if (!lua_isstring(L, -1))
            return luaL_error(L, "invalid value (%s) at index %I in table for 'concat'", luaL_typename(L, -1),
                              (LUAI_UACINT)i);
        luaL_addvalue(&b);
        if (i == last) break; /* the last may be the greatest integer */
        luaL_addlstring(&b, between, n);
    }
    luaL_pushresult(&b);
    return 1;
}

/* ---- sort: stack 1 the list, 2 the order or nil, 3 and 4 the tables the runs are merged between */

static int comes_before(lua_State *L, int a, int b)
{
    if (lua_isnil(L, 2)) return lua_compare(L, a, b, LUA_OPLT);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, a);
    lua_pushvalue(L, b);
    lua_call(L, 2, 1);
    int before = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return before;
}

/* Merges [low, middle) and [middle, high) of table `from` into table `into`. */
static void merge(lua_State *L, int from, int into, lua_Integer low, lua_Integer middle, lua_Integer high)
{
    lua_Integer left = low, right = middle;
    for (lua_Integer k = low; k < high; k++) {
        poll(L, k);
        int take_right = left >= middle;
        if (!take_right && right < high) {
            lua_rawgeti(L, from, right);
            lua_rawgeti(L, from, left);
            take_right = comes_before(L, lua_gettop(L) - 1, lua_gettop(L));
            lua_pop(L, 2);
        }
        lua_rawgeti(L, from, take_right ? right++ : left++);
        lua_rawseti(L, into, k);
    }
}

static int own_sort(lua_State *L)
{
    lua_Integer n = length(L);
    if (n < 2) return 0;
    luaL_argcheck(L, n < INT32_MAX, 1, "array too big");
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    lua_createtable(L, n < 100000 ? (int)n : 0, 0);
    lua_createtable(L, n < 100000 ? (int)n : 0, 0);
    for (lua_Integer i = 1; i <= n; i++) {
        poll(L, i);
        lua_geti(L, 1, i);
        lua_rawseti(L, 3, i);
    }
    int from = 3, into = 4;
    for (lua_Integer run = 1; run < n; run *= 2) {
        for (lua_Integer low = 1; low <= n; low += 2 * run) {
            lua_Integer middle = low + run <= n + 1 ? low + run : n + 1,
                        high = low + 2 * run <= n + 1 ? low + 2 * run : n + 1;
            merge(L, from, into, low, middle, high);
        }
        int swap = from;
        from = into;
        into = swap;
    }
    for (lua_Integer i = 1; i <= n; i++) {
        poll(L, i);
        lua_rawgeti(L, from, i);
        lua_seti(L, 1, i);
    }
    return 0;
}

const luaL_Reg fc_list_functions[] = {{"insert", own_insert}, {"remove", own_remove}, {"move", own_move},
                                      {"concat", own_concat}, {"sort", own_sort},     {NULL, NULL}};
