/* The thread pool. Nothing is cancelled: what was begun is finished and reported, also while the loop is
 * being freed.
 *
 * Threads of our own in place of libuv's: its loop, woken by a thread of its pool, spins until that thread
 * has left uv_async_send, and ours step back behind the loop, so that where both have one core the loop waits
 * for somebody it does not let run (0.4 ms of CPU for each job). Here a thread is through when it has written
 * to an eventfd. */
#include "loop/internal.h"

#include "base/buf.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#define THREADS 16
#define POOL_NICE 19

struct job {
    struct job *next;
    void (*work)(void *ctx);
    void (*done)(void *ctx);
    void *ctx;
};

struct list {
    struct job *first, **end;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct list todo, done; /* under the lock */
    int ending;             /* the same */
    pthread_t threads[THREADS];
    int nthreads, open; /* of the loop's thread: jobs that are not reported yet */
    int fd;
    uv_poll_t ready;
};

static void append(struct list *l, struct job *job)
{
    job->next = NULL;
    if (!l->first) l->end = &l->first;
    *l->end = job;
    l->end = &job->next;
}

/* The loop's thread goes first: a long report beside it must not make small answers wait for a slice. */
static void step_back(void)
{
    sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0});
    setpriority(PRIO_PROCESS, (id_t)gettid(), POOL_NICE);
}

/* The next job, or NULL when the pool ends. */
static struct job *take(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (!p->todo.first && !p->ending)
        pthread_cond_wait(&p->more, &p->lock);
    struct job *job = p->todo.first;
    if (job) p->todo.first = job->next;
    pthread_mutex_unlock(&p->lock);
    return job;
}

static void report(struct pool *p, struct job *job)
{
    const uint64_t one = 1;
    pthread_mutex_lock(&p->lock);
    int first = !p->done.first;
    append(&p->done, job);
    pthread_mutex_unlock(&p->lock);
    if (first && write(p->fd, &one, sizeof one) < 0) return; /* it is full of what was not yet read */
}

static void *thread(void *ctx)
{
    struct pool *p = ctx;
    step_back();
    for (struct job *job; (job = take(p));) {
        job->work(job->ctx);
        report(p, job);
    }
    return NULL;
}

static void on_ready(uv_poll_t *ready, int status, int events)
{
    struct pool *p = ready->data;
    uint64_t n;
    (void)status;
    (void)events;
    if (read(p->fd, &n, sizeof n) < 0) return;
    pthread_mutex_lock(&p->lock);
    struct job *job = p->done.first;
    p->done.first = NULL;
    pthread_mutex_unlock(&p->lock);
    for (struct job *next; job; job = next) {
        next = job->next;
        void (*done)(void *ctx) = job->done;
        void *ctx = job->ctx;
        free(job);
        if (--p->open == 0) uv_unref((uv_handle_t *)ready);
        if (done) done(ctx);
    }
}

int fc_pool_begin(fc_loop *l)
{
    struct pool *p = fc_alloc(sizeof *p);
    p->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int status = p->fd < 0 ? uv_translate_sys_error(errno) : uv_poll_init(&l->uv, &p->ready, p->fd);
    if (status) {
        if (p->fd >= 0) close(p->fd);
        free(p);
        return status;
    }
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->more, NULL);
    p->ready.data = p;
    uv_poll_start(&p->ready, UV_READABLE, on_ready);
    uv_unref((uv_handle_t *)&p->ready);
    l->pool = p;
    return 0;
}

/* Signals are for the loop's thread. */
static void add_thread(struct pool *p)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (!pthread_create(&p->threads[p->nthreads], NULL, thread, p)) p->nthreads++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void fc_pool(fc_loop *l, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
    struct pool *p = l->pool;
    struct job *job = fc_alloc(sizeof *job);
    *job = (struct job){.work = work, .done = done, .ctx = ctx};
    if (p->open++ == 0) uv_ref((uv_handle_t *)&p->ready);
    if (p->nthreads < THREADS && p->nthreads < p->open) add_thread(p);
    if (!p->nthreads) { /* the system gives no thread: late is better than never */
        work(ctx);
        report(p, job);
        return;
    }
    pthread_mutex_lock(&p->lock);
    append(&p->todo, job);
    pthread_cond_signal(&p->more);
    pthread_mutex_unlock(&p->lock);
}

int fc_pool_owns(const fc_loop *l, const uv_handle_t *handle)
{
    return handle == (const uv_handle_t *)&l->pool->ready;
}

static void closed(uv_handle_t *ready)
{
    struct pool *p = ready->data;
    close(p->fd);
    pthread_cond_destroy(&p->more);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

void fc_pool_end(fc_loop *l)
{
    struct pool *p = l->pool;
    l->pool = NULL;
    pthread_mutex_lock(&p->lock);
    p->ending = 1;
    pthread_cond_broadcast(&p->more);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->nthreads; i++)
        pthread_join(p->threads[i], NULL);
    uv_close((uv_handle_t *)&p->ready, closed);
}
