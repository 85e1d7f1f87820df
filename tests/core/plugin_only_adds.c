/* Which migrations leave the code before them a working database. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "plugin/only_adds.h"

#include <string.h>

static int judge(const char *a, const char *b)
{
    fc_script s[] = {{a, strlen(a)}, {b, strlen(b)}};
    return fc_only_add(s, 2);
}

static void add_only(const char *sql)
{
    if (judge(sql, "") != -1) fail_msg("takes away: %s", sql);
}

static void takes_away(const char *sql)
{
    if (judge("", sql) != 1) fail_msg("adds only: %s", sql);
}

static void what_adds(void **state)
{
    (void)state;
    add_only("");
    add_only("-- nothing; DROP TABLE a_x;\n/* UPDATE */");
    add_only("CREATE TABLE a_x (id INTEGER PRIMARY KEY, n TEXT NOT NULL UNIQUE, CHECK (n <> '')) STRICT;");
    add_only("create index a_i on a_x (n);\nINSERT INTO a_x (id, n) VALUES (1, 'DROP it; UPDATE');");
    add_only("ALTER TABLE a_x ADD COLUMN b TEXT;");
    add_only("ALTER TABLE a_x ADD b TEXT NOT NULL DEFAULT '';");
    add_only("ALTER TABLE a_x ADD COLUMN b INTEGER NOT NULL DEFAULT (1 + 1)");
    add_only("ALTER TABLE a_x ADD COLUMN b INTEGER DEFAULT NULL REFERENCES a_y (id);");
    add_only("CREATE VIEW a_v AS SELECT id FROM a_x;;");
}

static void what_takes_away(void **state)
{
    (void)state;
    takes_away("DROP TABLE a_x");
    takes_away("ALTER TABLE a_x RENAME TO a_y");
    takes_away("ALTER TABLE a_x RENAME COLUMN a TO b");
    takes_away("ALTER TABLE a_x DROP COLUMN b");
    takes_away("ALTER TABLE a_x ALTER COLUMN b SET NOT NULL");
    takes_away("DELETE FROM a_x");
    takes_away("UPDATE a_x SET n = 1");
    takes_away("INSERT INTO a_x (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET n = 1");
    takes_away("CREATE TRIGGER a_t BEFORE INSERT ON a_x BEGIN SELECT 1; END");
    takes_away("CREATE TABLE a_y (id INTEGER); PRAGMA foreign_keys = 1");
    takes_away("CREATE INDEX a_i ON a_x (n); /* not closed");
}

/* The old code writes what it always wrote: rows alike, none of the new columns. */
static void rules_that_the_old_code_does_not_keep(void **state)
{
    (void)state;
    takes_away("CREATE UNIQUE INDEX a_u ON a_x (n)");
    takes_away("create unique index if not exists a_u on \"a_x\" (n) where n is not null");
    takes_away("ALTER TABLE a_x ADD COLUMN b TEXT UNIQUE");
    takes_away("ALTER TABLE a_x ADD COLUMN b TEXT NOT NULL");
    takes_away("ALTER TABLE a_x ADD COLUMN b TEXT DEFAULT NULL NOT NULL");
    takes_away("ALTER TABLE a_x ADD COLUMN b TEXT CHECK (b IS NOT NULL OR n > 5)");
    takes_away("ALTER TABLE a_x ADD COLUMN b INTEGER NOT NULL DEFAULT 0 CHECK (b > 0)");
    takes_away("ALTER TABLE a_x ADD COLUMN b INTEGER GENERATED ALWAYS AS (abs(n))");
}

static void a_table_of_their_own_may_have_any_rule(void **state)
{
    (void)state;
    const char *table = "CREATE TABLE a_new (id INTEGER PRIMARY KEY, n TEXT) STRICT;";
    assert_int_equal(judge(table, "CREATE UNIQUE INDEX a_u ON A_New (n)"), -1);
    assert_int_equal(judge("CREATE UNIQUE INDEX a_u ON \"a_new\" (n)", table), -1);
    assert_int_equal(judge(table, "ALTER TABLE a_new ADD COLUMN b TEXT CHECK (b <> '')"), -1);
    assert_int_equal(judge(table, "CREATE UNIQUE INDEX a_u ON a_old (n)"), 1);
    /* It may have been there, and a name in a comment or a text is none. */
    assert_int_equal(judge("CREATE TABLE IF NOT EXISTS a_x (n)", "CREATE UNIQUE INDEX a_u ON a_x (n)"), 1);
    takes_away("-- CREATE TABLE a_x (n);\nCREATE UNIQUE INDEX a_u ON a_x (n)");
    takes_away("INSERT INTO a_y (t) VALUES ('; CREATE TABLE a_x (n);'); CREATE UNIQUE INDEX a_u ON a_x (n)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_adds),
        cmocka_unit_test(what_takes_away),
        cmocka_unit_test(rules_that_the_old_code_does_not_keep),
        cmocka_unit_test(a_table_of_their_own_may_have_any_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
