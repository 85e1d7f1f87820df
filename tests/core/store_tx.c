/* Transactions: levels, what a rollback takes with it, and what happens when SQLite gives the whole one up.
 */
#include "store_help.h"
#include "store/driver.h"

static int64_t rows(fc_store *s)
{
    return ask(s, "SELECT count(*) FROM t");
}

static fc_store *with_table(void)
{
    fc_store *s = memory_store();
    run(s, "CREATE TABLE t (x INTEGER PRIMARY KEY) STRICT");
    return s;
}

static void commit_keeps_rollback_takes(void **state)
{
    (void)state;
    fc_store *s = with_table();
    ok(fc_tx_begin(s, err));
    run(s, "INSERT INTO t VALUES (1)");
    ok(fc_tx_commit(s, err));
    ok(fc_tx_begin(s, err));
    run(s, "INSERT INTO t VALUES (2)");
    fc_tx_rollback(s);
    fc_tx_rollback(s); /* nothing open: nothing happens */
    assert_int_equal(rows(s), 1);
    fails(FC_EINTERNAL, "no transaction", "没有可提交", fc_tx_commit(s, err));
    fc_store_close(s);
}

static void inner_levels_are_savepoints(void **state)
{
    (void)state;
    fc_store *s = with_table();
    ok(fc_tx_begin(s, err));
    run(s, "INSERT INTO t VALUES (1)");
    ok(fc_tx_begin(s, err));
    run(s, "INSERT INTO t VALUES (2)");
    ok(fc_tx_begin(s, err));
    assert_int_equal(fc_tx_depth(s), 3);
    run(s, "INSERT INTO t VALUES (3)");
    ok(fc_tx_commit(s, err));
    fc_tx_rollback(s);
    assert_int_equal(rows(s), 1);
    ok(fc_tx_begin(s, err)); /* the same name again */
    run(s, "INSERT INTO t VALUES (4)");
    ok(fc_tx_commit(s, err));
    ok(fc_tx_commit(s, err));
    assert_int_equal(fc_tx_depth(s), 0);
    assert_int_equal(rows(s), 2);
    fc_store_close(s);
}

static void an_ordinary_error_leaves_the_rest(void **state)
{
    (void)state;
    fc_store *s = with_table();
    ok(fc_tx_begin(s, err));
    run(s, "INSERT INTO t VALUES (1)");
    assert_int_equal(fc_run(s, "INSERT INTO t VALUES (1)", NULL, 0, NULL, NULL), FC_ECONFLICT);
    run(s, "INSERT INTO t VALUES (2)");
    ok(fc_tx_commit(s, err));
    assert_int_equal(rows(s), 2);
    fc_store_close(s);
}

static int at_once(void *ctx)
{
    (void)ctx;
    return 1;
}

/* A write that is interrupted takes the whole transaction with it. */
static void lose(fc_store *s)
{
    const char *sql =
        "INSERT INTO t WITH RECURSIVE n (x) AS (SELECT 100 UNION ALL SELECT x + 1 FROM n WHERE x < 99999)"
        " SELECT x FROM n";
    fc_store_watch(s, at_once, NULL);
    fails(FC_ELIMIT, "interrupted", "中断", fc_run(s, sql, NULL, 0, NULL, err));
    fc_store_watch(s, NULL, NULL);
}

static void a_lost_transaction_must_be_ended(void **state)
{
    (void)state;
    fc_store *s = with_table();
    ok(fc_tx_begin(s, err));
    ok(fc_tx_begin(s, err));
    run(s, "INSERT INTO t VALUES (1)");
    lose(s);
    fails(FC_ELIMIT, "rolled back by an earlier error", "已因先前的错误回滚",
          fc_run(s, "INSERT INTO t VALUES (2)", NULL, 0, NULL, err));
    fails(FC_ELIMIT, "interrupted", "中断", fc_tx_begin(s, err));
    fails(FC_ELIMIT, "interrupted", "中断", fc_tx_commit(s, err));
    assert_int_equal(fc_tx_depth(s), 1);
    fails(FC_ELIMIT, "interrupted", "中断", fc_run(s, "SELECT 1", NULL, 0, NULL, err));
    fc_tx_rollback(s);
    assert_int_equal(fc_tx_depth(s), 0);
    assert_int_equal(rows(s), 0);
    ok(fc_tx_begin(s, err));
    run(s, "INSERT INTO t VALUES (3)");
    ok(fc_tx_commit(s, err));
    assert_int_equal(rows(s), 1);
    fc_store_close(s);
}

static void lost_also_ends_with_commit(void **state)
{
    (void)state;
    fc_store *s = with_table();
    ok(fc_tx_begin(s, err));
    lose(s);
    assert_int_equal(fc_tx_commit(s, NULL), FC_ELIMIT);
    assert_int_equal(fc_tx_depth(s), 0);
    run(s, "INSERT INTO t VALUES (1)");
    assert_int_equal(rows(s), 1);
    fc_store_close(s);
}

static void a_full_disk_is_named_and_survived(void **state)
{
    fc_store *s;
    ok(fc_store_open(in(state, "a.db"), &s, err));
    run(s, "CREATE TABLE t (x INTEGER PRIMARY KEY, y TEXT) STRICT");
    ok(fc_conn_exec(s->write, "PRAGMA max_page_count = 20", err));
    char big[4000];
    memset(big, 'x', sizeof big);
    fc_value args[] = {fc_int(0), fc_textn(big, sizeof big)};
    fc_err e = {0};
    int rc = FC_OK;
    ok(fc_tx_begin(s, err));
    for (int i = 0; !rc && i < 100; i++) {
        args[0] = fc_int(i);
        rc = fc_run(s, "INSERT INTO t VALUES (?, ?)", args, 2, NULL, &e);
    }
    assert_int_equal(rc, FC_EIO);
    assert_non_null(strstr(e.text[FC_EN], "a.db: the disk is full"));
    assert_non_null(strstr(e.text[FC_ZH], "磁盘已满"));
    if (s->lost)
        fails(FC_EIO, "disk is full", "磁盘已满", fc_tx_commit(s, err));
    else
        fc_tx_rollback(s);
    assert_int_equal(fc_tx_depth(s), 0);
    assert_int_equal(rows(s), 0);
    ok(fc_conn_exec(s->write, "PRAGMA max_page_count = 2000", err));
    ok(fc_run(s, "INSERT INTO t VALUES (?, ?)", args, 2, NULL, err));
    fc_store_close(s);
}

static void a_failed_commit_has_rolled_back(void **state)
{
    (void)state;
    fc_store *s = with_table();
    run(s, "CREATE TABLE c (x INTEGER REFERENCES t (x) DEFERRABLE INITIALLY DEFERRED) STRICT");
    ok(fc_tx_begin(s, err));
    run(s, "INSERT INTO c VALUES (5)");
    fails(FC_EINVAL, "does not exist", "引用的记录不存在", fc_tx_commit(s, err));
    assert_int_equal(fc_tx_depth(s), 0);
    assert_int_equal(ask(s, "SELECT count(*) FROM c"), 0);
    ok(fc_tx_begin(s, err));
    ok(fc_tx_commit(s, err));
    fc_store_close(s);
}

static void a_reader_that_is_open_ends_with_its_transaction(void **state)
{
    (void)state;
    fc_store *s = with_table();
    fc_cursor *c;
    int row;
    run(s, "INSERT INTO t VALUES (1), (2), (3)");
    ok(fc_tx_begin(s, err));
    run(s, "CREATE TABLE u (x INTEGER) STRICT");
    ok(fc_query(s, "SELECT x FROM t", 15, NULL, 0, &c, err));
    ok(fc_cursor_next(c, &row, err));
    fc_tx_rollback(s);
    fails(FC_EINVAL, "transaction that is over", "已结束的事务", fc_cursor_next(c, &row, err));
    fc_cursor_close(c);
    ok(fc_tx_begin(s, err));
    ok(fc_query(s, "SELECT x FROM t", 15, NULL, 0, &c, err));
    ok(fc_cursor_next(c, &row, err));
    ok(fc_tx_commit(s, err));
    fails(FC_EINVAL, "transaction that is over", "已结束的事务", fc_cursor_next(c, &row, err));
    fc_cursor_close(c);
    assert_int_equal(rows(s), 3);
    fc_store_close(s);
}

static void begin_takes_the_write_lock(void **state)
{
    fc_store *a, *b;
    ok(fc_store_open(in(state, "a.db"), &a, err));
    ok(fc_store_open(in(state, "a.db"), &b, err));
    fc_store_patience(b, 10);
    ok(fc_tx_begin(a, err));
    assert_int_equal(fc_tx_begin(b, NULL), FC_EBUSY);
    fc_tx_rollback(a);
    ok(fc_tx_begin(b, err));
    fc_store_close(b);
    fc_store_close(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commit_keeps_rollback_takes),
        cmocka_unit_test(inner_levels_are_savepoints),
        cmocka_unit_test(an_ordinary_error_leaves_the_rest),
        cmocka_unit_test(a_lost_transaction_must_be_ended),
        cmocka_unit_test(lost_also_ends_with_commit),
        each_in_folder(a_full_disk_is_named_and_survived),
        cmocka_unit_test(a_failed_commit_has_rolled_back),
        cmocka_unit_test(a_reader_that_is_open_ends_with_its_transaction),
        each_in_folder(begin_takes_the_write_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
