/* When a new version is worse than the one before. The clock is an argument. */
#include "plugin/trial.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#define UNTIL 600000

static enum fc_verdict verdict(int64_t calls, int64_t failures, int64_t old_calls, int64_t old_failures,
                               int64_t now)
{
    return fc_trial_verdict((fc_tally){calls, failures}, (fc_tally){old_calls, old_failures}, now, UNTIL);
}

static void no_verdict_before_twenty_calls(void **state)
{
    (void)state;
    assert_int_equal(verdict(0, 0, 100, 0, 0), FC_TRIAL_GOES_ON);
    assert_int_equal(verdict(19, 19, 100, 0, 0), FC_TRIAL_GOES_ON);
    assert_int_equal(verdict(20, 20, 100, 0, 0), FC_TRIAL_WORSE);
}

static void ten_minutes_or_two_hundred_calls(void **state)
{
    (void)state;
    assert_int_equal(verdict(199, 0, 100, 0, UNTIL - 1), FC_TRIAL_GOES_ON);
    assert_int_equal(verdict(200, 0, 100, 0, 0), FC_TRIAL_PASSED);
    assert_int_equal(verdict(3, 3, 100, 0, UNTIL), FC_TRIAL_PASSED);
    assert_int_equal(verdict(20, 20, 100, 0, UNTIL), FC_TRIAL_WORSE);
}

static void a_single_failure_is_no_verdict(void **state)
{
    (void)state;
    assert_int_equal(verdict(20, 1, 1000, 0, 0), FC_TRIAL_GOES_ON);
    assert_int_equal(verdict(20, 2, 1000, 0, 0), FC_TRIAL_WORSE);
    assert_int_equal(verdict(20, 2, 0, 0, 0), FC_TRIAL_WORSE);
}

static void as_bad_as_before_stays(void **state)
{
    (void)state;
    for (int64_t n = 20; n < 200; n++)
        assert_int_equal(verdict(n, n / 10, 1000, 100, 0), FC_TRIAL_GOES_ON);
    assert_int_equal(verdict(200, 20, 1000, 100, 0), FC_TRIAL_PASSED);
    assert_int_equal(verdict(20, 20, 50, 50, 0), FC_TRIAL_GOES_ON);
    assert_int_equal(verdict(20, 10, 1000, 100, 0), FC_TRIAL_WORSE);
    assert_int_equal(verdict(200, 60, 1000, 100, 0), FC_TRIAL_WORSE);
}

/* Of versions that fail just as often as before hardly any goes back: a coin with a known beginning, asked at
 * every call. */
static void chance_takes_few_back(void **state)
{
    (void)state;
    uint64_t seed = 11;
    int back = 0;
    for (int round = 0; round < 2000; round++) {
        int64_t failures = 0;
        for (int64_t n = 1; n <= 200; n++) {
            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            failures += (seed >> 33) % 100 < 5;
            if (verdict(n, failures, 1000, 50, 0) != FC_TRIAL_WORSE) continue;
            back++;
            break;
        }
    }
    assert_true(back < 60); /* 3 % */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_verdict_before_twenty_calls), cmocka_unit_test(ten_minutes_or_two_hundred_calls),
        cmocka_unit_test(a_single_failure_is_no_verdict), cmocka_unit_test(as_bad_as_before_stays),
        cmocka_unit_test(chance_takes_few_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
