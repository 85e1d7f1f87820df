/* A thread of one owner. It sleeps on a condition until there is a job; when the job has run it wakes the
 * loop, which calls `done`.
 *
 *     none --run--> given --the thread takes it--> running --> ran --the loop--> none (done is called)
 *
 * Fails only at birth (no thread, no descriptor left). */
#include "loop/internal.h"

#include "base/buf.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum state { NONE, GIVEN, RAN };

struct fc_thread {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uv_async_t wake;
    enum state state;
    int ending;
    void (*work)(void *ctx);
    void (*done)(void *ctx);
    void *ctx;
};

/* Signals belong to the loop's thread: the watchdog counts its time. */
static void leave_signals_to_the_loop(void)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
}

static void *run(void *arg)
{
    fc_thread *t = arg;
    leave_signals_to_the_loop();
    pthread_mutex_lock(&t->lock);
    while (!t->ending) {
        if (t->state != GIVEN) {
            pthread_cond_wait(&t->changed, &t->lock);
            continue;
        }
        pthread_mutex_unlock(&t->lock);
        t->work(t->ctx);
        pthread_mutex_lock(&t->lock);
        t->state = RAN;
        pthread_cond_broadcast(&t->changed);
        uv_async_send(&t->wake);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

static void report(fc_thread *t)
{
    pthread_mutex_lock(&t->lock);
    int ran = t->state == RAN;
    if (ran) t->state = NONE;
    pthread_mutex_unlock(&t->lock);
    if (ran) t->done(t->ctx);
}

static void on_wake(uv_async_t *handle)
{
    report(handle->data);
}

int fc_thread_new(fc_loop *l, fc_thread **out, fc_err *err)
{
    fc_thread *t = fc_alloc(sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->changed, NULL);
    int failed = uv_async_init(&l->uv, &t->wake, on_wake);
    if (!failed) {
        t->wake.data = t;
        failed = pthread_create(&t->thread, NULL, run, t);
        if (failed) uv_close((uv_handle_t *)&t->wake, (uv_close_cb)free);
    } else {
        free(t);
    }
    if (failed)
        return fc_fail(err, FC_ELIMIT, "无法创建线程：%s。请提高 ulimit -u 或 ulimit -n",
                       "no thread can be made: %s; raise ulimit -u or ulimit -n",
                       failed < 0 ? uv_strerror(failed) : strerror(failed));
    *out = t;
    return FC_OK;
}

void fc_thread_run(fc_thread *t, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&t->lock);
    assert(t->state == NONE);
    t->work = work;
    t->done = done;
    t->ctx = ctx;
    t->state = GIVEN;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

void fc_thread_idle(fc_thread *t)
{
    pthread_mutex_lock(&t->lock);
    while (t->state == GIVEN)
        pthread_cond_wait(&t->changed, &t->lock);
    pthread_mutex_unlock(&t->lock);
}

static void closed(uv_handle_t *handle)
{
    fc_thread *t = handle->data;
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

void fc_thread_free(fc_thread *t)
{
    if (!t) return;
    fc_thread_idle(t);
    report(t);
    fc_thread_idle(t);
    pthread_mutex_lock(&t->lock);
    t->ending = 1;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    uv_close((uv_handle_t *)&t->wake, closed);
}
