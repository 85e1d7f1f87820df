/* db.tx. On the spot: begin, body, commit. Queued: the call yields to the store, which resumes it twice, once
 * to run the body inside the common transaction and once when the commit has returned.
 *
 *     queued --the store's turn--> RUN: the body runs --yields--> RAN --COMMITTED / FAILED--> returns or
 * raises
 *                                   ^--- a commit that failed is done over: the body runs again ---'
 *
 * The struct belongs to the store until it tells of the end; the call may be gone by then (killed in its
 * body). A body that raises undoes its part; the error reaches the caller unchanged, after the commit,
 * because what it read may have been written in that commit. Inside a transaction db.tx is a savepoint.
 * Nobody is preempted in a body; where others wait meanwhile it has 20 ms of CPU. */
#include "lua/db.h"

#include <stdlib.h>

enum say { RUN, RAN, COMMITTED, FAILED };

typedef struct waiting_tx {
    fc_tx tx;
    fc_call *call;
    enum say say;
    int status; /* of the body */
    bool gone;  /* the call ended in its body */
    fc_err err;
} waiting_tx;

int fc_db_can_queue(lua_State *L, const fc_asked *a)
{
    return fc_may_wait(L) && fc_store_served(a->store) && fc_tx_depth(a->store) == 0;
}

static int body(fc_tx *tx)
{
    waiting_tx *t = (waiting_tx *)tx;
    if (t->gone) return FC_ECANCEL;
    t->say = RUN;
    fc_call_go_on(t->call);
    t->gone = t->say == RUN;
    return t->gone || t->status != LUA_OK ? FC_EINVAL : FC_OK;
}

static void done(fc_tx *tx, const fc_err *err)
{
    waiting_tx *t = (waiting_tx *)tx;
    if (t->gone) {
        free(t);
        return;
    }
    t->say = err ? FAILED : COMMITTED;
    if (err) t->err = *err;
    fc_call_go_on(t->call);
}

static int go_on(lua_State *L, int status, lua_KContext ctx);

static int run_body(lua_State *L, waiting_tx *t)
{
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    fc_turn_hard(1);
    t->status = lua_pcall(L, 0, LUA_MULTRET, 0);
    fc_turn_hard(0);
    fc_raise_if_killed(L);
    t->say = RAN;
    return fc_wait_for(L, (fc_wait){0}, go_on, (lua_KContext)t);
}

static int go_on(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    waiting_tx *t = (waiting_tx *)ctx;
    if (t->say == RUN) return run_body(L, t);
    int failed = t->say == FAILED, raised = t->status != LUA_OK;
    fc_err err;
    if (failed) err = t->err;
    free(t);
    if (raised) return lua_error(L);
    return failed ? fc_db_error(L, &err) : lua_gettop(L) - 1;
}

/* Equal for equal code: the place of the body's definition. */
static uint64_t kind_of(lua_State *L)
{
    lua_Debug ar;
    uint64_t h = 14695981039346656037u;
    lua_pushvalue(L, 1);
    lua_getinfo(L, ">S", &ar);
    for (const char *p = ar.short_src; *p; p++)
        h = (h ^ (unsigned char)*p) * 1099511628211u;
    return (h ^ (uint64_t)ar.linedefined) * 1099511628211u;
}

static int queue(lua_State *L, fc_call *c)
{
    waiting_tx *t = calloc(1, sizeof *t);
    if (!t)
        return fc_misuse(L, "内存不足，事务没有开始：请稍后再试",
                         "out of memory, the transaction has not begun: try again later");
    t->tx = (fc_tx){.body = body, .done = done, .kind = lua_iscfunction(L, 1) ? 0 : kind_of(L)};
    t->call = c;
    return fc_wait_for(L, (fc_wait){.tx = &t->tx}, go_on, (lua_KContext)t);
}

static int on_the_spot(lua_State *L, fc_call *c)
{
    fc_err err;
    if (fc_tx_begin(c->store, &err)) return fc_db_error(L, &err);
    int hard = c->world->soon && fc_tx_depth(c->store) == 1;
    c->state->tx_depth++;
    if (hard) fc_turn_hard(1);
    int status = lua_pcall(L, 0, LUA_MULTRET, 0);
    if (hard) fc_turn_hard(0);
    c->state->tx_depth--;
    if (status != LUA_OK || fc_turn_killed()) {
        fc_tx_rollback(c->store);
        fc_raise_if_killed(L);
        return lua_error(L);
    }
    if (fc_tx_commit(c->store, &err)) return fc_db_error(L, &err); /* a failed one has rolled back already */
    return lua_gettop(L);
}

int fc_db_tx(lua_State *L)
{
    fc_only_running(L, "host.db");
    fc_asked a = {.call = fc_call_need(L)};
    a.store = a.call->store;
    if (!a.store)
        return fc_misuse(L, "这次调用没有数据库：请在某个门店的页面、脚本或测试里使用 host.db",
                         "this call has no store: use host.db in a page, a script or a test of a dealership");
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    return fc_db_can_queue(L, &a) ? queue(L, a.call) : on_the_spot(L, a.call);
}

/* Upvalues: the function, and what it was called with. */
static int again(lua_State *L)
{
    int n = (int)lua_tointeger(L, lua_upvalueindex(1));
    luaL_checkstack(L, n + 1, "parameters");
    for (int i = 0; i <= n; i++)
        lua_pushvalue(L, lua_upvalueindex(2 + i));
    lua_call(L, n, LUA_MULTRET);
    return lua_gettop(L);
}

FC_SELDOM int fc_db_alone(lua_State *L, lua_CFunction fn, int n)
{
    lua_settop(L, n);
    lua_pushinteger(L, n);
    lua_insert(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1)); /* the mark of the host's own (sql.c) */
    lua_pushcclosure(L, fn, 1);
    lua_insert(L, 2);
    lua_pushcclosure(L, again, n + 2);
    return queue(L, fc_call_need(L));
}
