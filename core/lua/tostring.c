/* tostring: Lua's own, but it shows no address and what it calls may wait. */
#include "lua/internal.h"

static int told(lua_State *L, int status, lua_KContext extra)
{
    (void)status;
    (void)extra;
    if (!lua_isstring(L, -1))
        return fc_misuse(L, "'__tostring' 应返回文字：请用 tostring 或 .. 得到文字再返回",
                         "'__tostring' must return a string: make one with tostring or .. and return it");
    return 1;
}

int fc_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    switch (lua_type(L, 1)) {
    case LUA_TTABLE:
    case LUA_TUSERDATA:
        if (luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL ||
            luaL_getmetafield(L, 1, "__name") != LUA_TNIL) {
            if (lua_type(L, -1) == LUA_TSTRING) return 1;
            lua_pushvalue(L, 1);
            lua_callk(L, 1, 1, 0, told);
            return told(L, LUA_OK, 0);
        }
        /* fall through */
    case LUA_TFUNCTION:
    case LUA_TTHREAD:
    case LUA_TLIGHTUSERDATA:
        lua_pushstring(L, luaL_typename(L, 1));
        return 1;
    default:
        luaL_tolstring(L, 1, NULL);
        return 1;
    }
}
