/* Reads in the pool: the same rows as on the loop, a limit, a cancel, and which statements go there. */
#include "store_help.h"
#include "base/clock.h"
#include "store/driver.h"

#include <pthread.h>

static fc_loop *loop;
static fc_store *s;

static int setup(void **state)
{
    make_folder(state);
    assert_int_equal(fc_loop_new(&loop, NULL), 0);
    ok(fc_store_open(in(state, "a.db"), &s, err));
    run(s, "CREATE TABLE t (x INTEGER PRIMARY KEY, y TEXT, z REAL, b BLOB) STRICT");
    run(s, "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c LIMIT 5000)"
           " SELECT x, 'n' || x, x / 2.0, CASE WHEN x % 3 = 0 THEN NULL ELSE x'00ff' END FROM c");
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

static fc_read *open_read(const char *sql, const fc_value *args, int nargs)
{
    fc_read *r;
    ok(fc_read_open(s, sql, strlen(sql), args, nargs, 60000, &r, err));
    return r;
}

static void same_value(const fc_value *a, const fc_value *b)
{
    assert_int_equal(a->type, b->type);
    if (a->type == FC_INT) assert_int_equal(a->i, b->i);
    if (a->type == FC_REAL) assert_true(a->d == b->d);
    if (a->type == FC_TEXT || a->type == FC_BLOB) {
        assert_int_equal(a->n, b->n);
        assert_memory_equal(a->s, b->s, a->n);
    }
}

static void the_same_rows_either_way(void **state)
{
    (void)state;
    const char *sql = "SELECT x, y, z, b, NULL AS nix, '' AS empty FROM t WHERE x > ? AND y <> ? ORDER BY x";
    char word[] = "n7";
    fc_value args[] = {fc_int(3), fc_text(word)};
    fc_read *r = open_read(sql, args, 2);
    word[0] = '?'; /* the caller's bytes are his own again */
    if (fc_read_fetch(r, INT64_MAX)) fail_msg("%s", fc_read_error(r)->text[FC_EN]);
    word[0] = 'n';
    fc_cursor *c;
    int row, n = 0;
    ok(fc_query(s, sql, strlen(sql), args, 2, &c, err));
    for (;;) {
        ok(fc_cursor_next(c, &row, err));
        assert_int_equal(fc_read_row(r), row);
        if (!row) break;
        for (int i = 0; i < 6; i++) {
            fc_value a, b;
            fc_cursor_value(c, i, &a);
            fc_read_value(r, i, &b);
            same_value(&a, &b);
            assert_string_equal(fc_cursor_name(c, i), fc_read_name(r, i));
        }
        n++;
    }
    assert_int_equal(n, 4996);
    assert_true(fc_read_ended(r));
    fc_cursor_close(c);
    fc_read_close(r);
}

static void in_pieces_from_one_snapshot(void **state)
{
    (void)state;
    fc_read *r = open_read("SELECT x FROM t ORDER BY x", NULL, 0);
    int64_t want = 1;
    while (!fc_read_ended(r)) {
        assert_int_equal(fc_read_fetch(r, 100), 0);
        while (fc_read_row(r)) {
            fc_value v;
            fc_read_value(r, 0, &v);
            assert_int_equal(v.i, want++);
        }
        if (want == 101) run(s, "DELETE FROM t WHERE x > 200");
    }
    assert_int_equal(want, 5001);
    fc_read_close(r);
}

static void a_fetch_of_part_is_bounded_in_bytes(void **state)
{
    (void)state;
    fc_read *r = open_read("SELECT zeroblob(100000) AS b FROM t", NULL, 0);
    assert_int_equal(fc_read_fetch(r, 100000), 0);
    int rows = 0;
    while (fc_read_row(r))
        rows++;
    assert_in_range(rows, 1, 10);
    assert_false(fc_read_ended(r));
    fc_read_close(r);
}

static void too_much_at_once_is_named(void **state)
{
    (void)state;
    fc_read *r = open_read("SELECT zeroblob(100000) AS b FROM t", NULL, 0);
    assert_int_equal(fc_read_fetch(r, INT64_MAX), FC_ELIMIT);
    assert_non_null(strstr(fc_read_error(r)->text[FC_EN], "db.each"));
    fc_read_close(r);
}

static const char endless[] =
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT max(x) FROM c";

static void a_read_ends_at_its_limit(void **state)
{
    (void)state;
    fc_read *r;
    ok(fc_read_open(s, endless, sizeof endless - 1, NULL, 0, 100, &r, err));
    assert_int_equal(fc_read_fetch(r, 10), FC_ELIMIT);
    assert_non_null(strstr(fc_read_error(r)->text[FC_ZH], "已被中断"));
    fc_read_close(r);
    fc_read *next = open_read("SELECT 1", NULL, 0); /* the connection is as good as new */
    assert_int_equal(fc_read_fetch(next, 10), 0);
    fc_read_close(next);
}

static void *fetch_all(void *r)
{
    return (void *)(intptr_t)fc_read_fetch(r, 10);
}

static void a_cancel_interrupts(void **state)
{
    (void)state;
    pthread_t thread;
    void *rc;
    fc_read *r = open_read(endless, NULL, 0);
    pthread_create(&thread, NULL, fetch_all, r);
    usleep(50000);
    fc_read_cancel(r);
    pthread_join(thread, &rc);
    assert_int_equal((intptr_t)rc, FC_ECANCEL);
    fc_read_close(r);
}

static void a_cancel_between_two_fetches(void **state)
{
    (void)state;
    fc_read *r = open_read("SELECT x FROM t", NULL, 0);
    assert_int_equal(fc_read_fetch(r, 10), 0);
    fc_read_cancel(r);
    assert_int_equal(fc_read_fetch(r, 10), FC_ECANCEL);
    fc_read_close(r);
}

static void errors_are_the_read_s(void **state)
{
    (void)state;
    fc_read *r = open_read("SELECT nothing FROM t", NULL, 0);
    assert_int_equal(fc_read_fetch(r, 10), FC_EINVAL);
    assert_non_null(strstr(fc_read_error(r)->text[FC_EN], "nothing"));
    fc_read_close(r);
}

static void a_write_is_refused(void **state)
{
    (void)state;
    fc_read *r = open_read("DELETE FROM t RETURNING x", NULL, 0);
    assert_int_equal(fc_read_fetch(r, 10), FC_EINVAL);
    fc_read_close(r);
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 5000);
}

static bool slow(const char *sql)
{
    fc_cursor *c;
    enum fc_kind kind = FC_QUICK;
    int rc = fc_query_quick(s, sql, strlen(sql), NULL, 0, &kind, &c, NULL);
    assert_true(!c == (rc || kind != FC_QUICK));
    fc_cursor_close(c);
    return kind == FC_SLOW;
}

static void what_sorts_goes_to_the_pool(void **state)
{
    (void)state;
    assert_true(slow("SELECT x FROM t ORDER BY y"));
    assert_true(slow("SELECT z, count(*) FROM t GROUP BY z"));
    assert_false(slow("SELECT x FROM t ORDER BY x"));
    assert_false(slow("SELECT y FROM t WHERE x = 7"));
    assert_false(slow("SELECT nonsense"));
    assert_false(slow("DELETE FROM t WHERE y > 'x'"));
}

static void what_took_long_goes_to_the_pool(void **state)
{
    (void)state;
    const char *sql = "SELECT count(*) FROM t AS a, t AS b WHERE a.y = b.y || 'x' AND a.x < 20";
    assert_false(slow(sql));
    ask(s, sql);
    assert_true(slow(sql));
}

static void *hold_open(void *r)
{
    fc_read_fetch(r, 10);
    return NULL;
}

static void an_old_read_is_ended_when_the_log_grows(void **state)
{
    (void)state;
    fc_read *r = open_read("SELECT x FROM t", NULL, 0);
    hold_open(r);
    fc_readers_limit(s->readers, 1000);
    assert_int_equal(fc_read_fetch(r, 10), 0);
    usleep(20000);
    fc_readers_limit(s->readers, 10);
    assert_int_equal(fc_read_fetch(r, 10), FC_ECANCEL);
    fc_read_close(r);
}

/* One that nobody goes on with holds its snapshot as well. */
static void an_old_read_that_rests_is_ended_too(void **state)
{
    (void)state;
    fc_read *r = open_read("SELECT x FROM t ORDER BY x", NULL, 0);
    assert_int_equal(fc_read_fetch(r, 1), 0);
    run(s, "INSERT INTO t (x) VALUES (9000)");
    fc_conn_patience(s->write, 0);
    assert_int_equal(sqlite3_wal_checkpoint_v2(s->write->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) &
                         0xff,
                     SQLITE_BUSY);
    fc_readers_limit(s->readers, 0);
    assert_int_equal(sqlite3_wal_checkpoint_v2(s->write->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL),
                     SQLITE_OK);
    assert_true(fc_read_row(r)); /* what it has is still good */
    assert_false(fc_read_row(r));
    assert_int_equal(fc_read_fetch(r, 1), FC_ECANCEL);
    fc_read_close(r);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(the_same_rows_either_way),
        T(in_pieces_from_one_snapshot),
        T(a_fetch_of_part_is_bounded_in_bytes),
        T(too_much_at_once_is_named),
        T(a_read_ends_at_its_limit),
        T(a_cancel_interrupts),
        T(a_cancel_between_two_fetches),
        T(errors_are_the_read_s),
        T(a_write_is_refused),
        T(what_sorts_goes_to_the_pool),
        T(what_took_long_goes_to_the_pool),
        T(an_old_read_that_rests_is_ended_too),
        T(an_old_read_is_ended_when_the_log_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
