/* The event loop of a worker: one thread that waits, timers, file descriptors, a thread pool, a folder
 * watcher, child processes. A thin face over libuv so that the rooms above share one vocabulary. Everything
 * here is called on the loop's thread except fc_loop_stop, which may be called from a signal handler's
 * context through the loop's own signal handling. */
#ifndef FC_LOOP_LOOP_H
#define FC_LOOP_LOOP_H
#include "base/err.h"
#include <stdint.h>

typedef struct fc_loop fc_loop;
typedef struct fc_timer fc_timer;
typedef struct fc_watch fc_watch;
typedef struct fc_poll fc_poll;
typedef struct fc_thread fc_thread;

int fc_loop_new(fc_loop **out, fc_err *err);
void fc_loop_free(fc_loop *l);
#define FC_ONLY_TERM 2
/* Runs until fc_loop_stop, or SIGTERM / SIGINT when `signals` is 1; FC_ONLY_TERM leaves SIGINT alone. */
int fc_loop_run(fc_loop *l, int signals);
void fc_loop_stop(fc_loop *l);
/* At each SIGHUP; NULL: it ends the process again. */
void fc_loop_on_hup(fc_loop *l, void (*fn)(void *ctx), void *ctx);

/* Once after ms, then every repeat ms (0 = once). Freed by fc_timer_free only; a timer that has fired once
 * may be set again. */
fc_timer *fc_timer_new(fc_loop *l, void (*fn)(void *ctx), void *ctx);
void fc_timer_set(fc_timer *t, int64_t ms, int64_t repeat);
void fc_timer_free(fc_timer *t);

/* work runs in the pool (16 threads: a few long reads leave room for passwords), done on the loop. Never
 * lost: done is called exactly once. */
void fc_pool(fc_loop *l, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx);

/* A thread of one owner, for work that must not wait behind strangers in the pool. One job at a time: the
 * next is given at the earliest in `done` of the last one, which is called on the loop. fc_thread_idle holds
 * the loop until the job has run; its `done` is still to come. fc_thread_free lets the job end and calls its
 * `done`. */
int fc_thread_new(fc_loop *l, fc_thread **out, fc_err *err);
void fc_thread_run(fc_thread *t, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx);
void fc_thread_idle(fc_thread *t);
void fc_thread_free(fc_thread *t);

/* Called on the next turn of the loop. */
void fc_soon(fc_loop *l, void (*fn)(void *ctx), void *ctx);

/* Called each time the loop is through with what there was and is about to wait. One function; NULL takes it
 * away. */
void fc_loop_each_turn(fc_loop *l, void (*fn)(void *ctx), void *ctx);

/* Readable (1) / writable (2) / disconnected (4) descriptor. */
fc_poll *fc_poll_new(fc_loop *l, int fd, int events, void (*fn)(void *ctx, int events), void *ctx);
void fc_poll_free(fc_poll *p);

/* Watches a folder and everything below it (directories, not files: editors save by rename). fn is called
 * once the tree was quiet for quiet_ms after a change; new sub-folders are watched as they appear. The caller
 * compares content; this only says "look". Ignored: .git, data, node_modules, names that begin with a dot or
 * end with ~, .swp, .tmp. A folder that does not exist yet is watched through its parent. */
int fc_watch_new(fc_loop *l, const char *dir, int quiet_ms, void (*fn)(void *ctx), void *ctx, fc_watch **out,
                 fc_err *err);
void fc_watch_free(fc_watch *w);

/* A child process with no shell; stdout and stderr go to ours; done gets its exit code (128+signal if
 * killed). */
/* extra: two descriptors that become the child's numbers 3 and 4; -1: none. NULL: neither. */
int fc_spawn(fc_loop *l, const char *const argv[], const int extra[2], void (*done)(void *ctx, int code),
             void *ctx, int64_t *pid, fc_err *err);
#endif
