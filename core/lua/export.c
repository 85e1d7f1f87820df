/* Exports: a call into another plugin. The function runs in the callee's state on the caller's call: its
 * budget, actor, dealership, transaction. Arguments and results cross as bytes (pack.c), so no value is
 * shared and neither state raises while the other's frames are on the C stack. A plugin that is already on
 * the call's stack may not be entered again. An error for a person ({zh, en}) goes on unchanged; any other
 * names both plugins.
 *
 * The function runs in a coroutine of the callee. Where the caller may yield, and the callee waits or is
 * preempted, the caller's coroutine yields as well, and the call's next turn comes back down the same way.
 * Elsewhere it runs straight through. */
#include "lua/internal.h"

#include <string.h>

typedef struct crossing {
    fc_buf in, out;
    int nargs, nresults;
    char ref[512]; /* function name in exports, or a definition's function reference */
    fc_err err;
    fc_vm *callee;
    lua_State *co; /* the coroutine in it, or NULL */
    int co_ref, noted;
    int straight; /* nothing in it may wait or be preempted */
} crossing;

/* The table of exports is looked for once. */
static void push_exports(lua_State *L, fc_vm *vm)
{
    if (vm->exports_ref) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, vm->exports_ref);
        return;
    }
    char name[160];
    snprintf(name, sizeof name, "%s.exports", vm->plugin);
    fc_require_named(L, vm->plugin, name);
    if (!lua_istable(L, -1))
        fc_raise_text(L, "%s 没有返回表：导出应写成 return { 名称 = 函数 }",
                      "%s returns no table; exports are written as return { name = function }", name);
    lua_pushvalue(L, -1);
    vm->exports_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

void fc_push_entry(lua_State *L, fc_vm *vm, const char *ref)
{
    if (strchr(ref, '#')) {
        lua_getfield(L, LUA_REGISTRYINDEX, "fc.functions");
        if (lua_getfield(L, -1, ref) != LUA_TFUNCTION)
            fc_raise_text(L, "找不到函数 %s", "there is no function %s", ref);
        return;
    }
    push_exports(L, vm);
    if (lua_getfield(L, -1, ref) != LUA_TFUNCTION)
        fc_raise_text(L, "插件 %s 没有导出 %s", "plugin %s does not export %s", vm->plugin, ref);
}

/* In the callee, protected: the function and its arguments on the stack. */
static void push_function(lua_State *L, crossing *x)
{
    fc_push_entry(L, fc_vm_of(L), x->ref);
    const char *p = x->in.data, *end = p + x->in.len;
    luaL_checkstack(L, x->nargs + 4, "arguments");
    for (int i = 0; i < x->nargs; i++)
        p = fc_unpack(L, p, end);
}

static int prepare(lua_State *L)
{
    crossing *x = lua_touserdata(L, 1);
    fc_co_take(x->callee, &x->co, &x->co_ref);
    push_function(L, x);
    if (!lua_checkstack(x->co, x->nargs + 8))
        return fc_misuse(L, "一次调用的参数太多：请把它们放进一个表",
                         "too many arguments for one call: give them in a table");
    lua_xmove(L, x->co, x->nargs + 1);
    return 0;
}

/* The results lie on top of the coroutine's stack. */
static int pack_results(lua_State *L)
{
    crossing *x = lua_touserdata(L, 1);
    int first = lua_gettop(x->co) - x->nresults + 1;
    for (int i = 0; i < x->nresults; i++)
        if (fc_pack(x->co, first + i, &x->out, &x->err)) return fc_raise(L, &x->err);
    return 0;
}

static void drop(crossing *x)
{
    fc_buf_free(&x->in);
    fc_buf_free(&x->out);
}

static int crossing_free(lua_State *L)
{
    drop(lua_touserdata(L, 1));
    return 0;
}

/* The buffers belong to a userdata: they are freed before an error is raised here, and by the collector at
 * the latest. */
static crossing *push_crossing(lua_State *L)
{
    crossing *x = lua_newuserdatauv(L, sizeof *x, 0);
    memset(x, 0, sizeof *x);
    if (luaL_newmetatable(L, "fc.crossing")) {
        lua_pushcfunction(L, crossing_free);
        lua_setfield(L, -2, "__gc");
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
    return x;
}

static void enter(fc_call *c, crossing *x, fc_turn *turn, lua_State *where)
{
    c->state->stack[c->state->depth++] = x->callee;
    x->noted = fc_heart_enter(&x->callee->who, x->ref);
    fc_turn_begin(turn, x->callee, where, 0);
    turn->entry = strchr(x->ref, '#') ? NULL : x->ref;
}

static void leave(lua_State *L, fc_call *c, crossing *x, fc_turn *turn)
{
    fc_turn_end(turn);
    fc_heart_leave(x->noted);
    c->state->depth--;
    if (!fc_turn_killed()) return;
    x->callee->spoiled = 1; /* also when it had just returned: its hook may be armed */
    drop(x);
    fc_raise_if_killed(L);
}

static int failed(lua_State *L, crossing *x, const fc_fault *fault)
{
    drop(x);
    if (fault->code == FC_EINVAL) return fc_raise_text(L, "%s%.0s", "%.0s%s", fault->zh, fault->en);
    if (fault->code == FC_ELIMIT) {
        fc_misuse_note(fault->zh, fault->en);
        fc_trouble_limit(fault->en);
    }
    return luaL_error(L, "%s.%s: %s%s%s", x->callee->plugin, x->ref, fault->place,
                      fault->place[0] ? ": " : "", fault->en);
}

static int push_results(lua_State *L, crossing *x)
{
    luaL_checkstack(L, x->nresults + 4, "results");
    const char *p = x->out.data, *end = p + x->out.len;
    for (int i = 0; i < x->nresults; i++)
        p = fc_unpack(L, p, end);
    drop(x);
    return x->nresults;
}

static int go_on(lua_State *L, int status, lua_KContext ctx);

static int ended(lua_State *L, crossing *x, int status, int n)
{
    fc_fault fault;
    x->nresults = n;
    if (status == LUA_OK)
        status = fc_protected(x->callee->L, pack_results, x, &fault);
    else
        fc_co_fault(x->co, status, strchr(x->ref, '#') ? NULL : x->ref, &fault);
    fc_co_leave(x->callee, x->co, x->co_ref);
    x->co = NULL;
    return status == LUA_OK ? push_results(L, x) : failed(L, x, &fault);
}

static int go_down(lua_State *L, crossing *x, int nargs)
{
    fc_call *c = fc_call_need(L);
    fc_turn turn;
    int n = 0;
    lua_State *top = c->state->top;
    enter(c, x, &turn, x->co);
    c->state->top = x->co;
    turn.yields = turn.outer->yields && !x->straight;
    c->state->pinned += x->straight;
    int status = lua_resume(x->co, L, nargs, &n);
    c->state->pinned -= x->straight;
    c->state->top = top;
    leave(L, c, x, &turn);
    if (status != LUA_YIELD) return ended(L, x, status, n);
    if (!fc_outward()) { /* own_yield lets nobody come here */
        drop(x);
        return fc_misuse(L, "%s.%s 在导出函数里 yield 到了外面：请改为返回结果",
                         "%s.%s yields out of an export: return the result instead", x->callee->plugin,
                         x->ref);
    }
    lua_pop(x->co, n);
    fc_call_stands_in(x->callee, x->co, x->co_ref);
    return lua_yieldk(L, 0, (lua_KContext)x, go_on);
}

static int go_on(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    return go_down(L, (crossing *)ctx, 0);
}

static void check_entry(lua_State *L, fc_call *c, fc_vm *callee)
{
    struct fc_call_state *s = c->state;
    for (int i = 0; i < s->depth; i++)
        if (s->stack[i] == callee)
            fc_raise_text(L, "插件 %s 已在本次调用中：不能再次进入",
                          "plugin %s is already on this call: it cannot be entered again", callee->plugin);
    if (s->depth >= 16)
        fc_raise_text(L, "插件互相调用超过 16 层", "plugins call each other more than 16 deep");
    if (callee->spoiled)
        fc_raise_text(L, "插件 %s 刚被终止，正在重新加载",
                      "plugin %s was just ended and is being loaded again", callee->plugin);
}

static int cross(lua_State *L, fc_vm *callee, const char *ref, int first_arg, int nargs)
{
    fc_call *c = fc_call_need(L);
    fc_fault fault;
    check_entry(L, c, callee);
    crossing *x = push_crossing(L);
    x->callee = callee;
    snprintf(x->ref, sizeof x->ref, "%s", ref);
    x->nargs = nargs;
    for (int i = 0; i < nargs; i++)
        if (fc_pack(L, first_arg + i, &x->in, &x->err)) return drop(x), fc_raise(L, &x->err);
    x->straight = !fc_may_wait(L);
    fc_turn turn;
    enter(c, x, &turn, callee->L);
    int status = fc_protected(callee->L, prepare, x, &fault);
    leave(L, c, x, &turn);
    if (status == LUA_OK) return go_down(L, x, nargs);
    fc_co_leave(callee, x->co, x->co_ref);
    return failed(L, x, &fault);
}

static int call_export(lua_State *L)
{
    const char *plugin = lua_tostring(L, lua_upvalueindex(1));
    const char *fn = lua_tostring(L, lua_upvalueindex(2));
    fc_only_running(L, fn);
    fc_call *c = fc_call_need(L);
    fc_err err;
    fc_vm *callee = c->world->plugin_vm(c, plugin, &err);
    if (!callee) return fc_raise(L, &err);
    return cross(L, callee, fn, 1, lua_gettop(L));
}

static int proxy_index(lua_State *L)
{
    luaL_checkstring(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, call_export, 2);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
}

int fc_export_proxy(lua_State *L, const char *plugin)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "fc.proxies");
    if (lua_getfield(L, -1, plugin) == LUA_TTABLE) return 1;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_createtable(L, 0, 2);
    lua_pushstring(L, plugin);
    lua_pushcclosure(L, proxy_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, plugin);
    return 1;
}

/* host.call(definition, field, ...): the function a definition names, in its own generation. */
static int call_definition(lua_State *L)
{
    fc_only_running(L, "host.call");
    luaL_checktype(L, 1, LUA_TTABLE);
    const char *field = luaL_checkstring(L, 2);
    char ref[512];
    lua_getfield(L, 1, "plugin");
    lua_getfield(L, 1, "point");
    lua_getfield(L, 1, "id");
    const char *plugin = luaL_checkstring(L, -3);
    snprintf(ref, sizeof ref, "%s/%s#%s", luaL_checkstring(L, -2), luaL_checkstring(L, -1), field);
    fc_call *c = fc_call_need(L);
    fc_err err;
    fc_vm *callee = c->world->plugin_vm(c, plugin, &err);
    if (!callee) return fc_raise(L, &err);
    int nargs = lua_gettop(L) - 5;
    if (callee != fc_vm_of(L)) return cross(L, callee, ref, 3, nargs);
    lua_getfield(L, LUA_REGISTRYINDEX, "fc.functions");
    if (lua_getfield(L, -1, ref) != LUA_TFUNCTION)
        return fc_raise_text(L, "找不到函数 %s", "there is no function %s", ref);
    int base = lua_gettop(L);
    for (int i = 0; i < nargs; i++)
        lua_pushvalue(L, 3 + i);
    lua_call(L, nargs, LUA_MULTRET);
    return lua_gettop(L) - base + 1;
}

int fc_mod_call(lua_State *L)
{
    lua_pushcfunction(L, call_definition);
    return 1;
}
