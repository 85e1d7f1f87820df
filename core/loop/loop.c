/* The happy path: fc_loop_new, things are added, fc_loop_run turns until somebody stops it, each owner frees
 * his things, fc_loop_free. An empty loop does not end by itself: a worker without work waits for work.
 *
 * Fails only at birth (no descriptors left). What fc_soon still holds when the loop is freed is dropped: its
 * owners are gone. Closing: libuv frees a handle one turn after it was closed, so fc_loop_free turns the loop
 * until all are gone; a handle whose owner forgot it is closed, and said in the log. */
#include "loop/internal.h"

#include "base/buf.h"
#include "base/log.h"

#include <signal.h>
#include <stdlib.h>

static void on_wake(uv_async_t *handle)
{
    fc_loop *l = handle->data;
    if (l->stopping) uv_stop(&l->uv);
}

static void on_signal(uv_signal_t *handle, int signal_number)
{
    (void)signal_number;
    fc_loop_stop(handle->data);
}

/* What a callback adds while we run goes to the next turn, or a function that calls fc_soon for itself would
 * starve I/O. */
static void run_soon(uv_idle_t *idle)
{
    fc_loop *l = idle->data;
    struct soon *list = l->soon;
    int count = l->soon_count;
    l->soon = NULL;
    l->soon_count = l->soon_cap = 0;
    for (int i = 0; i < count; i++)
        list[i].fn(list[i].ctx);
    if (l->soon) {
        free(list);
    } else {
        l->soon = list;
        l->soon_cap = count;
        uv_idle_stop(&l->idle);
    }
}

void fc_soon(fc_loop *l, void (*fn)(void *ctx), void *ctx)
{
    if (l->soon_count == l->soon_cap) {
        l->soon_cap = l->soon_cap ? l->soon_cap * 2 : 16;
        l->soon = fc_realloc(l->soon, (size_t)l->soon_cap * sizeof *l->soon);
    }
    l->soon[l->soon_count++] = (struct soon){fn, ctx};
    if (l->soon_count == 1) uv_idle_start(&l->idle, run_soon);
}

static void on_turn(uv_prepare_t *turn)
{
    fc_loop *l = turn->data;
    l->each_turn(l->each_turn_ctx);
}

void fc_loop_each_turn(fc_loop *l, void (*fn)(void *ctx), void *ctx)
{
    l->each_turn = fn;
    l->each_turn_ctx = ctx;
    if (fn)
        uv_prepare_start(&l->turn, on_turn);
    else
        uv_prepare_stop(&l->turn);
}

static void on_hup(uv_signal_t *handle, int signal_number)
{
    const fc_loop *l = handle->data;
    (void)signal_number;
    l->on_hup(l->on_hup_ctx);
}

void fc_loop_on_hup(fc_loop *l, void (*fn)(void *ctx), void *ctx)
{
    l->on_hup = fn;
    l->on_hup_ctx = ctx;
    if (fn)
        uv_signal_start(&l->hup, on_hup, SIGHUP);
    else
        uv_signal_stop(&l->hup);
}

static void close_own(fc_loop *l)
{
    uv_close((uv_handle_t *)&l->wake, NULL);
    uv_close((uv_handle_t *)&l->idle, NULL);
    uv_close((uv_handle_t *)&l->turn, NULL);
    uv_close((uv_handle_t *)&l->term, NULL);
    uv_close((uv_handle_t *)&l->interrupt, NULL);
    uv_close((uv_handle_t *)&l->hup, NULL);
}

int fc_loop_new(fc_loop **out, fc_err *err)
{
    signal(SIGPIPE, SIG_IGN); /* a client that left is a failed write, not the end of the process */
    fc_loop *l = fc_alloc(sizeof *l);
    int status = uv_loop_init(&l->uv);
    if (status) goto fail;
    status = uv_async_init(&l->uv, &l->wake, on_wake);
    if (status) goto fail_loop;
    uv_idle_init(&l->uv, &l->idle);
    uv_prepare_init(&l->uv, &l->turn);
    uv_signal_init(&l->uv, &l->term);
    uv_signal_init(&l->uv, &l->interrupt);
    uv_signal_init(&l->uv, &l->hup);
    status = fc_pool_begin(l);
    if (status) goto fail_handles;
    l->wake.data = l->idle.data = l->turn.data = l->term.data = l->interrupt.data = l->hup.data = l;
    *out = l;
    return 0;

fail_handles:
    close_own(l);
    uv_run(&l->uv, UV_RUN_DEFAULT);
fail_loop:
    uv_loop_close(&l->uv);
fail:
    free(l);
    return fc_fail(err, FC_EIO, "无法启动事件循环：%s。请提高进程可打开的文件数（ulimit -n）",
                   "the event loop cannot start: %s; allow the process more open files (ulimit -n)",
                   uv_strerror(status));
}

int fc_loop_run(fc_loop *l, int signals)
{
    if (signals) {
        uv_signal_start(&l->term, on_signal, SIGTERM);
        if (signals != FC_ONLY_TERM) uv_signal_start(&l->interrupt, on_signal, SIGINT);
    }
    while (!l->stopping)
        uv_run(&l->uv, UV_RUN_DEFAULT);
    l->stopping = 0;
    if (signals) {
        uv_signal_stop(&l->term);
        uv_signal_stop(&l->interrupt);
    }
    return 0;
}

void fc_loop_stop(fc_loop *l)
{
    l->stopping = 1;
    uv_async_send(&l->wake);
}

struct forgotten {
    const fc_loop *loop;
    int n;
};

/* All but the pool's: what it does is reported first. */
static void close_forgotten(uv_handle_t *handle, void *arg)
{
    struct forgotten *f = arg;
    if (uv_is_closing(handle) || fc_pool_owns(f->loop, handle)) return;
    f->n++;
    uv_close(handle, NULL);
}

void fc_loop_free(fc_loop *l)
{
    if (!l) return;
    struct forgotten forgotten = {l, 0};
    close_own(l);
    uv_walk(&l->uv, close_forgotten, &forgotten);
    while (uv_run(&l->uv, UV_RUN_DEFAULT)) /* jobs that are open are finished and reported */
        continue;
    fc_pool_end(l);
    while (uv_run(&l->uv, UV_RUN_DEFAULT))
        continue;
    if (forgotten.n)
        fc_log(
            FC_WARN, "loop",
            fc_say("事件循环结束时还有 %d 个句柄没有关闭", "%d handles were still open when the loop ended"),
            forgotten.n);
    uv_loop_close(&l->uv);
    free(l->soon);
    free(l);
}
