/* The thread pool (libuv's; UV_THREADPOOL_SIZE sets its size, else fc_loop_new does). Nothing is cancelled:
 * what was begun is finished and reported, also while the loop is being freed. */
#include "loop/internal.h"

#include "base/buf.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define POOL_NICE 19

struct job {
    uv_work_t uv;
    void (*work)(void *ctx);
    void (*done)(void *ctx);
    void *ctx;
};

/* The loop's thread goes first: a long report beside it must not make small answers wait for a slice. */
static void step_back(void)
{
    static _Thread_local int done;
    if (done) return;
    done = 1;
    sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0});
    setpriority(PRIO_PROCESS, (id_t)gettid(), POOL_NICE);
}

static void in_pool(uv_work_t *req)
{
    struct job *job = req->data;
    step_back();
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
