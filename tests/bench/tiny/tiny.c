/* A tiny indexed SELECT, from Lua through host.db.one and in C straight on SQLite: bench_tiny FILE lua|c
 * NUMBER. Both read inside one snapshot. Prints nanoseconds of CPU a statement. */
#include "base/clock.h"
#include "lua/internal.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char exports[] =
    "local db = require 'host.db'\n"
    "return { many = function(n)\n"
    "  local sum = 0\n"
    "  for i = 1, n do sum = sum + db.one('SELECT km FROM t WHERE id = ?', i % 1000 + 1).km end\n"
    "  return sum\n"
    "end }\n";

static const char *source(void *ctx, const char *plugin, const char *file, size_t *n, const char **chunk)
{
    (void)ctx;
    (void)plugin;
    if (strcmp(file, "exports.lua") != 0) return NULL;
    if (chunk) *chunk = "bench/exports.lua";
    *n = sizeof exports - 1;
    return exports;
}

static int yes(void *ctx, const char *home, const char *what)
{
    (void)ctx;
    (void)home;
    (void)what;
    return 1;
}

static const fc_vm_host host = {source, yes, yes};
static fc_loop *loop;

static void pool(void (*work)(void *), void (*done)(void *), void *ctx)
{
    fc_pool(loop, work, done, ctx);
}

static fc_world world = {.pool = pool};
static int64_t sum;

static void done(fc_call *c, json_t *result, const fc_fault *fault)
{
    (void)c;
    if (fault) {
        fprintf(stderr, "%s %s\n", fault->place, fault->en);
        exit(1);
    }
    sum = json_integer_value(json_array_get(result, 0));
}

static void must(int rc, const fc_err *err)
{
    if (!rc) return;
    fprintf(stderr, "%s\n", err->text[FC_EN]);
    exit(1);
}

static fc_store *served(const char *file)
{
    fc_store *store;
    fc_err err;
    must(fc_loop_new(&loop, &err), &err);
    must(fc_store_open(file, &store, &err), &err);
    must(fc_store_serve(store, loop, &err), &err);
    fc_store_share(store, 1);
    return store;
}

static void told(int64_t began, int64_t n)
{
    printf("%.1f %lld\n", (double)(fc_cpu() - began) / (double)n, (long long)sum);
}

static void in_lua(const char *file, int64_t n)
{
    fc_store *store = served(file);
    fc_vm *vm = fc_vm_new("bench", &host, NULL, 64u << 20);
    fc_vm_phase(vm, FC_RUNNING);
    fc_call c = {.world = &world, .store = store, .budget_ns = INT64_MAX / 2, .roles = json_array()};
    json_t *args = json_pack("[I]", (json_int_t)n);
    int64_t began = fc_cpu();
    fc_call_start(&c, vm, "many", args, done);
    told(began, n);
    fc_store_unserve(store);
    fc_store_close(store);
}

/* What a host function in C would write: the text, the parameter, each column with its name. */
static void in_c(const char *file, int64_t n)
{
    static const char sql[] = "SELECT km FROM t WHERE id = ?";
    fc_store *store = served(file);
    fc_err err;
    int64_t began = fc_cpu();
    for (int64_t i = 1; i <= n; i++) {
        fc_cursor *c;
        enum fc_kind kind;
        int row;
        fc_value arg = fc_int(i % 1000 + 1), v = {0};
        must(fc_query_quick(store, sql, sizeof sql - 1, &arg, 1, &kind, &c, &err), &err);
        must(fc_cursor_next(c, &row, &err), &err);
        for (int k = 0; k < fc_cursor_columns(c); k++)
            if (strcmp(fc_cursor_name(c, k), "km") == 0) fc_cursor_value(c, k, &v);
        sum += v.i;
        fc_cursor_close(c);
    }
    told(began, n);
    fc_store_unserve(store);
    fc_store_close(store);
}

static void in_sqlite(const char *file, int64_t n)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)) exit(1);
    sqlite3_exec(db, "PRAGMA cache_size=-16384; BEGIN; SELECT 1 FROM t", NULL, NULL, NULL);
    sqlite3_prepare_v3(db, "SELECT km FROM t WHERE id = ?", -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
    int64_t began = fc_cpu();
    for (int64_t i = 1; i <= n; i++) {
        sqlite3_bind_int64(stmt, 1, i % 1000 + 1);
        if (sqlite3_step(stmt) == SQLITE_ROW) sum += sqlite3_column_int64(stmt, 0);
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
    if (strcmp(argv[2], "lua") == 0)
        in_lua(argv[1], atoll(argv[3]));
    else if (strcmp(argv[2], "c") == 0)
        in_c(argv[1], atoll(argv[3]));
    else
        in_sqlite(argv[1], atoll(argv[3]));
    return 0;
}
