/* `require` is the permission. Every chunk has an environment of its own: a copy of the sandboxed globals, a
 * `require` that knows whose code this is (its home plugin), nothing else; an undefined global is an error
 * with its name, globals cannot be assigned. `host.X` is a module of the host, if the manifest of the home
 * plugin names it (some are free); `HOME.x.y` the home plugin's own file x/y.lua; `OTHER.define` the
 * constructors of an engine the manifest needs: its source runs here, at home in OTHER; `OTHER` its exports,
 * a proxy (export.c). Loaded modules are kept per state, so an engine's define.lua is one instance in each
 * state that uses it. What is written in C is handed in (modules.c), for much of it uses `require`. */
#include "lua/half.h"
#include "lua/internal.h"

#include <string.h>

static const char *const free_modules[] = {
    "amend", "define", "predicate", "page",       "frame",    "script", "clock",    "json", "re",
    "text",  "log",    "point",     "definition", "settings", "who",    "calendar", NULL};

int fc_module_is_free(const char *name)
{
    for (const char *const *p = free_modules; *p; p++)
        if (strcmp(*p, name) == 0) return 1;
    return 0;
}

/* Parts of the host itself: whoever held them could act as anybody. */
static int is_inner(const char *name)
{
    static const char *const inner[] = {"collect", "testing", "assertions", "doubles", "repl", "mask", NULL};
    if (strncmp(name, "core", 4) == 0) return 1;
    for (const char *const *p = inner; *p; p++)
        if (strcmp(*p, name) == 0) return 1;
    return 0;
}

static lua_CFunction find_in_c(const fc_modules *given, const char *name)
{
    for (const luaL_Reg *m = given->host; m->name; m++)
        if (strcmp(m->name, name) == 0) return m->func;
    return NULL;
}

int fc_require_knows(const fc_modules *given, const char *name)
{
    if (is_inner(name)) return 0;
    if (find_in_c(given, name)) return 1;
    for (const fc_half *h = fc_halves; h->name; h++)
        if (strcmp(h->name, name) == 0) return 1;
    return 0;
}

static int undefined(lua_State *L)
{
    return fc_raise_text(L, "没有名为 '%s' 的全局变量（是否缺少 local 或 require？）",
                         "there is no global '%s' (is a local or a require missing?)", fc_shown(L, 2));
}

static int assigned(lua_State *L)
{
    return fc_raise_text(L, "不能给全局变量 '%s' 赋值：请用 local",
                         "globals cannot be assigned ('%s'): use local", fc_shown(L, 2));
}

static int own_require(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    const char *home = lua_isstring(L, lua_upvalueindex(1)) ? lua_tostring(L, lua_upvalueindex(1)) : NULL;
    return fc_require_named(L, home, name);
}

static void push_environment(lua_State *L, const char *home)
{
    lua_createtable(L, 0, 40);
    lua_pushglobaltable(L);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -5);
    }
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "_G");
    if (home)
        lua_pushstring(L, home);
    else
        lua_pushboolean(L, 0);
    lua_pushcclosure(L, own_require, 1);
    lua_setfield(L, -2, "require");
    lua_getfield(L, LUA_REGISTRYINDEX, "fc.strict");
    lua_setmetatable(L, -2);
}

static int load_chunk(lua_State *L, const char *home, const char *text, size_t n, const char *chunk,
                      int shared)
{
    char name[512];
    snprintf(name, sizeof name, "@%s", chunk);
    if (n > (256u << 10))
        return fc_raise_text(L, "%s: 文件超过 256 KiB", "%s: the file is larger than 256 KiB", chunk);
    int status = shared ? fc_load_shared(L, text, n, name) : luaL_loadbufferx(L, text, n, name, "t");
    if (status != LUA_OK) return status;
    push_environment(L, home);
    lua_setupvalue(L, -2, 1);
    return LUA_OK;
}

int fc_load_chunk(lua_State *L, const char *home, const char *text, size_t n, const char *chunk)
{
    return load_chunk(L, home, text, n, chunk, 0);
}

static void run_source(lua_State *L, const char *home, const char *text, size_t n, const char *chunk,
                       const char *arg)
{
    if (load_chunk(L, home, text, n, chunk, 1) != LUA_OK) lua_error(L);
    lua_pushstring(L, arg);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1))
        fc_raise_text(L, "%s: 没有返回值（末尾应有 return）",
                      "%s: returns nothing (a return at the end is missing)", chunk);
}

static void load_half(lua_State *L, const char *name)
{
    for (const fc_half *h = fc_halves; h->name; h++) {
        if (strcmp(h->name, name) != 0) continue;
        char chunk[128];
        snprintf(chunk, sizeof chunk, "host/%s.lua", name);
        run_source(L, NULL, h->text, h->n, chunk, name);
        if (strcmp(name, "predicate") == 0) { /* it is given the function that finds the caller's line */
            fc_require_named(L, NULL, "host.core");
            lua_getfield(L, -1, "here");
            lua_replace(L, -2);
            lua_call(L, 1, 1);
        }
        return;
    }
    fc_raise_text(L, "没有名为 host.%s 的模块", "there is no module host.%s", name);
}

static void load_host(lua_State *L, const char *home, const char *name)
{
    fc_vm *vm = fc_vm_of(L);
    if (home && !fc_require_knows(vm->modules, name))
        fc_raise_text(L, "没有名为 host.%s 的模块", "there is no module host.%s", name);
    char full[128];
    snprintf(full, sizeof full, "host.%s", name);
    if (home && !fc_module_is_free(name) && !(vm->host->may_use && vm->host->may_use(vm->ctx, home, full)))
        fc_raise_text(L, "插件 %s 没有使用 host.%s 的许可：请在它的 plugin.lua 的 uses 中加上 \"host.%s\"",
                      "plugin %s has no permission for host.%s: add \"host.%s\" to uses in its plugin.lua",
                      home, name, name);
    lua_getfield(L, LUA_REGISTRYINDEX, "fc.loaded");
    if (lua_getfield(L, -1, full) != LUA_TNIL) return;
    lua_pop(L, 1);
    lua_CFunction open = find_in_c(vm->modules, name);
    if (open) {
        lua_pushcfunction(L, open);
        lua_call(L, 0, 1);
    } else {
        load_half(L, strncmp(name, "core.", 5) == 0 ? name + 5 : name);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, full);
}

/* "lib.x" of plugin P -> P's file "lib/x.lua", run at home in P. */
static void load_file(lua_State *L, const char *plugin, const char *module, const char *full)
{
    fc_vm *vm = fc_vm_of(L);
    char file[256], chunk[512] = "";
    size_t n = 0;
    const char *place = NULL;
    lua_getfield(L, LUA_REGISTRYINDEX, "fc.loaded");
    int type = lua_getfield(L, -1, full);
    if (type == LUA_TBOOLEAN)
        fc_raise_text(L, "%s 正在加载：两个文件互相 require",
                      "%s is being loaded: two files require each other", full);
    if (type != LUA_TNIL) return;
    lua_pop(L, 1);
    snprintf(file, sizeof file, "%s.lua", module);
    for (char *p = file; *p && strcmp(p, ".lua") != 0; p++)
        if (*p == '.') *p = '/';
    const char *text = vm->host->source ? vm->host->source(vm->ctx, plugin, file, &n, &place) : NULL;
    if (!text) fc_raise_text(L, "插件 %s 没有文件 %s", "plugin %s has no file %s", plugin, file);
    snprintf(chunk, sizeof chunk, "%s", place ? place : file);
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, full);
    if (load_chunk(L, plugin, text, n, chunk, strcmp(module, "define") == 0) != LUA_OK) {
        lua_pushnil(L);
        lua_setfield(L, -3, full);
        lua_error(L);
    }
    lua_pushstring(L, full);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1))
        fc_raise_text(L, "%s: 没有返回值（末尾应有 return）",
                      "%s: returns nothing (a return at the end is missing)", chunk);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, full);
}

static void require_named(lua_State *L, const char *home, const char *name)
{
    fc_vm *vm = fc_vm_of(L);
    luaL_checkstack(L, 16, "require");
    if (strncmp(name, "host.", 5) == 0) {
        load_host(L, home, name + 5);
        return;
    }
    char plugin[128];
    const char *dot = strchr(name, '.');
    snprintf(plugin, sizeof plugin, "%.*s", dot ? (int)(dot - name) : (int)strlen(name), name);
    int own = home && strcmp(plugin, home) == 0;
    if (!home) fc_raise_text(L, "没有名为 %s 的模块", "there is no module %s", name);
    if (!own && !(vm->host->may_need && vm->host->may_need(vm->ctx, home, plugin)))
        fc_raise_text(L, "插件 %s 没有写明需要插件 %s：请在它的 plugin.lua 的 needs 中加上 %s",
                      "plugin %s does not say that it needs plugin %s: add %s to needs in its plugin.lua",
                      home, plugin, plugin);
    if (!dot) {
        vm->modules->exports(L, plugin);
        return;
    }
    if (!own && strcmp(dot + 1, "define") != 0)
        fc_raise_text(
            L, "只能 require \"%s\"（导出）或 \"%s.define\"（构造器），不能用它的内部文件 %s",
            "only \"%s\" (exports) or \"%s.define\" (constructors) can be required, not its inner file %s",
            plugin, plugin, name);
    load_file(L, plugin, dot + 1, name);
}

int fc_require_named(lua_State *L, const char *home, const char *name)
{
    int top = lua_gettop(L);
    require_named(L, home, name);
    lua_replace(L, top + 1);
    lua_settop(L, top + 1);
    return 1;
}

static const luaL_Reg strict[] = {{"__index", undefined}, {"__newindex", assigned}, {NULL, NULL}};

void fc_require_open(lua_State *L, const fc_modules *given)
{
    const char *tables[] = {"fc.loaded", "fc.functions", "fc.proxies"};
    for (int i = 0; i < 3; i++) {
        lua_newtable(L);
        lua_setfield(L, LUA_REGISTRYINDEX, tables[i]);
    }
    fc_vm_of(L)->modules = given;
    lua_newtable(L);
    luaL_setfuncs(L, strict, 0);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setfield(L, LUA_REGISTRYINDEX, "fc.strict");
}
