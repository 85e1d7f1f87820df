/* The clock that a demonstration shifts, and that nothing else may. */
#include "base/clock.h"
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
/* after the four above */
#include <cmocka.h>

static int64_t at(int day, int hour, int minute, int second)
{
    fc_civil c = {.year = 2026, .month = 11, .day = day, .hour = hour, .minute = minute, .second = second};
    return fc_ms_of(&c);
}

static void test_a_real_clock_is_never_moved(void **state)
{
    (void)state;
    unsetenv("FORECOURT_NOW");
    int64_t before = fc_now();
    assert_int_equal(fc_clock_move("2026-11-20T09:30:00"), FC_EDENIED);
    assert_in_range(fc_now() - before, 0, 1000);
}

static void test_a_shifted_clock_goes_where_it_is_told(void **state)
{
    (void)state;
    setenv("FORECOURT_NOW", "2026-11-01T08:00:00", 1);
    assert_int_equal(fc_clock_move("2026-11-20T09:30:05"), FC_OK);
    assert_in_range(fc_now() - at(20, 9, 30, 5), 0, 1000);
    assert_int_equal(fc_clock_move("2026-11-20T18:45"), FC_OK);
    assert_in_range(fc_now() - at(20, 18, 45, 0), 0, 1000);
}

static void test_what_is_no_time_changes_nothing(void **state)
{
    (void)state;
    setenv("FORECOURT_NOW", "2026-11-01T08:00:00", 1);
    assert_int_equal(fc_clock_move("2026-11-21T09:00:00"), FC_OK);
    assert_int_equal(fc_clock_move("tomorrow"), FC_EINVAL);
    assert_int_equal(fc_clock_move(""), FC_EINVAL);
    assert_in_range(fc_now() - at(21, 9, 0, 0), 0, 1000);
}

/* ---- who is told; the clock is read once a process, so each in a process of its own */

static int told, told_shifted;
static char told_text[64];

static void listen(const char *text, int shifted)
{
    told++;
    told_shifted = shifted;
    strncpy(told_text, text, sizeof told_text - 1);
    fc_now(); /* as the log does */
}

static int tells(const char *now)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        setenv("FORECOURT_NOW", now, 1);
        fc_clock_on_shift(listen);
        fc_now();
        fc_now();
        _exit(told == 1 && strcmp(told_text, now) == 0 ? 10 + told_shifted : told);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_a_shift_is_told_once(void **state)
{
    (void)state;
    assert_int_equal(tells("2026-11-01T08:00:00"), 11);
}

static void test_what_is_no_time_is_told_too(void **state)
{
    (void)state;
    assert_int_equal(tells("tomorrow"), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_shift_is_told_once), /* before anybody asked the clock */
        cmocka_unit_test(test_what_is_no_time_is_told_too),
        cmocka_unit_test(test_a_real_clock_is_never_moved),
        cmocka_unit_test(test_a_shifted_clock_goes_where_it_is_told),
        cmocka_unit_test(test_what_is_no_time_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
