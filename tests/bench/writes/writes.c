/* Durable writes through host.db.tx, with small reads beside them: bench_writes FOLDER CLIENTS SECONDS
 *
 * CLIENTS calls are always under way; each is one transaction of one insert and begins the next when it is
 * told that it is on the disk. Prints: transactions a second, then the reads' median and 99th percentile in
 * microseconds. */
#include "host.h"

static const char exports[] =
    "local db = require 'host.db'\n"
    "return {\n"
    "  write = function() db.tx(function() db.run('INSERT INTO t (id, what) VALUES (?, ?)', db.id(), 'a "
    "short text') end) end,\n"
    "  read = function(n) return db.one('SELECT what FROM small WHERE id = ?', n).what end,\n"
    "}\n";

static int64_t written;

static void write_done(fc_call *c, json_t *result, const fc_fault *fault)
{
    (void)result;
    written++;
    bench_ended(fault);
    if (fc_monotonic() < ends) bench_begin(c, "write", no_args, write_done);
}

int main(int argc, char **argv)
{
    char path[4096];
    if (argc != 4) {
        fprintf(stderr, "usage: bench_writes FOLDER CLIENTS SECONDS\n");
        return 2;
    }
    int clients = atoi(argv[2]);
    snprintf(path, sizeof path, "%s/writes.db", argv[1]);
    bench_open(path, exports);
    bench_run_sql("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, what TEXT) STRICT");
    bench_run_sql("CREATE TABLE IF NOT EXISTS small (id INTEGER PRIMARY KEY, what TEXT) STRICT");
    bench_run_sql("INSERT INTO small VALUES (1, 'one') ON CONFLICT DO NOTHING");
    fc_call *c = calloc((size_t)clients, sizeof *c);
    int64_t began = fc_monotonic();
    ends = began + atoi(argv[3]) * 1000000000LL;
    bench_start_reads();
    for (int i = 0; i < clients; i++)
        bench_begin(&c[i], "write", no_args, write_done);
    fc_loop_run(loop, 0);
    double seconds = (double)(fc_monotonic() - began) / 1e9;
    printf("%.0f %.1f %.1f\n", (double)written / seconds, bench_read_wait(0.5), bench_read_wait(0.99));
    bench_close();
    return 0;
}
