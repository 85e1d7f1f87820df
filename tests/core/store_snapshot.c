/* Shared reads: what is seen when, and that nothing written waits for them. */
#include "store_help.h"

typedef struct pair {
    fc_store *ours, *theirs;
} pair;

static pair open_pair(void **state)
{
    pair p = {NULL, NULL};
    ok(fc_store_open(in(state, "x.db"), &p.ours, err));
    ok(fc_store_open(in(state, "x.db"), &p.theirs, err));
    run(p.ours, "CREATE TABLE t (x INTEGER PRIMARY KEY) STRICT");
    fc_store_share(p.ours, 1);
    return p;
}

static void close_pair(pair p)
{
    fc_store_close(p.ours);
    fc_store_close(p.theirs);
}

static int64_t rows(fc_store *s)
{
    return ask(s, "SELECT count(*) FROM t");
}

static void one_snapshot_until_refresh(void **state)
{
    pair p = open_pair(state);
    assert_int_equal(rows(p.ours), 0);
    run(p.theirs, "INSERT INTO t VALUES (1)");
    assert_int_equal(rows(p.ours), 0);
    assert_int_equal(ask(p.ours, "SELECT coalesce(max(x), 0) FROM t"), 0);
    fc_store_refresh(p.ours);
    assert_int_equal(rows(p.ours), 1);
    fc_store_share(p.ours, 0);
    run(p.theirs, "INSERT INTO t VALUES (2)");
    assert_int_equal(rows(p.ours), 2);
    run(p.theirs, "INSERT INTO t VALUES (3)");
    assert_int_equal(rows(p.ours), 3);
    close_pair(p);
}

/* A stale snapshot cannot become a writer (SQLITE_BUSY_SNAPSHOT), so each of these must leave it first. */
static void writing_leaves_it(void **state)
{
    pair p = open_pair(state);
    assert_int_equal(rows(p.ours), 0);
    run(p.theirs, "INSERT INTO t VALUES (1)");
    run(p.ours, "INSERT INTO t VALUES (2)");
    assert_int_equal(rows(p.ours), 2);
    run(p.theirs, "INSERT INTO t VALUES (3)");
    assert_int_equal(rows(p.ours), 2);
    ok(fc_tx_begin(p.ours, err));
    assert_int_equal(rows(p.ours), 3);
    run(p.ours, "INSERT INTO t VALUES (4)");
    assert_int_equal(rows(p.ours), 4);
    ok(fc_tx_commit(p.ours, err));
    assert_int_equal(rows(p.ours), 4);
    ok(fc_tx_begin(p.ours, err));
    run(p.ours, "INSERT INTO t VALUES (5)");
    fc_tx_rollback(p.ours);
    assert_int_equal(rows(p.ours), 4);
    close_pair(p);
}

static void it_holds_up_nobody(void **state)
{
    pair p = open_pair(state);
    assert_int_equal(rows(p.ours), 0);
    ok(fc_tx_begin(p.theirs, err));
    run(p.theirs, "INSERT INTO t VALUES (1)");
    run(p.theirs, "CREATE TABLE u (x INTEGER) STRICT");
    ok(fc_tx_commit(p.theirs, err));
    assert_int_equal(rows(p.ours), 0);
    fc_store_refresh(p.ours);
    assert_int_equal(rows(p.ours), 1);
    run(p.ours, "DROP TABLE u");
    assert_int_equal(rows(p.ours), 1);
    close_pair(p);
}

/* A query that is still open keeps what it sees, as without sharing. */
static void an_open_query_goes_on(void **state)
{
    pair p = open_pair(state);
    fc_cursor *c;
    int row;
    static const char sql[] = "SELECT x FROM t ORDER BY x";
    run(p.ours, "INSERT INTO t VALUES (1), (2)");
    ok(fc_query(p.ours, sql, sizeof sql - 1, NULL, 0, &c, err));
    ok(fc_cursor_next(c, &row, err));
    fc_store_refresh(p.ours);
    run(p.theirs, "INSERT INTO t VALUES (3)");
    ok(fc_cursor_next(c, &row, err));
    assert_int_equal(row, 1);
    ok(fc_cursor_next(c, &row, err));
    assert_int_equal(row, 0);
    fc_cursor_close(c);
    fc_store_refresh(p.ours);
    assert_int_equal(rows(p.ours), 3);
    close_pair(p);
}

static void an_empty_store_shares_too(void **state)
{
    (void)state;
    fc_store *s = memory_store();
    fc_store_share(s, 1);
    assert_int_equal(ask(s, "SELECT 7"), 7);
    run(s, "CREATE TABLE t (x INTEGER) STRICT");
    assert_int_equal(rows(s), 0);
    run(s, "DROP TABLE t");
    fc_store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        each_in_folder(one_snapshot_until_refresh), each_in_folder(writing_leaves_it),
        each_in_folder(it_holds_up_nobody),         each_in_folder(an_open_query_goes_on),
        each_in_folder(an_empty_store_shares_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
