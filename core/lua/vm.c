/* Making and ending a state, loading files into it. A state that cannot even be made ends the process (no
 * memory). What is raised inside is turned into a fault in one place (enter); a memory error or a kill spoils
 * the vm. Closing is lua_close, which frees everything it ever made. */
#include "lua/internal.h"

#include <stdlib.h>
#include <string.h>

#define LOAD_NS (500 * 1000000LL)

static int panic(lua_State *L)
{
    const char *text = lua_tostring(L, -1);
    fc_vm *vm = fc_vm_of(L);
    fprintf(stderr, "forecourt: plugin %s: unprotected Lua error: %s\n", vm->plugin, text ? text : "?");
    abort();
}

static void make_state(fc_vm *vm)
{
    vm->L = lua_newstate(fc_vm_alloc, vm);
    if (!vm->L) abort();
    lua_atpanic(vm->L, panic);
}

static int open_all(lua_State *L)
{
    fc_sandbox_open(L);
    fc_require_open(L, &fc_all_modules);
    return 0;
}

void fc_vm_who(fc_vm *vm, const char *version, int own)
{
    static unsigned made;
    if (!++made) made++; /* 0 is none */
    vm->who.version_of = made;
    snprintf(vm->who.plugin, sizeof vm->who.plugin, "%s", vm->plugin);
    snprintf(vm->who.version, sizeof vm->who.version, "%s", version);
    vm->who.own = own;
}

/* For tests: FORECOURT_MEMORY=PREFIX:MIB lowers the ceiling of the plugins whose names begin so. */
static size_t ceiling(const char *plugin, size_t limit)
{
    const char *word = getenv("FORECOURT_MEMORY"), *colon = word ? strchr(word, ':') : NULL;
    if (!colon || strncmp(plugin, word, (size_t)(colon - word)) != 0) return limit;
    size_t lower = (size_t)(atof(colon + 1) * (1 << 20));
    return lower && lower < limit ? lower : limit;
}

fc_vm *fc_vm_new(const char *plugin, const fc_vm_host *host, void *ctx, size_t memory_limit)
{
    fc_vm *vm = fc_alloc(sizeof *vm);
    vm->plugin = fc_strdup(plugin);
    fc_vm_who(vm, "", 0);
    vm->host = host;
    vm->ctx = ctx;
    vm->limit = ceiling(plugin, memory_limit);
    vm->problems = json_array();
    make_state(vm);
    lua_gc(vm->L, LUA_GCGEN, 0, 0);
    const char *gc = getenv("FORECOURT_GC");
    if (gc && strcmp(gc, "aggressive") == 0) {
        lua_gc(vm->L, LUA_GCINC, 1, 1000, 0);
        vm->incremental = -1;
    }
    lua_pushcfunction(vm->L, open_all);
    if (lua_pcall(vm->L, 0, 0, 0) != LUA_OK) panic(vm->L);
    return vm;
}

void fc_vm_free(fc_vm *vm)
{
    if (!vm) return;
    int depth = fc_heart_enter(&vm->who, "(close)"); /* where a spoiled heap comes to light */
    lua_close(vm->L);
    fc_heart_leave(depth);
    json_decref(vm->problems);
    free(vm->plugin);
    free(vm);
}

void fc_vm_phase(fc_vm *vm, enum fc_phase phase)
{
    vm->phase = phase;
}

const char *fc_vm_plugin(const fc_vm *vm)
{
    return vm->plugin;
}

size_t fc_vm_memory(const fc_vm *vm)
{
    return vm->used;
}

int fc_vm_spoiled(const fc_vm *vm)
{
    return vm->spoiled;
}

json_t *fc_vm_problems(fc_vm *vm)
{
    json_t *found = vm->problems;
    vm->problems = json_array();
    return found;
}

static int open_testing(lua_State *L)
{
    fc_require_named(L, NULL, "host.core.testing");
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    lua_pushnil(L);
    while (lua_next(L, -2)) { /* words become globals of this state: the test's chunk copies them */
        lua_setglobal(L, lua_tostring(L, -2));
    }
    return 0;
}

void fc_vm_testing(fc_vm *vm, int which)
{
    vm->any_table = 1;
    lua_pushcfunction(vm->L, open_testing);
    lua_pushinteger(vm->L, which);
    if (lua_pcall(vm->L, 1, 0, 0) != LUA_OK) panic(vm->L);
}

static int open_repl(lua_State *L)
{
    fc_require_named(L, NULL, "host.core.repl");
    lua_setglobal(L, "fc_repl");
    return 0;
}

void fc_vm_repl(fc_vm *vm)
{
    lua_pushcfunction(vm->L, open_repl);
    if (lua_pcall(vm->L, 0, 0, 0) != LUA_OK) panic(vm->L);
}

/* Of the library that runs, which may be another than the header's: "$LuaVersion: Lua 5.4.4  Copyright ..."
 */
const char *fc_lua_version(void)
{
    static char version[32];
    int number[3];
    if (sscanf(lua_ident, "$LuaVersion: Lua %d.%d.%d", &number[0], &number[1], &number[2]) != 3)
        return LUA_RELEASE;
    snprintf(version, sizeof version, "Lua %d.%d.%d", number[0], number[1], number[2]);
    return version;
}

void fc_fault_to_err(const fc_fault *f, fc_err *err)
{
    const char *sep = f->place[0] ? ": " : "";
    fc_fail(err, f->code, "%s%s%s%.0s", "%s%s%.0s%s", f->place, sep, f->zh, f->en);
}

struct entry {
    fc_vm *vm;
    lua_CFunction fn;
    void *arg;
    lua_State *co;
    int ref;
};

static int take_coroutine(lua_State *L)
{
    struct entry *e = lua_touserdata(L, 1);
    fc_co_take(e->vm, &e->co, &e->ref);
    return 0;
}

/* In a coroutine, so that its stack still stands when it has failed, also where memory has run out. What was
 * to be closed on its way out is closed then. */
static int run_entry(struct entry *e, fc_fault *fault)
{
    int n = 0;
    lua_State *outer = e->vm->loader;
    e->vm->loader = e->co;
    lua_pushcfunction(e->co, e->fn);
    lua_pushlightuserdata(e->co, e->arg);
    int status = lua_resume(e->co, NULL, 1, &n);
    lua_sethook(e->co, NULL, 0, 0);
    if (status != LUA_OK) {
        lua_pushvalue(e->co, -1);
        fc_co_fault(e->co, status, NULL, fault);
        if (!e->vm->spoiled) lua_resetthread(e->co);
    }
    e->vm->loader = outer;
    return status;
}

/* The one protected gateway for loading: fn runs with one light userdata. */
static int enter(fc_vm *vm, const char *what, lua_CFunction fn, void *arg, fc_fault *fault)
{
    fc_turn turn;
    struct entry e = {.vm = vm, .fn = fn, .arg = arg};
    if (fc_protected(vm->L, take_coroutine, &e, fault) != LUA_OK) return fault->code;
    int depth = fc_heart_enter(&vm->who, what);
    fc_turn_begin(&turn, vm, e.co, LOAD_NS);
    int status = run_entry(&e, fault);
    fc_turn_end(&turn);
    fc_heart_leave(depth);
    fc_co_leave(vm, e.co, e.ref);
    return status == LUA_OK ? FC_OK : fault->code;
}

struct load_point {
    fc_vm *vm;
    const char *point, *file;
    json_t *out;
};

static void note_line(lua_State *L, lua_Debug *ar)
{
    fc_vm *vm = fc_vm_of(L);
    lua_getinfo(L, "Sl", ar);
    if (strcmp(ar->what, "main") == 0 &&
        strcmp(ar->source + (ar->source[0] == '@'), vm->loading) == 0) /* not of a module that it requires */
        snprintf(vm->main_place, sizeof vm->main_place, "%s:%d",
                 ar->source[0] == '@' ? ar->source + 1 : ar->short_src, ar->currentline);
}

/* collect(result, point, file) in the Lua half checks the shape and gives an array of envelopes with plain
 * data in .data */
static int load_point(lua_State *L)
{
    struct load_point *a = lua_touserdata(L, 1);
    size_t n;
    const char *place;
    const char *text = a->vm->host->source(a->vm->ctx, a->vm->plugin, a->file, &n, &place);
    if (!text) return fc_raise_text(L, "%s: 文件不见了", "%s: the file is gone", a->file);
    char chunk[512];
    snprintf(chunk, sizeof chunk, "%s", place);
    if (fc_load_chunk(L, a->vm->plugin, text, n, chunk) != LUA_OK) return lua_error(L);
    a->vm->loading = chunk;
    lua_sethook(L, note_line, LUA_MASKLINE, 0);
    lua_call(L, 0, 1);
    lua_sethook(L, NULL, 0, 0);
    fc_require_named(L, NULL, "host.core.collect");
    lua_pushvalue(L, -2);
    lua_pushstring(L, a->point);
    lua_pushstring(L, chunk);
    lua_call(L, 3, 1);
    int list = lua_gettop(L);
    lua_Integer count = luaL_len(L, list);
    for (lua_Integer i = 1; i <= count; i++) {
        fc_err err;
        json_t *data = NULL, *functions = json_array(), *env = json_object();
        lua_rawgeti(L, list, i);
        lua_getfield(L, -1, "id");
        lua_getfield(L, -2, "version");
        lua_getfield(L, -3, "at");
        lua_getfield(L, -4, "data");
        char name[512];
        snprintf(name, sizeof name, "%s/%s", a->point, lua_tostring(L, -4));
        int rc = fc_freeze(L, lua_gettop(L), name, &data, functions, &err);
        json_object_set_new(env, "point", json_string(a->point));
        json_object_set_new(env, "id", json_string(lua_tostring(L, -4)));
        json_object_set_new(env, "version", json_string(luaL_optstring(L, -3, "")));
        json_object_set_new(env, "at", json_string(luaL_optstring(L, -2, a->file)));
        json_object_set_new(env, "data", data);
        json_object_set_new(env, "functions", functions);
        if (rc) {
            fc_wrap(&err, luaL_optstring(L, -2, a->file));
            json_decref(env);
            return fc_raise(L, &err);
        }
        json_array_append_new(a->out, env);
        lua_settop(L, list);
    }
    return 0;
}

int fc_vm_load_point(fc_vm *vm, const char *point, const char *file, json_t **out, fc_fault *fault)
{
    struct load_point a = {vm, point, file, json_array()};
    int rc = enter(vm, file, load_point, &a, fault);
    if (rc) {
        json_decref(a.out);
        a.out = NULL;
    }
    *out = a.out;
    return rc;
}

struct load_module {
    const char *home, *name;
};

static int load_module(lua_State *L)
{
    struct load_module *a = lua_touserdata(L, 1);
    return fc_require_named(L, a->home, a->name);
}

static int load_of(fc_vm *vm, const char *plugin, const char *module, fc_fault *fault)
{
    char name[256];
    snprintf(name, sizeof name, "%s.%s", plugin, module);
    struct load_module a = {plugin, name};
    return enter(vm, name, load_module, &a, fault);
}

int fc_vm_load_module(fc_vm *vm, const char *module, fc_fault *fault)
{
    return load_of(vm, vm->plugin, module, fault);
}

int fc_vm_load_engine(fc_vm *vm, const char *engine, fc_fault *fault)
{
    return load_of(vm, engine, "define", fault);
}

struct check {
    fc_vm *vm;
    const char *engine;
    const json_t *definitions;
};

/* An engine that was not required here has nothing to check here. */
static int run_check(lua_State *L)
{
    struct check *a = lua_touserdata(L, 1);
    char name[256];
    snprintf(name, sizeof name, "%s.define", a->engine);
    lua_getfield(L, LUA_REGISTRYINDEX, "fc.loaded");
    if (lua_getfield(L, -1, name) != LUA_TTABLE) return 0;
    if (lua_getfield(L, -1, "check") != LUA_TFUNCTION) return 0;
    fc_push_json(L, a->definitions);
    lua_call(L, 1, 0);
    return 0;
}

int fc_vm_check(fc_vm *vm, const char *engine, const json_t *definitions, fc_fault *fault)
{
    struct check a = {vm, engine, definitions};
    return enter(vm, engine, run_check, &a, fault);
}

struct data {
    const char *text, *chunk;
    size_t n;
    json_t *out;
};

/* There is nothing to call or to look up in a file of data. */
static int data_global(lua_State *L)
{
    return fc_raise_text(L, "这里不认识 '%s'：这个文件只写数据，不能调用函数；文字要加引号",
                         "'%s' is not known here: this file holds data only, no calls; a text needs quotes",
                         fc_shown(L, 2));
}

static int run_data(lua_State *L)
{
    struct data *a = lua_touserdata(L, 1);
    fc_err err;
    char name[512];
    snprintf(name, sizeof name, "@%s", a->chunk);
    if (luaL_loadbufferx(L, a->text, a->n, name, "t") != LUA_OK) return lua_error(L);
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, data_global);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_setupvalue(L, -2, 1);
    lua_call(L, 0, 1);
    if (!lua_istable(L, -1))
        return fc_raise_text(L, "%s: 应当返回一个表（return { ... }）",
                             "%s: should return a table (return { ... })", a->chunk);
    if (fc_to_json(L, lua_gettop(L), FC_EMPTY_OBJECT, &a->out, &err)) {
        fc_wrap(&err, a->chunk);
        return fc_raise(L, &err);
    }
    return 0;
}

int fc_lua_data(const char *text, size_t n, const char *chunk, json_t **out, fc_fault *fault)
{
    static const fc_vm_host nothing = {0};
    struct data a = {text, chunk, n, NULL};
    fc_vm vm = {.plugin = "manifest", .host = &nothing, .limit = 1 << 20, .problems = NULL};
    make_state(&vm);
    fc_turn turn;
    lua_pushcfunction(vm.L, fc_traceback);
    lua_pushcfunction(vm.L, run_data);
    lua_pushlightuserdata(vm.L, &a);
    fc_turn_begin(&turn, &vm, vm.L, 5 * 1000000LL);
    int status = lua_pcall(vm.L, 1, 0, 1);
    fc_turn_end(&turn);
    if (status != LUA_OK) {
        fc_fault_from(vm.L, status, fault);
        if (!fault->place[0]) snprintf(fault->place, sizeof fault->place, "%s", chunk);
    }
    lua_close(vm.L);
    *out = status == LUA_OK ? a.out : NULL;
    if (status != LUA_OK && a.out) json_decref(a.out);
    return status == LUA_OK ? FC_OK : fault->code;
}
