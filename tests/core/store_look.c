/* Looking runs nothing and tells what would be written; a plugin's script touches its own tables only, and
 * the store is as before afterwards. */
#include "store_help.h"
#include "store/look.h"

static char told[400];

static void note(void *ctx, const char *table)
{
    (void)ctx;
    if (!strstr(told, table)) snprintf(told + strlen(told), sizeof told - strlen(told), "%s ", table);
}

static const char *writes(fc_store *s, const char *sql)
{
    *told = 0;
    ok(fc_store_look(s, sql, strlen(sql), note, NULL, NULL, err));
    return told;
}

static fc_store *with_tables(void)
{
    fc_store *s = memory_store();
    run(s, "CREATE TABLE loan_car (id INTEGER PRIMARY KEY, plate TEXT NOT NULL, note TEXT) STRICT");
    run(s, "CREATE TABLE other_car (id INTEGER PRIMARY KEY, plate TEXT) STRICT");
    return s;
}

static void looking_tells_what_would_be_written(void **state)
{
    (void)state;
    fc_store *s = with_tables();
    assert_string_equal(writes(s, "SELECT * FROM loan_car"), "");
    assert_string_equal(writes(s, "INSERT INTO loan_car (id, plate) SELECT id, plate FROM other_car"),
                        "loan_car ");
    assert_string_equal(
        writes(s, "WITH x AS (SELECT 1 AS id) DELETE FROM other_car WHERE id IN (SELECT id FROM x)"),
        "other_car ");
    assert_string_equal(
        writes(s,
               "INSERT INTO loan_car (id, plate) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET plate = 'x'"),
        "loan_car ");
    assert_int_equal(ask(s, "SELECT count(*) FROM loan_car"), 0);
    const char *wrong = "SELECT id,\n platte FROM loan_car";
    size_t at = 0;
    fails(FC_EINVAL, "platte", "platte", fc_store_look(s, wrong, strlen(wrong), NULL, NULL, &at, err));
    assert_int_equal(at, 12);
    const char *ends = "COMMIT";
    fails(FC_EDENIED, "db.tx", "db.tx", fc_store_look(s, ends, strlen(ends), NULL, NULL, NULL, err));
    fc_store_close(s);
}

static void columns_say_whether_they_may_be_null(void **state)
{
    (void)state;
    fc_store *s = with_tables();
    assert_int_equal(fc_store_nullable(s, "loan_car", "id"), 0);
    assert_int_equal(fc_store_nullable(s, "loan_car", "plate"), 0);
    assert_int_equal(fc_store_nullable(s, "loan_car", "note"), 1);
    assert_int_equal(fc_store_nullable(s, "loan_car", "nothing"), -1);
    assert_int_equal(fc_store_nullable(s, "nothing", "id"), -1);
    fc_store_close(s);
}

static int script(fc_store *s, const char *sql, const char *const *own, fc_err *err)
{
    int rc = fc_tx_begin(s, err);
    if (!rc) rc = fc_store_script(s, "p/m.sql", sql, strlen(sql), own, err);
    if (rc)
        fc_tx_rollback(s);
    else
        rc = fc_tx_commit(s, err);
    return rc;
}

static void a_plugins_script_changes_its_own_tables(void **state)
{
    (void)state;
    static const char *const own[] = {"loan_", NULL};
    fc_store *s = with_tables();
    ok(script(s,
              "ALTER TABLE loan_car ADD COLUMN km INTEGER;\nINSERT INTO loan_car (id, plate) SELECT 1, 'x';\n"
              "CREATE TABLE loan_b (id INTEGER PRIMARY KEY REFERENCES loan_car (id)) STRICT;\n"
              "CREATE UNIQUE INDEX loan_b_i ON loan_b (id);\nDROP INDEX loan_b_i;\nALTER TABLE loan_b RENAME "
              "TO loan_c;\n"
              "ALTER TABLE loan_car RENAME COLUMN km TO far;\nALTER TABLE loan_car DROP COLUMN far;\nDROP "
              "TABLE loan_c;",
              own, err));
    assert_int_equal(ask(s, "SELECT count(*) FROM loan_car"), 1);
    static const char *const foreign[] = {
        "DELETE FROM other_car",
        "CREATE TABLE other_b (id INTEGER) STRICT",
        "CREATE TABLE loanx (id INTEGER) STRICT",
        "CREATE INDEX loan_i ON other_car (plate)",
        "CREATE INDEX other_i ON loan_car (plate)",
        "ALTER TABLE other_car ADD COLUMN x TEXT",
        "DROP TABLE other_car",
        "INSERT INTO fc_migration (number) VALUES (1)",
        "UPDATE sqlite_schema SET sql = ''",
    };
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        char sql[200];
        snprintf(sql, sizeof sql, "UPDATE loan_car SET plate = 'y';\n\n%s;\n", foreign[i]);
        fc_err err = {0};
        int rc = script(s, sql, own, &err);
        if (!rc) fail_msg("ran: %s", foreign[i]);
        if (strncmp(err.text[FC_EN], "p/m.sql:3: ", 11) != 0) fail_msg("no place: %s", err.text[FC_EN]);
        assert_int_equal(ask(s, "SELECT count(*) FROM loan_car WHERE plate = 'x'"), 1);
    }
    run(s, "DELETE FROM other_car"); /* the limit ended with the script */
    ok(script(
        s, "CREATE TRIGGER t AFTER INSERT ON other_car BEGIN SELECT 1; SELECT 2; END; DELETE FROM other_car;",
        NULL, err));
    fc_store_close(s);
}

static void count(void *ctx, int number, const char *file)
{
    char *out = ctx;
    snprintf(out + strlen(out), 200 - strlen(out), "%d %s|", number, file);
}

static void the_plan_is_what_has_not_run(void **state)
{
    char out[200] = "";
    fc_store *s;
    mkdir(in(state, "sql"), 0700);
    put(in(state, "sql/0001_a.sql"), "CREATE TABLE t (x INTEGER) STRICT;");
    put(in(state, "sql/0002_b.sql"), "CREATE TABLE u (x INTEGER) STRICT;");
    ok(fc_store_migrations(NULL, in(state, "sql"), count, out, err));
    assert_string_equal(out, "1 0001_a.sql|2 0002_b.sql|");
    ok(fc_store_open(in(state, "a.db"), &s, err));
    ok(fc_store_migrate(s, in(state, "sql"), err));
    put(in(state, "sql/0003_c.sql"), "CREATE TABLE v (x INTEGER) STRICT;");
    *out = 0;
    ok(fc_store_migrations(s, in(state, "sql"), count, out, err));
    assert_string_equal(out, "3 0003_c.sql|");
    put(in(state, "sql/0001_a.sql"), "CREATE TABLE w (x INTEGER) STRICT;");
    fails(FC_ECONFLICT, "changed", "更改", fc_store_migrations(s, in(state, "sql"), count, out, err));
    fc_store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looking_tells_what_would_be_written),
        cmocka_unit_test(columns_say_whether_they_may_be_null),
        cmocka_unit_test(a_plugins_script_changes_its_own_tables),
        each_in_folder(the_plan_is_what_has_not_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
