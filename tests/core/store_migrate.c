/* Migrations: in order, once, whole or not at all, and a refusal that says what to do. */
#include "store_help.h"
#include "store/driver.h"

static fc_store *opened(void **state)
{
    fc_store *s = NULL;
    mkdir(in(state, "sql"), 0700);
    ok(fc_store_open(in(state, "a.db"), &s, err));
    return s;
}

static void put_sql(void **state, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "sql/%s", name);
    put(in(state, path), text);
}

static int64_t version(fc_store *s)
{
    return ask(s, "SELECT max(number) FROM fc_migration");
}

static void files_run_in_order_and_once(void **state)
{
    fc_store *s = opened(state);
    put_sql(state, "0001_a.sql",
            "-- 注释; with a semicolon\nCREATE TABLE t (x INTEGER) STRICT;\nINSERT INTO t VALUES (1);\n"
            "INSERT INTO t SELECT x + 1 FROM t -- no semicolon at the end");
    put_sql(state, "0010_c.sql", "INSERT INTO t VALUES (30)");
    put_sql(state, "0002_b.sql", "INSERT INTO t SELECT 20 WHERE NOT EXISTS (SELECT 1 FROM t WHERE x = 30);");
    put_sql(state, "notes.md", "not SQL");
    ok(fc_store_migrate(s, in(state, "sql"), err));
    assert_int_equal(version(s), 10);
    assert_int_equal(ask(s, "SELECT sum(x) FROM t"), 53);
    ok(fc_store_migrate(s, in(state, "sql"), err));
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 4);
    put_sql(state, "0011_d.sql", "INSERT INTO t VALUES (40);");
    ok(fc_store_migrate(s, in(state, "sql"), err));
    assert_int_equal(version(s), 11);
    assert_int_equal(
        ask(s, "SELECT count(*) FROM fc_migration WHERE at > 1700000000000 AND length(hash) = 64"), 4);
    fc_store_close(s);
}

static void a_failing_file_leaves_nothing(void **state)
{
    fc_store *s = opened(state);
    put_sql(state, "0001_a.sql", "CREATE TABLE t (x INTEGER) STRICT;");
    put_sql(state, "0002_b.sql",
            "CREATE TABLE u (x INTEGER) STRICT;\nINSERT INTO t VALUES (1);\n\n"
            "INSERT INTO nowhere VALUES (2);\nCREATE TABLE v (x INTEGER) STRICT;");
    fails(FC_EINVAL, "sql/0002_b.sql:4: the SQL is wrong (no such table: nowhere); SQL: INSERT INTO nowhere",
          "SQL 语句有误", fc_store_migrate(s, in(state, "sql"), err));
    assert_int_equal(fc_tx_depth(s), 0);
    assert_int_equal(version(s), 1);
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 0);
    assert_int_equal(ask(s, "SELECT count(*) FROM sqlite_schema WHERE name IN ('u', 'v')"), 0);
    put_sql(state, "0002_b.sql",
            "CREATE TABLE u (x INTEGER) STRICT;"); /* it never ran, so it may be mended */
    ok(fc_store_migrate(s, in(state, "sql"), err));
    assert_int_equal(version(s), 2);
    fc_store_close(s);
}

static void the_first_file_failing_leaves_an_empty_store(void **state)
{
    fc_store *s = opened(state);
    put_sql(state, "0001_a.sql", "CREATE TABLE t (x INTEGER) STRICT;\nSELECT * FROM nowhere;");
    assert_int_equal(fc_store_migrate(s, in(state, "sql"), NULL), FC_EINVAL);
    assert_int_equal(ask(s, "SELECT count(*) FROM sqlite_schema"), 0);
    fc_store_close(s);
}

static void a_file_cannot_end_its_transaction(void **state)
{
    fc_store *s = opened(state);
    put_sql(state, "0001_a.sql",
            "CREATE TABLE t (x INTEGER) STRICT;\nCOMMIT;\nCREATE TABLE u (x INTEGER) STRICT;");
    fails(FC_EDENIED, "0001_a.sql:2: BEGIN, COMMIT", "COMMIT", fc_store_migrate(s, in(state, "sql"), err));
    assert_int_equal(ask(s, "SELECT count(*) FROM sqlite_schema"), 0);
    put_sql(state, "0001_a.sql",
            "CREATE TABLE t (x INTEGER PRIMARY KEY) STRICT; INSERT INTO t VALUES (1);\n"
            "INSERT OR ROLLBACK INTO t VALUES (1);\nCREATE TABLE u (x INTEGER) STRICT;");
    fails(FC_ECONFLICT, "0001_a.sql:2: ", "主键", fc_store_migrate(s, in(state, "sql"), err));
    assert_int_equal(fc_tx_depth(s), 0);
    assert_int_equal(ask(s, "SELECT count(*) FROM sqlite_schema"), 0);
    fc_store_close(s);
}

static void a_newer_store_is_refused(void **state)
{
    fc_store *s = opened(state);
    put_sql(state, "0001_a.sql", "CREATE TABLE t (x INTEGER) STRICT;");
    put_sql(state, "0007_b.sql", "INSERT INTO t VALUES (1);");
    ok(fc_store_migrate(s, in(state, "sql"), err));
    unlink(in(state, "sql/0007_b.sql"));
    fails(FC_EVERSION, "the database has version 7, this program knows up to 1", "版本是 7，本程序只认识到 1",
          fc_store_migrate(s, in(state, "sql"), err));
    fails(FC_EVERSION, "Install the newer forecourt", "安装更新的",
          fc_store_migrate(s, in(state, "sql"), err));
    fails(FC_EVERSION, "a.db", "a.db", fc_store_migrate(s, in(state, "sql"), err));
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 1);
    fc_store_close(s);
}

static void mixed_up_files_are_refused(void **state)
{
    fc_store *s = opened(state);
    put_sql(state, "0001_a.sql", "CREATE TABLE t (x INTEGER) STRICT;");
    put_sql(state, "0003_b.sql", "INSERT INTO t VALUES (1);");
    ok(fc_store_migrate(s, in(state, "sql"), err));
    put_sql(state, "0001_a.sql", "CREATE TABLE t (y INTEGER) STRICT;");
    fails(FC_ECONFLICT, "0001_a.sql: the file was changed after it ran", "执行之后被更改",
          fc_store_migrate(s, in(state, "sql"), err));
    put_sql(state, "0001_a.sql", "CREATE TABLE t (x INTEGER) STRICT;");
    put_sql(state, "0002_late.sql", "INSERT INTO t VALUES (2);");
    fails(FC_ECONFLICT, "0002_late.sql: the database is at version 3", "版本 3",
          fc_store_migrate(s, in(state, "sql"), err));
    unlink(in(state, "sql/0002_late.sql"));
    unlink(in(state, "sql/0001_a.sql"));
    fails(FC_ECONFLICT, "0001_a.sql ran on", "已不存在", fc_store_migrate(s, in(state, "sql"), err));
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 1);
    fc_store_close(s);
}

static void bad_folders_are_named(void **state)
{
    fc_store *s = opened(state);
    fails(FC_ENOTFOUND, "none: the schema folder", "无法打开", fc_store_migrate(s, in(state, "none"), err));
    fails(FC_ENOTFOUND, "holds no migration", "没有迁移文件", fc_store_migrate(s, in(state, "sql"), err));
    const char *bad[] = {"1_a.sql", "0001-a.sql", "0001_.sql", "0001_A.sql", "a.sql"};
    for (int i = 0; i < 5; i++) {
        char path[64];
        put_sql(state, bad[i], "SELECT 1;");
        fails(FC_EINVAL, bad[i], "0001_name.sql", fc_store_migrate(s, in(state, "sql"), err));
        snprintf(path, sizeof path, "sql/%s", bad[i]);
        unlink(in(state, path));
    }
    put_sql(state, "0001_a.sql", "SELECT 1;");
    put_sql(state, "0001_b.sql", "SELECT 1;");
    fails(FC_EINVAL, "0001_a.sql and 0001_b.sql have the same number", "编号相同",
          fc_store_migrate(s, in(state, "sql"), err));
    unlink(in(state, "sql/0001_b.sql"));
    ok(fc_write_file(in(state, "sql/0002_nul.sql"), "SELECT 1;\0 DROP", 15, 0600, err));
    fails(FC_EINVAL, "NUL byte", "NUL", fc_store_migrate(s, in(state, "sql"), err));
    fc_store_close(s);
}

typedef struct place {
    char db[256], sql[256];
} place;

static int migrate_in_child(void *arg)
{
    place *p = arg;
    fc_store *s;
    fc_err err = {0};
    int rc = fc_store_open(p->db, &s, &err);
    if (!rc) rc = fc_store_migrate(s, p->sql, &err);
    if (rc)
        fprintf(stderr, "%s\n", err.text[FC_EN]);
    else
        fc_store_close(s);
    return rc;
}

static void two_processes_migrate_at_once(void **state)
{
    mkdir(in(state, "sql"), 0700);
    put_sql(state, "0001_a.sql", "CREATE TABLE t (x INTEGER) STRICT;");
    for (int i = 2; i < 12; i++) {
        char name[32];
        snprintf(name, sizeof name, "%04d_x.sql", i);
        put_sql(state, name, "INSERT INTO t VALUES (1);");
    }
    place p;
    snprintf(p.db, sizeof p.db, "%s", in(state, "a.db"));
    snprintf(p.sql, sizeof p.sql, "%s", in(state, "sql"));
    pid_t children[4];
    for (int i = 0; i < 4; i++)
        children[i] = in_child(migrate_in_child, &p);
    for (int i = 0; i < 4; i++)
        assert_int_equal(exit_of(children[i]), 0);
    fc_store *s;
    ok(fc_store_open(p.db, &s, err));
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 10);
    assert_int_equal(ask(s, "SELECT count(*) FROM fc_migration"), 11);
    fc_store_close(s);
}

static void the_shipped_schemas_run(void **state)
{
    (void)state;
    const char *dirs[] = {SOURCE_DIR "/schema/site", SOURCE_DIR "/schema/dealership"};
    for (int i = 0; i < 2; i++) {
        fc_store *s = memory_store();
        ok(fc_store_migrate(s, dirs[i], err));
        ok(fc_store_migrate(s, dirs[i], err));
        /* every table is STRICT: PostgreSQL would refuse what the others let in */
        assert_int_equal(ask(s, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND strict = 0"
                                " AND name NOT LIKE 'sqlite_%'"),
                         0);
        fc_store_close(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        each_in_folder(files_run_in_order_and_once),
        each_in_folder(a_failing_file_leaves_nothing),
        each_in_folder(the_first_file_failing_leaves_an_empty_store),
        each_in_folder(a_file_cannot_end_its_transaction),
        each_in_folder(a_newer_store_is_refused),
        each_in_folder(mixed_up_files_are_refused),
        each_in_folder(bad_folders_are_named),
        each_in_folder(two_processes_migrate_at_once),
        cmocka_unit_test(the_shipped_schemas_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
