/* What the Lua half of the API needs from C and no plugin gets: places of callers, the phase, problems, who
 * owns this state. */
#include "base/clock.h"
#include "lua/internal.h"

#include <string.h>

/* "file:line" of the function `level` levels above the caller of here. Full chunk name, not Lua's shortened
 * one. */
static int here(lua_State *L)
{
    lua_Debug ar;
    fc_vm *vm = fc_vm_of(L);
    int level = (int)luaL_optinteger(L, 1, 1), lost = 0;
    for (int i = 1; i <= level && !lost; i++)
        lost = lua_getstack(L, i, &ar) && lua_getinfo(L, "t", &ar) && ar.istailcall;
    lost |= !lua_getstack(L, level + 1, &ar);
    if (!lost) {
        lua_getinfo(L, "Sl", &ar);
        lost = ar.currentline < 0;
    }
    if (lost && vm->main_place[0]) {
        lua_pushstring(L, vm->main_place);
        return 1;
    }
    for (; lost && lua_getstack(L, level, &ar);
         level++) { /* outside the loading of a file: the nearest line there is */
        lua_getinfo(L, "Sl", &ar);
        lost = ar.currentline < 0;
    }
    if (lost) {
        lua_pushliteral(L, "?");
        return 1;
    }
    const char *source = ar.source[0] == '@' ? ar.source + 1 : ar.short_src;
    lua_pushfstring(L, "%s:%d", source, ar.currentline);
    return 1;
}

static int problem(lua_State *L)
{
    fc_vm *vm = fc_vm_of(L);
    json_array_append_new(vm->problems, json_pack("{s:s, s:s, s:s}", "at", luaL_checkstring(L, 1), "zh",
                                                  luaL_checkstring(L, 2), "en", luaL_checkstring(L, 3)));
    return 0;
}

static int plugin(lua_State *L)
{
    lua_pushstring(L, fc_vm_of(L)->plugin);
    return 1;
}

static int only_running(lua_State *L)
{
    fc_only_running(L, luaL_checkstring(L, 1));
    return 0;
}

static int jobs_changed(lua_State *L)
{
    fc_call *c = fc_call_need(L);
    if (c->world->jobs_changed) c->world->jobs_changed(c);
    return 0;
}

/* For tests: who acts from here on in this call; the user exists in the site's store, too. */
static int set_actor(lua_State *L)
{
    fc_call *c = fc_call_need(L);
    json_t *roles = NULL;
    fc_err err;
    snprintf(c->login, sizeof c->login, "%s", luaL_checkstring(L, 1));
    snprintf(c->name, sizeof c->name, "%s", luaL_checkstring(L, 2));
    if (fc_to_json(L, 3, FC_EMPTY_ARRAY, &roles, &err)) return fc_raise(L, &err);
    json_decref(c->roles);
    c->roles = roles;
    return 0;
}

static int site_run(lua_State *L)
{
    fc_call *c = fc_call_need(L);
    fc_value v[8];
    fc_err err;
    int n = lua_gettop(L) - 1;
    for (int i = 0; i < n && i < 8; i++)
        v[i] =
            lua_isinteger(L, i + 2) ? fc_int(lua_tointeger(L, i + 2)) : fc_text(luaL_checkstring(L, i + 2));
    if (fc_run(c->site, luaL_checkstring(L, 1), v, n, NULL, &err)) return fc_raise(L, &err);
    return 0;
}

static int set_clock(lua_State *L)
{
    fc_clock_set(luaL_checkinteger(L, 1));
    return 0;
}

static int set_lang(lua_State *L)
{
    fc_call_need(L)->lang = strcmp(luaL_checkstring(L, 1), "en") == 0 ? FC_EN : FC_ZH;
    return 0;
}

static void only_testing(lua_State *L)
{
    if (!fc_vm_of(L)->any_table) fc_raise_text(L, "只能在测试里使用", "is for tests only");
}

/* The text of a file in the tests/ of the plugin that is being tested, or nil. */
static int test_file(lua_State *L)
{
    fc_vm *vm = fc_vm_of(L);
    const char *name = luaL_checkstring(L, 1), *place, *text = NULL;
    char file[256];
    size_t n = 0;
    only_testing(L);
    snprintf(file, sizeof file, "tests/%s", name);
    if (strlen(name) < 200 && !strstr(name, ".."))
        text = vm->host->source(vm->ctx, vm->plugin, file, &n, &place);
    if (text)
        lua_pushlstring(L, text, n);
    else
        lua_pushnil(L);
    return 1;
}

/* What an engine offers to others' tests: its tests/fixture.lua, at home in it. */
static int test_fixture(lua_State *L)
{
    char module[160];
    const char *of = luaL_checkstring(L, 1);
    only_testing(L);
    snprintf(module, sizeof module, "%s.tests.fixture", of);
    return fc_require_named(L, of, module);
}

static int is_array(lua_State *L)
{
    lua_pushboolean(L, lua_type(L, 1) == LUA_TTABLE && lua_getmetatable(L, 1));
    return 1;
}

/* The host's own rows are decoded whatever their size: a run's result is read on one page only, and refused
 * it would be lost. */
static int decode(lua_State *L)
{
    return fc_decode(L, FC_JSON_ALONE);
}

int fc_mod_core(lua_State *L)
{
    static const luaL_Reg functions[] = {{"here", here},
                                         {"misuse", fc_misuse_told},
                                         {"decode", decode},
                                         {"problem", problem},
                                         {"plugin", plugin},
                                         {"only_running", only_running},
                                         {"jobs_changed", jobs_changed},
                                         {"is_array", is_array},
                                         {"set_actor", set_actor},
                                         {"site_run", site_run},
                                         {"set_clock", set_clock},
                                         {"set_lang", set_lang},
                                         {"test_file", test_file},
                                         {"test_fixture", test_fixture},
                                         {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
