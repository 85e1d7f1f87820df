/* Waiting. Whoever waits yields to the host, through coroutines of the plugin's own, pcalls and exports,
 * which all pass it outward. It cannot where a function in C stands between that Lua does not leave (a
 * metamethod called from C, a body of db.tx), nor where nothing else could run meanwhile (a verb, a test):
 * there host functions do their work on the spot. */
#include "lua/internal.h"

int fc_may_yield(lua_State *L)
{
    const fc_call *c = fc_call_current();
    return c && c->state && !c->state->pinned && lua_isyieldable(L);
}

int fc_may_wait(lua_State *L)
{
    return fc_may_yield(L) && fc_call_current()->world->pool;
}

int fc_outward(void)
{
    const fc_call *c = fc_call_current();
    return c && c->state && (c->state->waiting || c->state->preempted);
}

void fc_call_stands_in(fc_vm *vm, lua_State *co, int ref)
{
    struct fc_call_state *s = fc_call_current()->state;
    s->down[s->downs++] = (struct fc_down){vm, co, ref};
}

int fc_wait_for(lua_State *L, fc_wait wait, lua_KFunction go_on, lua_KContext ctx)
{
    struct fc_call_state *s = fc_call_need(L)->state;
    s->wait = wait;
    s->waiting = 1;
    return lua_yieldk(L, 0, ctx, go_on);
}

/* What a body of db.tx did outside the database could not be undone, and would be done again with it. */
void fc_not_in_tx(lua_State *L, const char *what)
{
    const fc_call *c = fc_call_need(L);
    if (c->store && fc_tx_depth(c->store) > 0)
        fc_raise_text(L, "db.tx 里只能使用数据库，它可能再执行一次：请把 %s 放到事务之后",
                      "inside db.tx only the database may be used, for it may run again: call %s after it",
                      what);
}

size_t fc_at_once(size_t alone, size_t among_others)
{
    const fc_call *c = fc_call_current();
    return c && c->world->soon ? among_others : alone;
}
