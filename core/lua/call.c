/* One entry from the core into Lua.
 *
 *   made -> running -> (waiting or preempted -> running)* -> done
 *
 * The happy path: a coroutine is taken in the vm, the function and its arguments are pushed inside it, it is
 * resumed; when it ends, its results become JSON and `done` is told. A host function that waits leaves a
 * fc_wait and yields; the work runs in the pool (or at once where there is no loop), a transaction waits in
 * the store, and the call is resumed. One that has held the loop for a slice is preempted (budget.c) and goes
 * on in a later turn of the loop (slices.c). Its CPU budget is for all of its turns together. A raised error,
 * a kill or a memory error ends the call with a fault; a killed coroutine is dropped, never closed or reused,
 * and its vm is spoiled. A transaction that the call began on the spot is rolled back here, whatever
 * happened. */
#include "lua/web.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

static int spent(void *ctx)
{
    (void)ctx;
    return fc_turn_killed();
}

void fc_call_watch(fc_store *s)
{
    fc_store_watch(s, spent, NULL);
}

/* The states of calls that ended: one is at hand for the next. */
static struct fc_call_state *spare;

/* What a turn sets before it reads it stays as the last call left it (resume, wait.c, slices.c): clearing all
 * of it takes a tenth of what a call costs. */
static struct fc_call_state *take_state(void)
{
    if (!spare) return fc_alloc(sizeof *spare);
    struct fc_call_state *s = spare;
    spare = NULL;
    s->co = s->top = NULL;
    s->wait = (fc_wait){0};
    s->nargs = s->resumed = s->cancelled = s->tx_depth = 0;
    s->waiting = s->preempted = s->pinned = s->downs = s->holds = 0;
    s->spent = 0;
    s->reading = NULL;
    s->asking = NULL;
    return s;
}

static void leave_state(struct fc_call_state *s)
{
    if (spare)
        free(s);
    else
        spare = s;
}

struct results {
    lua_State *co;
    int n;
    fc_buf *text;
    json_t *out;
};

/* Data, not one of the answers of host.page. */
static int is_plain(lua_State *L, int at)
{
    if (!lua_istable(L, at) || !lua_checkstack(L, 8)) return 0;
    lua_pushliteral(L, "fc_answer");
    int type = lua_rawget(L, at);
    lua_pop(L, 1);
    return type == LUA_TNIL;
}

static int collect_results(lua_State *L)
{
    struct results *r = lua_touserdata(L, 1);
    fc_err err;
    int first = lua_gettop(r->co) - r->n + 1;
    if (r->text && r->n > 0 && is_plain(r->co, first) && fc_to_text(r->co, first, r->text)) return 0;
    r->out = json_array();
    for (int i = r->n; i > 0; i--) {
        json_t *item = NULL;
        if (fc_to_json(r->co, lua_gettop(r->co) - i + 1, FC_EMPTY_ARRAY, &item, &err))
            return fc_raise(L, &err);
        json_array_append_new(r->out, item);
    }
    return 0;
}

static void finish(fc_call *c, json_t *result, const fc_fault *fault)
{
    struct fc_call_state *s = c->state;
    while (c->store && s->tx_depth > 0) {
        fc_tx_rollback(c->store);
        s->tx_depth--;
    }
    fc_co_leave(s->vm, s->co, s->co_ref);
    fc_call_done done = s->done;
    c->state = NULL;
    leave_state(s);
    done(c, result, fault);
    json_decref(result);
}

static void step(fc_call *c, int nargs);

void fc_call_go_on(fc_call *c)
{
    step(c, 0);
}

static void end_unheard(fc_call *c);

/* More than its coroutines: one of the plugin's own, which stays usable, so it is not left where it stands;
 * or rows of db.each, which would keep a snapshot of the store until the collector comes. Whose rows in a
 * state those are is not asked. */
static int holds_more(const struct fc_call_state *s)
{
    int reads = s->vm->open_reads;
    for (int i = 0; i < s->downs; i++)
        reads += s->down[i].vm->open_reads;
    return s->holds || reads;
}

/* What it waited for has its own continuation, which frees what it holds. What computes is left where it
 * stands. */
static void slice(fc_call *c)
{
    const struct fc_call_state *s = c->state;
    if (s->cancelled && (!s->resumed || (s->preempted && !holds_more(s)))) {
        end_unheard(c);
        return;
    }
    step(c, c->state->resumed ? 0 : c->state->nargs);
}

/* What had to be waited for is there. */
static void waited(void *ctx)
{
    fc_call *c = ctx;
    if (fc_slices_full(c))
        fc_slices_wait(c, slice);
    else
        step(c, 0);
}

static void wait_work(void *ctx)
{
    const fc_call *c = ctx;
    c->state->wait.work(c->state->wait.ctx);
}

/* The outermost coroutine has yielded because somebody inside waits. */
static void wait_now(fc_call *c)
{
    const struct fc_call_state *s = c->state;
    if (s->wait.tx) {
        fc_tx_queue(c->store, s->wait.tx);
    } else if (s->wait.web) {
        fc_web_line_enter(s->wait.web, c, waited);
    } else if (s->wait.work && c->world->pool) {
        c->world->pool(wait_work, waited, c);
    } else if (s->wait.work) {
        wait_work(c);
        step(c, 0);
    }
}

static void fault_yielded(fc_fault *fault)
{
    memset(fault, 0, sizeof *fault);
    fault->code = FC_EINTERNAL;
    snprintf(fault->zh, sizeof fault->zh, "在调用的最外层 yield");
    snprintf(fault->en, sizeof fault->en, "yields at the outermost level of a call");
}

/* One turn of the call's coroutine, until it ends, waits or is preempted. Flattened: the small functions of
 * other files that it calls once a call are a sixth of what a call costs. */
FC_OFTEN static int resume(fc_call *c, int nargs)
{
    struct fc_call_state *s = c->state;
    fc_turn *turn = &s->turn;
    fc_call *outer = fc_call_switch(c);
    s->top = s->co;
    s->waiting = s->preempted = s->pinned = s->downs = s->holds = 0;
    if (c->world->soon) fc_vm_tune(s->vm);
    int depth = fc_heart_enter(&s->vm->who, s->what);
    fc_turn_begin(turn, s->vm, s->co, c->budget_ns);
    turn->yields = c->world->soon != NULL && !turn->outer;
    turn->prior = s->spent;
    if (s->resumed) turn->from = fc_monotonic();
    s->resumed = 1;
    if (s->spent >= c->budget_ns) fc_turn_kill(s->co);
    int status = lua_resume(s->co, NULL, nargs, &s->results);
    int killed = fc_turn_killed();
    fc_turn_end(turn);
    fc_heart_leave(depth);
    s->spent += fc_turn_used(turn);
    fc_call_switch(outer);
    if (killed) s->vm->spoiled = 1;
    s->killed = killed;
    return status;
}

/* Who began the call goes on while it waits. */
static void keep_name(struct fc_call_state *s)
{
    if (s->what == s->kept) return;
    size_t n = strnlen(s->what, sizeof s->kept - 1);
    memcpy(s->kept, s->what, n);
    s->kept[n] = 0;
    s->what = s->kept;
}

/* The coroutine yielded to the host. One that was killed meets its hook when it goes on. */
static void yielded(fc_call *c)
{
    struct fc_call_state *s = c->state;
    lua_pop(s->co, s->results);
    keep_name(s);
    if (s->waiting)
        wait_now(c);
    else
        fc_slices_preempted(c, slice);
}

/* The results of a function that gives none. Never freed, as jansson's own null is not: to count who has it
 * would cost two locked instructions a call. */
static json_t *nothing(void)
{
    static json_t *none;
    if (!none) {
        none = json_array();
        none->refcount = (size_t)-1;
    }
    return none;
}

FC_SELDOM static void ended(fc_call *c, int status)
{
    struct fc_call_state *s = c->state;
    fc_fault fault;
    if (s->killed && status <= LUA_YIELD) {
        fc_fault_ended(s->vm, &fault); /* in the very moment in which it ended: no error is on its stack */
    } else if (status == LUA_OK) {
        struct results r = {s->co, s->results, c->text, NULL};
        if (fc_protected(s->vm->L, collect_results, &r, &fault) == LUA_OK) {
            finish(c, r.out, NULL);
            return;
        }
        json_decref(r.out);
    } else if (status == LUA_YIELD) {
        fault_yielded(&fault);
    } else {
        fc_co_fault(s->co, status, NULL, &fault);
        /* another's read was broken off, of rows that both know: he who is still there hears of a failure */
        if (fault.code == FC_ECANCEL && !s->cancelled) fault.code = FC_EINTERNAL;
    }
    finish(c, NULL, &fault);
}

static void step(fc_call *c, int nargs)
{
    const struct fc_call_state *s = c->state;
    int status = resume(c, nargs);
    if (status == LUA_YIELD && (s->waiting || s->preempted))
        yielded(c);
    else if (status == LUA_OK && s->results == 0 && !s->killed)
        finish(c, nothing(), NULL);
    else
        ended(c, status);
}

static void stop(fc_call *c)
{
    fc_fault fault = {.code = FC_ECANCEL};
    snprintf(fault.zh, sizeof fault.zh, "服务正在停止，没有做完");
    snprintf(fault.en, sizeof fault.en, "the server is stopping; this was not finished");
    finish(c, NULL, &fault);
}

static void end_unheard(fc_call *c)
{
    fc_fault fault = {.code = FC_ECANCEL};
    struct fc_call_state *s = c->state;
    for (int i = 0; i < s->downs; i++)
        fc_co_leave(s->down[i].vm, s->down[i].co, s->down[i].ref);
    snprintf(fault.zh, sizeof fault.zh, "没有人等待回答，没有做完");
    snprintf(fault.en, sizeof fault.en, "nobody waits for the answer; this was not finished");
    finish(c, NULL, &fault);
}

void fc_call_cancel(fc_call *c)
{
    if (!c->state) return;
    c->state->cancelled = 1;
    if (c->state->reading) fc_read_cancel(c->state->reading);
    if (!c->state->asking) return;
    fc_web_abort(c->state->asking);
    fc_web_line_look();
}

/* What the call needs belongs to the caller: it is taken over now, even if the call begins later. */
static int take_over(fc_call *c, fc_begin *b)
{
    fc_fault fault;
    struct fc_call_state *s = c->state;
    fc_call *outer = fc_call_switch(c);
    fc_turn turn;
    int depth = fc_heart_enter(&s->vm->who, s->what);
    fc_turn_begin(&turn, s->vm, s->vm->L, c->budget_ns);
    int status = fc_protected(s->vm->L, fc_begin_prepare, b, &fault);
    fc_turn_end(&turn);
    fc_heart_leave(depth);
    fc_call_switch(outer);
    if (status != LUA_OK) finish(c, NULL, &fault);
    return status == LUA_OK;
}

static void start(fc_call *c, fc_vm *vm, fc_begin *b, fc_call_done done)
{
    struct fc_call_state *s = c->state = take_state();
    s->vm = s->stack[0] = vm;
    s->depth = 1;
    s->done = done;
    s->what = b->ref ? b->ref : b->chunk;
    if (vm->idle && !fc_slices_full(c)) { /* the usual case: a coroutine is at hand, and the loop */
        fc_co_take(vm, &s->co, &s->co_ref);
        fc_begin_push(s->co, b);
        step(c, 0);
        return;
    }
    if (!take_over(c, b)) return;
    s->nargs = lua_gettop(s->co) - 1;
    keep_name(s);
    if (fc_slices_full(c))
        fc_slices_wait(c, slice);
    else
        step(c, s->nargs);
}

void fc_call_start(fc_call *c, fc_vm *vm, const char *ref, const json_t *args, fc_call_done done)
{
    fc_begin b = {.c = c, .ref = ref, .args = args};
    start(c, vm, &b, done);
}

void fc_call_with(fc_call *c, fc_vm *vm, const char *ref, const fc_member *table, fc_call_done done)
{
    fc_begin b = {.c = c, .ref = ref, .table = table};
    start(c, vm, &b, done);
}

void fc_call_text(fc_call *c, fc_vm *vm, const char *text, size_t n, const char *chunk, fc_call_done done)
{
    fc_begin b = {.c = c, .text = text, .n = n, .chunk = chunk};
    start(c, vm, &b, done);
}

static struct {
    json_t *result;
    fc_fault fault;
    int failed;
} now;

static void done_now(fc_call *c, json_t *result, const fc_fault *fault)
{
    (void)c;
    now.result = json_incref(result);
    now.failed = fault != NULL;
    if (fault) now.fault = *fault;
}

static json_t *start_now(fc_call *c, fc_vm *vm, fc_begin *b, fc_fault *fault)
{
    fc_world world = *c->world;
    const fc_world *keep = c->world;
    fc_buf *text = c->text;
    world.pool_elsewhere |= keep->pool != NULL;
    world.pool = NULL;
    world.soon = NULL;
    c->world = &world;
    c->text = NULL;
    now.result = NULL;
    now.failed = 0;
    start(c, vm, b, done_now);
    c->world = keep;
    c->text = text;
    if (now.failed) *fault = now.fault;
    return now.result;
}

json_t *fc_call_now(fc_call *c, fc_vm *vm, const char *ref, const json_t *args, fc_fault *fault)
{
    fc_begin b = {.c = c, .ref = ref, .args = args};
    return start_now(c, vm, &b, fault);
}

json_t *fc_call_chunk(fc_call *c, fc_vm *vm, const char *text, size_t n, const char *chunk, fc_fault *fault)
{
    fc_begin b = {.c = c, .text = text, .n = n, .chunk = chunk};
    return start_now(c, vm, &b, fault);
}

void fc_calls_look(void)
{
    fc_web_line_look();
}

void fc_calls_end(void)
{
    fc_slices_end(stop);
    fc_web_line_end();
}

void fc_call_clear(fc_call *c)
{
    json_decref(c->roles);
    json_decref(c->dealership_name);
    json_decref(c->web);
    c->roles = c->dealership_name = c->web = NULL;
}
