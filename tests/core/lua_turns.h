/* Two plugins, and a loop that is a list of what was asked for: nothing depends on how fast the machine is.
 */
#ifndef LUA_TURNS_H
#define LUA_TURNS_H
#include "lua_world.h"

#include "base/buf.h"
#include "base/clock.h"

#define MS 1000000LL
/* A piece of source that begins so has `spin`: some of what holds the loop. */
#define SPIN "local function spin(n) local x = 0 for i = 1, n or 3000000 do x = x + i % 7 end return x end "

static const text_file files[] = {
    {"a", "exports.lua",
     "local M, b = {}, require 'b'\n"
     "function M.busy(n) local x = 0 for i = 1, n do x = x + i % 7 end return 'busy', x end\n"
     "function M.quick() return 'quick' end\n"
     "function M.through(n) return b.busy(n) end\n"
     "function M.who(n) M.busy(n) return require('host.who').actor() end\n"
     "local shared = coroutine.wrap(function() while true do M.busy(9000000) coroutine.yield 'lap' end end)\n"
     "function M.shared() return pcall(shared) end\n"
     "function M.caught_below() while true do pcall(b.endless) end end\n"
     "return M"},
    {"b", "exports.lua",
     "local M = {}\n"
     "function M.busy(n) local x = 0 for i = 1, n do x = x + i % 7 end return 'b', x end\n"
     "function M.endless() local function turn() while true do end end turn() end\n"
     "local told function M.until_told()\n while not told do end\n return 1 end function M.tell() told = "
     "true end\n"
     "function M.deep(n) return 1 + M.deep(n + 1) end\n"
     "function M.fails(n) M.busy(n) error({ zh = '不行', en = 'no' }, 0) end\n"
     "return M"},
    {NULL, NULL, NULL},
};

static fc_vm *a, *b;

/* ---- a loop: each turn what was there before it */

static struct {
    void (*fn)(void *);
    void *ctx;
} asked[64];
static int nasked, turns;

static inline void soon(void (*fn)(void *), void *ctx)
{
    assert_in_range(nasked, 0, 63);
    asked[nasked].fn = fn;
    asked[nasked++].ctx = ctx;
}

static inline void pool(void (*work)(void *), void (*done)(void *), void *ctx)
{
    work(ctx);
    soon(done, ctx);
}

static inline void turn(void)
{
    int n = nasked;
    struct {
        void (*fn)(void *);
        void *ctx;
    } now[64];
    memcpy(now, asked, sizeof now);
    nasked = 0;
    turns++;
    for (int i = 0; i < n; i++)
        now[i].fn(now[i].ctx);
}

typedef struct seen {
    fc_call call;
    int done;
    json_t *result;
    fc_fault fault;
    int failed;
} seen;

static inline void note(fc_call *c, json_t *result, const fc_fault *fault)
{
    seen *s = (seen *)c;
    assert_int_equal(s->done, 0);
    s->done = 1;
    s->result = json_incref(result);
    s->failed = fault != NULL;
    if (fault) s->fault = *fault;
}

static inline void drop(seen *s)
{
    json_decref(s->result);
    fc_call_clear(&s->call);
}

static inline int open_both(void **state)
{
    (void)state;
    world_uses = "|a needs b|b needs a|p needs a|p needs b|a host.session|a host.who|a host.db|p host.db|";
    world_files = files;
    world.pool = pool;
    world.soon = soon;
    nasked = turns = 0;
    a = world_vms[0] = fc_vm_new("a", &world_host, NULL, 64u << 20);
    b = world_vms[1] = fc_vm_new("b", &world_host, NULL, 64u << 20);
    fc_vm_phase(a, FC_RUNNING);
    fc_vm_phase(b, FC_RUNNING);
    return 0;
}

static inline int close_both(void **state)
{
    (void)state;
    assert_int_equal(nasked, 0); /* nothing is asked for that nobody needs */
    fc_vm_free(a);
    fc_vm_free(b);
    world_vms[0] = world_vms[1] = NULL;
    world.pool = NULL;
    world.soon = NULL;
    return 0;
}

static inline void begin(seen *s, fc_vm *vm, const char *ref, json_t *args)
{
    *s = (seen){.call = world_call()};
    fc_call_start(&s->call, vm, ref, args, note);
    json_decref(args);
}

/* A piece of source as a call that may be preempted. */
static inline void begin_piece(seen *s, fc_vm *vm, const char *text)
{
    *s = (seen){.call = world_call()};
    fc_call_text(&s->call, vm, text, strlen(text), "piece", note);
}

static inline int finish(seen *s)
{
    int from = turns;
    while (!s->done) {
        assert_true(nasked > 0);
        turn();
    }
    return turns - from;
}

#endif
