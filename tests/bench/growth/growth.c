/* Point reads and writes in a table of NUMBER customers: bench_growth FILE fill|read|write NUMBER.
 *
 * read: 300,000 calls, each finds one customer by the blind index of a number and reads him; prints
 * microseconds of CPU a call. write: 16 clients for 3 s, each call a durable change of one customer; prints
 * calls a second. Who is asked for is drawn evenly. */
#include "host.h"

#define READS 300000
#define CLIENTS 16
#define SECONDS 3

static const char exports[] = "local db = require 'host.db'\n"
                              "return {\n"
                              "  read = function(n) return db.one('SELECT id, name, plate, since FROM "
                              "customer WHERE phone_index = ?',\n"
                              "    string.format('%016x', n * 2654435761 % 4294967296)).name end,\n"
                              "  write = function(n) db.tx(function() db.run('UPDATE customer SET visits = "
                              "visits + 1 WHERE id = ?', n) end) end,\n"
                              "}\n";

static int64_t number, done_calls;
static json_t *asked;
static uint64_t seed = 88172645463325252u;

static int64_t somebody(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int64_t)(seed % (uint64_t)number) + 1;
}

static const json_t *for_somebody(void)
{
    json_integer_set(json_array_get(asked, 0), somebody());
    return asked;
}

static void read_done(fc_call *c, json_t *result, const fc_fault *fault)
{
    (void)c;
    (void)result;
    done_calls++;
    bench_ended(fault);
}

static void write_done(fc_call *c, json_t *result, const fc_fault *fault)
{
    (void)result;
    done_calls++;
    bench_ended(fault);
    if (fc_monotonic() < ends) bench_begin(c, "write", for_somebody(), write_done);
}

static void fill(void)
{
    char sql[600];
    bench_run_sql("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, plate TEXT NOT NULL,"
                  " phone_index TEXT NOT NULL, since TEXT NOT NULL, visits INTEGER NOT NULL) STRICT");
    for (int64_t from = 1; from <= number; from += 500000) {
        int64_t to = from + 499999 < number ? from + 499999 : number;
        snprintf(sql, sizeof sql,
                 "INSERT INTO customer WITH RECURSIVE n(i) AS (SELECT %lld UNION ALL SELECT i + 1 FROM n "
                 "WHERE i < %lld)"
                 " SELECT i, 'customer ' || i, printf('A%%07d', i), printf('%%016x', i * 2654435761 %% "
                 "4294967296),"
                 " '2026-11-21', 0 FROM n",
                 (long long)from, (long long)to);
        bench_run_sql(sql);
    }
    bench_run_sql("CREATE INDEX customer_phone ON customer (phone_index)");
}

static void reads_of(void)
{
    fc_call c;
    for (int i = 0; i < READS / 10; i++)
        bench_begin(&c, "read", for_somebody(), read_done);
    int64_t began = fc_cpu();
    for (int i = 0; i < READS; i++) {
        bench_begin(&c, "read", for_somebody(), read_done);
        if (i % 16 == 0) fc_store_refresh(store);
    }
    printf("%.2f\n", (double)(fc_cpu() - began) / READS / 1e3);
}

static void writes_of(void)
{
    static fc_call clients[CLIENTS];
    int64_t began = fc_monotonic();
    ends = began + SECONDS * 1000000000LL;
    for (int i = 0; i < CLIENTS; i++)
        bench_begin(&clients[i], "write", for_somebody(), write_done);
    fc_loop_run(loop, 0);
    printf("%.0f\n", (double)done_calls / ((double)(fc_monotonic() - began) / 1e9));
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bench_growth FILE fill|read|write NUMBER\n");
        return 2;
    }
    number = atoll(argv[3]);
    ends = INT64_MAX;
    bench_open(argv[1], exports);
    asked = json_pack("[I]", (json_int_t)1);
    if (strcmp(argv[2], "fill") == 0)
        fill();
    else if (strcmp(argv[2], "read") == 0)
        reads_of();
    else
        writes_of();
    bench_close();
    return 0;
}
