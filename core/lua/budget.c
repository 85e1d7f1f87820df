/* The watchdog. No count hook while Lua runs (it would halve the speed); instead a timer signals this thread
 * every 2 ms while a turn is open. The handler looks whether the turn's CPU budget is spent, and if so arms
 * the hook on the running coroutine; the hook raises. It stays armed, and the host's own pcall, xpcall and
 * coroutine functions raise again (fc_raise_if_killed), so a kill cannot be swallowed. The timer stops itself
 * when no turn is open. */
#include "base/clock.h"
#include "lua/internal.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TICK_NS (2 * 1000000L)
#define WATCH_SIGNAL (SIGRTMIN + 3)

static fc_turn *volatile turn_now;
static volatile sig_atomic_t killed;
static volatile sig_atomic_t ticking;
static timer_t timer;
static int timer_made;
static pthread_t owner;

static void kill_hook(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    fc_vm *vm = fc_vm_of(L);
    vm->spoiled = 1;
    fc_raise_here(L, "运行超过了时间预算，已被终止（是否有死循环？）",
                  "used up its time budget and was ended (an endless loop?)");
}

static void arm(lua_State *L)
{
    lua_sethook(L, kill_hook, LUA_MASKCOUNT | LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE, 1);
}

/* A nested entry (an export) lives on the budget of who called. */
static fc_turn *payer_of(fc_turn *t)
{
    while (t->outer)
        t = t->outer;
    return t;
}

static int64_t until(int64_t cpu, int64_t budget)
{
    return budget < INT64_MAX - cpu ? cpu + budget : INT64_MAX;
}

/* The clock is a system call, and most turns end before the first tick: the budget counts from that tick. */
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
    int64_t cpu = fc_cpu();
    fc_turn *payer = payer_of(t);
    if (!payer->until) payer->until = until(cpu, payer->budget);
    if (cpu < payer->until) return;
    killed = 1;
    arm(t->L);
}

void fc_budget_init(void)
{
    if (timer_made) return;
    timer_made = 1;
    owner = pthread_self();
    struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(WATCH_SIGNAL, &action, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = WATCH_SIGNAL};
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) abort();
}

void fc_turn_begin(fc_turn *t, fc_vm *vm, lua_State *L, int64_t budget_ns)
{
    fc_budget_init();
    t->vm = vm;
    t->L = L;
    t->outer = turn_now;
    t->budget = budget_ns;
    t->until = 0;
    if (!t->outer) killed = 0;
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
    if (killed) arm(L);
}

lua_State *fc_turn_thread(void)
{
    return turn_now ? turn_now->L : NULL;
}

int fc_turn_killed(void)
{
    return killed && turn_now;
}

void fc_turn_renew(int64_t budget_ns)
{
    if (turn_now) payer_of(turn_now)->until = until(fc_cpu(), budget_ns);
}

void fc_raise_if_killed(lua_State *L)
{
    if (!fc_turn_killed()) return;
    arm(L);
    kill_hook(L, NULL);
}
