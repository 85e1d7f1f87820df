/* The short way to a number's text must give what printf gives. */
#include "text/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void printf_exact(double v, char *out)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, FC_NUMBER_TEXT, "%.*g", digits, v);
        if (strtod(out, NULL) == v) return;
    }
}

static void assert_real(double v)
{
    char got[FC_NUMBER_TEXT], want[FC_NUMBER_TEXT];
    printf_exact(v, want);
    assert_int_equal(fc_real_text(v, 1, got), strlen(want));
    assert_string_equal(got, want);
    snprintf(want, sizeof want, "%.15g", v);
    fc_real_text(v, 0, got);
    assert_string_equal(got, want);
}

static void integers(void **state)
{
    (void)state;
    static const int64_t values[] = {0, 1, -1, 9, 10, -10, 1234567890123, INT64_MAX, INT64_MIN};
    char got[FC_NUMBER_TEXT], want[FC_NUMBER_TEXT];
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        snprintf(want, sizeof want, "%lld", (long long)values[i]);
        assert_int_equal(fc_int_text(values[i], got), strlen(want));
        assert_string_equal(got, want);
    }
}

static void reals_at_the_edges(void **state)
{
    (void)state;
    static const double values[] = {0.0,      -0.0,     0.1,       -0.5,      1e-4,      9.9999e-5,
                                    1e-7,     1e14,     1e15,      1e16,      1e22,      1e300,
                                    5e-324,   77.8,     0.3,       0.1 + 0.2, 1 / 3.,    123456.7,
                                    999999.5, 1e15 - 1, 1e15 + .5, 0.000123,  0.9999999, 2.5e-8};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_real(values[i]);
}

static void reals_by_the_hundred_thousand(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252ULL;
    double powers[] = {1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e9, 1e12};
    for (int i = 0; i < 200000; i++) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        assert_real((double)(int64_t)(seed >> (8 + i % 48)) / powers[i % 10]);
        double bits;
        memcpy(&bits, &seed, sizeof bits);
        if (bits - bits == 0) assert_real(bits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers),
        cmocka_unit_test(reals_at_the_edges),
        cmocka_unit_test(reals_by_the_hundred_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
