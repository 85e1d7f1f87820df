/* host.core.http: what host.http (half/http.lua) is made of. A request belongs to a userdata from its first
 * byte, so that it is freed whatever raises; while a thread has it, it is only broken off. */
#include "lua/web.h"

#include <string.h>

#define TYPE "fc.request"

static int box_free(lua_State *L)
{
    fc_web_place *b = luaL_checkudata(L, 1, TYPE);
    if (b->running)
        fc_web_abort(b->web); /* the process ends */
    else
        fc_web_free(b->web);
    b->web = NULL;
    return 0;
}

static fc_web_place *push_box(lua_State *L)
{
    fc_web_place *b = lua_newuserdatauv(L, sizeof *b, 0);
    memset(b, 0, sizeof *b);
    if (luaL_newmetatable(L, TYPE)) {
        lua_pushcfunction(L, box_free);
        lua_setfield(L, -2, "__gc");
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
    return b;
}

static void push_answer(lua_State *L, fc_web *w)
{
    size_t n;
    const char *bytes = fc_web_bytes(w, &n);
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, fc_web_status(w));
    lua_setfield(L, -2, "status");
    fc_push_json(L, fc_web_headers(w));
    lua_setfield(L, -2, "headers");
    lua_pushlstring(L, bytes, n);
    lua_setfield(L, -2, "body");
}

/* As a read that is broken off: the call ends quietly. */
static int broken_off(lua_State *L)
{
    fc_err err;
    fc_fail(&err, FC_ECANCEL, "没有人再等待答复，请求已中止",
            "nobody waits for the answer any more: the request was broken off");
    fc_trouble_note(&err, err.text[FC_EN]);
    return fc_misuse_err(L, &err, FC_EN);
}

static int answer(lua_State *L, fc_web_place *b)
{
    fc_err err;
    if (fc_web_aborted(b->web)) return broken_off(L);
    enum fc_web_code code = fc_web_result(b->web, &err);
    if (code == FC_WEB_OK) push_answer(L, b->web);
    fc_web_free(b->web);
    b->web = NULL;
    return code == FC_WEB_OK ? 1 : fc_web_failed(L, code, &err);
}

static int answered(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    fc_call_need(L)->state->asking = NULL;
    return answer(L, (fc_web_place *)ctx);
}

static int wait_for(lua_State *L, fc_web_place *b)
{
    struct fc_call_state *s = fc_call_need(L)->state;
    s->asking = b->web;
    s->asker = fc_vm_of(L)->plugin;
    if (s->cancelled) fc_web_abort(b->web);
    return fc_wait_for(L, (fc_wait){.web = b}, answered, (lua_KContext)b);
}

/* What C would read only the beginning of is nothing. */
static const char *whole(lua_State *L, int at)
{
    size_t n;
    const char *text = luaL_checklstring(L, at, &n);
    return strlen(text) == n ? text : "";
}

/* 0, or how many values fetch returns. */
static int add_headers(lua_State *L, int at, fc_web *w)
{
    fc_err err;
    lua_pushnil(L);
    while (lua_next(L, at)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? whole(L, -2) : "";
        int value = lua_gettop(L), done = fc_secret_header(L, value, w, name, &err);
        size_t n;
        if (done < 0) return fc_web_failed(L, FC_WEB_DENIED, &err);
        if (!done && lua_type(L, value) != LUA_TSTRING && !lua_isinteger(L, value))
            return fc_raise_text(L, "请求头 %s 的值应是文字", "the value of the header %s is text", name);
        lua_pushvalue(L, value); /* a number made text would confuse lua_next */
        const char *text = done ? NULL : lua_tolstring(L, -1, &n);
        if (text && fc_web_header(w, name, text, n, &err)) return fc_raise(L, &err);
        lua_settop(L, value - 1);
    }
    return 0;
}

static const json_t *said(lua_State *L, const char *key)
{
    fc_call *c = fc_call_need(L);
    return c->world->manifest ? c->world->manifest(c, fc_vm_of(L)->plugin, key) : NULL;
}

/* This thread has a loop: a request on the spot would stop it for seconds. */
static bool others_wait(const fc_call *c)
{
    return c->world->pool || c->world->pool_elsewhere;
}

/* fetch(method, url, headers, body or nil, ms), checked by the Lua half */
static int fetch(lua_State *L)
{
    size_t n;
    fc_vm *vm = fc_vm_of(L);
    fc_call *c = fc_call_running(L, vm, "host.http.fetch");
    const char *method = luaL_checkstring(L, 1), *url = whole(L, 2);
    luaL_checktype(L, 3, LUA_TTABLE);
    const char *body = luaL_optlstring(L, 4, NULL, &n);
    lua_Integer ms = luaL_checkinteger(L, 5);
    fc_not_in_tx(L, "host.http.fetch");
    if (vm->phase != FC_RUNNING || (others_wait(c) && !fc_may_wait(L)))
        return fc_raise_text(L, "这里不能等待答复：请在页面、任务或脚本的函数里直接调用 host.http.fetch",
                             "here nobody can wait for an answer: call host.http.fetch straight from a "
                             "function of a page, job or script");
    fc_web_place *b = push_box(L);
    b->web = fc_web_new(method, url, (int)ms, said(L, "hosts"),
                        c->world->site_says ? c->world->site_says(c, "internal_hosts") : NULL);
    int failed = add_headers(L, 3, b->web);
    if (failed) return failed;
    if (body) fc_web_body(b->web, body, n);
    if (c->web) return fc_web_double(L, c, b->web, 3, 4);
    if (fc_may_wait(L)) return wait_for(L, b);
    fc_web_run(b->web);
    return answer(L, b);
}

int fc_mod_http(lua_State *L)
{
    static const luaL_Reg functions[] = {{"fetch", fetch},
                                         {"secret", fc_secret_of},
                                         {"give", fc_web_give},
                                         {"asked", fc_web_asked},
                                         {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
