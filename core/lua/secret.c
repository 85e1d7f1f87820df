/* A secret of the site in a plugin's hands: its name and what is to stand before and behind it, never its
 * value. That is read when the request leaves, goes into the header and is wiped; the state never holds it,
 * so no error, log, export or dump of the state can. */
#include "lua/web.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define TYPE "fc.secret"

enum { NAME = 1, BEFORE, BEHIND, VALUES = BEHIND };

static void push(lua_State *L)
{
    lua_newuserdatauv(L, 0, VALUES);
    luaL_setmetatable(L, TYPE);
}

/* A new one with the text at the top of the stack in that place. */
static int with(lua_State *L, int secret, int place)
{
    int text = lua_gettop(L);
    push(L);
    for (int i = 1; i <= VALUES; i++) {
        if (i == place)
            lua_pushvalue(L, text);
        else
            lua_getiuservalue(L, secret, i);
        lua_setiuservalue(L, -2, i);
    }
    return 1;
}

static int joined(lua_State *L)
{
    bool left = luaL_testudata(L, 1, TYPE) != NULL;
    int secret = left ? 1 : 2, text = left ? 2 : 1;
    if (lua_type(L, text) != LUA_TSTRING)
        return fc_raise_text(L, "密钥只能与文字相连", "a secret can be joined to text only");
    if (left) {
        lua_getiuservalue(L, secret, BEHIND);
        lua_pushvalue(L, text);
    } else {
        lua_pushvalue(L, text);
        lua_getiuservalue(L, secret, BEFORE);
    }
    lua_concat(L, 2);
    return with(L, secret, left ? BEHIND : BEFORE);
}

static int shown(lua_State *L)
{
    lua_pushliteral(L, "secret");
    return 1;
}

static void make_type(lua_State *L)
{
    static const luaL_Reg meta[] = {{"__concat", joined}, {"__tostring", shown}, {NULL, NULL}};
    if (luaL_newmetatable(L, TYPE)) {
        luaL_setfuncs(L, meta, 0);
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_pop(L, 1);
}

static const char *host_of(lua_State *L, const char *name)
{
    fc_call *c = fc_call_need(L);
    const json_t *all = c->world->manifest ? c->world->manifest(c, fc_vm_of(L)->plugin, "secrets") : NULL;
    return json_string_value(json_object_get(all, name));
}

int fc_secret_of(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    fc_only_running(L, "host.http.secret");
    if (!host_of(L, name))
        return fc_raise_text(L, "plugin.lua 的 secrets 里没有 '%s'：请写 secrets = { %s = \"服务器\" }",
                             "there is no '%s' in secrets in plugin.lua: write secrets = { %s = \"server\" }",
                             name, name);
    make_type(L);
    push(L);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, NAME);
    lua_pushliteral(L, "");
    lua_setiuservalue(L, -2, BEFORE);
    lua_pushliteral(L, "");
    lua_setiuservalue(L, -2, BEHIND);
    return 1;
}

typedef struct text {
    const char *s;
    size_t n;
} text;

/* Pushes it. */
static text text_of(lua_State *L, int at, int which)
{
    text t;
    lua_getiuservalue(L, at, which);
    t.s = lua_tolstring(L, -1, &t.n);
    return t;
}

static int value_of(fc_call *c, const char *plugin, const char *name, fc_buf *out, fc_err *err)
{
    if (c->web) { /* a test sees which one goes where, and needs no value */
        fc_buf_addf(out, "<secret %s>", name);
        return FC_OK;
    }
    if (c->world->secret) return c->world->secret(c, plugin, name, out, err);
    return fc_fail(err, FC_EDENIED, "这里没有密钥 %s", "there is no secret %s here", name);
}

/* Nothing raises in here: the value is held by C alone. */
static int add(fc_web *w, const char *header, text before, const fc_buf *value, text behind, fc_err *err)
{
    size_t n = before.n + value->len + behind.n;
    char *all = fc_alloc(n + 1);
    memcpy(all, before.s, before.n);
    memcpy(all + before.n, value->data, value->len);
    memcpy(all + before.n + value->len, behind.s, behind.n);
    int rc = fc_web_header(w, header, all, n, err);
    sodium_memzero(all, n);
    free(all);
    return rc;
}

int fc_secret_header(lua_State *L, int at, fc_web *w, const char *header, fc_err *err)
{
    if (!luaL_testudata(L, at, TYPE)) return 0;
    fc_call *c = fc_call_need(L);
    const char *name = text_of(L, at, NAME).s, *host = host_of(L, name);
    text before = text_of(L, at, BEFORE), behind = text_of(L, at, BEHIND);
    fc_buf value = {0};
    int unset = value_of(c, fc_vm_of(L)->plugin, name, &value, err), bad = 0;
    if (!unset) {
        fc_web_bind(w, host ? host : "");
        bad = add(w, header, before, &value, behind, err);
        sodium_memzero(value.data, value.cap);
    }
    fc_buf_free(&value);
    if (bad) return fc_raise(L, err);
    lua_pop(L, 3);
    return unset ? -1 : 1;
}

int fc_secret_shown(lua_State *L, int at)
{
    if (!luaL_testudata(L, at, TYPE)) return 0;
    text before = text_of(L, at, BEFORE), name = text_of(L, at, NAME), behind = text_of(L, at, BEHIND);
    lua_pushfstring(L, "%s<secret %s>%s", before.s, name.s, behind.s);
    lua_replace(L, -4);
    lua_pop(L, 2);
    return 1;
}
