/* The folder watcher: what it reports, what it leaves out, and that it survives everything editors and
 * scripts do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "loop/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUIET 20

static fc_loop *l;
static fc_watch *w;
static fc_timer *end;
static char dir[64];
static int calls;

static void changed(void *ctx)
{
    (void)ctx;
    calls++;
}

static void stop(void *ctx)
{
    (void)ctx;
    fc_loop_stop(l);
}

static void sh(const char *format, ...)
{
    char command[1024] = "";
    int n = snprintf(command, sizeof command, "cd %s && ", dir);
    va_list args;
    va_start(args, format);
    vsnprintf(command + n, sizeof command - (size_t)n, format, args);
    va_end(args);
    assert_int_equal(system(command), 0);
}

/* Runs long enough for a report and returns how many there were. Where there was none it looks once more: a
 * process that the machine held up has found its own time over before it came to read the events. */
static int reports(void)
{
    calls = 0;
    for (int look = 0; look < 2 && calls == 0; look++) {
        fc_timer_set(end, QUIET * 4, 0);
        fc_loop_run(l, 0);
    }
    return calls;
}

static int setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/fc-watch-XXXXXX");
    assert_non_null(mkdtemp(dir));
    sh("mkdir -p tree/a/b tree/data tree/.git tree/node_modules");
    assert_int_equal(fc_loop_new(&l, NULL), 0);
    end = fc_timer_new(l, stop, NULL);
    char path[80];
    snprintf(path, sizeof path, "%s/tree/", dir);
    assert_int_equal(fc_watch_new(l, path, QUIET, changed, NULL, &w, NULL), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fc_watch_free(w);
    fc_timer_free(end);
    fc_loop_free(l);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

static void nothing_happens_nothing_is_said(void **state)
{
    (void)state;
    assert_int_equal(reports(), 0);
}

static void files_at_every_depth(void **state)
{
    (void)state;
    sh("echo 1 > tree/x.lua");
    assert_int_equal(reports(), 1);
    sh("echo 1 > tree/a/b/x.lua");
    assert_int_equal(reports(), 1);
    sh("echo 2 >> tree/a/b/x.lua");
    assert_int_equal(reports(), 1);
    sh("rm tree/a/b/x.lua");
    assert_int_equal(reports(), 1);
}

static void many_changes_are_one_report(void **state)
{
    (void)state;
    sh("for i in 1 2 3 4 5 6 7 8 9; do echo $i > tree/a/$i.lua; done");
    assert_int_equal(reports(), 1);
}

static void saving_by_renaming(void **state)
{
    (void)state;
    sh("echo 1 > tree/x.lua");
    reports();
    for (int i = 0; i < 3; i++) {
        sh("echo %d > tree/x.lua.tmp", i);
        assert_int_equal(reports(), 0); /* an editor's temporary file alone is nothing */
        sh("mv tree/x.lua.tmp tree/x.lua");
        assert_int_equal(reports(), 1);
    }
}

static void ignored_names(void **state)
{
    (void)state;
    sh("echo 1 > tree/.x.lua.swx; echo 1 > tree/x.lua~; echo 1 > tree/.git/x; echo 1 > tree/data/x");
    sh("echo 1 > tree/node_modules/x; echo 1 > tree/a/x.swp; mkdir tree/a/.hidden");
    assert_int_equal(reports(), 0);
    sh("echo 1 > tree/a/.hidden/x; mkdir tree/data/sub; echo 1 > tree/data/sub/x");
    assert_int_equal(reports(), 0);
    sh("mkdir tree/a/data");
    assert_int_equal(reports(), 1);
    sh("echo 1 > tree/a/data/2026.lua");
    assert_int_equal(reports(), 1);
}

static void new_folders_are_watched(void **state)
{
    (void)state;
    sh("mkdir -p tree/n/e/w && echo 1 > tree/n/e/w/x");
    assert_int_equal(reports(), 1);
    sh("echo 2 > tree/n/e/w/x");
    assert_int_equal(reports(), 1);
}

static void a_folder_made_again(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        sh("rm -r tree/a; mkdir -p tree/a/b");
        assert_int_equal(reports(), 1);
        sh("echo 1 > tree/a/b/x");
        assert_int_equal(reports(), 1);
    }
}

static void a_folder_renamed_inside(void **state)
{
    (void)state;
    sh("mv tree/a tree/c");
    assert_int_equal(reports(), 1);
    sh("echo 1 > tree/c/b/x");
    assert_int_equal(reports(), 1);
    sh("mkdir -p tree/c/b/n");
    assert_int_equal(reports(), 1);
    sh("echo 1 > tree/c/b/n/x");
    assert_int_equal(reports(), 1);
}

static void a_folder_moved_away_and_one_moved_in(void **state)
{
    (void)state;
    sh("mv tree/a away");
    assert_int_equal(reports(), 1);
    sh("echo 1 > away/b/x");
    assert_int_equal(reports(), 0);
    sh("mv away tree/back");
    assert_int_equal(reports(), 1);
    sh("echo 1 > tree/back/b/x");
    assert_int_equal(reports(), 1);
}

static void the_folder_itself_goes_and_comes(void **state)
{
    (void)state;
    sh("mv tree gone");
    assert_int_equal(reports(), 1);
    sh("echo 1 > gone/x; echo 1 > stranger");
    assert_int_equal(reports(), 0);
    sh("mv gone tree");
    assert_int_equal(reports(), 1);
    sh("echo 1 > tree/a/b/x");
    assert_int_equal(reports(), 1);
    sh("rm -r tree");
    assert_int_equal(reports(), 1);
    sh("mkdir -p tree/z && echo 1 > tree/z/x");
    assert_int_equal(reports(), 1);
    sh("echo 2 > tree/z/x");
    assert_int_equal(reports(), 1);
}

static void a_folder_that_does_not_exist_yet(void **state)
{
    (void)state;
    fc_watch *later;
    char path[100];
    snprintf(path, sizeof path, "%s/not/yet/there", dir);
    assert_int_equal(fc_watch_new(l, path, QUIET, changed, NULL, &later, NULL), 0);
    sh("mkdir -p not/yet");
    assert_int_equal(reports(), 0);
    sh("mkdir -p not/yet/there/now");
    assert_int_equal(reports(), 1);
    sh("echo 1 > not/yet/there/now/x");
    assert_int_equal(reports(), 1);
    fc_watch_free(later);
}

static void links_are_followed_and_circles_end(void **state)
{
    (void)state;
    sh("mkdir outside && ln -s ../outside tree/link && ln -s .. tree/a/up");
    assert_int_equal(reports(), 1);
    sh("echo 1 > outside/x");
    assert_int_equal(reports(), 1);
}

static void run_for(int ms)
{
    fc_timer_set(end, ms, 0);
    fc_loop_run(l, 0);
}

/* The kernel keeps 16,384 events and drops the rest: a folder that is made while it drops them must be found.
 */
static void more_events_than_the_kernel_keeps(void **state)
{
    (void)state;
    char from[80], to[80];
    snprintf(from, sizeof from, "%s/tree/x", dir);
    snprintf(to, sizeof to, "%s/tree/y", dir);
    sh("echo 1 > tree/x");
    for (int i = 0; i < 9000; i++) {
        assert_int_equal(rename(from, to), 0);
        assert_int_equal(rename(to, from), 0);
    }
    sh("mkdir -p tree/late/one");
    assert_in_range(reports(), 1, 4);
    sh("echo 1 > tree/late/one/x");
    assert_in_range(reports(), 1, 3); /* a busy machine may split one burst */
}

/* Folders that come and go leave nothing behind that would count against the limit. */
static void ten_thousand_folders_one_after_the_other(void **state)
{
    (void)state;
    char path[80];
    for (int round = 0; round < 21; round++) {
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < 500; i++) {
                snprintf(path, sizeof path, "%s/tree/%d", dir, i);
                assert_int_equal(pass ? rmdir(path) : mkdir(path, 0700), 0);
            }
            run_for(10);
        }
    }
    run_for(QUIET * 2);
    sh("mkdir tree/last");
    assert_in_range(reports(), 1, 3); /* a busy machine may split one burst */
    sh("echo 1 > tree/last/x");
    assert_in_range(reports(), 1, 3); /* a busy machine may split one burst */
}

/* Written to again and again: reported about once a second, not never. */
static fc_timer *writer;

static void write_again(void *ctx)
{
    (void)ctx;
    char path[80];
    snprintf(path, sizeof path, "%s/tree/x", dir);
    FILE *f = fopen(path, "a");
    assert_non_null(f);
    fputs("x", f);
    fclose(f);
}

/* Its own watch, whose quiet time is far longer than a busy machine holds the writer up. */
static void a_tree_that_is_never_quiet(void **state)
{
    (void)state;
    char path[80];
    snprintf(path, sizeof path, "%s/tree", dir);
    fc_watch_free(w);
    assert_int_equal(fc_watch_new(l, path, 400, changed, NULL, &w, NULL), 0);
    writer = fc_timer_new(l, write_again, NULL);
    fc_timer_set(writer, 1, 5);
    calls = 0;
    fc_timer_set(end, 700, 0);
    fc_loop_run(l, 0);
    assert_int_equal(calls, 0);
    fc_timer_set(end, 1000, 0);
    fc_loop_run(l, 0);
    assert_in_range(calls, 1, 3);
    fc_timer_free(writer);
}

static fc_watch *self;

static void free_self(void *ctx)
{
    (void)ctx;
    fc_watch_free(self);
    fc_loop_stop(l);
}

static void freed_from_its_own_report(void **state)
{
    (void)state;
    char path[80];
    snprintf(path, sizeof path, "%s/tree/a", dir);
    assert_int_equal(fc_watch_new(l, path, QUIET, free_self, NULL, &self, NULL), 0);
    sh("echo 1 > tree/a/x");
    fc_loop_run(l, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(nothing_happens_nothing_is_said),
        T(files_at_every_depth),
        T(many_changes_are_one_report),
        T(saving_by_renaming),
        T(ignored_names),
        T(new_folders_are_watched),
        T(a_folder_made_again),
        T(a_folder_renamed_inside),
        T(a_folder_moved_away_and_one_moved_in),
        T(the_folder_itself_goes_and_comes),
        T(a_folder_that_does_not_exist_yet),
        T(links_are_followed_and_circles_end),
        T(more_events_than_the_kernel_keeps),
        T(ten_thousand_folders_one_after_the_other),
        T(a_tree_that_is_never_quiet),
        T(freed_from_its_own_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
