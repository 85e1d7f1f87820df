/* The working calendar against the official arrangements of 2025 and 2026, reckoned elsewhere by hand. */
#include "sched/calendar.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void add_range(json_t *list, const char *from, const char *to)
{
    int64_t a, b;
    assert_int_equal(fc_day_parse(from, &a), 0);
    assert_int_equal(fc_day_parse(to, &b), 0);
    for (; a <= b; a++) {
        char text[11];
        fc_day_format(a, text);
        json_array_append_new(list, json_string(text));
    }
}

static json_t *year_2025(void)
{
    json_t *off = json_array();
    add_range(off, "2025-01-01", "2025-01-01");
    add_range(off, "2025-01-28", "2025-02-04");
    add_range(off, "2025-04-04", "2025-04-06");
    add_range(off, "2025-05-01", "2025-05-05");
    add_range(off, "2025-05-31", "2025-06-02");
    add_range(off, "2025-10-01", "2025-10-08");
    return json_pack("{si so s[sssss]}", "year", 2025, "off", off, "work", "2025-01-26", "2025-02-08",
                     "2025-04-27", "2025-09-28", "2025-10-11");
}

static json_t *year_2026(void)
{
    json_t *off = json_array();
    add_range(off, "2026-01-01", "2026-01-03");
    add_range(off, "2026-02-15", "2026-02-23");
    add_range(off, "2026-04-04", "2026-04-06");
    add_range(off, "2026-05-01", "2026-05-05");
    add_range(off, "2026-06-19", "2026-06-21");
    add_range(off, "2026-09-25", "2026-09-27");
    add_range(off, "2026-10-01", "2026-10-07");
    return json_pack("{si so s[ssssss] s{s{ssss} ss}}", "year", 2026, "off", off, "work", "2026-01-04",
                     "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10", "names",
                     "2026-02-17", "zh", "春节", "en", "Spring Festival", "2026-10-01", "National Day");
}

static int setup(void **state)
{
    fc_calendar *c = fc_calendar_new();
    json_t *years[] = {year_2025(), year_2026()};
    for (int i = 0; i < 2; i++) {
        fc_err err = {0};
        int rc = fc_calendar_add_year(c, years[i], &err);
        if (rc) print_error("%s\n", err.text[FC_EN]);
        assert_int_equal(rc, 0);
        json_decref(years[i]); /* the calendar must not live on the caller's data */
    }
    *state = c;
    return 0;
}

static int teardown(void **state)
{
    fc_calendar_free(*state);
    return 0;
}

static int64_t day_of(const char *text)
{
    int64_t day = 0;
    assert_int_equal(fc_day_parse(text, &day), 0);
    return day;
}

static void months_have_the_official_number_of_working_days(void **state)
{
    static const int want[2][12] = {{19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23},
                                    {21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23}};
    for (int y = 0; y < 2; y++) {
        int total = 0;
        for (int m = 1; m <= 12; m++) {
            int count = 0, is = 0;
            int64_t end =
                m == 12 ? fc_days_from_civil(2026 + y, 1, 1) : fc_days_from_civil(2025 + y, m + 1, 1);
            for (int64_t d = fc_days_from_civil(2025 + y, m, 1); d < end; d++) {
                assert_int_equal(fc_calendar_is_workday(*state, d, &is, NULL), 0);
                count += is;
            }
            assert_int_equal(count, want[y][m - 1]);
            total += count;
        }
        assert_int_equal(total, 248);
    }
}

struct row {
    const char *from, *after[4]; /* +1, +3, +10, +20 */
};

static const struct row rows[] = {
    {"2025-01-24", {"2025-01-26", "2025-02-05", "2025-02-13", "2025-02-27"}},
    {"2025-04-03", {"2025-04-07", "2025-04-09", "2025-04-18", "2025-05-06"}},
    {"2025-09-30", {"2025-10-09", "2025-10-11", "2025-10-21", "2025-11-04"}},
    {"2026-01-02", {"2026-01-04", "2026-01-06", "2026-01-15", "2026-01-29"}},
    {"2026-02-13", {"2026-02-14", "2026-02-25", "2026-03-05", "2026-03-19"}},
    {"2026-02-14", {"2026-02-24", "2026-02-26", "2026-03-06", "2026-03-20"}},
    {"2026-04-30", {"2026-05-06", "2026-05-08", "2026-05-18", "2026-06-01"}},
    {"2026-05-08", {"2026-05-09", "2026-05-12", "2026-05-21", "2026-06-04"}},
    {"2026-09-18", {"2026-09-20", "2026-09-22", "2026-10-09", "2026-10-22"}},
    {"2026-09-30", {"2026-10-08", "2026-10-10", "2026-10-20", "2026-11-03"}},
    {"2026-10-09", {"2026-10-10", "2026-10-13", "2026-10-22", "2026-11-05"}},
    {"2026-11-20", {"2026-11-23", "2026-11-25", "2026-12-04", "2026-12-18"}},
};

static void every_row_of_the_table_of_limits(void **state)
{
    static const int n[4] = {1, 3, 10, 20};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int k = 0; k < 4; k++) {
            int64_t got = 0;
            char text[11];
            assert_int_equal(fc_calendar_add_workdays(*state, day_of(rows[i].from), n[k], &got, NULL), 0);
            fc_day_format(got, text);
            assert_string_equal(text, rows[i].after[k]);
        }
}

static void no_days_is_the_day_itself_or_the_next_working_day(void **state)
{
    int64_t got = 0;
    assert_int_equal(fc_calendar_add_workdays(*state, day_of("2026-02-14"), 0, &got, NULL), 0);
    assert_int_equal(got, day_of("2026-02-14"));
    assert_int_equal(fc_calendar_add_workdays(*state, day_of("2026-02-15"), 0, &got, NULL), 0);
    assert_int_equal(got, day_of("2026-02-24"));
    fc_err err = {0};
    assert_int_equal(fc_calendar_add_workdays(*state, day_of("2026-02-15"), -1, &got, &err), FC_EINVAL);
    assert_non_null(strstr(err.text[FC_EN], "negative"));
}

/* Sent at HH:MM:SS of a day: when is it due? Returned as "YYYY-MM-DD HH:MM". */
static const char *due(const fc_calendar *c, const char *day, int hour, int minute, int second, int n)
{
    static char text[32];
    fc_civil at;
    int64_t d = day_of(day);
    fc_civil_from_days(d, &at.year, &at.month, &at.day);
    at.hour = hour;
    at.minute = minute;
    at.second = second;
    fc_due out = {0};
    assert_int_equal(fc_calendar_due(c, fc_ms_of(&at), n, 1020, 1050, &out, NULL, NULL), 0);
    fc_civil_of(out.at, &at);
    snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d", at.year, at.month, at.day, at.hour, at.minute);
    assert_int_equal(out.day, fc_days_from_civil(at.year, at.month, at.day));
    return text;
}

static void the_examples_of_one_working_day(void **state)
{
    assert_string_equal(due(*state, "2026-02-13", 16, 50, 0, 1), "2026-02-14 17:30");
    assert_string_equal(due(*state, "2026-02-14", 9, 0, 0, 1), "2026-02-24 17:30");
    assert_string_equal(due(*state, "2026-09-30", 9, 0, 0, 1), "2026-10-08 17:30");
    assert_string_equal(due(*state, "2026-09-18", 9, 0, 0, 1), "2026-09-20 17:30");
}

static void the_cutoff_is_exclusive_to_the_second(void **state)
{
    assert_string_equal(due(*state, "2026-11-20", 16, 59, 59, 1), "2026-11-23 17:30");
    assert_string_equal(due(*state, "2026-11-20", 17, 0, 0, 1), "2026-11-24 17:30");
    assert_string_equal(due(*state, "2026-02-13", 17, 5, 0, 1), "2026-02-24 17:30");
    assert_string_equal(due(*state, "2026-02-13", 23, 59, 59, 1), "2026-02-24 17:30");
    assert_string_equal(due(*state, "2026-02-14", 0, 0, 0, 1), "2026-02-24 17:30");
}

static void a_day_off_starts_its_own_count_until_the_cutoff(void **state)
{
    assert_string_equal(due(*state, "2026-01-02", 10, 0, 0, 1), "2026-01-04 17:30");
    assert_string_equal(due(*state, "2026-01-02", 18, 0, 0, 1), "2026-01-05 17:30");
}

static void a_limit_of_no_days_ends_the_same_day(void **state)
{
    assert_string_equal(due(*state, "2026-11-20", 9, 0, 0, 0), "2026-11-20 17:30");
    assert_string_equal(due(*state, "2026-11-21", 9, 0, 0, 0), "2026-11-23 17:30");
    assert_string_equal(due(*state, "2026-11-20", 17, 0, 0, 0), "2026-11-23 17:30");
}

static void closing_at_midnight_is_the_next_instant(void **state)
{
    fc_civil at = {2026, 11, 20, 9, 0, 0};
    fc_due out = {0};
    assert_int_equal(fc_calendar_due(*state, fc_ms_of(&at), 1, 1440, 1440, &out, NULL, NULL), 0);
    assert_int_equal(out.day, day_of("2026-11-23"));
    fc_civil_of(out.at, &at);
    assert_int_equal(at.day, 24);
    assert_int_equal(at.hour, 0);
}

static const char *step(const json_t *steps, size_t i, const char *key)
{
    return json_string_value(json_object_get(json_array_get(steps, i), key));
}

static void the_steps_tell_each_day(void **state)
{
    static const char *const kinds[] = {"start", "after_cutoff", "off", "off", "off",  "off", "off",
                                        "off",   "off",          "off", "off", "work", "due"};
    fc_civil at = {2026, 2, 13, 17, 5, 0};
    fc_due out;
    json_t *steps = json_array();
    assert_int_equal(fc_calendar_due(*state, fc_ms_of(&at), 1, 1020, 1050, &out, steps, NULL), 0);
    assert_int_equal(json_array_size(steps), 13);
    for (size_t i = 0; i < 13; i++)
        assert_string_equal(step(steps, i, "kind"), kinds[i]);
    assert_string_equal(step(steps, 0, "day"), "2026-02-13");
    assert_string_equal(step(steps, 0, "zh"), "起算：2026-02-13（周五）17:05");
    assert_string_equal(step(steps, 1, "day"), "2026-02-14");
    assert_string_equal(step(steps, 1, "en"),
                        "from 17:00 on it counts as the next working day: Sat 2026-02-14");
    assert_string_equal(step(steps, 2, "zh"), "2026-02-15（周日）休息：周末");
    assert_string_equal(step(steps, 4, "zh"), "2026-02-17（周二）休息：春节");
    assert_string_equal(step(steps, 4, "en"), "Tue 2026-02-17 is off: Spring Festival");
    assert_string_equal(step(steps, 5, "en"), "Wed 2026-02-18 is off: holiday");
    assert_string_equal(step(steps, 11, "zh"), "第 1 个工作日：2026-02-24（周二）");
    assert_string_equal(step(steps, 12, "day"), "2026-02-24");
    assert_string_equal(step(steps, 12, "en"), "due Tue 2026-02-24 17:30");
    json_decref(steps);
}

static void a_make_up_day_is_named_as_such(void **state)
{
    fc_civil at = {2026, 1, 2, 10, 0, 0};
    fc_due out;
    json_t *steps = json_array();
    assert_int_equal(fc_calendar_due(*state, fc_ms_of(&at), 1, 1020, 1050, &out, steps, NULL), 0);
    assert_int_equal(json_array_size(steps), 4);
    assert_string_equal(step(steps, 0, "en"), "counted from Fri 2026-01-02 10:00, a day off");
    assert_string_equal(step(steps, 1, "kind"), "off");
    assert_string_equal(step(steps, 2, "kind"), "make_up");
    assert_string_equal(step(steps, 2, "zh"), "第 1 个工作日：2026-01-04（周日），调休上班");
    json_decref(steps);
}

static void a_year_without_data_is_never_guessed(void **state)
{
    int64_t got = 7;
    int is = 7;
    fc_err err = {0};
    assert_int_equal(fc_calendar_is_workday(*state, day_of("2027-01-01"), &is, &err), FC_ENOTFOUND);
    assert_int_equal(is, 7);
    assert_non_null(strstr(err.text[FC_ZH], "2027"));
    assert_non_null(strstr(err.text[FC_EN], "calendars/"));
    assert_int_equal(fc_calendar_is_workday(*state, day_of("2024-12-31"), &is, NULL), FC_ENOTFOUND);
    assert_int_equal(fc_calendar_add_workdays(*state, day_of("2026-12-31"), 1, &got, NULL), FC_ENOTFOUND);
    assert_int_equal(got, 7);
    assert_int_equal(fc_calendar_add_workdays(*state, day_of("2026-12-30"), 1, &got, NULL), 0);
    assert_int_equal(fc_calendar_add_workdays(*state, day_of("2025-12-31"), 1, &got, NULL), 0);
    assert_int_equal(got, day_of("2026-01-04"));
    fc_civil at = {2026, 12, 31, 9, 0, 0};
    fc_due out;
    json_t *steps = json_array();
    assert_int_equal(fc_calendar_due(*state, fc_ms_of(&at), 1, 1020, 1050, &out, steps, &err), FC_ENOTFOUND);
    assert_int_equal(json_array_size(steps), 1);
    json_decref(steps);
    assert_int_equal(fc_calendar_due(*state, INT64_MIN, 1, 1020, 1050, &out, NULL, NULL), FC_EINVAL);
    assert_int_equal(fc_calendar_due(*state, INT64_MAX, 1, 1020, 1050, &out, NULL, NULL), FC_EINVAL);
}

static void wrong_limits_are_refused(void **state)
{
    fc_due out;
    assert_int_equal(fc_calendar_due(*state, 0, 1, 1020, 1050, &out, NULL, NULL), FC_ENOTFOUND); /* 1970 */
    assert_int_equal(fc_calendar_due(*state, 0, -1, 1020, 1050, &out, NULL, NULL), FC_EINVAL);
    assert_int_equal(fc_calendar_due(*state, 0, 1, -1, 1050, &out, NULL, NULL), FC_EINVAL);
    assert_int_equal(fc_calendar_due(*state, 0, 1, 1441, 1050, &out, NULL, NULL), FC_EINVAL);
    assert_int_equal(fc_calendar_due(*state, 0, 1, 1020, 1441, &out, NULL, NULL), FC_EINVAL);
}

static void refused(const char *text, const char *part)
{
    fc_calendar *c = fc_calendar_new();
    json_t *year = json_loads(text, JSON_DECODE_ANY, NULL);
    fc_err err = {0};
    assert_non_null(year);
    assert_int_equal(fc_calendar_add_year(c, year, &err), FC_EINVAL);
    if (!strstr(err.text[FC_EN], part)) fail_msg("\"%s\" does not say \"%s\"", err.text[FC_EN], part);
    assert_true(strlen(err.text[FC_ZH]) > 10);
    json_decref(year);
    fc_calendar_free(c);
}

static void bad_years_are_refused_with_a_sentence(void **state)
{
    (void)state;
    refused("[]", "a year is a table");
    refused("{\"off\":[]}", "year must be a whole number");
    refused("{\"year\":\"2026\"}", "year must be a whole number");
    refused("{\"year\":2026.5}", "year must be a whole number");
    refused("{\"year\":4294969322}", "year must be a whole number");
    refused("{\"year\":2026,\"wrok\":[]}", "unknown key \"wrok\"");
    refused("{\"year\":2026,\"provisional\":1}", "provisional");
    refused("{\"year\":2026,\"off\":\"2026-01-01\"}", "off must be a list");
    refused("{\"year\":2026,\"off\":[\"2026-02-29\"]}", "\"2026-02-29\", which is no such day");
    refused("{\"year\":2026,\"off\":[\"2026-1-1\"]}", "no such day");
    refused("{\"year\":2026,\"off\":[20260101]}", "no such day");
    refused("{\"year\":2026,\"off\":[\"2027-01-01\"]}", "another year");
    refused("{\"year\":2026,\"work\":[\"2025-12-28\"]}", "another year");
    refused("{\"year\":2026,\"work\":[\"2026-01-05\"]}", "no weekend");
    refused("{\"year\":2026,\"off\":[\"2026-01-04\"],\"work\":[\"2026-01-04\"]}", "both");
    refused("{\"year\":2026,\"names\":[1]}", "names must be");
    refused("{\"year\":2026,\"names\":{\"2026-13-01\":\"x\"}}", "no such day");
    refused("{\"year\":2026,\"names\":{\"2026-01-01\":{\"zh\":\"x\"}}}", "name of 2026-01-01");
}

static void a_bad_year_changes_nothing_and_a_good_one_replaces(void **state)
{
    int is = 0;
    json_t *bad = json_pack("{si s[s] s[s]}", "year", 2026, "off", "2026-11-20", "work", "2026-11-23");
    assert_int_equal(fc_calendar_add_year(*state, bad, NULL), FC_EINVAL);
    json_decref(bad);
    assert_int_equal(fc_calendar_is_workday(*state, day_of("2026-11-20"), &is, NULL), 0);
    assert_int_equal(is, 1);
    /* Empty Lua tables arrive as {} or []; both mean none. */
    json_t *good = json_pack("{si s[s] s{} s[] sb}", "year", 2026, "off", "2026-11-20", "work", "names",
                             "provisional", 1);
    assert_int_equal(fc_calendar_add_year(*state, good, NULL), 0);
    json_decref(good);
    assert_int_equal(fc_calendar_is_workday(*state, day_of("2026-11-20"), &is, NULL), 0);
    assert_int_equal(is, 0);
    assert_int_equal(fc_calendar_is_workday(*state, day_of("2026-02-14"), &is, NULL), 0);
    assert_int_equal(is, 0);
    fc_civil at = {2026, 11, 19, 9, 0, 0};
    fc_due out;
    json_t *steps = json_array();
    assert_int_equal(fc_calendar_due(*state, fc_ms_of(&at), 1, 1020, 1050, &out, steps, NULL), 0);
    assert_non_null(strstr(step(steps, json_array_size(steps) - 1, "en"), "provisional"));
    assert_non_null(strstr(step(steps, json_array_size(steps) - 1, "zh"), "暂定"));
    json_decref(steps);
}

int main(void)
{
#define WITH_CALENDAR(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_CALENDAR(months_have_the_official_number_of_working_days),
        WITH_CALENDAR(every_row_of_the_table_of_limits),
        WITH_CALENDAR(no_days_is_the_day_itself_or_the_next_working_day),
        WITH_CALENDAR(the_examples_of_one_working_day),
        WITH_CALENDAR(the_cutoff_is_exclusive_to_the_second),
        WITH_CALENDAR(a_day_off_starts_its_own_count_until_the_cutoff),
        WITH_CALENDAR(a_limit_of_no_days_ends_the_same_day),
        WITH_CALENDAR(closing_at_midnight_is_the_next_instant),
        WITH_CALENDAR(the_steps_tell_each_day),
        WITH_CALENDAR(a_make_up_day_is_named_as_such),
        WITH_CALENDAR(a_year_without_data_is_never_guessed),
        WITH_CALENDAR(wrong_limits_are_refused),
        cmocka_unit_test(bad_years_are_refused_with_a_sentence),
        WITH_CALENDAR(a_bad_year_changes_nothing_and_a_good_one_replaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
