/* Timers. fc_timer_free may be called from the timer's own callback; the memory goes one turn later, because
 * libuv still holds the handle until then. */
#include "loop/internal.h"

#include "base/buf.h"

#include <stdlib.h>

struct fc_timer {
    uv_timer_t uv;
    void (*fn)(void *ctx);
    void *ctx;
};

static void on_timer(uv_timer_t *handle)
{
    fc_timer *t = handle->data;
    t->fn(t->ctx);
}

fc_timer *fc_timer_new(fc_loop *l, void (*fn)(void *ctx), void *ctx)
{
    fc_timer *t = fc_alloc(sizeof *t);
    uv_timer_init(&l->uv, &t->uv);
    t->uv.data = t;
    t->fn = fn;
    t->ctx = ctx;
    return t;
}

void fc_timer_set(fc_timer *t, int64_t ms, int64_t repeat)
{
    /* libuv counts from the beginning of the turn; a turn that took long would make the timer early by as
     * much. */
    uv_update_time(t->uv.loop);
    uv_timer_start(&t->uv, on_timer, ms > 0 ? (uint64_t)ms : 0, repeat > 0 ? (uint64_t)repeat : 0);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void fc_timer_free(fc_timer *t)
{
    if (t) uv_close((uv_handle_t *)&t->uv, on_closed);
}
