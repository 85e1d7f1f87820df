/* coroutine.* of a plugin. The running coroutine is told to the watchdog; a kill inside is raised again
 * outside. One that yields to the host (it waits, or was preempted) is passed on: who resumed it yields as
 * well, and resumes it again when the call goes on, so that the plugin sees neither. Meanwhile it is held:
 * other calls in this state may know it and must not resume it. */
#include "lua/internal.h"

typedef struct kept { /* beside each coroutine */
    int catchers;
    int held;
} kept;

_Static_assert(sizeof(kept) <= LUA_EXTRASPACE, "room beside a coroutine");

static kept *kept_of(lua_State *L)
{
    return lua_getextraspace(L);
}

int *fc_catchers(lua_State *L)
{
    return &kept_of(L)->catchers;
}

/* An inner one may yield to the host only if who resumes it can. */
static int run(lua_State *L, lua_State *co, int nargs, int *results)
{
    const fc_call *c = fc_call_current();
    int pinned = c && c->state && !lua_isyieldable(L);
    if (pinned) c->state->pinned++;
    fc_turn_switch(co);
    int status = lua_resume(co, L, nargs, results);
    fc_turn_switch(L);
    if (pinned) c->state->pinned--;
    fc_raise_if_killed(L);
    return status;
}

/* Moves what it yielded or returned here; -1 and its error. */
static int fetch(lua_State *L, lua_State *co, int status, int results)
{
    if (status == LUA_OK || status == LUA_YIELD) {
        if (!lua_checkstack(L, results + 1))
            return fc_misuse(L, "协程返回的值太多：请放进一个表",
                             "too many results to resume: give them in a table");
        lua_xmove(co, L, results);
        return results;
    }
    lua_xmove(co, L, 1);
    return -1;
}

/* What came of it, for coroutine.resume and for a wrapped one. */
typedef int (*answer)(lua_State *L, int n);

static int step(lua_State *L, lua_State *co, int nargs, answer told, lua_KFunction go_on)
{
    int results, status = run(L, co, nargs, &results);
    if (status == LUA_YIELD && fc_outward()) {
        kept_of(co)->held = 1;
        fc_call_current()->state->holds = 1;
        return lua_yieldk(L, 0, 0, go_on);
    }
    return told(L, fetch(L, co, status, results));
}

static const char *refusal(lua_State *L, lua_State *co)
{
    if (co == L || lua_status(co) > LUA_YIELD) return "cannot resume this coroutine";
    if (lua_status(co) == LUA_OK && lua_gettop(co) == 0) return "cannot resume dead coroutine";
    if (kept_of(co)->held) return "cannot resume a coroutine in which another call waits";
    return NULL;
}

static void give(lua_State *L, lua_State *co, int nargs)
{
    if (!lua_checkstack(co, nargs))
        fc_misuse(L, "给协程的参数太多：请放进一个表", "too many arguments to resume: give them in a table");
    lua_xmove(L, co, nargs);
}

static int resumed(lua_State *L, int n)
{
    lua_pushboolean(L, n >= 0);
    lua_insert(L, n < 0 ? -2 : -(n + 1));
    return n < 0 ? 2 : n + 1;
}

static int resume_on(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    lua_State *co = lua_tothread(L, 1);
    kept_of(co)->held = 0;
    return step(L, co, 0, resumed, resume_on);
}

static int own_resume(lua_State *L)
{
    lua_State *co = lua_tothread(L, 1);
    luaL_argexpected(L, co, 1, "coroutine");
    const char *why = refusal(L, co);
    if (why) {
        lua_pushboolean(L, 0);
        lua_pushstring(L, why);
        return 2;
    }
    int n = lua_gettop(L) - 1;
    give(L, co, n);
    return step(L, co, n, resumed, resume_on);
}

static int returned(lua_State *L, int n)
{
    return n < 0 ? lua_error(L) : n;
}

static int wrapped_on(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    kept_of(co)->held = 0;
    return step(L, co, 0, returned, wrapped_on);
}

static int wrapped(lua_State *L)
{
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    const char *why = refusal(L, co);
    if (why) return luaL_error(L, "%s", why);
    int n = lua_gettop(L);
    give(L, co, n);
    return step(L, co, n, returned, wrapped_on);
}

static int own_create(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    *kept_of(co) = (kept){0};
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int own_wrap(lua_State *L)
{
    own_create(L);
    lua_pushcclosure(L, wrapped, 1);
    return 1;
}

/* A yield of the script's own goes to its own resume; at the top there is nobody who would resume it. */
static int own_yield(lua_State *L)
{
    const fc_call *c = fc_call_current();
    if (fc_vm_of(L)->loader == L || (c && c->state && c->state->top == L))
        return fc_misuse(L, "yield 只能在自己建立的协程里：外面没有人 resume，请用 return",
                         "yield outside of a coroutine of your own: nobody would resume it, use return");
    return lua_yield(L, lua_gettop(L));
}

void fc_open_coroutine(lua_State *L)
{
    static const luaL_Reg own[] = {{"create", own_create},
                                   {"wrap", own_wrap},
                                   {"resume", own_resume},
                                   {"yield", own_yield},
                                   {"close", NULL},
                                   {"isyieldable", NULL},
                                   {NULL, NULL}};
    luaL_requiref(L, LUA_COLIBNAME, luaopen_coroutine, 1);
    for (const luaL_Reg *f = own; f->name; f++) {
        if (f->func)
            lua_pushcfunction(L, f->func);
        else
            lua_pushnil(L);
        lua_setfield(L, -2, f->name);
    }
    lua_pop(L, 1);
}
