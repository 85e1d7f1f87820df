/* Group commit: what is told is on the disk, a body that says no undoes itself alone, a commit that fails is
 * done over one by one, and four processes take turns. */
#include "store_help.h"
#include "base/clock.h"
#include "store/driver.h"

static fc_loop *loop;
static fc_store *s;
static int left; /* transactions not yet told */

typedef struct order {
    fc_tx tx;
    int x, refuse, runs, told, failed;
    void (*inside)(struct order *o);
    fc_err err;
} order;

static int insert(fc_tx *t)
{
    order *o = (order *)t;
    fc_value v = fc_int(o->x);
    o->runs++;
    if (fc_run(s, "INSERT INTO t VALUES (?)", &v, 1, NULL, &o->err)) return -1;
    if (o->inside) o->inside(o);
    return o->refuse;
}

static void told(fc_tx *t, const fc_err *err)
{
    order *o = (order *)t;
    o->told++;
    o->failed = err != NULL;
    if (err) o->err = *err;
    if (--left == 0) fc_loop_stop(loop);
}

static void give(order *o, int n)
{
    left = n;
    for (int i = 0; i < n; i++) {
        o[i].tx.body = insert;
        o[i].tx.done = told;
        if (!o[i].x) o[i].x = i + 1;
        fc_tx_queue(s, &o[i].tx);
    }
    fc_loop_run(loop, 0);
}

static int setup(void **state)
{
    make_folder(state);
    assert_int_equal(fc_loop_new(&loop, NULL), 0);
    ok(fc_store_open(in(state, "a.db"), &s, err));
    run(s, "CREATE TABLE t (x INTEGER PRIMARY KEY) STRICT");
    ok(fc_store_serve(s, loop, err));
    return 0;
}

static int teardown(void **state)
{
    fc_store_unserve(s);
    fc_store_close(s);
    fc_loop_free(loop);
    return drop_folder(state);
}

static int64_t rows(void)
{
    return ask(s, "SELECT count(*) FROM t");
}

static int commits;

static int count_commit(void *ctx)
{
    (void)ctx;
    commits++;
    return 0;
}

static void many_are_one_commit(void **state)
{
    (void)state;
    order o[50] = {0};
    commits = 0;
    sqlite3_commit_hook(s->write->db, count_commit, NULL);
    give(o, 50);
    assert_int_equal(rows(), 50);
    assert_int_equal(commits, 1);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(o[i].told, 1);
        assert_int_equal(o[i].failed, 0);
    }
}

static void who_says_no_undoes_himself_alone(void **state)
{
    (void)state;
    order o[5] = {0};
    o[2].refuse = 7;
    give(o, 5);
    assert_int_equal(rows(), 4);
    assert_int_equal(ask(s, "SELECT count(*) FROM t WHERE x = 3"), 0);
    assert_int_equal(o[2].runs, 1);
    assert_int_equal(o[2].failed, 0);
}

static void a_broken_rule_is_the_body_s_own_matter(void **state)
{
    (void)state;
    order o[4] = {0};
    o[3].x = 1;
    give(o, 4);
    assert_int_equal(rows(), 3);
    assert_int_equal(o[3].err.code, FC_ECONFLICT);
}

static void leave_levels_open(order *o)
{
    ok(fc_tx_begin(s, err));
    ok(fc_tx_begin(s, err));
    fc_value v = fc_int(o->x + 100);
    ok(fc_run(s, "INSERT INTO t VALUES (?)", &v, 1, NULL, err));
}

static void levels_left_open_are_rolled_back(void **state)
{
    (void)state;
    order o[2] = {0};
    o[0].inside = leave_levels_open;
    give(o, 2);
    assert_int_equal(rows(), 2);
    assert_int_equal(fc_tx_depth(s), 0);
}

static int at_once(void *ctx)
{
    (void)ctx;
    return 1;
}

/* An interrupted write makes SQLite give the whole transaction up. */
static void lose_everything(order *o)
{
    if (o->runs > 1) return;
    fc_store_watch(s, at_once, NULL);
    fc_run(s,
           "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1000 UNION ALL SELECT x+1 FROM c LIMIT 9000) SELECT "
           "x FROM c",
           NULL, 0, NULL, NULL);
    fc_store_watch(s, NULL, NULL);
}

static void the_group_of_a_lost_transaction_runs_again(void **state)
{
    (void)state;
    order o[5] = {0};
    o[3].inside = lose_everything;
    commits = 0;
    sqlite3_commit_hook(s->write->db, count_commit, NULL);
    give(o, 5);
    assert_int_equal(rows(), 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(o[i].failed, 0);
    assert_int_equal(o[0].runs, 2);
    assert_int_equal(o[4].runs, 1);
    assert_int_equal(commits, 5);
}

static int times_to_fail;

static int fail_commit(void *ctx)
{
    (void)ctx;
    return times_to_fail-- > 0;
}

static void a_commit_that_fails_is_done_over_one_by_one(void **state)
{
    (void)state;
    order o[6] = {0};
    times_to_fail = 1;
    sqlite3_commit_hook(s->write->db, fail_commit, NULL);
    give(o, 6);
    assert_int_equal(rows(), 6);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(o[i].failed, 0);
        assert_int_equal(o[i].runs, 2);
    }
}

static void a_commit_that_fails_for_good_is_told(void **state)
{
    (void)state;
    order o[3] = {0};
    times_to_fail = 1000;
    sqlite3_commit_hook(s->write->db, fail_commit, NULL);
    give(o, 3);
    sqlite3_commit_hook(s->write->db, NULL, NULL);
    assert_int_equal(rows(), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(o[i].told, 1);
        assert_int_equal(o[i].failed, 1);
    }
    order more[1] = {0};
    give(more, 1);
    assert_int_equal(rows(), 1);
}

static void take_long(order *o)
{
    (void)o;
    int64_t end = fc_monotonic() + 25 * 1000000LL;
    while (fc_monotonic() < end)
        continue;
}

static void who_took_long_is_alone_from_then_on(void **state)
{
    (void)state;
    order o[3] = {0};
    o[1].inside = take_long;
    o[1].tx.kind = 99;
    give(o, 3);
    order again[3] = {{.x = 11}, {.x = 12}, {.x = 13}};
    again[1].tx.kind = 99;
    commits = 0;
    sqlite3_commit_hook(s->write->db, count_commit, NULL);
    give(again, 3);
    assert_int_equal(rows(), 6);
    assert_int_equal(commits, 3);
}

/* A plain transaction of the same process in between waits for the commit that is under way. */
static void plain_ones_in_between(void **state)
{
    (void)state;
    order o[3] = {0};
    left = 3;
    for (int i = 0; i < 3; i++) {
        o[i] = (order){.tx = {.body = insert, .done = told}, .x = i + 1};
        fc_tx_queue(s, &o[i].tx);
    }
    fc_value v = fc_int(77);
    ok(fc_run(s, "INSERT INTO t VALUES (?)", &v, 1, NULL, err));
    fc_loop_run(loop, 0);
    assert_int_equal(rows(), 4);
}

static fc_store *mine;

static void read_after(fc_tx *t, const fc_err *err)
{
    (void)t;
    assert_null(err);
    assert_int_equal(ask(mine, "SELECT count(*) FROM t"), 1);
    fc_loop_stop(loop);
}

static void who_was_told_sees_his_write(void **state)
{
    (void)state;
    mine = s;
    fc_store_share(s, 1);
    assert_int_equal(rows(), 0); /* holds the snapshot */
    order o = {.tx = {.body = insert, .done = read_after}, .x = 1};
    fc_tx_queue(s, &o.tx);
    fc_loop_run(loop, 0);
    fc_store_share(s, 0);
}

static order after_end;

static void queue_more(fc_tx *t, const fc_err *err)
{
    told(t, err);
    after_end = (order){.tx = {.body = insert, .done = told}, .x = 500};
    left++;
    fc_tx_queue(s, &after_end.tx);
}

static void what_waits_at_the_end_is_told(void **state)
{
    (void)state;
    order o[2] = {{.x = 1}, {.x = 2}};
    left = 2;
    o[0].tx = (fc_tx){.body = insert, .done = queue_more};
    o[1].tx = (fc_tx){.body = insert, .done = told};
    fc_tx_queue(s, &o[0].tx);
    fc_store_unserve(s);
    assert_int_equal(o[0].told, 1);
    assert_int_equal(o[0].failed, 1);
    assert_int_equal(after_end.failed, 1);
    assert_int_equal(rows(), 0);
    ok(fc_store_serve(s, loop, err));
}

static void not_served_it_happens_at_once(void **state)
{
    (void)state;
    fc_store_unserve(s);
    order o[2] = {{.x = 1, .tx = {.body = insert, .done = told}},
                  {.x = 2, .refuse = 1, .tx = {.body = insert, .done = told}}};
    left = 10;
    for (int i = 0; i < 2; i++) {
        fc_tx_queue(s, &o[i].tx);
        assert_int_equal(o[i].told, 1);
        assert_int_equal(o[i].failed, 0);
    }
    assert_int_equal(rows(), 1);
    ok(fc_store_serve(s, loop, err));
}

/* ---- several processes */

enum { WORKERS = 4, TURNS = 150 };

static int64_t longest_wait;
static int64_t asked_at;
static int turns_left;
static order one;

static void ask_again(void *ctx);

static void measured(fc_tx *t, const fc_err *err)
{
    (void)t;
    if (err) _exit(3);
    int64_t waited = fc_monotonic() - asked_at;
    if (waited > longest_wait) longest_wait = waited;
    if (--turns_left == 0)
        fc_loop_stop(loop);
    else
        fc_soon(loop, ask_again, NULL);
}

static void ask_again(void *ctx)
{
    (void)ctx;
    one = (order){.tx = {.body = insert, .done = measured}};
    one.x = (int)(getpid() % 10000) * 1000 + turns_left;
    asked_at = fc_monotonic();
    fc_tx_queue(s, &one.tx);
}

static int busy_worker(const char *path)
{
    fc_loop_new(&loop, NULL);
    if (fc_store_open(path, &s, NULL) || fc_store_serve(s, loop, NULL)) return 2;
    turns_left = TURNS;
    fc_soon(loop, ask_again, NULL);
    fc_loop_run(loop, 0);
    fc_store_unserve(s);
    fc_store_close(s);
    fc_loop_free(loop);
    return 0;
}

static void four_processes_take_turns(void **state)
{
    fc_store *first;
    char *path = strdup(in(state, "b.db"));
    ok(fc_store_open(path, &first, err));
    run(first, "CREATE TABLE t (x INTEGER PRIMARY KEY) STRICT");
    fc_store_close(first);
    pid_t child[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        child[i] = fork();
        if (child[i] == 0) _exit(busy_worker(path));
    }
    for (int i = 0; i < WORKERS; i++) {
        int status;
        waitpid(child[i], &status, 0);
        assert_int_equal(status, 0);
    }
    ok(fc_store_open(path, &first, err));
    assert_int_equal(ask(first, "SELECT count(*) FROM t"), WORKERS * TURNS);
    fc_store_close(first);
    free(path);
}

/* Somebody with a shell on the file, who knows nothing of turns. */
static void a_foreign_lock_is_waited_for(void **state)
{
    sqlite3 *shell;
    fc_store_unserve(s);
    assert_int_equal(sqlite3_open(in(state, "a.db"), &shell), SQLITE_OK);
    ok(fc_store_serve(s, loop, err));
    assert_int_equal(sqlite3_exec(shell, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    order o = {.tx = {.body = insert, .done = told}, .x = 1};
    left = 1;
    fc_tx_queue(s, &o.tx);
    fc_timer *t = fc_timer_new(loop, (void (*)(void *))fc_loop_stop, loop);
    fc_timer_set(t, 100, 0);
    fc_loop_run(loop, 0);
    assert_int_equal(o.told, 0);
    sqlite3_exec(shell, "COMMIT", NULL, NULL, NULL);
    fc_loop_run(loop, 0);
    assert_int_equal(o.told, 1);
    assert_int_equal(o.failed, 0);
    fc_timer_free(t);
    sqlite3_close(shell);
}

/* Whatever else the machine has to do: a checkpoint that is under way has ended. */
static void until_the_writer_may_begin_it_anew(int64_t deadline)
{
    fc_timer *t = fc_timer_new(loop, (void (*)(void *))fc_loop_stop, loop);
    while (s->wal_pages > 8192 && !fc_checkpoint_overdue(s) && fc_monotonic() < deadline) {
        fc_timer_set(t, 2, 0);
        fc_loop_run(loop, 0);
    }
    fc_timer_free(t);
}

static void the_log_is_begun_anew(void **state)
{
    char path[300];
    struct stat st;
    snprintf(path, sizeof path, "%s-wal", in(state, "a.db"));
    order o[40] = {0};
    const int64_t deadline = fc_monotonic() + 20000000000LL;
    for (int round = 0; round < 60; round++) {
        for (int i = 0; i < 40; i++)
            o[i] = (order){.x = 1 + round * 40 + i};
        for (int i = 0; i < 40; i++)
            o[i].tx.kind = 0;
        give(o, 40);
        run(s, "CREATE TABLE IF NOT EXISTS big (b BLOB) STRICT");
        run(s, "INSERT INTO big VALUES (zeroblob(1600000))");
        run(s, "DELETE FROM big");
        until_the_writer_may_begin_it_anew(deadline);
    }
    assert_int_equal(stat(path, &st), 0);
    if (st.st_size >= 44 << 20) fail_msg("%lld", (long long)st.st_size);
    assert_int_equal(rows(), 2400);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(many_are_one_commit),
        T(who_says_no_undoes_himself_alone),
        T(a_broken_rule_is_the_body_s_own_matter),
        T(levels_left_open_are_rolled_back),
        T(the_group_of_a_lost_transaction_runs_again),
        T(a_commit_that_fails_is_done_over_one_by_one),
        T(a_commit_that_fails_for_good_is_told),
        T(who_took_long_is_alone_from_then_on),
        T(plain_ones_in_between),
        T(who_was_told_sees_his_write),
        T(what_waits_at_the_end_is_told),
        T(not_served_it_happens_at_once),
        T(four_processes_take_turns),
        T(a_foreign_lock_is_waited_for),
        T(the_log_is_begun_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
