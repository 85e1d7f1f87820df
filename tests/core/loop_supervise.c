/* A supervisor in a child of the test, with workers that die in every way. */
#include "loop/supervise.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static const fc_who host = {"archive", "1.0.0", 0, 7}, own = {"evil", "2.0.0", 1, 0};

static void note_names_the_innermost_of_the_sites_own(void **state)
{
    (void)state;
    fc_note n;
    assert_int_equal(fc_heart_call(fc_heart_mine, &n), 0);
    int a = fc_heart_enter(&own, "pages/p#run"), b = fc_heart_enter(&host, "find");
    assert_int_equal(fc_heart_call(fc_heart_mine, &n), 1);
    assert_string_equal(n.who.plugin, "evil");
    assert_string_equal(n.what, "pages/p#run");
    fc_heart_leave(b);
    fc_heart_leave(a);
    for (int i = 0; i < 3; i++) { /* what was noted here before is taken for known only if it is the same */
        fc_who other = {"survey", "1.0.0", 0, 8};
        a = fc_heart_enter(i == 1 ? &other : &host, "find");
        fc_heart_call(fc_heart_mine, &n);
        assert_string_equal(n.who.plugin, i == 1 ? "survey" : "archive");
        fc_heart_leave(a);
    }
    assert_int_equal(fc_heart_call(fc_heart_mine, &n), 0);
}

static void note_takes_what_is_too_long_and_too_deep(void **state)
{
    (void)state;
    fc_note n;
    char text[400];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    for (int i = 0; i < 3 * FC_HEART_CALLS; i++)
        assert_int_equal(fc_heart_enter(&own, text), i);
    assert_int_equal(fc_heart_call(fc_heart_mine, &n), 1);
    assert_int_equal(strlen(n.what), sizeof n.what - 1);
    fc_heart_leave(0);
    fc_heart wild;
    memset(&wild, 0xff, sizeof wild); /* whatever a dying process wrote */
    assert_int_equal(fc_heart_call(&wild, &n), 0);
    atomic_store(&wild.depth, 1 << 30);
    assert_int_equal(fc_heart_call(&wild, &n), 1);
    assert_true(strlen(n.what) < sizeof n.what);
}

static void a_heart_reaches_another_program(void **state)
{
    (void)state;
    int fd;
    fc_note n;
    fc_heart *seen = fc_heart_new(&fd), *before = fc_heart_mine;
    assert_non_null(seen);
    assert_int_equal(fc_heart_use_fd(fd), 0);
    fc_heart_enter(&own, "run");
    assert_int_equal(fc_heart_call(seen, &n), 1);
    assert_string_equal(n.what, "run");
    fc_heart_free(fc_heart_mine);
    fc_heart_mine = before;
    fc_heart_free(seen);
}

static void blame(void **state)
{
    (void)state;
    const struct {
        fc_death d;
        int blamed;
    } table[] = {
        {{.signal = SIGSEGV, .in_call = 1}, 1},
        {{.signal = SIGABRT, .in_call = 1}, 1},
        {{.signal = SIGSEGV}, 0},                            /* in no call */
        {{.signal = SIGKILL, .in_call = 1}, 0},              /* somebody's kill -9 */
        {{.signal = SIGKILL, .in_call = 1, .memory = 1}, 1}, /* the system's */
        {{.signal = SIGKILL, .in_call = 1, .stuck = 1}, 0},  /* a disk, or stopped */
        {{.signal = SIGKILL, .in_call = 1, .stuck = 1, .busy = 1}, 1},
        {{.signal = SIGTERM, .in_call = 1}, 0},
        {{.code = 3}, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(fc_death_blames(&table[i].d), table[i].blamed);
}

/* ---- a supervisor's life, as its workers tell it into a shared piece of memory */

typedef struct story {
    _Atomic int firsts, jobs, others, ready, told;
    char death[FC_ERR_TEXT];
} story;

static story *told_to;
static int (*act)(fc_board *b, int slot, int nth, const fc_death *death);

static int work(void *ctx, fc_board *b, int slot, const fc_death *death)
{
    (void)ctx;
    _Atomic int *n = slot == FC_SLOT_FIRST  ? &told_to->firsts
                     : slot == FC_SLOT_JOBS ? &told_to->jobs
                                            : &told_to->others;
    fc_board_workers(b, 2);
    return act(b, slot, ++*n, death);
}

static void ready(void *ctx, int port)
{
    (void)ctx;
    told_to->ready = port;
}

__attribute__((noreturn)) static int live(fc_board *b)
{
    fc_board_stage(b, FC_READY, 8080);
    for (;;) {
        fc_heart_beat();
        usleep(100000);
    }
}

static pid_t begin(int (*how)(fc_board *, int, int, const fc_death *))
{
    told_to = mmap(NULL, sizeof *told_to, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    act = how;
    pid_t pid = fork();
    if (pid) return pid;
    int null = open("/dev/null", O_WRONLY);
    dup2(null, 2);
    const fc_supervised o = {.work = work, .ready = ready};
    _exit(fc_supervise(&o));
}

static void until(_Atomic int *n, int wanted)
{
    for (int i = 0; i < 3000 && *n < wanted; i++)
        usleep(10000);
    assert_true(*n >= wanted);
}

static int end(pid_t pid, int signal)
{
    int status;
    if (signal) kill(pid, signal);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    munmap(told_to, sizeof *told_to);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int all_live(fc_board *b, int slot, int nth, const fc_death *death)
{
    (void)slot, (void)nth, (void)death;
    return live(b);
}

static void starts_one_then_the_others_and_ends_all(void **state)
{
    (void)state;
    pid_t pid = begin(all_live);
    until(&told_to->ready, 8080);
    until(&told_to->others, 1);
    until(&told_to->jobs, 1);
    assert_int_equal(told_to->firsts, 1);
    assert_int_equal(end(pid, SIGTERM), 0);
}

static int cannot_start(fc_board *b, int slot, int nth, const fc_death *death)
{
    (void)b, (void)slot, (void)nth, (void)death;
    return 1;
}

static void a_first_start_that_fails_is_the_end(void **state)
{
    (void)state;
    assert_int_equal(end(begin(cannot_start), 0), 1);
}

static int crashes_once(fc_board *b, int slot, int nth, const fc_death *death)
{
    if (slot == FC_SLOT_FIRST && nth == 1) {
        signal(SIGSEGV, SIG_DFL); /* a sanitizer has its own opinion */
        fc_heart_enter(&own, "pages/p#run");
        raise(SIGSEGV);
    }
    if (death) {
        fc_err said;
        fc_death_says(death, &said);
        snprintf(told_to->death, sizeof told_to->death, "%s", said.text[FC_EN]);
        told_to->told += 1 + 10 * fc_death_blames(death);
        fc_board_stage(b, FC_RECORDED, 0);
    }
    return live(b);
}

static void the_next_one_is_told_of_a_crash_once(void **state)
{
    (void)state;
    pid_t pid = begin(crashes_once);
    until(&told_to->jobs, 1);
    assert_int_equal(told_to->firsts, 2);
    assert_int_equal(told_to->told, 11);
    assert_non_null(strstr(told_to->death, "died of signal 11"));
    assert_non_null(strstr(told_to->death, "it was in evil 2.0.0, pages/p#run"));
    assert_int_equal(end(pid, SIGTERM), 0);
}

static int stands_still_once(fc_board *b, int slot, int nth, const fc_death *death)
{
    if (death) told_to->told += death->stuck + 10 * death->busy + 100 * death->in_call;
    if (slot != FC_SLOT_FIRST || nth > 1) return live(b);
    fc_board_stage(b, FC_READY, 8080);
    fc_heart_enter(&own, "pages/p#run");
    for (volatile int on = 1; on;)
        continue;
    return 0;
}

static void one_that_does_not_turn_is_ended(void **state)
{
    (void)state;
    pid_t pid = begin(stands_still_once);
    until(&told_to->firsts, 2);
    until(&told_to->told, 111);
    assert_int_equal(end(pid, SIGTERM), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(note_names_the_innermost_of_the_sites_own),
        cmocka_unit_test(note_takes_what_is_too_long_and_too_deep),
        cmocka_unit_test(a_heart_reaches_another_program),
        cmocka_unit_test(blame),
        cmocka_unit_test(starts_one_then_the_others_and_ends_all),
        cmocka_unit_test(a_first_start_that_fails_is_the_end),
        cmocka_unit_test(the_next_one_is_told_of_a_crash_once),
        cmocka_unit_test(one_that_does_not_turn_is_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
