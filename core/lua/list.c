/* table.insert, remove, move and concat: Lua's own run to their end, and a list may claim any length. Here
 * each element is a step at which the watchdog is asked: after a kill they raise, and when the loop was held
 * long enough they step aside and go on where they were (the continuation's context is the index).
 * Metamethods are honoured as in Lua. */
#include "lua/internal.h"

static void poll(lua_State *L, lua_Integer i, lua_KFunction go_on)
{
    if ((i & 255) == 0 && fc_late(L)) fc_step_aside(L, go_on, (lua_KContext)i);
}

static lua_Integer length(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    return luaL_len(L, 1);
}

/* Moves what stands from the place asked for up to i - 1 one further. */
static int insert_on(lua_State *L, int status, lua_KContext i)
{
    (void)status;
    lua_Integer at = lua_tointeger(L, 2);
    for (; i > at; i--) {
        poll(L, i, insert_on);
        lua_geti(L, 1, i - 1);
        lua_seti(L, 1, i);
    }
    lua_seti(L, 1, at);
    return 0;
}

static int own_insert(lua_State *L)
{
    lua_Integer behind = (lua_Integer)((lua_Unsigned)length(L) + 1);
    int n = lua_gettop(L);
    if (n != 2 && n != 3)
        return fc_misuse(
            L, "table.insert 的参数个数不对：应是（表, 值）或（表, 位置, 值）",
            "wrong number of arguments to 'insert': it takes (list, value) or (list, position, value)");
    if (n == 2) {
        lua_seti(L, 1, behind);
        return 0;
    }
    lua_Integer at = luaL_checkinteger(L, 2);
    if ((lua_Unsigned)at - 1u >= (lua_Unsigned)behind)
        fc_misuse_arg(L, 2, "位置超出范围：应在 1 到 #t + 1 之间",
                      "position out of bounds: it lies between 1 and #t + 1");
    return insert_on(L, LUA_OK, behind);
}

/* Stack: the list, its length, what is removed. */
static int remove_on(lua_State *L, int status, lua_KContext i)
{
    (void)status;
    lua_Integer n = lua_tointeger(L, 2);
    for (; i < n; i++) {
        poll(L, i, remove_on);
        lua_geti(L, 1, i + 1);
        lua_seti(L, 1, i);
    }
    lua_pushnil(L);
    lua_seti(L, 1, i);
    return 1;
}

static int own_remove(lua_State *L)
{
    lua_Integer n = length(L), at = luaL_optinteger(L, 2, n);
    if (at != n && (lua_Unsigned)at - 1u > (lua_Unsigned)n)
        fc_misuse_arg(L, 2, "位置超出范围：应在 1 到 #t + 1 之间",
                      "position out of bounds: it lies between 1 and #t + 1");
    lua_settop(L, 1);
    lua_pushinteger(L, n);
    lua_geti(L, 1, at);
    return remove_on(L, LUA_OK, at);
}

static int move_on(lua_State *L, int status, lua_KContext k)
{
    (void)status;
    lua_Integer from = lua_tointeger(L, 2), last = lua_tointeger(L, 3), to = lua_tointeger(L, 4);
    lua_Integer n = last - from + 1;
    int into = lua_isnoneornil(L, 5) ? 1 : 5;
    int forward = to > last || to <= from || (into != 1 && !lua_rawequal(L, 1, into));
    for (; k < n; k++) {
        lua_Integer i = forward ? k : n - 1 - k;
        poll(L, k, move_on);
        lua_geti(L, 1, from + i);
        lua_seti(L, into, to + i);
    }
    lua_pushvalue(L, into);
    return 1;
}

static int own_move(lua_State *L)
{
    lua_Integer from = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3), to = luaL_checkinteger(L, 4);
    int into = lua_isnoneornil(L, 5) ? 1 : 5;
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, into, LUA_TTABLE);
    if (last < from) {
        lua_pushvalue(L, into);
        return 1;
    }
    if (from <= 0 && last >= LUA_MAXINTEGER + from)
        fc_misuse_arg(L, 3, "要移动的元素太多：请缩小范围", "too many elements to move: narrow the range");
    if (to > LUA_MAXINTEGER - (last - from))
        fc_misuse_arg(L, 4, "目标位置超出整数范围：请给较小的位置",
                      "destination wrap around: give a smaller position");
    return move_on(L, LUA_OK, 0);
}

/* Stack: the list, what stands between, the first and the last index, the sink. */
static int concat_on(lua_State *L, int status, lua_KContext i)
{
    (void)status;
    size_t n, width;
    const char *between = lua_tolstring(L, 2, &width);
    lua_Integer last = lua_tointeger(L, 4);
    for (; i <= last; i++) {
        poll(L, i, concat_on);
        lua_geti(L, 1, i);
        if (!lua_isstring(L, -1)) {
            const char *type = luaL_typename(L, -1);
            lua_pushinteger(L, i);
            return fc_misuse(
                L, "table.concat：值是 %s（下标 %s），应是文字或数字：先用 tostring",
                "invalid value (%s) at index %s in table for 'concat': make it a text with tostring first",
                type, lua_tostring(L, -1));
        }
        const char *text = lua_tolstring(L, -1, &n);
        fc_sink_add(L, 5, text, n);
        lua_settop(L, 5);
        if (i == last) break; /* the last may be the greatest integer */
        fc_sink_add(L, 5, between, width);
    }
    fc_sink_result(L, 5);
    return 1;
}

static int own_concat(lua_State *L)
{
    lua_Integer n = length(L);
    luaL_optstring(L, 2, "");
    lua_Integer first = luaL_optinteger(L, 3, 1), last = luaL_optinteger(L, 4, n);
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        lua_pushliteral(L, "");
        lua_replace(L, 2);
    }
    lua_pushinteger(L, first);
    lua_pushinteger(L, last);
    fc_sink_push(L, 0);
    return concat_on(L, LUA_OK, first);
}

/* As Lua's, but nobody needs a million values at once. */
static int own_unpack(lua_State *L)
{
    lua_Integer i = luaL_optinteger(L, 2, 1), last = luaL_opt(L, luaL_checkinteger, 3, luaL_len(L, 1));
    if (i > last) return 0;
    lua_Unsigned n = (lua_Unsigned)last - (lua_Unsigned)i + 1;
    if (n > FC_MOST_VALUES || n == 0 || !lua_checkstack(L, (int)n))
        return fc_misuse(L, "table.unpack 的结果太多：请用循环逐个读取",
                         "too many results to unpack: read them in a loop");
    for (; i < last; i++)
        lua_geti(L, 1, i);
    lua_geti(L, 1, last);
    return (int)n;
}

const luaL_Reg fc_list_functions[] = {
    {"insert", own_insert}, {"remove", own_remove}, {"move", own_move}, {"concat", own_concat},
    {"sort", fc_sort},      {"unpack", own_unpack}, {NULL, NULL}};
