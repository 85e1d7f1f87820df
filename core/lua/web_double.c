/* No test reaches the network. What a test gives in an answer's place is data of its call, so that it serves
 * all states that the call enters; and so is what was asked. */
#include "lua/web.h"

int fc_web_failed(lua_State *L, enum fc_web_code code, const fc_err *err)
{
    lua_pushnil(L);
    lua_pushstring(L, err->text[fc_call_need(L)->lang]);
    lua_pushstring(L, fc_web_code_name(code));
    return 3;
}

#include <string.h>

static json_t *list(const fc_call *c, const char *name)
{
    json_t *l = json_object_get(c->web, name);
    if (!l) json_object_set_new(c->web, name, l = json_array());
    return l;
}

static fc_call *only_testing(lua_State *L)
{
    fc_call *c = fc_call_need(L);
    if (!c->web || !fc_vm_of(L)->any_table) fc_raise_text(L, "只能在测试里使用", "is for tests only");
    return c;
}

/* "POST https://x/y": the route of a request with any query, or with this one. */
static int fits(const char *route, const char *method, const char *url)
{
    size_t m = strlen(method), n = strlen(url), path = strcspn(url, "?");
    if (strncmp(route, method, m) != 0 || route[m] != ' ') return 0;
    route += m + 1;
    size_t len = strlen(route);
    return (len == n || len == path) && memcmp(route, url, len) == 0;
}

/* Answers of one route serve in their order, the last one from then on. Borrowed; NULL: none was given. */
static json_t *find(const fc_call *c, const char *method, const char *url)
{
    size_t i;
    json_t *one, *last = NULL;
    json_array_foreach(list(c, "answers"), i, one)
    {
        if (!fits(json_string_value(json_object_get(one, "route")), method, url)) continue;
        last = one;
        if (!json_object_get(one, "used")) break;
    }
    if (last) json_object_set_new(last, "used", json_true());
    return last;
}

static void note(lua_State *L, const fc_call *c, int headers, int body)
{
    fc_scratch *s = fc_scratch_push(L);
    size_t n = 0;
    s->json = json_pack("{s:s, s:s}", "method", lua_tostring(L, 1), "url", lua_tostring(L, 2));
    json_t *sent = json_object();
    json_object_set_new(s->json, "headers", sent);
    lua_pushnil(L);
    while (lua_next(L, headers)) {
        if (!fc_secret_shown(L, lua_gettop(L))) lua_pushvalue(L, -1);
        json_object_set_new(sent, lua_tostring(L, -3), json_string(lua_tostring(L, -1)));
        lua_pop(L, 2);
    }
    const char *text = lua_tolstring(L, body, &n);
    if (text) json_object_set_new(s->json, "body", json_stringn(text, n));
    json_array_append(list(c, "asked"), s->json);
}

static int push(lua_State *L, json_t *given)
{
    const char *code = json_string_value(json_object_get(given, "answer"));
    if (!code) {
        fc_push_json(L, json_object_get(given, "answer"));
        return 1;
    }
    lua_pushnil(L);
    lua_pushfstring(L, "(test) %s", code);
    lua_pushstring(L, code);
    return 3;
}

int fc_web_double(lua_State *L, fc_call *c, fc_web *w, int headers, int body)
{
    fc_err err;
    const char *method = lua_tostring(L, 1), *url = lua_tostring(L, 2);
    enum fc_web_code code = fc_web_judge(w);
    if (code) {
        fc_web_result(w, &err);
        return fc_web_failed(L, code, &err);
    }
    note(L, c, headers, body);
    json_t *given = find(c, method, url);
    if (!given)
        return fc_raise_text(
            L, "测试不访问网络：请先写 test.http(\"%s %s\", { status = 200, body = \"...\" })",
            "tests reach no network: write test.http(\"%s %s\", { status = 200, body = \"...\" "
            "}) first",
            method, url);
    return push(L, given);
}

/* give(route, answer or CODE), checked by the Lua half */
int fc_web_give(lua_State *L)
{
    fc_err err;
    const fc_call *c = only_testing(L);
    const char *route = luaL_checkstring(L, 1);
    fc_scratch *s = fc_scratch_push(L);
    if (fc_to_json(L, 2, FC_EMPTY_OBJECT, &s->json, &err)) return fc_raise(L, &err);
    json_array_append_new(list(c, "answers"), json_pack("{s:s, s:O}", "route", route, "answer", s->json));
    return 0;
}

int fc_web_asked(lua_State *L)
{
    fc_push_json(L, list(only_testing(L), "asked"));
    return 1;
}
