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

/* a stands on b, and calls it. */
static void noted(const char *on_trial, int code, const char *place, int64_t want_a, int64_t want_b)
{
    fc_source a = {.id = "a", .label = "plugins/a"}, b = {.id = "b", .label = "plugins/b"};
    fc_source *below[] = {&b, NULL}, *both[] = {&a, &b, NULL};
    fc_gen gen_b = {.source = &b, .world = below}, gen_a = {.source = &a, .world = both};
    fc_gen *gens[] = {&gen_a, &gen_b};
    fc_live live = {.gens = gens, .n = 2};
    json_t *trials = json_object();
    if (on_trial) json_object_set_new(trials, on_trial, json_string("hash"));
    fc_fault fault = {.code = code};
    snprintf(fault.place, sizeof fault.place, "%s", place);
    fc_trial_note(&live, trials, &gen_a, code ? &fault : NULL);
    json_decref(trials);
    assert_int_equal(a.calls, 1);
    assert_int_equal(b.calls, 1);
    assert_int_equal(a.failures, want_a);
    assert_int_equal(b.failures, want_b);
}

static void who_is_charged(void **state)
{
    (void)state;
    noted("a", 0, "", 0, 0);
    noted("a", FC_EINVAL, "plugins/a/x.lua:1", 0, 0); /* a sentence for a person */
    noted("a", FC_ECANCEL, "plugins/a/x.lua:1", 0, 0);
    noted("a", FC_EINTERNAL, "plugins/a/x.lua:1", 1, 0);
    noted("b", FC_EINTERNAL, "plugins/b/x.lua:1", 0, 1);
    noted("b", FC_EINTERNAL, "plugins/a/x.lua:1", 1, 1); /* it may be what a stands on */
    /* time and memory are of whose code used them up, on trial or not */
    noted("a", FC_ELIMIT, "plugins/b/x.lua:1", 0, 1);
    noted("b", FC_ELIMIT, "plugins/b/x.lua:1", 0, 1);
    noted("b", FC_ELIMIT, "plugins/a/x.lua:1", 1, 0);
    noted(NULL, FC_ELIMIT, "plugins/b/x.lua:1", 0, 1);
    noted("a", FC_ELIMIT, "", 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_verdict_before_twenty_calls), cmocka_unit_test(ten_minutes_or_two_hundred_calls),
        cmocka_unit_test(a_single_failure_is_no_verdict), cmocka_unit_test(as_bad_as_before_stays),
        cmocka_unit_test(chance_takes_few_back),          cmocka_unit_test(who_is_charged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
