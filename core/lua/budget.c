/* The watchdog. No count hook while Lua runs (it would halve the speed); instead a timer signals this thread
 * every millisecond while a turn is open, and the handler arms a hook on the running coroutine. The hook ends
 * a recursion without end, acts where one of these is so, and otherwise takes itself away:
 *
 *   late    the loop was held for 4 ms by a call that can go on later: the hook yields (lua_yield, without
 *           values) and everything between it and the loop passes that outward: the host's own
 *           coroutine.resume, pcall, exports. Where Lua cannot yield (a metamethod called from C, a body of
 *           db.tx) it is tried again later.
 *   killed  the call's CPU budget is spent, or a body of db.tx has used its 20 ms: the hook raises. It stays
 *           armed, and the host's own pcall, xpcall and coroutine functions raise again, so that a kill
 *           cannot be swallowed.
 *
 * A slice counts in ticks, which come as well while others have the processor or a disk is slow: the loop is
 * held all the same. A budget counts what the thread was given. The timer stops itself when no turn is open.
 */
#include "base/clock.h"
#include "lua/internal.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TICK_NS 1000000L
#define SLICE_TICKS 4
#define HARD_MS 20
#define MOST_DEEP 10000 /* Lua's own limit is ten times as deep, and unwinding that takes 50 ms */
#define WATCH_SIGNAL (SIGRTMIN + 3)

static fc_turn *volatile turn_now;
static volatile unsigned ticks;
static volatile sig_atomic_t killed, late;
static volatile sig_atomic_t ticking;
static timer_t timer;
static int timer_made;
static int hard_ms = HARD_MS;

/* A nested entry (an export) lives on the budget of who called. */
static fc_turn *payer_of(fc_turn *t)
{
    while (t->outer)
        t = t->outer;
    return t;
}

/* ---- the hook */

static void arm(lua_State *L);

/* The name by which the host entered what runs in this coroutine, NULL where it has none. */
static const char *entry_of(const lua_State *L)
{
    const fc_call *c = fc_call_current();
    return turn_now && c && c->state && c->state->top == L ? turn_now->entry : NULL;
}

static void kill_now(lua_State *L)
{
    const fc_turn *payer = turn_now ? payer_of(turn_now) : NULL;
    int hard = payer && payer->killed_hard;
    long long ms = hard ? hard_ms : payer ? (long long)(payer->budget / 1000000) : 0;
    fc_vm_of(L)->spoiled = 1;
    fc_raise_ended(L, entry_of(L), hard, ms);
}

/* Asked at each tick: a recursion that had all of its slice would need as long again to be unwound. */
static void end_if_deep(lua_State *L)
{
    lua_Debug far;
    if (lua_getstack(L, MOST_DEEP, &far))
        fc_misuse(L, "函数调用超过 %d 层：自己调用自己而没有结束吗？",
                  "stack overflow (more than %d calls deep): does a function call itself without end?",
                  MOST_DEEP);
}

/* Others wait while it runs, also where itself it cannot be preempted (an export called in a metamethod). */
static int among_others(void)
{
    return turn_now && payer_of(turn_now)->yields;
}

static void hook(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    if (killed) {
        arm(L);
        kill_now(L);
        return;
    }
    if (among_others()) end_if_deep(L);
    if (late && turn_now && turn_now->yields && fc_may_yield(L)) {
        fc_call_current()->state->preempted = 1;
        lua_yield(L, 0); /* returns; the interpreter yields when the hook has ended */
    } else {
        lua_sethook(L, NULL, 0, 0);
    }
}

/* Arming walks over all calls that stand in the coroutine, and they may be a million. */
static int armed(lua_State *L, int mask)
{
    return lua_gethook(L) == hook && (lua_gethookmask(L) & mask) == mask;
}

static void arm(lua_State *L)
{
    if (armed(L, LUA_MASKCOUNT | LUA_MASKLINE)) return;
    lua_sethook(L, hook, LUA_MASKCOUNT | LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE, 1);
}

static void arm_late(lua_State *L)
{
    if (!armed(L, LUA_MASKCOUNT)) lua_sethook(L, hook, LUA_MASKCOUNT, 1);
}

/* ---- the timer */

/* What a turn used before its first tick. More than a tick was others' time: another would have come. */
static int64_t before_ticks(const fc_turn *t)
{
    if (!t->from) return 0;
    int64_t took = fc_monotonic() - t->from;
    return took < TICK_NS ? took : TICK_NS;
}

/* The thread's own clock is a system call, and most turns end before the first tick: it is asked from that
 * tick on. */
static int spent(fc_turn *payer)
{
    int64_t cpu = fc_cpu();
    if (!payer->began) payer->began = cpu - payer->prior - before_ticks(payer);
    if (cpu - payer->began >= payer->budget) return 1;
    if (!payer->hard) return 0;
    if (!payer->hard_began) payer->hard_began = cpu;
    if (cpu - payer->hard_began < (hard_ms - 1) * TICK_NS) return 0;
    return payer->killed_hard = 1;
}

static void tick(int sig)
{
    (void)sig;
    fc_turn *t = turn_now;
    if (!t) {
        struct itimerspec off = {0};
        ticking = 0;
        timer_settime(timer, 0, &off, NULL);
        return;
    }
    ticks++;
    fc_turn *payer = payer_of(t);
    if (spent(payer)) {
        killed = 1;
        arm(t->L);
    } else {
        if (ticks - payer->tick >= SLICE_TICKS) late = 1;
        if (payer->yields) arm_late(t->L);
    }
}

/* The signal is this thread's: once, at its first turn. */
static void make_timer(void)
{
    if (timer_made) return;
    timer_made = 1;
    if (getenv("FORECOURT_GC")) hard_ms *= 20; /* a test's collector makes everything slow */
    struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(WATCH_SIGNAL, &action, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = WATCH_SIGNAL};
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) abort();
}

/* ---- turns */

void fc_turn_begin(fc_turn *t, fc_vm *vm, lua_State *L, int64_t budget_ns)
{
    make_timer();
    *t = (fc_turn){.vm = vm, .L = L, .outer = turn_now, .budget = budget_ns, .tick = ticks};
    if (!t->outer) {
        killed = late = 0;
        fc_ended_forget();
    }
    atomic_signal_fence(memory_order_seq_cst); /* the handler sees a whole turn */
    turn_now = t;
    if (!ticking) {
        struct itimerspec on = {{0, TICK_NS}, {0, TICK_NS}};
        ticking = 1;
        timer_settime(timer, 0, &on, NULL);
    }
}

void fc_turn_end(fc_turn *t)
{
    turn_now = t->outer;
}

void fc_turn_switch(lua_State *L)
{
    if (turn_now) turn_now->L = L;
    if (killed)
        arm(L);
    else if (late && turn_now && turn_now->yields)
        arm_late(L);
}

int64_t fc_turn_used(const fc_turn *t)
{
    return t->began ? fc_cpu() - t->began - t->prior : before_ticks(t);
}

int fc_turn_killed(void)
{
    return killed && turn_now;
}

void fc_turn_kill(lua_State *L)
{
    killed = 1;
    arm(L);
}

void fc_turn_hard(int on)
{
    if (!turn_now) return;
    fc_turn *payer = payer_of(turn_now);
    payer->hard_began = 0;
    payer->hard = on;
}

void fc_turn_renew(int64_t budget_ns)
{
    if (!turn_now) return;
    fc_turn *payer = payer_of(turn_now);
    payer->began = fc_cpu();
    payer->prior = 0;
    payer->tick = ticks;
    payer->budget = budget_ns;
    if (fc_call_current() && fc_call_current()->state) fc_call_current()->state->spent = 0;
}

void fc_raise_if_killed(lua_State *L)
{
    if (!fc_turn_killed()) return;
    arm(L);
    kill_now(L);
}

int fc_late(lua_State *L)
{
    if (!late && !killed) return 0;
    fc_raise_if_killed(L);
    return turn_now && turn_now->yields && fc_may_yield(L);
}

int fc_step_aside(lua_State *L, lua_KFunction go_on, lua_KContext ctx)
{
    fc_call_current()->state->preempted = 1;
    return lua_yieldk(L, 0, ctx, go_on);
}
