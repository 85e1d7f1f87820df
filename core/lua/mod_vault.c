/* host.vault: seals and opens private fields under the dealership's key. */
#include "lua/internal.h"

#include <stdlib.h>

static fc_vault *vault_of(lua_State *L)
{
    fc_only_running(L, "host.vault");
    fc_call *c = fc_call_need(L);
    if (!c->vault) luaL_error(L, "this call has no vault");
    return c->vault;
}

static void push_buf(lua_State *L, fc_buf *b)
{
    lua_pushlstring(L, fc_buf_str(b), b->len);
    fc_buf_free(b);
}

static int seal(lua_State *L)
{
    size_t n;
    fc_buf out = {0};
    if (lua_isnoneornil(L, 4)) {
        lua_pushnil(L);
        return 1;
    }
    const char *text = luaL_checklstring(L, 4, &n);
    const char *table = luaL_checkstring(L, 1), *column = luaL_checkstring(L, 2);
    int64_t row = luaL_checkinteger(L, 3);
    fc_vault *v = vault_of(L);
    lua_getfield(L, LUA_REGISTRYINDEX, "fc.blob_of");
    fc_vault_seal(v, table, column, row, text, n, &out);
    push_buf(L, &out);
    lua_call(L, 1, 1);
    return 1;
}

static int open(lua_State *L)
{
    size_t n;
    fc_buf out = {0};
    fc_err err;
    if (lua_isnoneornil(L, 4)) {
        lua_pushnil(L);
        return 1;
    }
    const char *sealed = luaL_checklstring(L, 4, &n);
    if (fc_vault_unseal(vault_of(L), luaL_checkstring(L, 1), luaL_checkstring(L, 2), luaL_checkinteger(L, 3),
                        sealed, n, &out, &err)) {
        fc_buf_free(&out);
        return fc_raise(L, &err);
    }
    push_buf(L, &out);
    return 1;
}

static int blind_index(lua_State *L)
{
    size_t n;
    char out[33];
    const char *value = luaL_checklstring(L, 2, &n);
    fc_vault_index(vault_of(L), luaL_checkstring(L, 1), value, n, out);
    lua_pushstring(L, out);
    return 1;
}

static const luaL_Reg functions[] = {{"seal", seal}, {"open", open}, {"index", blind_index}, {NULL, NULL}};

int fc_mod_vault(lua_State *L)
{
    luaL_newlib(L, functions);
    fc_require_named(L, NULL, "host.core.mask");
    lua_setfield(L, -2, "mask");
    fc_require_named(L, NULL, "host.db");
    lua_getfield(L, -1, "blob");
    lua_setfield(L, LUA_REGISTRYINDEX, "fc.blob_of");
    lua_pop(L, 1);
    return 1;
}
