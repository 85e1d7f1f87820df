/* What is said to whoever called: raised as {zh, en}, for a person. */
#include "lua/internal.h"

#include <stdarg.h>

const char *fc_shown(lua_State *L, int at)
{
    int type = lua_type(L, at);
    if (type != LUA_TSTRING && type != LUA_TNUMBER)
        return type == LUA_TBOOLEAN ? (lua_toboolean(L, at) ? "true" : "false") : lua_typename(L, type);
    lua_pushvalue(L, at);
    return lua_tostring(L, -1);
}

static void push_pair(lua_State *L, const char *zh, const char *en)
{
    lua_createtable(L, 0, 2);
    lua_pushstring(L, zh);
    lua_setfield(L, -2, "zh");
    lua_pushstring(L, en);
    lua_setfield(L, -2, "en");
}

int fc_raise(lua_State *L, const fc_err *err)
{
    push_pair(L, err->text[FC_ZH], err->text[FC_EN]);
    return lua_error(L);
}

int fc_raise_at(lua_State *L, const char *zh, const char *en, const char *place)
{
    push_pair(L, zh, en);
    lua_pushstring(L, place);
    lua_setfield(L, -2, "at");
    return lua_error(L);
}

int fc_raise_text(lua_State *L, const char *zh, const char *en, ...)
{
    char text[2][FC_ERR_TEXT];
    const char *formats[2] = {zh, en};
    for (int i = 0; i < 2; i++) {
        va_list args;
        va_start(args, en);
        vsnprintf(text[i], FC_ERR_TEXT, formats[i], args);
        va_end(args);
    }
    push_pair(L, text[0], text[1]);
    fc_push_caller(L);
    if (lua_rawlen(L, -1) > 2) {
        lua_pushlstring(L, lua_tostring(L, -1), lua_rawlen(L, -1) - 2);
        lua_setfield(L, -3, "at");
    }
    lua_pop(L, 1);
    return lua_error(L);
}
