/* The global table of a plugin: what Lua gives, less what reaches outside, with the host's own versions of
 * what could swallow a kill, hide a finalizer, load binary code, show an address or make a huge string in one
 * step. */
#include "base/log.h"
#include "lua/internal.h"

#include <string.h>

/* In a coroutine pcall needs no C stack, so catchers could stand a hundred thousand deep; unwinding them
 * costs the square of that. The depth is kept with each coroutine; the limit is the one that Lua's C stack
 * sets elsewhere. */
#define MAX_CATCHERS 190

static void enter_catcher(lua_State *L)
{
    if (*fc_catchers(L) >= MAX_CATCHERS)
        fc_misuse(L, "pcall 里又有 pcall，超过 %d 层：自己调用自己而没有结束吗？",
                  "C stack overflow (pcall inside pcall, %d deep): does a function call itself without end?",
                  MAX_CATCHERS);
    ++*fc_catchers(L);
}

/* pcall and xpcall pass a kill outward; both may be yielded across. */
static int after_pcall(lua_State *L, int status, lua_KContext extra)
{
    --*fc_catchers(L);
    fc_raise_if_killed(L);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_pushboolean(L, 0);
        lua_insert(L, -2);
        return 2;
    }
    return lua_gettop(L) - (int)extra;
}

static int own_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    enter_catcher(L);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, after_pcall);
    return after_pcall(L, status, 0);
}

/* A hook of the watchdog raised: Lua has hooks off for as long as that is handled. */
static int raised_by_hook(lua_State *L)
{
    lua_Debug ar;
    return lua_getstack(L, 0, &ar) && lua_getinfo(L, "n", &ar) && strcmp(ar.namewhat, "hook") == 0;
}

enum handler { WAITS, RUNS, IS_LATE };

/* Upvalues: the plugin's handler and what became of it. Where hooks are off nothing of the plugin's runs: it
 * could be neither preempted nor ended. It is called when the stack has been unwound, unless what failed is
 * itself. */
static int guarded_handler(lua_State *L)
{
    int stands = (int)lua_tointeger(L, lua_upvalueindex(2)), hook = raised_by_hook(L);
    if (fc_turn_killed() || (hook && stands != WAITS)) return 1;
    lua_pushinteger(L, hook ? IS_LATE : RUNS);
    lua_replace(L, lua_upvalueindex(2));
    if (hook) return 1;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int after_late_handler(lua_State *L, int status, lua_KContext extra)
{
    (void)status;
    return after_pcall(L, LUA_ERRRUN, extra);
}

static int handler_is_late(lua_State *L, int at)
{
    lua_getupvalue(L, at, 2);
    int late = lua_tointeger(L, -1) == IS_LATE;
    lua_pop(L, 1);
    return late;
}

/* The guarded handler lies at 2, the error on top. */
static int after_xpcall(lua_State *L, int status, lua_KContext extra)
{
    int raised = status != LUA_OK && status != LUA_YIELD;
    if (!raised || fc_turn_killed() || !handler_is_late(L, 2)) return after_pcall(L, status, extra);
    lua_getupvalue(L, 2, 1);
    lua_insert(L, -2);
    lua_pcallk(L, 1, 1, 0, extra, after_late_handler);
    return after_late_handler(L, LUA_OK, extra);
}

static int own_xpcall(lua_State *L)
{
    int n = lua_gettop(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    enter_catcher(L);
    lua_pushvalue(L, 2);
    lua_pushinteger(L, WAITS);
    lua_pushcclosure(L, guarded_handler, 2);
    lua_replace(L, 2);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2);
    int status = lua_pcallk(L, n - 2, LUA_MULTRET, 2, 2, after_xpcall);
    return after_xpcall(L, status, 2);
}

static int own_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    int t = lua_type(L, 2);
    luaL_argexpected(L, t == LUA_TNIL || t == LUA_TTABLE, 2, "nil or table");
    if (t == LUA_TTABLE) {
        lua_pushliteral(L, "__gc");
        lua_rawget(L, 2);
        if (!lua_isnil(L, -1))
            return fc_misuse(L, "插件不能用 __gc：请用 local x <close> 和 __close",
                             "__gc is not available to plugins: use local x <close> and __close");
        lua_pop(L, 1);
    }
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return fc_misuse(L, "这个元表受保护，不能更改：请给自己的表设元表",
                         "cannot change a protected metatable: set one on a table of your own");
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

static int own_load(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    const char *name = luaL_optstring(L, 2, "=(load)");
    if (n > (256u << 10))
        fc_misuse_arg(L, 1, "源代码超过 256 KiB：请分成几个文件",
                      "source is larger than 256 KiB: split it into files");
    luaL_checktype(L, 4, LUA_TTABLE);
    if (luaL_loadbufferx(L, text, n, name, "t") != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    lua_pushvalue(L, 4);
    lua_setupvalue(L, -2, 1);
    return 1;
}

static int own_print(lua_State *L)
{
    luaL_Buffer b;
    int n = lua_gettop(L);
    luaL_buffinit(L, &b);
    for (int i = 1; i <= n; i++) {
        lua_pushcfunction(L, fc_tostring);
        lua_pushvalue(L, i);
        lua_call(L, 1, 1);
        luaL_addvalue(&b);
        if (i < n) luaL_addchar(&b, '\t');
    }
    luaL_pushresult(&b);
    fc_log(FC_INFO, fc_vm_of(L)->plugin, "%s", lua_tostring(L, -1));
    return 0;
}

static void set(lua_State *L, const char *name, lua_CFunction fn)
{
    lua_pushcfunction(L, fn);
    lua_setfield(L, -2, name);
}

static void drop(lua_State *L, const char *const *names)
{
    for (; *names; names++) {
        lua_pushnil(L);
        lua_setfield(L, -2, *names);
    }
}

static void open_base(lua_State *L)
{
    static const char *const out[] = {"dofile", "loadfile", "collectgarbage", "warn", NULL};
    luaL_requiref(L, "_G", luaopen_base, 1);
    drop(L, out);
    set(L, "pcall", own_pcall);
    set(L, "xpcall", own_xpcall);
    set(L, "setmetatable", own_setmetatable);
    set(L, "tostring", fc_tostring);
    set(L, "load", own_load);
    set(L, "print", own_print);
    lua_pop(L, 1);
}

void fc_sandbox_open(lua_State *L)
{
    *fc_catchers(L) = 0; /* new coroutines inherit the main one's */
    open_base(L);
    fc_open_strings(L);
    fc_open_coroutine(L);
    luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
    luaL_setfuncs(L, fc_list_functions, 0);
    luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
    lua_pop(L, 2);
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}
