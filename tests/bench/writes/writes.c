/* Durable writes through host.db.tx, with small reads beside them.
 *
 *     bench_writes FOLDER CLIENTS SECONDS
 *
 * CLIENTS calls are always under way; each is one transaction of one insert and begins the next when it is
 * told that it is on the disk. A small read starts every 2 ms and is measured from the moment at which it
 * should have started. Prints: transactions a second, then the reads' median and 99th percentile in
 * microseconds. */
#include "base/clock.h"
#include "lua/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_EVERY_NS (2 * 1000000LL)
#define MOST_READS 1000000

static const char exports[] =
    "local db = require 'host.db'\n"
    "return {\n"
    "  write = function() db.tx(function() db.run('INSERT INTO t (id, what) VALUES (?, ?)', db.id(), 'a "
    "short text') end) end,\n"
    "  read = function(n) return db.one('SELECT what FROM small WHERE id = ?', n).what end,\n"
    "}\n";

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
static fc_store *store;
static fc_vm *vm;
static int64_t ends, written, next_read;
static int64_t *waits;
static size_t reads;
static int open_calls;
static json_t *no_args, *one_arg;

static void pool(void (*work)(void *), void (*done)(void *), void *ctx)
{
    fc_pool(loop, work, done, ctx);
}

static fc_world world = {.pool = pool};

typedef struct client {
    fc_call call;
    int64_t due; /* of a read */
} client;

static void begin(client *c, const char *what, const json_t *args, fc_call_done done)
{
    c->call = (fc_call){.world = &world, .store = store, .budget_ns = 1000000000, .roles = no_args};
    open_calls++;
    fc_call_start(&c->call, vm, what, args, done);
}

static void ended(const fc_fault *fault)
{
    if (fault) {
        fprintf(stderr, "%s %s\n", fault->place, fault->en);
        exit(1);
    }
    if (--open_calls == 0 && fc_monotonic() >= ends) fc_loop_stop(loop);
}

static void write_done(fc_call *c, json_t *result, const fc_fault *fault)
{
    (void)result;
    written++;
    ended(fault);
    if (fc_monotonic() < ends) begin((client *)c, "write", no_args, write_done);
}

static void read_done(fc_call *c, json_t *result, const fc_fault *fault)
{
    client *r = (client *)c;
    (void)result;
    if (reads < MOST_READS) waits[reads++] = fc_monotonic() - r->due;
    ended(fault);
    free(r);
}

static void read_tick(void *ctx)
{
    (void)ctx;
    int64_t now = fc_monotonic();
    if (!next_read) next_read = now;
    for (; next_read <= now && now < ends; next_read += READ_EVERY_NS) {
        client *r = calloc(1, sizeof *r);
        r->due = next_read;
        begin(r, "read", one_arg, read_done);
    }
}

static void refresh(void *ctx)
{
    (void)ctx;
    fc_store_refresh(store);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void must(int rc, const fc_err *err)
{
    if (!rc) return;
    fprintf(stderr, "%s\n", err->text[FC_EN]);
    exit(1);
}

static void prepare(const char *folder)
{
    char path[4096];
    fc_err err;
    snprintf(path, sizeof path, "%s/writes.db", folder);
    must(fc_loop_new(&loop, &err), &err);
    must(fc_store_open(path, &store, &err), &err);
    must(fc_run(store, "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, what TEXT) STRICT", NULL, 0,
                NULL, &err),
         &err);
    must(fc_run(store, "CREATE TABLE IF NOT EXISTS small (id INTEGER PRIMARY KEY, what TEXT) STRICT", NULL, 0,
                NULL, &err),
         &err);
    must(fc_run(store, "INSERT INTO small VALUES (1, 'one') ON CONFLICT DO NOTHING", NULL, 0, NULL, &err),
         &err);
    must(fc_store_serve(store, loop, &err), &err);
    fc_store_share(store, 1);
    fc_loop_each_turn(loop, refresh, NULL);
    vm = fc_vm_new("bench", &host, NULL, 64u << 20);
    fc_vm_phase(vm, FC_RUNNING);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bench_writes FOLDER CLIENTS SECONDS\n");
        return 2;
    }
    int clients = atoi(argv[2]);
    no_args = json_array();
    one_arg = json_pack("[i]", 1);
    waits = malloc(MOST_READS * sizeof *waits);
    prepare(argv[1]);
    client *c = calloc((size_t)clients, sizeof *c);
    int64_t began = fc_monotonic();
    ends = began + atoi(argv[3]) * 1000000000LL;
    fc_timer *timer = fc_timer_new(loop, read_tick, NULL);
    fc_timer_set(timer, 1, 1);
    for (int i = 0; i < clients; i++)
        begin(&c[i], "write", no_args, write_done);
    fc_loop_run(loop, 0);
    double seconds = (double)(fc_monotonic() - began) / 1e9;
    qsort(waits, reads, sizeof *waits, by_size);
    printf("%.0f %.1f %.1f\n", (double)written / seconds, (double)waits[reads / 2] / 1e3,
           (double)waits[reads * 99 / 100] / 1e3);
    fc_timer_free(timer);
    fc_store_unserve(store);
    fc_store_close(store);
    return 0;
}
