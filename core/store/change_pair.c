/* One change of keys at a time: the lock is that of rotate.c. Where a change is open it is gone on with,
 * otherwise what an earlier one may have left behind is remade before a new pair is made. */
#include "store/change_pair.h"
#include "base/clock.h"
#include "store/remake.h"
#include "store/scrub.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

typedef struct turn {
    const fc_pair_change *c;
    fc_keys *keys;
    enum fc_pair_stage stage;
    int64_t done, total;
    char *before, *after;
} turn;

static void tick(void *ctx, int64_t n)
{
    turn *t = ctx;
    t->done += n;
    if (t->total < t->done) t->total = t->done; /* others write meanwhile */
    if (t->c->step) t->c->step(t->c->ctx, t->stage, t->done, t->total);
}

static void begin_stage(turn *t, enum fc_pair_stage stage, int64_t total)
{
    t->stage = stage;
    t->done = 0;
    t->total = total;
}

static int persons(turn *t, fc_err *err)
{
    int64_t last = INT64_MIN, n = 0, total = 0;
    int rc = fc_keys_behind(t->keys, &total, err);
    begin_stage(t, FC_PAIR_PERSONS, total);
    while (!rc && !(rc = fc_keys_rewrap(t->keys, &last, &n, err)) && n)
        tick(t, n);
    return rc;
}

/* Until a pass finds nothing: a body that had begun before the step may have written after a row was passed.
 */
static int values(turn *t, fc_err *err)
{
    int64_t n = 0, total = 0;
    int rc = fc_remake_behind(t->c->vault, t->c->data, &total, err);
    begin_stage(t, FC_PAIR_VALUES, total);
    do {
        if (!rc) rc = fc_remake_pass(t->c->vault, t->c->data, tick, t, &n, err);
    } while (!rc && n);
    return rc;
}

static int remake(turn *t, fc_err *err)
{
    int rc = persons(t, err);
    return rc ? rc : values(t, err);
}

static int audit(turn *t, fc_err *err)
{
    char detail[64];
    snprintf(detail, sizeof detail, "%s -> %s", t->before, t->after);
    fc_value v[] = {fc_int(fc_id()),       fc_int(fc_now()),      fc_text(t->c->actor),
                    fc_text("key.rotate"), fc_text("dealership"), fc_text(detail)};
    int rc = fc_run(t->c->data,
                    "INSERT INTO host_audit (id, at, actor, what, subject, detail) VALUES (?, ?, ?, ?, ?, ?)",
                    v, 6, NULL, err);
    begin_stage(t, FC_PAIR_AUDIT, 1);
    if (!rc) tick(t, 1);
    return rc;
}

/* The change is closed last: killed before, the next run does these again. */
static int end(turn *t, fc_err *err)
{
    int rc = audit(t, err);
    if (!rc) rc = fc_store_scrub(t->c->data, err);
    if (!rc) rc = fc_store_scrub(fc_keys_store(t->keys), err);
    return rc ? rc : fc_keys_changed(t->keys, err);
}

static int step(turn *t, fc_err *err)
{
    fc_master *m = NULL;
    int rc = remake(t, err);
    if (!rc) rc = fc_master_read(t->c->secrets, 0, &m, err);
    if (!rc) rc = fc_keys_step(t->keys, m, err);
    fc_master_free(m);
    begin_stage(t, FC_PAIR_STEP, 1);
    if (!rc) tick(t, 1);
    return rc;
}

static int change(turn *t, enum fc_rotated *result, fc_err *err)
{
    int open = 0, rc = fc_keys_fresh(t->keys, err);
    if (!rc) rc = fc_keys_changing(t->keys, &open, t->before, t->after, err);
    *result = open ? FC_ROTATED_RESUME : FC_ROTATED;
    if (!rc && !open && !(rc = step(t, err))) rc = fc_keys_changing(t->keys, &open, t->before, t->after, err);
    if (rc) return rc;
    const struct timespec pause = {t->c->pause_ms / 1000, (long)(t->c->pause_ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
    rc = remake(t, err);
    return rc ? rc : end(t, err);
}

int fc_change_pair(const fc_pair_change *c, enum fc_rotated *result, char before[FC_PRINT_CAP],
                   char after[FC_PRINT_CAP], fc_err *err)
{
    turn t = {.c = c, .keys = fc_vault_keys(c->vault), .before = before, .after = after};
    int folder, rc = fc_rotate_lock(c->secrets, &folder, err);
    if (rc) return rc;
    rc = change(&t, result, err);
    close(folder);
    return rc;
}

int fc_pair_behind(fc_vault *v, fc_store *data, int64_t *n, fc_err *err)
{
    int64_t persons = 0;
    int rc = fc_remake_behind(v, data, n, err);
    if (!rc) rc = fc_keys_behind(fc_vault_keys(v), &persons, err);
    *n += persons;
    return rc;
}
