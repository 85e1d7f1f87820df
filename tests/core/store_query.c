/* Queries: values go in and come out unchanged, a text is prepared once, mistakes are sentences, the guard
 * refuses. */
#include "store_help.h"
#include "store/driver.h"

static fc_cursor *query(fc_store *s, const char *sql, const fc_value *args, int n)
{
    fc_cursor *c = NULL;
    ok(fc_query(s, sql, strlen(sql), args, n, &c, err));
    return c;
}

static int next(fc_cursor *c)
{
    int row = -1;
    ok(fc_cursor_next(c, &row, err));
    return row;
}

static fc_value value(fc_cursor *c, int i)
{
    fc_value v;
    fc_cursor_value(c, i, &v);
    return v;
}

static void every_type_comes_back(void **state)
{
    (void)state;
    fc_store *s = memory_store();
    run(s, "CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB, n TEXT, e TEXT, z BLOB, m INTEGER) STRICT");
    fc_value args[] = {fc_int(INT64_MAX),    {.type = FC_REAL, .d = 0.1},
                       fc_textn("a\0客", 5), fc_bytes("\0\xff", 2),
                       fc_text(NULL),        fc_text(""),
                       fc_bytes(NULL, 0),    fc_int(INT64_MIN)};
    int64_t changed = 9;
    ok(fc_run(s, "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)", args, 8, &changed, err));
    assert_int_equal(changed, 1);
    fc_cursor *c = query(s, "SELECT * FROM t", NULL, 0);
    assert_int_equal(next(c), 1);
    assert_int_equal(fc_cursor_columns(c), 8);
    assert_string_equal(fc_cursor_name(c, 2), "s");
    assert_true(value(c, 0).type == FC_INT && value(c, 0).i == INT64_MAX);
    assert_true(value(c, 1).type == FC_REAL && value(c, 1).d == 0.1);
    assert_true(value(c, 2).type == FC_TEXT && value(c, 2).n == 5);
    assert_memory_equal(value(c, 2).s, "a\0客", 5);
    assert_true(value(c, 3).type == FC_BLOB && value(c, 3).n == 2);
    assert_memory_equal(value(c, 3).s, "\0\xff", 2);
    assert_int_equal(value(c, 4).type, FC_NULL);
    assert_true(value(c, 5).type == FC_TEXT && value(c, 5).n == 0 && value(c, 5).s);
    assert_true(value(c, 6).type == FC_BLOB && value(c, 6).n == 0 && value(c, 6).s);
    assert_true(value(c, 7).i == INT64_MIN);
    assert_int_equal(next(c), 0);
    assert_int_equal(next(c), 0); /* the end stays the end: nothing runs again */
    fc_cursor_close(c);
    fc_store_close(s);
}

static void nothing_runs_before_next_and_once_after(void **state)
{
    (void)state;
    fc_store *s = memory_store();
    run(s, "CREATE TABLE t (x INTEGER) STRICT");
    fc_cursor *c = query(s, "INSERT INTO t VALUES (1)", NULL, 0);
    fc_cursor_close(c);
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 0);
    c = query(s, "INSERT INTO t VALUES (1)", NULL, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(next(c), 0);
    fc_cursor_close(c);
    fc_cursor_close(c);
    fc_cursor_close(NULL);
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 1);
    fc_store_close(s);
}

static void changed_counts_this_statement_only(void **state)
{
    (void)state;
    fc_store *s = memory_store();
    int64_t n;
    run(s, "CREATE TABLE t (x INTEGER) STRICT");
    ok(fc_run(s, "INSERT INTO t VALUES (1), (2), (3)", NULL, 0, &n, err));
    assert_int_equal(n, 3);
    ok(fc_run(s, "CREATE TABLE u (x INTEGER) STRICT", NULL, 0, &n, err));
    assert_int_equal(n, 0);
    ok(fc_run(s, "UPDATE t SET x = 4 WHERE x > 9", NULL, 0, &n, err));
    assert_int_equal(n, 0);
    ok(fc_run(s, "SELECT x FROM t", NULL, 0, &n, err));
    assert_int_equal(n, 0);
    ok(fc_run(s, "DELETE FROM t", NULL, 0, &n, err));
    assert_int_equal(n, 3);
    fc_store_close(s);
}

static void ask_tells_null_from_none(void **state)
{
    (void)state;
    fc_store *s = memory_store();
    int64_t v;
    int found;
    ok(fc_ask_int(s, "SELECT 5", NULL, 0, &v, &found, err));
    assert_true(found && v == 5);
    ok(fc_ask_int(s, "SELECT NULL", NULL, 0, &v, &found, err));
    assert_false(found);
    ok(fc_ask_int(s, "SELECT 5 WHERE 1 = 0", NULL, 0, &v, &found, err));
    assert_false(found);
    run(s, "CREATE TABLE t (x INTEGER) STRICT");
    ok(fc_ask_int(s, "INSERT INTO t VALUES (8) RETURNING x", NULL, 0, &v, &found, err));
    assert_true(found && v == 8);
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 1);
    fc_store_close(s);
}

static void one_text_is_prepared_once(void **state)
{
    (void)state;
    fc_store *s = memory_store();
    char again[32] = "SELECT ? + 1";
    fc_value arg = fc_int(1);
    fc_cursor *a = query(s, "SELECT ? + 1", &arg, 1);
    sqlite3_stmt *stmt = a->stmt;
    fc_cursor_close(a);
    a = query(s, again, &arg, 1); /* the same text elsewhere in memory */
    assert_ptr_equal(a->stmt, stmt);
    fc_cursor_close(a);
    strcpy(again, "SELECT ? + 2"); /* another text in the same memory */
    a = query(s, again, &arg, 1);
    assert_int_equal(next(a), 1);
    assert_int_equal(value(a, 0).i, 3);
    fc_cursor_close(a);
    assert_int_equal(s->read->statements, 2);
    fc_store_close(s);
}

static void a_text_may_be_open_many_times(void **state)
{
    (void)state;
    fc_store *s = memory_store();
    const char *sql = "SELECT ? UNION ALL SELECT 100";
    fc_cursor *c[10];
    fc_value args[10];
    for (int i = 0; i < 10; i++) {
        args[i] = fc_int(i);
        c[i] = query(s, sql, &args[i], 1);
        assert_int_equal(next(c[i]), 1);
    }
    for (int i = 0; i < 10; i++)
        assert_int_equal(value(c[i], 0).i, i);
    for (int i = 0; i < 10; i++)
        fc_cursor_close(c[i]);
    assert_int_equal(s->read->open_cursors, 0);
    assert_int_equal(s->read->statements, 1);
    fc_store_close(s);
}

static void the_cache_stays_bounded(void **state)
{
    (void)state;
    fc_store *s = memory_store();
    fc_cursor *kept = query(s, "SELECT 'kept'", NULL, 0);
    char sql[64];
    for (int i = 0; i < 3 * FC_CACHE_MAX; i++) {
        snprintf(sql, sizeof sql, "SELECT %d", i);
        assert_int_equal(ask(s, sql), i);
    }
    assert_true(s->read->statements <= FC_CACHE_MAX);
    assert_int_equal(next(kept), 1);
    assert_string_equal(value(kept, 0).s, "kept");
    fc_cursor_close(kept);
    fc_store_close(s);
}

static void a_cached_text_follows_the_schema(void **state)
{
    (void)state;
    fc_store *s = memory_store();
    run(s, "CREATE TABLE t (x INTEGER) STRICT");
    run(s, "INSERT INTO t VALUES (1)");
    fc_cursor *c = query(s, "SELECT * FROM t", NULL, 0);
    assert_int_equal(next(c), 1);
    fc_cursor_close(c);
    run(s, "ALTER TABLE t ADD COLUMN y INTEGER");
    c = query(s, "SELECT * FROM t", NULL, 0);
    assert_int_equal(next(c), 1);
    assert_int_equal(fc_cursor_columns(c), 2);
    fc_cursor_close(c);
    run(s, "DROP TABLE t");
    c = query(s, "SELECT * FROM t", NULL, 0);
    int row;
    fails(FC_EINVAL, "no such table: t", "SQL 语句有误", fc_cursor_next(c, &row, err));
    fails(FC_EINTERNAL, "has failed", "已失败", fc_cursor_next(c, &row, err));
    fc_cursor_close(c);
    fc_store_close(s);
}

static int try_query(fc_store *s, const char *sql, size_t n, fc_err *err)
{
    fc_cursor *c = NULL;
    int rc = fc_query(s, sql, n, NULL, 0, &c, err);
    if (rc) assert_null(c);
    fc_cursor_close(c);
    return rc;
}

static void only_one_statement(void **state)
{
    (void)state;
    fc_store *s = memory_store();
    const char *good[] = {"SELECT 1;", "SELECT 1 ; -- done\n", "SELECT 1 /* x */ ;;", "-- a\nSELECT ';'"};
    for (int i = 0; i < 4; i++)
        ok(try_query(s, good[i], strlen(good[i]), err));
    const char *bad[] = {"SELECT 1; SELECT 2", "SELECT 1; DROP TABLE x", "SELECT 1;; nonsense",
                         "SELECT 1; /**/ COMMIT"};
    for (int i = 0; i < 4; i++)
        fails(FC_EINVAL, "one SQL statement at a time", "一次只能执行一条",
              try_query(s, bad[i], strlen(bad[i]), err));
    fails(FC_EINVAL, "one SQL statement", "一条", try_query(s, "SELECT 1\0; SELECT 2", 19, err));
    fails(FC_EINVAL, "no statement", "没有语句", try_query(s, "", 0, err));
    fails(FC_EINVAL, "no statement", "没有语句", try_query(s, "-- only a word", 14, err));
    ok(try_query(s, "SELECT 1xxxxx", 8, err)); /* the length counts, not the NUL */
    fc_store_close(s);
}

static void mistakes_name_the_sql(void **state)
{
    (void)state;
    fc_store *s = memory_store();
    fc_value args[] = {fc_int(1), fc_int(2)};
    fails(FC_EINVAL, "SQL: SELECT nothing FROM nowhere", "SQL：SELECT",
          fc_run(s, "SELECT nothing\n\t FROM   nowhere", NULL, 0, NULL, err));
    fails(FC_EINVAL, "takes 1 parameters and was given 2", "需要 1 个参数",
          fc_run(s, "SELECT ?", args, 2, NULL, err));
    fails(FC_EINVAL, "takes 1 parameters and was given 0", "需要 1 个参数",
          fc_run(s, "SELECT ?", NULL, 0, NULL, err));
    fails(FC_EINVAL, "no such column", "SQL 语句有误", fc_run(s, "SELECT \"text\"", NULL, 0, NULL, err));
    assert_int_equal(fc_run(s, "SELECT nothing", NULL, 0, NULL, NULL), FC_EINVAL);

    fc_buf sql = {0};
    fc_buf_adds(&sql, "SELECT nothing, '");
    for (int i = 0; i < 400; i++)
        fc_buf_adds(&sql, "客");
    fc_buf_adds(&sql, "' AS last_word");
    fc_err e;
    assert_int_equal(fc_run(s, sql.data, NULL, 0, NULL, &e), FC_EINVAL);
    const char *shown = strstr(e.text[FC_EN], "SELECT nothing");
    assert_non_null(shown);
    assert_int_equal(strlen(shown), 17 + 183 * 3 + 3); /* 200 characters and three dots */
    assert_string_equal(shown + strlen(shown) - 6, "客...");
    fc_buf_free(&sql);
    fc_store_close(s);
}

static void constraints_have_their_own_sentences(void **state)
{
    (void)state;
    fc_store *s = memory_store();
    run(s,
        "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, n INTEGER CHECK (n > 0)) STRICT");
    run(s, "CREATE TABLE c (p INTEGER REFERENCES p (id)) STRICT");
    run(s, "INSERT INTO p VALUES (1, 'a', 1)");
    run(s, "INSERT INTO c VALUES (1)");
    fails(FC_ECONFLICT, "UNIQUE constraint failed: p.name", "已有相同的记录",
          fc_run(s, "INSERT INTO p VALUES (2, 'a', 1)", NULL, 0, NULL, err));
    fails(FC_ECONFLICT, "primary key", "主键",
          fc_run(s, "INSERT INTO p VALUES (1, 'b', 1)", NULL, 0, NULL, err));
    fails(FC_EINVAL, "does not exist", "引用的记录不存在",
          fc_run(s, "INSERT INTO c VALUES (9)", NULL, 0, NULL, err));
    fails(FC_EINVAL, "still refer", "仍被其他记录引用", fc_run(s, "DELETE FROM p", NULL, 0, NULL, err));
    fails(FC_EINVAL, "p.name", "必填", fc_run(s, "INSERT INTO p VALUES (2, NULL, 1)", NULL, 0, NULL, err));
    fails(FC_EINVAL, "n > 0", "检查条件", fc_run(s, "INSERT INTO p VALUES (2, 'b', 0)", NULL, 0, NULL, err));
    fails(FC_EINVAL, "p.n", "类型", fc_run(s, "INSERT INTO p VALUES (2, 'b', 'x')", NULL, 0, NULL, err));
    assert_int_equal(ask(s, "SELECT count(*) FROM p"), 1);
    fc_store_close(s);
}

static void the_guard_refuses(void **state)
{
    fc_store *s;
    char attach[4200];
    ok(fc_store_open(in(state, "a.db"), &s, err));
    ok(fc_store_migrate(s, SOURCE_DIR "/schema/site", err));
    snprintf(attach, sizeof attach, "ATTACH '%s' AS other", in(state, "b.db"));
    const char *words[] = {"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT x", "RELEASE x"};
    for (int i = 0; i < 5; i++)
        fails(FC_EDENIED, "db.tx", "db.tx", fc_run(s, words[i], NULL, 0, NULL, err));
    fails(FC_EDENIED, "no other database file", "其他数据库", fc_run(s, attach, NULL, 0, NULL, err));
    assert_int_equal(access(in(state, "b.db"), F_OK), -1);
    snprintf(attach, sizeof attach, "VACUUM INTO '%s'", in(state, "b.db"));
    assert_int_equal(fc_run(s, attach, NULL, 0, NULL, NULL), FC_EDENIED);
    assert_int_equal(access(in(state, "b.db"), F_OK), -1);
    fails(FC_EDENIED, "PRAGMA", "PRAGMA", fc_run(s, "PRAGMA synchronous = OFF", NULL, 0, NULL, err));
    fails(FC_EDENIED, "PRAGMA", "PRAGMA", fc_run(s, "PRAGMA writable_schema = ON", NULL, 0, NULL, err));
    fails(FC_EDENIED, "migration", "迁移", fc_run(s, "DELETE FROM fc_migration", NULL, 0, NULL, err));
    fails(FC_EDENIED, "migration", "迁移", fc_run(s, "DROP TABLE fc_migration", NULL, 0, NULL, err));
    fails(FC_EDENIED, "migration", "迁移",
          fc_run(s, "ALTER TABLE fc_migration RENAME TO x", NULL, 0, NULL, err));
    fails(FC_EDENIED, "migration", "迁移",
          fc_run(s, "INSERT INTO fc_migration (number, name, hash, at) VALUES (9, '', '', 0)", NULL, 0, NULL,
                 err));
    assert_int_not_equal(fc_run(s, "DELETE FROM sqlite_schema", NULL, 0, NULL, NULL), FC_OK);
    run(s, "PRAGMA table_info('site_user')");
    run(s, "PRAGMA quick_check");
    ok(fc_tx_begin(s, err));
    fails(FC_EDENIED, "db.tx", "db.tx", fc_run(s, "COMMIT", NULL, 0, NULL, err));
    assert_int_equal(fc_tx_depth(s), 1);
    fc_tx_rollback(s);
    fc_store_close(s);
}

static int after_some(void *ctx)
{
    return ++*(int *)ctx > 5;
}

static void a_watch_interrupts(void **state)
{
    (void)state;
    fc_store *s = memory_store();
    const char *endless =
        "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
    int calls = 0, found;
    int64_t v;
    fc_store_watch(s, after_some, &calls);
    fails(FC_ELIMIT, "interrupted", "中断", fc_ask_int(s, endless, NULL, 0, &v, &found, err));
    assert_int_equal(calls, 6);
    fc_store_watch(s, NULL, NULL);
    assert_int_equal(ask(s, "SELECT 1"), 1);
    fc_store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_comes_back),
        cmocka_unit_test(nothing_runs_before_next_and_once_after),
        cmocka_unit_test(changed_counts_this_statement_only),
        cmocka_unit_test(ask_tells_null_from_none),
        cmocka_unit_test(one_text_is_prepared_once),
        cmocka_unit_test(a_text_may_be_open_many_times),
        cmocka_unit_test(the_cache_stays_bounded),
        cmocka_unit_test(a_cached_text_follows_the_schema),
        cmocka_unit_test(only_one_statement),
        cmocka_unit_test(mistakes_name_the_sql),
        cmocka_unit_test(constraints_have_their_own_sentences),
        each_in_folder(the_guard_refuses),
        cmocka_unit_test(a_watch_interrupts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
