/* Which backups stay and when the next is due. */
#include "store_help.h"
#include "base/clock.h"
#include "store/backup.h"

#include <dirent.h>
#include <time.h>

#define DAY 86400000LL

static const int64_t now = 1795000000000; /* 2026-11-18T11:06:40Z, a Wednesday */

static void touch(void **state, const char *folder, int64_t at, const char *end)
{
    char when[32], name[200];
    time_t s = (time_t)(at / 1000);
    struct tm t;
    gmtime_r(&s, &t);
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &t);
    snprintf(name, sizeof name, "forecourt-%s-%s%s", folder, when, end);
    put(in(state, name), "x");
}

static int count(void **state)
{
    int n = 0;
    DIR *d = opendir(*state);
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static void days_then_weeks(void **state)
{
    int removed;
    fc_backup_keep keep = {14, 8};
    for (int day = 0; day < 120; day++)
        touch(state, "n", now - day * DAY, ".fcb");
    touch(state, "n", now - 100 * DAY, "-keys.fcb");
    touch(state, "n-2", now - 100 * DAY, ".fcb");
    touch(state, "n", now - 100 * DAY, ".fcb.part");
    put(in(state, "forecourt-n-notes.txt"), "x");
    ok(fc_backup_prune(*state, "n", 0, &keep, in(state, "forecourt-n-20261118T110640Z.fcb"), now, &removed,
                       err));
    /* 15 of the last 14 days, then the Sundays within 8 weeks: 1 Nov, 25, 18, 11, 4 Oct, 27 Sep */
    assert_int_equal(120 - removed, 15 + 6);
    assert_int_equal(count(state), 21 + 4);
    assert_int_equal(access(in(state, "forecourt-n-20261101T110640Z.fcb"), F_OK), 0);
    assert_int_equal(access(in(state, "forecourt-n-20260927T110640Z.fcb"), F_OK), 0);
}

static void the_last_good_one_stays(void **state)
{
    int removed;
    fc_backup_keep keep = {14, 8}, keys = {30, 0};
    for (int i = 0; i < 6; i++) {
        touch(state, "n", now - (400 + i) * DAY, ".fcb");
        touch(state, "n", now - (400 + i) * DAY, "-keys.fcb");
    }
    /* not in the folder: then nothing is deleted at all */
    ok(fc_backup_prune(*state, "n", 0, &keep, "elsewhere.fcb", now, &removed, err));
    assert_int_equal(removed, 0);
    touch(state, "n", now - 450 * DAY, ".fcb");
    touch(state, "n", now - 450 * DAY, "-keys.fcb");
    char good[200];
    time_t s = (time_t)((now - 450 * DAY) / 1000);
    strftime(good, sizeof good, "forecourt-n-%Y%m%dT%H%M%SZ.fcb", gmtime(&s));
    ok(fc_backup_prune(*state, "n", 0, &keep, good, now, &removed, err));
    assert_int_equal(removed, 3); /* the three newest and the good one stay */
    assert_int_equal(access(in(state, good), F_OK), 0);
    strftime(good, sizeof good, "forecourt-n-%Y%m%dT%H%M%SZ-keys.fcb", gmtime(&s));
    ok(fc_backup_prune(*state, "n", 1, &keys, good, now, &removed, err));
    assert_int_equal(removed, 6); /* what was erased must go: only the good one stays */
    assert_int_equal(access(in(state, good), F_OK), 0);
}

/* 02:30 in the site's zone. */
static void when_one_is_due(void **state)
{
    (void)state;
    const int at = 150;
    int64_t slot = (now + FC_ZONE_MS) / DAY * DAY - FC_ZONE_MS + at * 60000LL;
    fc_backup_times never = {0, 0}, yesterday = {slot - DAY + 5000, slot - DAY + 5000},
                    today = {slot + 5000, slot + 5000}, failed = {slot - DAY, slot + 5000};
    assert_true(fc_backup_due(at, &never, now, 1));
    assert_false(fc_backup_due(at, &never, now, 0));
    assert_false(fc_backup_due(at, &yesterday, slot - 1000, 0));
    assert_true(fc_backup_due(at, &yesterday, slot + 1000, 0));
    assert_false(fc_backup_due(at, &today, slot + 20000, 0));
    assert_false(fc_backup_due(at, &today, slot + DAY - 1000, 0));
    assert_true(fc_backup_due(at, &today, slot + DAY + 1000, 0));
    assert_false(fc_backup_due(at, &failed, slot + 60000, 0));        /* not again at once ... */
    assert_true(fc_backup_due(at, &failed, slot + 2 * 3600000, 0));   /* ... but in an hour */
    assert_true(fc_backup_due(at, &yesterday, slot - 1000 + DAY, 1)); /* a start, more than a day after */
    assert_false(fc_backup_due(at, &today, slot + DAY / 2, 1));
}

/* Back over the hour and forward again: once. Back by years: what lies ahead does not count for ever. */
static void a_clock_that_jumps(void **state)
{
    (void)state;
    const int at = 150;
    int64_t slot = (now + FC_ZONE_MS) / DAY * DAY - FC_ZONE_MS + at * 60000LL;
    fc_backup_times t = {slot + 5000, slot + 5000};
    assert_false(fc_backup_due(at, &t, slot - 3600000, 0));
    assert_false(fc_backup_due(at, &t, slot - 3600000, 1));
    for (int64_t clock = slot - 3600000; clock < slot + DAY; clock += 600000)
        assert_false(fc_backup_due(at, &t, clock, 0));
    fc_backup_times future = {now + 400 * DAY, now + 400 * DAY};
    assert_true(fc_backup_due(at, &future, now, 1));
    fc_backup_times jumped = {slot + 5000, slot + 5000};
    assert_true(fc_backup_due(at, &jumped, slot + 30 * DAY + 7, 0));
    jumped = (fc_backup_times){slot + 30 * DAY + 7, slot + 30 * DAY + 7};
    assert_false(fc_backup_due(at, &jumped, slot + 30 * DAY + 60000, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        each_in_folder(days_then_weeks),
        each_in_folder(the_last_good_one_stays),
        cmocka_unit_test(when_one_is_due),
        cmocka_unit_test(a_clock_that_jumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
