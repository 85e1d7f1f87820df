/* The thread pool (libuv's; UV_THREADPOOL_SIZE sets its size, else fc_loop_new does). Nothing is cancelled:
 * what was begun is finished and reported, also while the loop is being freed. */
#include "loop/internal.h"

#include "base/buf.h"

#include <stdlib.h>

struct job {
    uv_work_t uv;
    void (*work)(void *ctx);
    void (*done)(void *ctx);
    void *ctx;
};

static void in_pool(uv_work_t *req)
{
    struct job *job = req->data;
    job->work(job->ctx);
}

static void on_loop(uv_work_t *req, int status)
{
    (void)status; /* only a cancelled job has one */
    struct job *job = req->data;
    void (*done)(void *ctx) = job->done;
    void *ctx = job->ctx;
    free(job);
    if (done) done(ctx);
}

void fc_pool(fc_loop *l, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
    struct job *job = fc_alloc(sizeof *job);
    job->uv.data = job;
    job->work = work;
    job->done = done;
    job->ctx = ctx;
    uv_queue_work(&l->uv, &job->uv, in_pool, on_loop); /* fails only without a work function */
}
