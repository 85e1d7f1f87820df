/* The common subset: a table of statements that pass and of statements that do not, each with a word of the
 * sentence. The host's own migrations pass. */
#include "store_help.h"
#include "store/subset.h"

#include <dirent.h>

static void passes(const char *sql, enum fc_sql_use use)
{
    fc_sql_problem p = {0};
    if (fc_sql_subset(sql, strlen(sql), use, &p)) fail_msg("refused: %s\n  %s", sql, p.text[FC_EN]);
}

static void refused(const char *sql, enum fc_sql_use use, const char *en, const char *zh)
{
    fc_sql_problem p = {0};
    if (!fc_sql_subset(sql, strlen(sql), use, &p)) fail_msg("passes: %s", sql);
    if (!strstr(p.text[FC_EN], en)) fail_msg("no \"%s\" for %s\n  %s", en, sql, p.text[FC_EN]);
    if (!strstr(p.text[FC_ZH], zh)) fail_msg("no \"%s\" for %s\n  %s", zh, sql, p.text[FC_ZH]);
    if (p.at > strlen(sql)) fail_msg("beyond the end: %s", sql);
}

static const char *const good_rows[] = {
    "SELECT 1",
    " -- a comment; with a semicolon\n SELECT a, b FROM t WHERE a = ? AND b IS NOT NULL ORDER BY a DESC "
    "NULLS "
    "LAST LIMIT 10 OFFSET ?",
    "SELECT a FROM t /* why */ WHERE x IS NULL OR y IS TRUE OR z IS NOT DISTINCT FROM ?;",
    "INSERT INTO t (a, b) VALUES (?, 'it''s ?1 :x @y $z == -> \"q\" `b` [c]') ON CONFLICT (a) DO UPDATE SET "
    "b "
    "= excluded.b",
    "INSERT INTO t (a) SELECT b FROM u WHERE true ON CONFLICT DO NOTHING RETURNING id",
    "UPDATE t SET a = a + 1, b = COALESCE(b, '') WHERE id IN (SELECT id FROM u WHERE t.id = u.id)",
    "DELETE FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.id = t.id)",
    "WITH x (a, b) AS (SELECT 1, 2), y AS MATERIALIZED (SELECT 3) SELECT * FROM x CROSS JOIN y",
    "WITH RECURSIVE x(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM x WHERE n < 9) SELECT n FROM x",
    "SELECT COUNT(*), SUM(a), MIN(a), max(b), AVG(c), COUNT(DISTINCT d) FROM t",
    "SELECT a, COUNT(*) AS n FROM t GROUP BY a HAVING COUNT(*) > 1 ORDER BY n DESC, a",
    "SELECT a, (SELECT COUNT(*) FROM u WHERE u.t = t.id) AS n FROM t",
    "SELECT a, COUNT(*) OVER (PARTITION BY b ORDER BY c) AS n, ROW_NUMBER() OVER (ORDER BY d) AS k FROM t",
    "SELECT MIN(a) AS first, 'x' AS kind, ? AS given FROM t",
    "SELECT COUNT(*) FILTER (WHERE a = 1) AS n FROM t",
    "SELECT lower(a), upper(a), length(a), substr(a, 1, 3), replace(a, 'x', 'y'), trim(a), abs(b), nullif(a, "
    "'') FROM t",
    "SELECT CAST(a AS TEXT), CAST(b AS INTEGER), CASE WHEN a = 1 THEN 'x' ELSE 'y' END FROM t",
    "SELECT a FROM t WHERE name LIKE ? ESCAPE '\\'",
    "SELECT a FROM t WHERE name LIKE '%店' OR lower(name) LIKE '%car%' OR no LIKE '03-%'",
    "SELECT a FROM (SELECT b AS a FROM t) q JOIN (SELECT 1 AS c) AS r ON r.c = q.a",
    "SELECT a FROM t WHERE (a, b) > (?, ?) AND c BETWEEN ? AND ? AND d <> 'x' AND e != 2",
    "SELECT a || 'x' AS s, -1.5e3, 2 % 3 FROM t WHERE a IN (?, ?, 'z')",
    "SELECT t.read, t.new, t.at, x.before AS user FROM t LEFT JOIN x ON x.id = t.id",
    "SELECT a FROM t UNION SELECT b FROM u EXCEPT SELECT c FROM v ORDER BY 1",
    "VALUES (1, 2), (3, 4)",
    "SELECT SUM(CASE WHEN a = 1 THEN 1 ELSE 0 END) AS n FROM t WHERE 客户 = ?",
    "SELECT a FROM t FULL JOIN u ON u.id = t.id RIGHT JOIN v USING (id)",
    "INSERT INTO t AS x (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET n = x.n + 1",
    "UPDATE t SET a = u.b FROM u WHERE u.id = t.id",
    "SELECT main.a FROM t AS main WHERE b IS DISTINCT FROM main.c AND a IN (SELECT id FROM u)",
    "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING",
};

static const struct {
    const char *sql, *en, *zh;
} bad_rows[] = {
    {"SELECT rowid FROM t", "rowid", "rowid"},
    {"SELECT t.OID FROM t", "OID", "OID"},
    {"SELECT _rowid_ FROM t", "_rowid_", "主键"},
    {"SELECT strftime('%Y', a) FROM t", "strftime", "host.clock"},
    {"SELECT date('now')", "host.clock", "date"},
    {"SELECT time (a), julianday(b), datetime(c) FROM t", "time", "host.clock"},
    {"SELECT a FROM t WHERE at < CURRENT_TIMESTAMP", "host.clock", "CURRENT_TIMESTAMP"},
    {"INSERT OR IGNORE INTO t VALUES (1)", "ON CONFLICT", "ON CONFLICT"},
    {"insert or replace into t values (1)", "ON CONFLICT", "ON CONFLICT"},
    {"REPLACE INTO t VALUES (1)", "ON CONFLICT", "REPLACE"},
    {"UPDATE OR IGNORE t SET a = 1", "ON CONFLICT", "UPDATE OR"},
    {"SELECT a -> 'x' FROM t", "->", "JSON"},
    {"SELECT a->>'$.x' FROM t", "->>", "JSON"},
    {"SELECT json_extract(a, '$.x') FROM t", "host.json", "JSON"},
    {"SELECT a FROM t, json_each(t.b)", "host.json", "JSON"},
    {"SELECT a FROM t WHERE a GLOB 'x*'", "GLOB", "LIKE"},
    {"SELECT a FROM t WHERE a REGEXP ?", "REGEXP", "host.re"},
    {"SELECT a FROM t WHERE t MATCH ?", "MATCH", "LIKE"},
    {"SELECT a FROM t WHERE a == 1", "==", "="},
    {"SELECT \"a\" FROM t", "double quotes", "双引号"},
    {"SELECT a FROM t WHERE a = \"x\"", "double quotes", "双引号"},
    {"SELECT [a] FROM t", "[", "方括号"},
    {"SELECT `a` FROM t", "`", "反引号"},
    {"SELECT a FROM t LIMIT 5, 10", "OFFSET", "OFFSET"},
    {"SELECT group_concat(a) FROM t", "group_concat", "group_concat"},
    {"SELECT TOTAL(a) FROM t", "SUM", "SUM"},
    {"SELECT IFNULL(a, 0) FROM t", "COALESCE", "COALESCE"},
    {"SELECT IIF(a = 1, 2, 3) FROM t", "CASE", "CASE"},
    {"SELECT instr(a, 'x') FROM t", "LIKE", "LIKE"},
    {"SELECT printf('%d', a) FROM t", "printf", "Lua"},
    {"SELECT hex(a), quote(b), typeof(c) FROM t", "hex", "hex"},
    {"SELECT random()", "random", "random"},
    {"SELECT changes()", "db.run", "db.run"},
    {"SELECT last_insert_rowid()", "db.id", "db.id"},
    {"SELECT max(a, b) FROM t", "CASE", "CASE"},
    {"SELECT MIN(a, b, c) FROM t", "CASE", "MIN"},
    {"SELECT round(a, 2) FROM t", "round", "round"},
    {"SELECT unknown_thing(a) FROM t", "unknown_thing", "unknown_thing"},
    {"SELECT a FROM t WHERE a IS ?", "IS", "IS NOT DISTINCT FROM"},
    {"SELECT a FROM t WHERE a IS NOT 1", "IS DISTINCT FROM", "IS"},
    {"SELECT a FROM t WHERE a IS b", "IS", "IS"},
    {"SELECT a FROM t WHERE a NOT NULL", "IS NOT NULL", "IS NOT NULL"},
    {"SELECT a FROM t WHERE a = ?1", "?1", "?"},
    {"SELECT a FROM t WHERE a = :name", ":name", "?"},
    {"SELECT a FROM t WHERE a = @x", "@x", "?"},
    {"SELECT a FROM t WHERE a = $x", "$x", "?"},
    {"SELECT a FROM t WHERE a LIKE 'Car%'", "lower(", "lower("},
    {"SELECT a FROM t WHERE a NOT LIKE '%car'", "lower(", "lower("},
    {"SELECT a FROM t WHERE lower(a) LIKE 'CAR%'", "lower", "小写"},
    {"SELECT name, COUNT(*) FROM t", "GROUP BY", "GROUP BY"},
    {"SELECT t.name AS n, MAX(a) AS m FROM t", "GROUP BY", "GROUP BY"},
    {"SELECT a FROM t ORDER BY a COLLATE NOCASE", "COLLATE", "COLLATE"},
    {"SELECT a FROM t INDEXED BY i", "INDEXED", "INDEXED"},
    {"SELECT x'00ff'", "parameter", "参数"},
    {"SELECT 0xff", "hexadecimal", "十六进制"},
    {"SELECT a FROM (SELECT b AS a FROM t)", "alias", "别名"},
    {"SELECT a FROM t WHERE user = 1", "user", "user"},
    {"SELECT a FROM t WHERE flag", "flag", "flag"},
    {"SELECT a FROM t WHERE a = 1 AND NOT t.flag", "flag", "= 1"},
    {"SELECT CASE WHEN flag THEN 1 END FROM t", "flag", "= 1"},
    {"SELECT SUM(a = 1) FROM t", "CASE", "CASE"},
    {"SELECT a AS 'x' FROM t", "without quotes", "不加引号"},
    {"SELECT a FROM t WHERE a IN ()", "IN ()", "IN ()"},
    {"SELECT a FROM t WHERE a NOT IN u", "SELECT", "SELECT"},
    {"INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET a = 2", "which columns", "哪些列"},
    {"INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING ON CONFLICT DO UPDATE SET a = 2",
     "which columns", "哪些列"},
    {"SELECT a FROM main.t", "main", "main"},
    {"DELETE FROM temp.t", "temp", "temp"},
    {"SELECT value FROM json_each", "inner table", "内部的表"},
    {"SELECT pgno FROM DBSTAT", "inner table", "内部的表"},
    {"SELECT CAST(a AS VARCHAR) FROM t", "TEXT", "TEXT"},
    {"PRAGMA table_info(t)", "SELECT", "SELECT"},
    {"EXPLAIN SELECT 1", "SELECT", "SELECT"},
    {"ATTACH 'x' AS y", "SELECT", "SELECT"},
    {"CREATE TABLE t (a TEXT) STRICT", "migrations", "migrations"},
    {"DROP TABLE t", "migrations", "migrations"},
    {"BEGIN", "db.tx", "db.tx"},
    {"VACUUM", "SELECT", "SELECT"},
    {"", "no statement", "没有语句"},
    {" -- nothing", "no statement", "没有语句"},
    {"SELECT 1; SELECT 2", "one", "一条"},
    {"SELECT 'abc", "closed", "结束"},
    {"SELECT /* abc", "closed", "结束"},
    {"SELECT /* a /* b */ 1", "comment", "注释"},
    {"SELECT name FROM sqlite_schema", "sqlite_schema", "sqlite_schema"},
    {"SELECT * FROM pragma_table_list", "pragma_table_list", "SQLite"},
    {"SELECT (1", ")", ")"},
};

static const char *const good_schema[] = {
    "CREATE TABLE loan_car (id INTEGER PRIMARY KEY, plate TEXT NOT NULL UNIQUE, km REAL, photo BLOB, n "
    "INTEGER "
    "NOT NULL DEFAULT 0,\n  car_id INTEGER REFERENCES loan_other (id), CHECK (n IN (0, 1)), UNIQUE (plate, "
    "km), CONSTRAINT c FOREIGN KEY (n) REFERENCES loan_other (id)) STRICT",
    "CREATE TABLE loan_order (a TEXT NOT NULL, b TEXT NOT NULL DEFAULT '{}', PRIMARY KEY (a, b)) STRICT;",
    "CREATE INDEX loan_car_plate ON loan_car (plate, km)",
    "CREATE UNIQUE INDEX loan_car_km ON loan_car (km) WHERE km IS NOT NULL",
    "ALTER TABLE loan_car ADD COLUMN note TEXT",
    "ALTER TABLE loan_car RENAME COLUMN note TO remark",
    "ALTER TABLE loan_car RENAME TO loan_vehicle",
    "ALTER TABLE loan_car DROP COLUMN remark",
    "DROP INDEX loan_car_km",
    "DROP TABLE loan_car",
    "INSERT INTO loan_car (id, plate) SELECT id, plate FROM archive_car",
    "UPDATE loan_car SET n = 1",
};

static const struct {
    const char *sql, *en, *zh;
} bad_schema[] = {
    {"CREATE TABLE loan_car (id INTEGER PRIMARY KEY)", "STRICT", "STRICT"},
    {"CREATE TABLE loan_car (id INTEGER PRIMARY KEY) WITHOUT ROWID", "WITHOUT ROWID", "WITHOUT ROWID"},
    {"CREATE TABLE loan_car (id INTEGER PRIMARY KEY) STRICT, WITHOUT ROWID", "WITHOUT ROWID", "WITHOUT"},
    {"CREATE TABLE loan_car (id INTEGER PRIMARY KEY AUTOINCREMENT) STRICT", "db.id", "AUTOINCREMENT"},
    {"CREATE TABLE loan_car (id INT PRIMARY KEY) STRICT", "INTEGER", "INTEGER"},
    {"CREATE TABLE loan_car (id INTEGER, a ANY) STRICT", "TEXT", "TEXT"},
    {"CREATE TABLE loan_car (id INTEGER, a VARCHAR(20)) STRICT", "TEXT", "VARCHAR"},
    {"CREATE TABLE loan_car (id INTEGER, a) STRICT", "type", "类型"},
    {"CREATE TABLE loan_car AS SELECT 1", "columns", "列"},
    {"CREATE TABLE loan_car (a TEXT COLLATE NOCASE) STRICT", "COLLATE", "COLLATE"},
    {"CREATE TABLE loan_car (a TEXT UNIQUE ON CONFLICT REPLACE) STRICT", "ON CONFLICT", "ON CONFLICT"},
    {"CREATE TABLE loan_car (a TEXT, b TEXT GENERATED ALWAYS AS (a) VIRTUAL) STRICT", "GENERATED",
     "GENERATED"},
    {"CREATE TABLE loan_car (user TEXT) STRICT", "user", "user"},
    {"CREATE TEMP TABLE loan_car (a TEXT) STRICT", "TEMP", "TEMP"},
    {"CREATE VIRTUAL TABLE loan_car USING fts5(a)", "VIRTUAL", "VIRTUAL"},
    {"CREATE TRIGGER loan_t AFTER INSERT ON loan_car BEGIN SELECT 1; END", "TRIGGER", "TRIGGER"},
    {"CREATE VIEW loan_v AS SELECT 1", "VIEW", "VIEW"},
    {"ALTER TABLE loan_car ADD note VARCHAR", "TEXT", "TEXT"},
    {"SELECT 1", "CREATE", "CREATE"},
    {"PRAGMA foreign_keys = OFF", "CREATE", "CREATE"},
    {"BEGIN", "CREATE", "CREATE"},
    {"CREATE INDEX loan_i ON loan_car (json_extract(a, '$'))", "host.json", "JSON"},
};

static void rows_inside_the_subset_pass(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good_rows / sizeof *good_rows; i++)
        passes(good_rows[i], FC_SQL_ROWS);
}

static void rows_outside_are_refused_with_a_remedy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_rows / sizeof *bad_rows; i++)
        refused(bad_rows[i].sql, FC_SQL_ROWS, bad_rows[i].en, bad_rows[i].zh);
}

static void a_text_made_by_a_machine_is_too_long(void **state)
{
    (void)state;
    fc_buf b = {0};
    fc_buf_adds(&b, "SELECT 1");
    for (int i = 0; i < 250; i++)
        fc_buf_adds(&b, " UNION SELECT 1");
    refused(b.data, FC_SQL_ROWS, "too long", "过长");
    fc_buf_free(&b);
}

static void migrations_keep_the_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good_schema / sizeof *good_schema; i++)
        passes(good_schema[i], FC_SQL_SCHEMA);
    for (size_t i = 0; i < sizeof bad_schema / sizeof *bad_schema; i++)
        refused(bad_schema[i].sql, FC_SQL_SCHEMA, bad_schema[i].en, bad_schema[i].zh);
}

/* t: id and name are NOT NULL, at and note may be NULL */
static int nullable(void *ctx, const char *table, const char *column)
{
    (void)ctx;
    if (strcmp(table, "t") != 0 && strcmp(table, "u") != 0) return -1;
    if (!strcmp(column, "id") || !strcmp(column, "name")) return 0;
    return !strcmp(column, "at") || !strcmp(column, "note") ? 1 : -1;
}

static void nulls_have_their_place(void **state)
{
    (void)state;
    static const char *const fine[] = {
        "SELECT * FROM t ORDER BY id, name DESC",
        "SELECT * FROM t ORDER BY at NULLS FIRST, id",
        "SELECT * FROM t x ORDER BY x.at DESC NULLS LAST LIMIT 1",
        "SELECT * FROM t WHERE at IS NOT NULL ORDER BY at",
        "SELECT * FROM t x WHERE x.at <= ? AND id = 1 ORDER BY x.at",
        "SELECT COUNT(*) AS at FROM t GROUP BY name ORDER BY at",
        "SELECT at FROM (SELECT 1 AS at) q ORDER BY at",
        "SELECT * FROM t ORDER BY COALESCE(at, 0)",
        "SELECT ROW_NUMBER() OVER (PARTITION BY at ORDER BY id, at NULLS LAST ROWS UNBOUNDED PRECEDING) AS n "
        "FROM t",
        "SELECT at FROM t UNION SELECT at FROM u ORDER BY at",
    };
    static const char *const unclear[] = {
        "SELECT * FROM t ORDER BY id, at",
        "SELECT * FROM t x ORDER BY x.at DESC",
        "SELECT x.at AS moment FROM t AS x ORDER BY moment",
        "SELECT t.id FROM t LEFT JOIN u ON u.id = t.id ORDER BY u.name",
        "SELECT * FROM t WHERE at <= ? OR id = 1 ORDER BY at",
        "SELECT ROW_NUMBER() OVER (PARTITION BY id ORDER BY at) AS n FROM t ORDER BY id",
        "SELECT SUM(x.id) OVER (ORDER BY x.at ROWS UNBOUNDED PRECEDING) AS n FROM t x",
        "SELECT 1 FROM t WHERE id IN (SELECT id FROM u ORDER BY note LIMIT 1)",
    };
    fc_sql_problem p;
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        if (fc_sql_nulls(fine[i], strlen(fine[i]), nullable, NULL, &p))
            fail_msg("refused: %s\n  %s", fine[i], p.text[FC_EN]);
    for (size_t i = 0; i < sizeof unclear / sizeof *unclear; i++) {
        if (!fc_sql_nulls(unclear[i], strlen(unclear[i]), nullable, NULL, &p))
            fail_msg("passes: %s", unclear[i]);
        assert_non_null(strstr(p.text[FC_EN], "NULLS"));
        assert_non_null(strstr(p.text[FC_ZH], "NULLS"));
    }
}

static void foreign_keys_stay_at_home(void **state)
{
    (void)state;
    const char *own[] = {"loan_", "rent_", NULL};
    const char *good =
        "CREATE TABLE loan_a (b INTEGER REFERENCES loan_b (id), c INTEGER REFERENCES rent_c) STRICT";
    const char *bad = "CREATE TABLE loan_a (\n b INTEGER REFERENCES other_b (id)) STRICT";
    fc_sql_problem p;
    assert_int_equal(fc_sql_own(good, strlen(good), own, &p), 0);
    assert_int_equal(fc_sql_own(bad, strlen(bad), own, &p), 1);
    assert_int_equal(fc_sql_line(bad, p.at), 2);
    assert_non_null(strstr(p.text[FC_EN], "other_b"));
    const char *renamed = "ALTER TABLE loan_a RENAME TO other_a",
               *within = "ALTER TABLE loan_a RENAME TO loan_b";
    assert_int_equal(fc_sql_own(renamed, strlen(renamed), own, &p), 1);
    assert_int_equal(fc_sql_own(within, strlen(within), own, &p), 0);
}

static void a_script_is_cut_at_its_semicolons(void **state)
{
    (void)state;
    const char *sql = "-- one; two\nSELECT ';' /* ; */;\n;SELECT 2;-- end";
    size_t from = 0, begin, end, n = strlen(sql);
    assert_int_equal(fc_sql_next(sql, n, &from, &begin, &end), 1);
    assert_int_equal(strncmp(sql + begin, "SELECT ';'", 10), 0);
    assert_int_equal(fc_sql_line(sql, begin), 2);
    assert_int_equal(fc_sql_next(sql, n, &from, &begin, &end), 1);
    assert_int_equal(end - begin, 8);
    assert_int_equal(fc_sql_next(sql, n, &from, &begin, &end), 0);
    assert_int_equal(fc_sql_reads("  (", 3), 0);
    assert_int_equal(fc_sql_reads(" -- x\n select 1", 15), 1);
    assert_int_equal(fc_sql_reads("WITH x AS (SELECT 1) DELETE FROM t", 34), 0);
}

static void check_file(const char *dir, const char *name)
{
    char path[4096];
    fc_buf text = {0};
    fc_sql_problem p;
    size_t from = 0, begin, end;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    ok(fc_read_file(path, 1 << 20, &text, err));
    while (fc_sql_next(text.data, text.len, &from, &begin, &end))
        if (fc_sql_subset(text.data + begin, end - begin, FC_SQL_SCHEMA, &p))
            fail_msg("%s:%d: %s", path, fc_sql_line(text.data, begin + p.at), p.text[FC_EN]);
    fc_buf_free(&text);
}

static void the_hosts_own_schema_passes(void **state)
{
    (void)state;
    static const char *const folders[] = {SOURCE_DIR "/schema/dealership", SOURCE_DIR "/schema/site"};
    int files = 0;
    for (int i = 0; i < 2; i++) {
        DIR *d = opendir(folders[i]);
        for (struct dirent *e; (e = readdir(d));) {
            size_t n = strlen(e->d_name);
            if (n < 5 || strcmp(e->d_name + n - 4, ".sql") != 0) continue;
            check_file(folders[i], e->d_name);
            files++;
        }
        closedir(d);
    }
    assert_true(files >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_inside_the_subset_pass),
        cmocka_unit_test(rows_outside_are_refused_with_a_remedy),
        cmocka_unit_test(a_text_made_by_a_machine_is_too_long),
        cmocka_unit_test(migrations_keep_the_forms),
        cmocka_unit_test(nulls_have_their_place),
        cmocka_unit_test(foreign_keys_stay_at_home),
        cmocka_unit_test(a_script_is_cut_at_its_semicolons),
        cmocka_unit_test(the_hosts_own_schema_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
