/* host.vault: seals and opens private fields, makes and erases persons. What is long (a checkpoint while a
 * person is erased) happens on the loop: it is rare, and a script's affair. */
#include "lua/internal.h"

static fc_vault *vault_of(lua_State *L)
{
    fc_only_running(L, "host.vault");
    fc_call *c = fc_call_need(L);
    if (!c->vault)
        fc_misuse(L, "这次调用没有密钥：请在某个门店的页面、脚本或测试里使用 host.vault",
                  "this call has no vault: use host.vault in a page, a script or a test of a dealership");
    return c->vault;
}

/* table, column, row, text or nil, person (0: nobody in particular) -> BLOB */
static int seal(lua_State *L)
{
    size_t n;
    fc_err err;
    if (lua_isnoneornil(L, 4)) {
        lua_pushnil(L);
        return 1;
    }
    const char *text = luaL_checklstring(L, 4, &n);
    const char *table = luaL_checkstring(L, 1), *column = luaL_checkstring(L, 2);
    int64_t row = luaL_checkinteger(L, 3), person = luaL_checkinteger(L, 5);
    fc_vault *v = vault_of(L);
    lua_getfield(L, LUA_REGISTRYINDEX, "fc.blob_of");
    fc_scratch *s = fc_scratch_push(L);
    if (fc_vault_seal(v, table, column, row, person, text, n, &s->buf, &err)) return fc_raise(L, &err);
    lua_pushvalue(L, -2);
    lua_pushlstring(L, fc_buf_str(&s->buf), s->buf.len);
    lua_call(L, 1, 1);
    return 1;
}

/* An erased person's value reads as a sentence in the reader's language, and "erased" behind it. */
static int open(lua_State *L)
{
    size_t n;
    fc_err err;
    if (lua_isnoneornil(L, 4)) {
        lua_pushnil(L);
        return 1;
    }
    const char *sealed = luaL_checklstring(L, 4, &n);
    const char *table = luaL_checkstring(L, 1), *column = luaL_checkstring(L, 2);
    int64_t row = luaL_checkinteger(L, 3);
    fc_vault *v = vault_of(L);
    fc_scratch *s = fc_scratch_push(L);
    int rc = fc_vault_unseal(v, table, column, row, sealed, n, &s->buf, &err);
    if (rc == FC_ENOTFOUND) {
        lua_pushstring(L, fc_err_text(&err, fc_call_need(L)->lang));
        lua_pushliteral(L, "erased");
        return 2;
    }
    if (rc) return fc_raise(L, &err);
    lua_pushlstring(L, fc_buf_str(&s->buf), s->buf.len);
    return 1;
}

/* purpose, value -> index, and the index in rows that a change of the dealership's key has not reached */
static int blind_indexes(lua_State *L)
{
    size_t n;
    fc_err err;
    char now[FC_INDEX_CAP], before[FC_INDEX_CAP];
    const char *value = luaL_checklstring(L, 2, &n);
    if (fc_vault_indexes(vault_of(L), luaL_checkstring(L, 1), value, n, now, before, &err))
        return fc_raise(L, &err);
    lua_pushstring(L, now);
    lua_pushstring(L, before);
    return 2;
}

static int blind_index(lua_State *L)
{
    lua_pop(L, blind_indexes(L) - 1);
    return 1;
}

static int new_person(lua_State *L)
{
    fc_err err;
    int64_t id = 0;
    if (fc_keys_new_person(fc_vault_keys(vault_of(L)), &id, &err)) return fc_raise(L, &err);
    lua_pushinteger(L, id);
    return 1;
}

static int forget(lua_State *L)
{
    fc_err err;
    fc_vault *v = vault_of(L);
    fc_not_in_tx(L, "host.vault.forget");
    if (fc_vault_forget(v, fc_call_need(L)->store, luaL_checkinteger(L, 1), &err)) return fc_raise(L, &err);
    return 0;
}

static int retention(lua_State *L)
{
    lua_pushinteger(L, fc_vault_retention(vault_of(L)));
    return 1;
}

static const luaL_Reg functions[] = {
    {"seal", seal},         {"open", open},     {"index", blind_index},   {"indexes", blind_indexes},
    {"person", new_person}, {"forget", forget}, {"retention", retention}, {NULL, NULL}};

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
