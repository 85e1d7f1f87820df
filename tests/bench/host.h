/* For measurements in C: a served store, one plugin whose exports are given as text, calls into it, and a
 * stream of small reads whose waits are kept. */
#ifndef BENCH_HOST_H
#define BENCH_HOST_H
#include "base/clock.h"
#include "base/heap.h"
#include "lua/internal.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define READ_EVERY_NS (2 * 1000000LL)
#define MOST_READS 1000000

static const char *bench_exports;
static fc_loop *loop;
static fc_store *store;
static fc_vm *vm;
static int64_t ends; /* fc_monotonic after which nothing new begins */
static int open_calls;
static json_t *no_args, *one_arg;

static const char *bench_source(void *ctx, const char *plugin, const char *file, size_t *n,
                                const char **chunk)
{
    (void)ctx;
    (void)plugin;
    if (strcmp(file, "exports.lua") != 0) return NULL;
    if (chunk) *chunk = "bench/exports.lua";
    *n = strlen(bench_exports);
    return bench_exports;
}

static int bench_yes(void *ctx, const char *home, const char *what)
{
    (void)ctx;
    (void)home;
    (void)what;
    return 1;
}

static const fc_vm_host bench_vm_host = {bench_source, bench_yes, bench_yes};

static void bench_pool(void (*work)(void *), void (*done)(void *), void *ctx)
{
    fc_pool(loop, work, done, ctx);
}

static fc_world bench_world = {.pool = bench_pool};

static void must(int rc, const fc_err *err)
{
    if (!rc) return;
    fprintf(stderr, "%s\n", err->text[FC_EN]);
    exit(1);
}

static void bench_refresh(void *ctx)
{
    (void)ctx;
    fc_store_refresh(store);
}

/* Opens FILE as a served worker would. */
static void bench_open(const char *file, const char *exports)
{
    fc_err err;
    fc_heap_settle();
    bench_exports = exports;
    no_args = json_array();
    one_arg = json_pack("[i]", 1);
    must(fc_loop_new(&loop, &err), &err);
    must(fc_store_open(file, &store, &err), &err);
    must(fc_store_serve(store, loop, &err), &err);
    fc_store_share(store, 1);
    fc_loop_each_turn(loop, bench_refresh, NULL);
    vm = fc_vm_new("bench", &bench_vm_host, NULL, 64u << 20);
    fc_vm_phase(vm, FC_RUNNING);
}

static inline void bench_close(void)
{
    fc_store_unserve(store);
    fc_store_close(store);
}

static inline void bench_run_sql(const char *sql)
{
    fc_err err;
    must(fc_run(store, sql, NULL, 0, NULL, &err), &err);
}

static void bench_begin(fc_call *c, const char *export, const json_t *args, fc_call_done done)
{
    *c = (fc_call){.world = &bench_world, .store = store, .budget_ns = INT64_MAX / 2, .roles = no_args};
    open_calls++;
    fc_call_start(c, vm, export, args, done);
}

/* To be called in every done: ends the program at a fault, the loop after the last call. */
static void bench_ended(const fc_fault *fault)
{
    if (fault) {
        fprintf(stderr, "%s %s\n", fault->place, fault->en);
        exit(1);
    }
    if (--open_calls == 0 && fc_monotonic() >= ends) fc_loop_stop(loop);
}

/* ---- small reads: one each 2 ms, asked for by a thread that writes the moment into a pipe, as a client
 * would into a socket. Its wait counts from that moment. */

typedef struct bench_read {
    fc_call call;
    int64_t due;
} bench_read;

static int64_t *read_waits;
static size_t reads;
static int read_pipe[2];

static void bench_read_done(fc_call *c, json_t *result, const fc_fault *fault)
{
    bench_read *r = (bench_read *)c;
    (void)result;
    if (reads < MOST_READS) read_waits[reads++] = fc_monotonic() - r->due;
    bench_ended(fault);
    free(r);
}

static void bench_read_asked(void *ctx, int events)
{
    int64_t due;
    (void)ctx;
    (void)events;
    while (read(read_pipe[0], &due, sizeof due) == sizeof due) {
        if (due < 0) {
            if (open_calls == 0) fc_loop_stop(loop);
            return;
        }
        bench_read *r = calloc(1, sizeof *r);
        r->due = due;
        bench_begin(&r->call, "read", one_arg, bench_read_done);
    }
}

static void *bench_asker(void *arg)
{
    (void)arg;
    struct timespec at;
    int64_t over = -1;
    clock_gettime(CLOCK_MONOTONIC, &at);
    for (;;) {
        at.tv_nsec += READ_EVERY_NS;
        if (at.tv_nsec >= 1000000000) at.tv_sec++, at.tv_nsec -= 1000000000;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
        int64_t now = fc_monotonic();
        if (now >= ends) break;
        if (write(read_pipe[1], &now, sizeof now) != sizeof now) break;
    }
    if (write(read_pipe[1], &over, sizeof over) != sizeof over) exit(1);
    return NULL;
}

static inline void bench_start_reads(void)
{
    pthread_t thread;
    read_waits = malloc(MOST_READS * sizeof *read_waits);
    if (pipe2(read_pipe, O_NONBLOCK) != 0 || pthread_create(&thread, NULL, bench_asker, NULL) != 0) exit(1);
    fc_poll_new(loop, read_pipe[0], 1, bench_read_asked, NULL);
}

static int bench_by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* A share of 1 of the waits, in microseconds. */
static inline double bench_read_wait(double share)
{
    qsort(read_waits, reads, sizeof *read_waits, bench_by_size);
    return reads ? (double)read_waits[(size_t)((double)(reads - 1) * share)] / 1e3 : 0;
}
#endif
