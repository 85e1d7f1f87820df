/* What may go is looked for outside of any transaction; then a few rows a commit go, and each is asked again
 * inside it whether somebody has put it in force meanwhile. A death in between leaves the rest to the next
 * look. */
#include "plugin/old_sources.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>

#define FIRST_MS 5000
#define EACH_MS 3600000
#define MORE_MS 200 /* while there is more */
#define BATCH 20    /* some kilobytes each: a commit of a millisecond or two */

struct fc_old_sources {
    fc_site *site;
    fc_timer *timer;
    int queued; /* batches under way */
};

typedef struct batch {
    fc_tx tx; /* first */
    fc_old_sources *job;
    fc_dealership *d;
    char hashes[BATCH][FC_HASH_HEX];
    size_t n;
    int64_t since, removed;
    fc_err err;
} batch;

static int find(batch *b, fc_err *err)
{
    static const char sql[] = "SELECT b.hash FROM host_blob b WHERE b.kind = 'source' AND NOT EXISTS (SELECT "
                              "1 FROM host_live_set l WHERE "
                              "l.hash = b.hash) AND NOT EXISTS (SELECT 1 FROM host_plugin_history h WHERE "
                              "h.hash = b.hash AND (h.ended_at IS "
                              "NULL OR h.ended_at >= ?)) AND b.hash NOT IN (SELECT r.hash FROM (SELECT hash, "
                              "row_number() OVER (PARTITION BY "
                              "plugin ORDER BY max(id) DESC) AS place FROM host_plugin_history GROUP BY "
                              "plugin, hash) r WHERE r.place <= ?) "
                              "ORDER BY b.hash LIMIT ?";
    fc_value v[] = {fc_int(b->since), fc_int(FC_SOURCES_KEPT_CONTENTS), fc_int(BATCH)}, hash;
    fc_cursor *c;
    int row = 0, rc = fc_query(b->d->store, sql, sizeof sql - 1, v, 3, &c, err);
    if (rc) return rc;
    while (b->n < BATCH && !(rc = fc_cursor_next(c, &row, err)) && row) {
        fc_cursor_value(c, 0, &hash);
        snprintf(b->hashes[b->n++], FC_HASH_HEX, "%.*s", (int)hash.n, hash.s);
    }
    fc_cursor_close(c);
    return rc;
}

static int body(fc_tx *t)
{
    batch *b = (batch *)t;
    int rc = FC_OK;
    b->removed = 0;
    for (size_t i = 0; i < b->n && !rc; i++) {
        int64_t gone = 0;
        fc_value v[] = {fc_text(b->hashes[i]), fc_text(b->hashes[i]), fc_text(b->hashes[i]),
                        fc_int(b->since)};
        rc = fc_run(
            b->d->store,
            "DELETE FROM host_blob WHERE hash = ? AND NOT EXISTS (SELECT 1 FROM host_live_set WHERE hash = "
            "?) "
            "AND NOT EXISTS (SELECT 1 FROM host_plugin_history WHERE hash = ? AND (ended_at IS NULL OR "
            "ended_at >= ?))",
            v, 4, &gone, &b->err);
        b->removed += gone;
    }
    return rc;
}

static void say_failure(const fc_dealership *d, const fc_err *err)
{
    fc_log(FC_WARN, "plugin", "%s: %s", d->id, fc_err_text(err, fc_process_lang()));
}

/* A full batch that removed nothing would come again and again. */
static void done(fc_tx *t, const fc_err *err)
{
    batch *b = (batch *)t;
    fc_old_sources *j = b->job;
    j->queued--;
    if (err || b->err.code) say_failure(b->d, err ? err : &b->err);
    if (!err && b->removed)
        fc_log(FC_INFO, "plugin", fc_say("%s：清除了 %lld 份旧的源码", "%s: %lld old sources removed"),
               b->d->id, (long long)b->removed);
    if (!err && b->removed && b->n == BATCH) fc_timer_set(j->timer, MORE_MS, EACH_MS);
    free(b);
}

static void look(fc_old_sources *j, fc_dealership *d)
{
    fc_err err;
    batch *b = fc_alloc(sizeof *b);
    *b = (batch){.tx = {.body = body, .done = done},
                 .job = j,
                 .d = d,
                 .since = fc_now() - FC_SOURCES_KEPT_DAYS * 86400000LL};
    int rc = find(b, &err);
    if (rc) say_failure(d, &err);
    if (rc || !b->n) {
        free(b);
        return;
    }
    j->queued++;
    fc_tx_queue(d->store, &b->tx);
}

static void tick(void *ctx)
{
    fc_old_sources *j = ctx;
    if (j->queued) return;
    for (size_t i = 0; i < j->site->ndealerships; i++)
        look(j, &j->site->dealerships[i]);
}

fc_old_sources *fc_old_sources_start(fc_loop *l, fc_site *s)
{
    fc_old_sources *j = fc_alloc(sizeof *j);
    j->site = s;
    j->timer = fc_timer_new(l, tick, j);
    fc_timer_set(j->timer, FIRST_MS, EACH_MS);
    return j;
}

void fc_old_sources_stop(fc_old_sources *j)
{
    if (!j) return;
    fc_timer_free(j->timer);
    free(j);
}
