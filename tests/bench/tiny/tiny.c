/* A tiny indexed SELECT, from Lua through host.db.one and in C straight on SQLite: bench_tiny FILE lua|c
 * NUMBER. Both read inside one snapshot. Prints nanoseconds of CPU a statement. */
#include "host.h"

#include <sqlite3.h>

static const char exports[] = "local db = require 'host.db'\n"
                              "local plates = {}\n"
                              "for i = 1, 1000 do plates[i] = string.format('A%05d', i) end\n"
                              "return { many = function(n)\n"
                              "  local sum = 0\n"
                              "  for i = 1, n do sum = sum + db.one('SELECT id, model, km FROM t WHERE plate "
                              "= ?', plates[i % 1000 + 1]).km end\n"
                              "  return sum\n"
                              "end }\n";

static int64_t sum;
static char plates[1000][16];

static void done(fc_call *c, json_t *result, const fc_fault *fault)
{
    (void)c;
    bench_ended(fault);
    sum = json_integer_value(json_array_get(result, 0));
}

static void told(int64_t began, int64_t n)
{
    printf("%.1f %lld\n", (double)(fc_cpu() - began) / (double)n, (long long)sum);
}

static void in_lua(const char *file, int64_t n)
{
    fc_call c;
    bench_open(file, exports);
    json_t *args = json_pack("[I]", (json_int_t)n);
    int64_t began = fc_cpu();
    bench_begin(&c, "many", args, done);
    told(began, n);
    bench_close();
}

/* What a host function in C would write: the text, the parameter, each column with its name. */
static void in_c(const char *file, int64_t n)
{
    static const char sql[] = "SELECT id, model, km FROM t WHERE plate = ?";
    fc_err err;
    bench_open(file, exports);
    int64_t began = fc_cpu();
    for (int64_t i = 1; i <= n; i++) {
        fc_cursor *c;
        enum fc_kind kind;
        int row;
        fc_value arg = fc_textn(plates[i % 1000], 6), v, km = {0};
        must(fc_query_quick(store, sql, sizeof sql - 1, &arg, 1, &kind, &c, &err), &err);
        must(fc_cursor_next(c, &row, &err), &err);
        for (int k = 0; k < fc_cursor_columns(c); k++) {
            fc_cursor_value(c, k, &v);
            if (strcmp(fc_cursor_name(c, k), "km") == 0) km = v;
        }
        sum += km.i;
        fc_cursor_close(c);
    }
    told(began, n);
    bench_close();
}

static void in_sqlite(const char *file, int64_t n)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)) exit(1);
    sqlite3_exec(db, "PRAGMA cache_size=-16384; BEGIN; SELECT 1 FROM t", NULL, NULL, NULL);
    sqlite3_prepare_v3(db, "SELECT id, model, km FROM t WHERE plate = ?", -1, SQLITE_PREPARE_PERSISTENT,
                       &stmt, NULL);
    int64_t began = fc_cpu();
    for (int64_t i = 1; i <= n; i++) {
        sqlite3_bind_text(stmt, 1, plates[i % 1000], 6, SQLITE_STATIC);
        if (sqlite3_step(stmt) == SQLITE_ROW) sum += sqlite3_column_int64(stmt, 2);
        sqlite3_reset(stmt);
    }
    told(began, n);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bench_tiny FILE lua|c|sqlite NUMBER\n");
        return 2;
    }
    for (int i = 0; i < 1000; i++)
        snprintf(plates[i], sizeof plates[i], "A%05d", i + 1);
    if (strcmp(argv[2], "lua") == 0)
        in_lua(argv[1], atoll(argv[3]));
    else if (strcmp(argv[2], "c") == 0)
        in_c(argv[1], atoll(argv[3]));
    else
        in_sqlite(argv[1], atoll(argv[3]));
    return 0;
}
