/* Group commit. Transactions wait in a queue; the writer opens one transaction of the database for them, runs
 * each body on the loop inside a savepoint, and commits on a thread of its own while the loop goes on.
 *
 *     IDLE --queued--> TAKING (the thread waits for other processes) --> bodies --> COMMITTING (the thread
 *     syncs) --> bodies of those that came meanwhile ... --> IDLE
 *
 * A turn is at most TURN_NS of bodies, and who is told of a commit is told in pieces, so that whoever only
 * reads is never far from his turn. When another process waits for the turn it gets it; else it is kept as
 * long as there is something to write.
 *
 * What fails. A body that says no undoes its own savepoint. When SQLite gives up the whole transaction (disk
 * full, memory, an interrupted write) or the commit fails, nobody was told anything yet: all its bodies are
 * run again one by one, the culprit last, each with a commit of its own. A body that took over SLOW_MS once
 * gets a commit of its own from then on, so that its neighbours do not wait for it. */
#include "store/driver.h"
#include "store/pages.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>

#define TURN_NS (1 * 1000000LL) /* of bodies before the commit */
#define TELL_NS 300000LL        /* of telling before others get the loop */
#define SLOW_NS (20 * 1000000LL)
#define MOST_RUNS 3
#define SLOW_KINDS 64
#define BUSY_AGAIN_MS 20

static const fc_err stopping = {
    .code = FC_ELIMIT,
    .text = {
        [FC_ZH] = "服务正在停止，这次没有保存", [FC_EN] = "the service is stopping, this was not saved"}};

enum state { IDLE, SOON, TAKING, COMMITTING };

typedef struct list {
    fc_tx *first, *last;
} list;

struct fc_writer {
    fc_store *store;
    fc_timer *timer; /* the next turn of the loop, or later when the database is locked */
    enum state state;
    list queue, group, told; /* told: committed, and still to hear of it */
    fc_timer *teller;
    int64_t busy_since;
    uint64_t slow[SLOW_KINDS]; /* by kind modulo its size: a collision only forgets */
    int rc;                    /* of what the thread did */
    fc_err err;
    bool ending;
};

static void add(list *l, fc_tx *t)
{
    t->next = NULL;
    if (l->last)
        l->last->next = t;
    else
        l->first = t;
    l->last = t;
}

static fc_tx *take(list *l)
{
    fc_tx *t = l->first;
    if (!t) return NULL;
    l->first = t->next;
    if (!l->first) l->last = NULL;
    t->next = NULL;
    return t;
}

static void put_before(list *l, list *more)
{
    if (!more->first) return;
    more->last->next = l->first;
    if (!l->first) l->last = more->last;
    l->first = more->first;
    *more = (list){0};
}

static void next_turn(fc_writer *w);

static void tell(list *l, const fc_err *err)
{
    for (fc_tx *t; (t = take(l));)
        t->done(t, err);
}

static void tell_some(void *ctx)
{
    fc_writer *w = ctx;
    int64_t end = fc_monotonic() + TELL_NS;
    for (fc_tx *t; (t = take(&w->told));) {
        t->done(t, NULL);
        if (w->ending || !w->told.first || fc_monotonic() < end) continue;
        fc_timer_set(w->teller, 0, 0);
        return;
    }
}

static bool is_slow(const fc_writer *w, const fc_tx *t)
{
    return t->alone || (t->kind && w->slow[t->kind % SLOW_KINDS] == t->kind);
}

/* SQLite rolled everything back by itself, or we do. Each of the group is alone from now on. */
static void give_up(fc_writer *w)
{
    fc_err err;
    fc_store *s = w->store;
    s->lost = false;
    s->depth = 0;
    if (fc_tx_clean(s, &err))
        fc_log(FC_ERROR, "store", "%s", err.text[fc_process_lang()]); /* again before the next */
    for (fc_tx *t = w->group.first; t; t = t->next)
        t->alone = true;
}

/* One body inside its savepoint. Returns 0 unless the whole transaction is lost; *err says why. */
static int run_body(fc_writer *w, fc_tx *t, fc_err *err)
{
    fc_store *s = w->store;
    int rc = fc_tx_begin(s, err);
    if (rc) return rc;
    int64_t began = fc_monotonic();
    t->runs++;
    rc = t->body(t);
    if (fc_monotonic() - began > SLOW_NS && t->kind) w->slow[t->kind % SLOW_KINDS] = t->kind;
    fc_tx_unwind(s, 2);
    fc_tx_end_queries(s);
    if (s->lost) {
        *err = s->lost_reason;
        return err->code;
    }
    if (!rc) return fc_tx_commit(s, err);
    fc_tx_rollback(s);
    return s->lost ? (*err = s->lost_reason, err->code) : FC_OK;
}

/* Returns 0, or the reason why the transaction is lost; then the group holds everybody who must run again. */
static int run_bodies(fc_writer *w, fc_err *err)
{
    fc_store *s = w->store;
    int64_t end = fc_monotonic() + TURN_NS;
    int rc = FC_OK;
    s->depth = 1;
    while (!rc && w->queue.first) {
        bool alone = is_slow(w, w->queue.first);
        if (w->group.first && (alone || fc_monotonic() > end)) break;
        fc_tx *t = take(&w->queue);
        add(&w->group, t);
        rc = run_body(w, t, err);
        if (alone) break;
    }
    s->depth = 0;
    return rc;
}

static void leave(fc_writer *w)
{
    if (w->store->turn) fc_turn_leave(w->store);
    w->state = IDLE;
}

static void soon(fc_writer *w, int ms)
{
    w->state = SOON;
    if (!w->ending) fc_timer_set(w->timer, ms, 0);
}

/* The transaction is gone and nobody was told. Who was alone in it hears why; the others run again. */
static void lost(fc_writer *w, const fc_err *err)
{
    list over = {0};
    give_up(w);
    bool single = w->group.first == w->group.last;
    if (single || w->ending || w->group.first->runs >= MOST_RUNS) {
        over = w->group;
        w->group = (list){0};
    } else {
        put_before(&w->queue, &w->group);
    }
    fc_err why = *err;
    soon(w, 0);
    tell(&over, &why);
}

static void commit_work(void *ctx)
{
    fc_writer *w = ctx;
    w->rc = fc_conn_internal(w->store->write, FC_SQL_COMMIT, &w->err);
}

static void committed(void *ctx)
{
    fc_writer *w = ctx;
    w->state = SOON;
    if (w->rc) {
        lost(w, &w->err);
        return;
    }
    fc_store_refresh(w->store);
    while (w->group.first)
        add(&w->told, take(&w->group));
    fc_checkpoint_after_commit(w->store->checkpoint);
    next_turn(w);
    tell_some(w);
}

static void restart_work(void *ctx)
{
    fc_checkpoint_now(((fc_writer *)ctx)->store);
}

static void restarted(void *ctx)
{
    fc_writer *w = ctx;
    w->state = SOON;
    next_turn(w);
}

static void fail_all(fc_writer *w, const fc_err *err)
{
    list over = w->queue;
    fc_err why = *err;
    w->queue = (list){0};
    leave(w);
    tell(&over, &why);
}

/* A program that does not know the turn (a shell on the file) has the database locked. */
static void somebody_else(fc_writer *w, const fc_err *err)
{
    int64_t now = fc_monotonic();
    if (!w->busy_since) w->busy_since = now;
    leave(w);
    if (now - w->busy_since > FC_BUSY_MS * 1000000LL) {
        w->busy_since = 0;
        fail_all(w, err);
        return;
    }
    soon(w, BUSY_AGAIN_MS);
}

/* With the turn: BEGIN, bodies, and off to the disk. */
static void write_group(fc_writer *w)
{
    fc_err err;
    fc_store *s = w->store;
    if (fc_checkpoint_overdue(s)) {
        w->state = COMMITTING;
        fc_thread_run(w->store->committer, restart_work, restarted, w);
        return;
    }
    int rc = fc_tx_clean(s, &err);
    if (!rc) rc = fc_pages_mend(s->write->db, s->path, &err);
    fc_conn_patience(s->write, 0);
    if (!rc) rc = fc_conn_internal(s->write, FC_SQL_BEGIN, &err);
    fc_conn_patience(s->write, FC_BUSY_MS);
    if (rc == FC_EBUSY) {
        somebody_else(w, &err);
        return;
    }
    if (rc) {
        fail_all(w, &err);
        return;
    }
    w->busy_since = 0;
    if (run_bodies(w, &err)) {
        lost(w, &err);
        return;
    }
    w->state = COMMITTING;
    fc_thread_run(w->store->committer, commit_work, committed, w);
}

static void take_work(void *ctx)
{
    fc_writer *w = ctx;
    w->rc = fc_turn_wait(w->store, &w->err);
}

static void taken(void *ctx)
{
    fc_writer *w = ctx;
    if (w->rc)
        fail_all(w, &w->err);
    else
        write_group(w);
}

static void next_turn(fc_writer *w)
{
    fc_err err;
    fc_store *s = w->store;
    if (s->turn && (!w->queue.first || fc_turn_wanted(s))) fc_turn_leave(s);
    w->state = IDLE;
    if (!w->queue.first) return;
    if (!s->turn && fc_turn_try(s, 0, &err)) {
        w->state = TAKING;
        fc_thread_run(w->store->committer, take_work, taken, w);
        return;
    }
    write_group(w);
}

static void start(void *ctx)
{
    next_turn(ctx);
}

static void at_once(fc_store *s, fc_tx *t)
{
    fc_err err;
    int rc = fc_tx_begin(s, &err);
    if (!rc && t->body(t))
        fc_tx_rollback(s);
    else if (!rc)
        rc = fc_tx_commit(s, &err);
    t->done(t, rc ? &err : NULL);
}

/* What the same turn of the loop still brings goes into the same commit. */
void fc_tx_queue(fc_store *s, fc_tx *t)
{
    fc_writer *w = s->writer;
    if (!w) {
        at_once(s, t);
        return;
    }
    t->runs = 0;
    t->alone = false;
    if (w->ending) {
        t->done(t, &stopping);
        return;
    }
    add(&w->queue, t);
    if (w->state == IDLE) soon(w, 0);
}

int fc_writer_new(fc_store *s, fc_loop *l, fc_err *err)
{
    fc_writer *w = fc_alloc(sizeof *w);
    w->store = s;
    int rc = fc_thread_new(l, &s->committer, err);
    if (rc) {
        free(w);
        return rc;
    }
    w->timer = fc_timer_new(l, start, w);
    w->teller = fc_timer_new(l, tell_some, w);
    s->writer = w;
    return FC_OK;
}

void fc_writer_free(fc_writer *w)
{
    if (!w) return;
    w->ending = true;
    list over = w->queue;
    w->queue = (list){0};
    fc_thread_free(w->store->committer);
    w->store->committer = NULL;
    tell(&w->told, NULL);
    fc_timer_free(w->timer);
    fc_timer_free(w->teller);
    tell(&over, &stopping);
    free(w);
}
