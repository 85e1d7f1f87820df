/* Loop, timers, soon, pool, poll, spawn, signals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "loop/loop.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

static fc_loop *l;
static int calls;

static int setup(void **state)
{
    (void)state;
    calls = 0;
    return fc_loop_new(&l, NULL);
}

static int teardown(void **state)
{
    (void)state;
    fc_loop_free(l);
    return 0;
}

static void count(void *ctx)
{
    (void)ctx;
    calls++;
}

static void stop(void *ctx)
{
    (void)ctx;
    fc_loop_stop(l);
}

static void stop_before_running(void **state)
{
    (void)state;
    fc_loop_stop(l);
    assert_int_equal(fc_loop_run(l, 0), 0);
}

static void timer_fires_and_can_be_set_again(void **state)
{
    (void)state;
    fc_timer *t = fc_timer_new(l, count, NULL), *end = fc_timer_new(l, stop, NULL);
    fc_timer_set(t, 1, 0);
    fc_timer_set(end, 20, 0);
    fc_loop_run(l, 0);
    assert_int_equal(calls, 1);
    fc_timer_set(t, 1, 0);
    fc_timer_set(end, 20, 0);
    fc_loop_run(l, 0);
    assert_int_equal(calls, 2);
    fc_timer_free(t);
    fc_timer_free(end);
}

static fc_timer *repeating;

static void free_at_third(void *ctx)
{
    (void)ctx;
    if (++calls == 3) {
        fc_timer_free(repeating);
        fc_loop_stop(l);
    }
}

static void timer_repeats_and_frees_itself(void **state)
{
    (void)state;
    repeating = fc_timer_new(l, free_at_third, NULL);
    fc_timer_set(repeating, 1, 2);
    fc_loop_run(l, 0);
    assert_int_equal(calls, 3);
}

/* A turn that took long must not make a timer early. */
static int64_t set_at, fired_at;

static void fired(void *ctx)
{
    (void)ctx;
    fired_at = fc_monotonic();
    fc_loop_stop(l);
}

static void slow_then_set(void *ctx)
{
    usleep(30000);
    set_at = fc_monotonic();
    fc_timer_set(ctx, 20, 0);
    fc_soon(l, count, NULL); /* a turn that does not wait */
}

static void timer_counts_from_now(void **state)
{
    (void)state;
    fc_timer *t = fc_timer_new(l, fired, NULL);
    fc_soon(l, slow_then_set, t);
    fc_loop_run(l, 0);
    assert_true(fired_at - set_at >= 19000000);
    fc_timer_free(t);
}

static char order[8];

static void letter(void *ctx)
{
    strncat(order, ctx, 1);
}

static void soon_again(void *ctx)
{
    (void)ctx;
    strcat(order, "b");
    fc_soon(l, letter, "d");
    fc_soon(l, stop, NULL);
}

static void soon_keeps_order_and_goes_to_the_next_turn(void **state)
{
    (void)state;
    order[0] = 0;
    fc_soon(l, letter, "a");
    fc_soon(l, soon_again, NULL);
    fc_soon(l, letter, "c");
    fc_loop_run(l, 0);
    assert_string_equal(order, "abcd");
}

static void soon_grows(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++)
        fc_soon(l, count, NULL);
    fc_soon(l, stop, NULL);
    fc_loop_run(l, 0);
    assert_int_equal(calls, 1000);
}

static void for_ever(void *ctx)
{
    (void)ctx;
    calls++;
    fc_soon(l, for_ever, NULL);
}

static void soon_does_not_starve_timers(void **state)
{
    (void)state;
    fc_timer *t = fc_timer_new(l, stop, NULL);
    fc_timer_set(t, 5, 0);
    fc_soon(l, for_ever, NULL);
    fc_loop_run(l, 0);
    assert_true(calls > 1);
    fc_timer_free(t);
}

struct work {
    pid_t thread;
    int done;
};

static void in_pool(void *ctx)
{
    struct work *w = ctx;
    w->thread = gettid();
    usleep(1000);
}

static void pool_done(void *ctx)
{
    struct work *w = ctx;
    w->done++;
    if (++calls == 20) fc_loop_stop(l);
}

static void pool_works_elsewhere_and_reports_once(void **state)
{
    (void)state;
    struct work work[20] = {{0}};
    for (int i = 0; i < 20; i++)
        fc_pool(l, in_pool, pool_done, &work[i]);
    fc_loop_run(l, 0);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(work[i].done, 1);
        assert_int_not_equal(work[i].thread, gettid());
    }
}

static void freeing_the_loop_finishes_the_pool(void **state)
{
    (void)state;
    fc_loop *other;
    assert_int_equal(fc_loop_new(&other, NULL), 0);
    struct work work = {0};
    fc_pool(other, in_pool, pool_done, &work);
    fc_loop_free(other);
    assert_int_equal(work.done, 1);
}

/* Each is in the pool until all sixteen are: they run beside each other. */
static _Atomic int inside;

static void wait_for_the_others(void *ctx)
{
    (void)ctx;
    inside++;
    for (int i = 0; i < 5000 && inside < 16; i++)
        usleep(1000);
}

static void sixteen_jobs_run_at_once(void **state)
{
    (void)state;
    fc_loop *other;
    calls = inside = 0;
    assert_int_equal(fc_loop_new(&other, NULL), 0);
    for (int i = 0; i < 16; i++)
        fc_pool(other, wait_for_the_others, count, NULL);
    fc_loop_free(other);
    assert_int_equal(inside, 16);
    assert_int_equal(calls, 16);
}

/* A job's report may ask for another one, also while the loop is being freed; nothing is lost, nothing waits.
 */
static fc_loop *chained;
static int links;

static void nothing_much(void *ctx)
{
    (void)ctx;
}

static void next_link(void *ctx)
{
    (void)ctx;
    if (++links < 3000) fc_pool(chained, nothing_much, next_link, NULL);
}

static void a_report_asks_for_more(void **state)
{
    (void)state;
    links = 0;
    assert_int_equal(fc_loop_new(&chained, NULL), 0);
    for (int i = 0; i < 20; i++)
        fc_pool(chained, nothing_much, next_link, NULL);
    fc_loop_free(chained);
    assert_int_equal(links, 3019);
}

static int open_descriptors(void)
{
    int n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* However few descriptors are left: a loop that is freed whole, or a sentence. */
static void no_descriptor_is_a_sentence(void **state)
{
    (void)state;
    struct rlimit before, few;
    int open = open_descriptors(), failed = 0, made = 0;
    getrlimit(RLIMIT_NOFILE, &before);
    for (int more = 0; more < 20; more++) {
        fc_loop *other = NULL;
        fc_err err = {0};
        few = (struct rlimit){(rlim_t)(open + more), before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &few);
        int rc = fc_loop_new(&other, &err);
        setrlimit(RLIMIT_NOFILE, &before);
        if (rc && !strstr(err.text[FC_EN], "ulimit -n")) fail_msg("%s", err.text[FC_EN]);
        failed += rc != 0;
        made += !rc;
        if (!rc) fc_loop_free(other);
        if (!rc) assert_int_equal(open_descriptors(), open); /* libuv itself loses some where it fails */
        open = open_descriptors();
    }
    assert_true(failed > 2 && made > 2);
}

#ifndef __SANITIZE_ADDRESS__ /* it holds more room than there is */
static void without_threads_it_is_done_all_the_same(void **state)
{
    (void)state;
    struct rlimit before;
    fc_loop *other;
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld", &pages), 1);
    fclose(f);
    struct work work = {0};
    calls = 0;
    assert_int_equal(fc_loop_new(&other, NULL), 0);
    pthread_attr_t large; /* a stack that ended earlier would do for a usual one */
    pthread_attr_init(&large);
    pthread_attr_setstacksize(&large, 256 << 20);
    assert_int_equal(pthread_setattr_default_np(&large), 0);
    getrlimit(RLIMIT_AS, &before);
    setrlimit(RLIMIT_AS, &(struct rlimit){(rlim_t)pages * 4096 + (1 << 20), before.rlim_max});
    fc_pool(other, in_pool, pool_done, &work);
    setrlimit(RLIMIT_AS, &before);
    pthread_attr_setstacksize(&large, 8 << 20);
    pthread_setattr_default_np(&large);
    assert_int_equal(work.thread, gettid());
    assert_int_equal(work.done, 0); /* reported by the loop, as ever */
    fc_loop_free(other);
    assert_int_equal(work.done, 1);
}
#endif

static int seen_events;

static void on_poll(void *ctx, int events)
{
    (void)ctx;
    seen_events = events;
    fc_loop_stop(l);
}

static void poll_says_what_happened(void **state)
{
    (void)state;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    fc_poll *p = fc_poll_new(l, pair[0], 1, on_poll, NULL);
    assert_int_equal(write(pair[1], "x", 1), 1);
    fc_loop_run(l, 0);
    assert_int_equal(seen_events, 1);
    fc_poll_free(p);
    p = fc_poll_new(l, pair[0], 2, on_poll, NULL);
    fc_loop_run(l, 0);
    assert_int_equal(seen_events, 2);
    fc_poll_free(p);
    p = fc_poll_new(l, pair[0], 4, on_poll, NULL);
    close(pair[1]);
    fc_loop_run(l, 0);
    assert_int_equal(seen_events, 4);
    fc_poll_free(p);
    char byte;
    assert_int_equal(read(pair[0], &byte, 1), 1); /* never read, never closed by us */
    close(pair[0]);
}

static int exit_code;

static void child_done(void *ctx, int code)
{
    (void)ctx;
    exit_code = code;
    fc_loop_stop(l);
}

static void spawn_tells_the_exit_code(void **state)
{
    (void)state;
    fc_err err = {0};
    const char *const seven[] = {"sh", "-c", "exit 7", NULL};
    int64_t pid = 0;
    assert_int_equal(fc_spawn(l, seven, NULL, child_done, NULL, &pid, &err), 0);
    assert_true(pid > 0);
    fc_loop_run(l, 0);
    assert_int_equal(exit_code, 7);

    const char *const killed[] = {"sh", "-c", "kill -9 $$", NULL};
    assert_int_equal(fc_spawn(l, killed, NULL, child_done, NULL, NULL, &err), 0);
    fc_loop_run(l, 0);
    assert_int_equal(exit_code, 137);

    const char *const none[] = {"/no/such/program", NULL};
    assert_int_equal(fc_spawn(l, none, NULL, child_done, NULL, NULL, &err), FC_ENOTFOUND);
    assert_non_null(strstr(err.text[FC_EN], "/no/such/program"));
}

static void term(void *ctx)
{
    (void)ctx;
    kill(getpid(), SIGTERM);
}

static void interrupt(void *ctx)
{
    (void)ctx;
    kill(getpid(), SIGINT);
}

static void each_turn_comes_after_the_work(void **state)
{
    (void)state;
    fc_loop_each_turn(l, count, NULL);
    fc_soon(l, stop, NULL);
    fc_loop_run(l, 0);
    assert_int_equal(calls, 1);
    fc_loop_each_turn(l, NULL, NULL);
    fc_soon(l, stop, NULL);
    fc_loop_run(l, 0);
    assert_int_equal(calls, 1);
}

static void signals_stop(void **state)
{
    (void)state;
    fc_soon(l, term, NULL);
    assert_int_equal(fc_loop_run(l, 1), 0);
    fc_soon(l, interrupt, NULL);
    assert_int_equal(fc_loop_run(l, 1), 0);
}

static void a_closed_pipe_is_no_end(void **state)
{
    (void)state;
    int pair[2];
    assert_int_equal(pipe(pair), 0);
    close(pair[0]);
    assert_int_equal(write(pair[1], "x", 1), -1);
    close(pair[1]);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(stop_before_running),
        T(timer_fires_and_can_be_set_again),
        T(timer_repeats_and_frees_itself),
        T(timer_counts_from_now),
        T(soon_keeps_order_and_goes_to_the_next_turn),
        T(soon_grows),
        T(soon_does_not_starve_timers),
        T(pool_works_elsewhere_and_reports_once),
        T(freeing_the_loop_finishes_the_pool),
        T(sixteen_jobs_run_at_once),
        T(a_report_asks_for_more),
        T(no_descriptor_is_a_sentence),
#ifndef __SANITIZE_ADDRESS__
        T(without_threads_it_is_done_all_the_same),
#endif
        T(poll_says_what_happened),
        T(spawn_tells_the_exit_code),
        T(each_turn_comes_after_the_work),
        T(signals_stop),
        T(a_closed_pipe_is_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
