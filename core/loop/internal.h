/* What the files of this room share: the loop itself. Nobody outside core/loop includes this. */
#ifndef FC_LOOP_INTERNAL_H
#define FC_LOOP_INTERNAL_H
#include "loop/loop.h"
#include <uv.h>

struct soon {
    void (*fn)(void *ctx);
    void *ctx;
};

struct fc_loop {
    uv_loop_t uv;
    uv_async_t
        wake; /* keeps the loop alive while nothing else does, and carries fc_loop_stop out of a signal */
    uv_idle_t idle; /* active while `soon` holds something */
    uv_prepare_t turn;
    void (*each_turn)(void *ctx);
    void *each_turn_ctx;
    uv_signal_t term, interrupt, hup;
    void (*on_hup)(void *ctx);
    void *on_hup_ctx;
    struct soon *soon;
    int soon_count, soon_cap;
    volatile int stopping;
    struct pool *pool; /* pool.c */
};

/* 0 or libuv's error: no descriptor is left. Threads come with the jobs. */
int fc_pool_begin(fc_loop *l);
/* When no job is open any more: the threads end, the handle closes in the loop's next turn. */
void fc_pool_end(fc_loop *l);
int fc_pool_owns(const fc_loop *l, const uv_handle_t *handle);

#endif
