/* Small reads, 500 a second, alone or beside a long report: bench_beside FILE alone|report SECONDS. Prints
 * the reads' median and 99th percentile in microseconds, and how many reports ended. The report sums and
 * sorts 32 million rows, which takes some ten seconds; the measurement lasts until it has ended. */
#include "host.h"

static const char exports[] =
    "local db = require 'host.db'\n"
    "return {\n"
    "  read = function(n) return db.one('SELECT what FROM small WHERE id = ?', n).what end,\n"
    "  report = function() return #db.all('SELECT advisor, count(*) AS n, sum(amount) AS sum, avg(score) AS "
    "mean FROM visit JOIN year ON year.n <= 80 "
    "GROUP BY advisor ORDER BY mean') end,\n"
    "}\n";

static int reports;

static void report_done(fc_call *c, json_t *result, const fc_fault *fault)
{
    (void)result;
    reports++;
    bench_ended(fault);
    if (fc_monotonic() < ends) bench_begin(c, "report", no_args, report_done);
}

static void fill(void)
{
    bench_run_sql("CREATE TABLE year (n INTEGER PRIMARY KEY) STRICT");
    bench_run_sql("INSERT INTO year WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 80) "
                  "SELECT i FROM n");
    bench_run_sql("CREATE TABLE small (id INTEGER PRIMARY KEY, what TEXT) STRICT");
    bench_run_sql("INSERT INTO small VALUES (1, 'one')");
    bench_run_sql(
        "CREATE TABLE visit (id INTEGER PRIMARY KEY, advisor INTEGER, amount INTEGER, score REAL) STRICT");
    bench_run_sql(
        "INSERT INTO visit WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 400000) "
        "SELECT i, i * 7919 % 97, i * 731 % 100000, i % 10 + 0.5 FROM n");
}

int main(int argc, char **argv)
{
    fc_call report;
    if (argc != 4) {
        fprintf(stderr, "usage: bench_beside FILE alone|report|fill SECONDS\n");
        return 2;
    }
    bench_open(argv[1], exports);
    if (strcmp(argv[2], "fill") == 0) {
        fill();
        bench_close();
        return 0;
    }
    ends = fc_monotonic() + atoi(argv[3]) * 1000000000LL;
    bench_start_reads();
    if (strcmp(argv[2], "report") == 0) bench_begin(&report, "report", no_args, report_done);
    fc_loop_run(loop, 0);
    printf("%.1f %.1f %d\n", bench_read_wait(0.5), bench_read_wait(0.99), reports);
    bench_close();
    return 0;
}
