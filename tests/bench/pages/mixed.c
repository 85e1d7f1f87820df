/* Reads and small transactions on one SQLite file, through the system's VFS or through the checked pages.
 *
 *     mixed plain|checked FILE SEED   then a number a line on stdin: so many operations; "DONE FAILED" on
 * stdout, and "sum" answers a sum over all rows
 *
 * 200,000 rows are about 50 MiB, the cache is 16 MiB as in the store. Of 100 operations 95 read one row by
 * its key, at random, and 5 are a transaction that changes two; checkpoints come by themselves each 1,000
 * pages. */
#include "store/pages.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 200000

static sqlite3 *db;
static sqlite3_stmt *read_one, *change_one, *begin, *commit, *sum_all;
static unsigned long long state;

static int next_id(void)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (int)((state >> 33) % ROWS);
}

static void die(const char *what)
{
    fprintf(stderr, "mixed: %s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static void exec(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) die(sql);
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) die(sql);
    return stmt;
}

static int run(sqlite3_stmt *stmt, int wanted)
{
    int rc = sqlite3_step(stmt);
    if (wanted == SQLITE_ROW && rc == SQLITE_ROW && sqlite3_column_bytes(stmt, 0) != 200) rc = SQLITE_CORRUPT;
    sqlite3_reset(stmt);
    return rc == wanted;
}

static int read_row(void)
{
    sqlite3_bind_int(read_one, 1, next_id());
    return run(read_one, SQLITE_ROW);
}

static int change_rows(void)
{
    int good = run(begin, SQLITE_DONE);
    for (int i = 0; i < 2; i++) {
        sqlite3_bind_int(change_one, 1, next_id());
        good &= run(change_one, SQLITE_DONE);
    }
    return good & run(commit, SQLITE_DONE);
}

static void open_file(const char *path, int checked)
{
    fc_err err;
    if (checked && fc_pages_prepare(path, &err)) {
        fprintf(stderr, "mixed: %s\n", err.text[FC_EN]);
        exit(1);
    }
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &db, flags, checked ? fc_pages_vfs(path) : NULL) != SQLITE_OK) die("open");
    exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;"
         "PRAGMA journal_size_limit=67108864;"
         "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, line TEXT NOT NULL) "
         "STRICT");
}

static void fill(void)
{
    exec("WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r WHERE i < 199999)"
         "INSERT INTO t SELECT i, 0, printf('%.200c', char(97 + i % 26)) FROM r;"
         "PRAGMA wal_checkpoint(TRUNCATE)");
}

static void answer(long n)
{
    long done = 0, failed = 0;
    for (long i = 0; i < n; i++) {
        if (i % 20 == 7 ? change_rows() : read_row())
            done++;
        else
            failed++;
    }
    printf("%ld %ld\n", done, failed);
}

int main(int argc, char **argv)
{
    char line[64];
    if (argc != 4) return 2;
    state = strtoull(argv[3], NULL, 10);
    open_file(argv[2], strcmp(argv[1], "checked") == 0);
    fill();
    read_one = prepare("SELECT line, n FROM t WHERE id = ?");
    change_one = prepare("UPDATE t SET n = n + 1 WHERE id = ?");
    begin = prepare("BEGIN IMMEDIATE");
    commit = prepare("COMMIT");
    sum_all = prepare("SELECT count(*), sum(n * (id % 1009)) FROM t");
    printf("ready\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        if (strncmp(line, "sum", 3) == 0) {
            if (sqlite3_step(sum_all) != SQLITE_ROW) die("sum");
            printf("%d %lld\n", sqlite3_column_int(sum_all, 0), sqlite3_column_int64(sum_all, 1));
            sqlite3_reset(sum_all);
        } else {
            answer(atol(line));
        }
        fflush(stdout);
    }
    return 0;
}
