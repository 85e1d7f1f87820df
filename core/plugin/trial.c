/* What is counted: a call counts for its plugin and for all that plugin stands on, whose exports it may have
 * run. A failure counts the same way, unless it lies in the code of a version on trial: then for that one
 * alone, so that an innocent engine does not go back for its user's mistake. Time and memory count for the
 * plugin in whose code they were used up alone: the callers are innocent of it.
 *
 * Going back takes along what came into force in the same change and is tied to it by needs: the old user may
 * not fit the new engine. */
#include "plugin/trial.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/live_rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum fc_verdict fc_trial_verdict(fc_tally fresh, fc_tally old, int64_t now, int64_t until)
{
    double rate = old.calls > 0 ? (double)old.failures / (double)old.calls : 0;
    double expected = rate * (double)fresh.calls;
    if (fresh.calls >= FC_TRIAL_LEAST && (double)fresh.failures > expected + 3 * sqrt(expected) + 1)
        return FC_TRIAL_WORSE;
    return fresh.calls >= FC_TRIAL_CALLS || now >= until ? FC_TRIAL_PASSED : FC_TRIAL_GOES_ON;
}

/* ---- counting */

int fc_trial_counted(const fc_dealership *d)
{
    for (size_t i = 0; i < d->live->n; i++)
        if (d->live->gens[i]->source->calls) return 1;
    return 0;
}

static int is_below(const char *label, const char *place)
{
    size_t n = strlen(label);
    return strncmp(place, label, n) == 0 && place[n] == '/';
}

const fc_source *fc_fault_source(const fc_live *live, const fc_gen *g, const fc_fault *fault)
{
    for (size_t i = 0; fault->place[0] && i < live->n; i++)
        if (is_below(live->gens[i]->source->label, fault->place)) return live->gens[i]->source;
    return g->source;
}

void fc_trial_note(fc_live *live, const json_t *trials, const fc_gen *g, const fc_fault *fault)
{
    int failed = fault && (fault->code == FC_EINTERNAL || fault->code == FC_ELIMIT);
    const fc_source *blamed = failed ? fc_fault_source(live, g, fault) : NULL;
    int alone = blamed && (fault->code == FC_ELIMIT || json_object_get(trials, blamed->id));
    for (fc_source **w = g->world; *w; w++) {
        fc_gen *one = fc_live_gen(live, (*w)->id);
        if (!one) continue;
        one->source->calls++;
        if (failed && (!alone || one->source == blamed)) one->source->failures++;
    }
}

static int add_counts(fc_store *store, const fc_source *s, int64_t calls, int64_t failures, fc_err *err)
{
    fc_value v[] = {fc_int(calls), fc_int(failures), fc_text(s->id), fc_text(s->hash)};
    if (!calls && !failures) return FC_OK;
    return fc_run(
        store,
        "UPDATE host_plugin_history SET calls = calls + ?, failures = failures + ? WHERE id = (SELECT "
        "max(id) FROM host_plugin_history WHERE plugin = ? AND hash = ?)",
        v, 4, NULL, err);
}

int fc_trial_write(fc_dealership *d, fc_err *err)
{
    int rc = FC_OK;
    for (size_t i = 0; d->live && i < d->live->n && !rc; i++) {
        const fc_source *s = d->live->gens[i]->source;
        rc = add_counts(d->store, s, s->calls, s->failures, err);
    }
    return rc;
}

/* What was counted up to here; more is counted while it is written. */
struct batch {
    fc_tx tx; /* first */
    fc_store *store;
    struct {
        fc_source *source;
        fc_tally tally;
    } * items;
    size_t n;
    fc_err err;
};

static int batch_body(fc_tx *t)
{
    struct batch *b = (struct batch *)t;
    int rc = FC_OK;
    for (size_t i = 0; i < b->n && !rc; i++)
        rc = add_counts(b->store, b->items[i].source, b->items[i].tally.calls, b->items[i].tally.failures,
                        &b->err);
    return rc;
}

/* What could not be written is counted on with the next. */
static void batch_done(fc_tx *t, const fc_err *err)
{
    struct batch *b = (struct batch *)t;
    for (size_t i = 0; i < b->n; i++) {
        if (err) b->items[i].source->calls += b->items[i].tally.calls;
        if (err) b->items[i].source->failures += b->items[i].tally.failures;
        fc_source_unref(b->items[i].source);
    }
    free(b->items);
    free(b);
}

void fc_trial_queue(fc_dealership *d)
{
    if (!fc_trial_counted(d)) return;
    struct batch *b = fc_alloc(sizeof *b);
    b->tx.body = batch_body;
    b->tx.done = batch_done;
    b->store = d->store;
    b->items = fc_alloc((d->live->n + 1) * sizeof *b->items);
    for (size_t i = 0; i < d->live->n; i++) {
        fc_source *s = d->live->gens[i]->source;
        if (!s->calls && !s->failures) continue;
        b->items[b->n].source = fc_source_ref(s);
        b->items[b->n++].tally = (fc_tally){s->calls, s->failures};
        s->calls = s->failures = 0;
    }
    fc_tx_queue(d->store, &b->tx);
}

void fc_trial_written(fc_dealership *d)
{
    for (size_t i = 0; d->live && i < d->live->n; i++)
        d->live->gens[i]->source->calls = d->live->gens[i]->source->failures = 0;
}

void fc_trial_flush(fc_dealership *d)
{
    fc_err err;
    if (!fc_trial_counted(d)) return;
    int rc = fc_tx_begin(d->store, &err);
    if (!rc && (rc = fc_trial_write(d, &err)))
        fc_tx_rollback(d->store);
    else if (!rc)
        rc = fc_tx_commit(d->store, &err);
    if (rc)
        fc_log(FC_WARN, "plugin", "%s", err.text[fc_process_lang()]);
    else
        fc_trial_written(d);
}

/* ---- judging */

typedef struct on_trial {
    int64_t id, change, until;
    char plugin[64], version[64], hash[FC_HASH_HEX];
    char old_version[64], old_hash[FC_HASH_HEX], origin[16];
    fc_tally fresh, old;
} on_trial;

static void keep_text(char *out, size_t cap, const fc_value *v)
{
    snprintf(out, cap, "%.*s", (int)v->n, v->n ? v->s : "");
}

static void read_row(const fc_cursor *c, on_trial *t)
{
    fc_value v[13];
    for (int i = 0; i < 13; i++)
        fc_cursor_value(c, i, &v[i]);
    t->id = v[0].i;
    t->change = v[1].i;
    t->until = v[2].i;
    keep_text(t->plugin, sizeof t->plugin, &v[3]);
    keep_text(t->version, sizeof t->version, &v[4]);
    keep_text(t->hash, sizeof t->hash, &v[5]);
    t->fresh = (fc_tally){v[6].i, v[7].i};
    keep_text(t->old_version, sizeof t->old_version, &v[8]);
    keep_text(t->old_hash, sizeof t->old_hash, &v[9]);
    keep_text(t->origin, sizeof t->origin, &v[10]);
    t->old = (fc_tally){v[11].i, v[12].i};
}

/* *out is the caller's; the number of trials. */
static size_t running(fc_dealership *d, on_trial **out)
{
    static const char sql[] =
        "SELECT h.id, h.change_n, h.trial_until, h.plugin, h.version, h.hash, h.calls, h.failures, "
        "p.version, "
        "p.hash, p.origin, p.calls, p.failures FROM host_plugin_history h JOIN host_plugin_history p ON p.id "
        "= h.previous WHERE h.trial = 'running' AND h.ended_at IS NULL ORDER BY h.id";
    fc_cursor *c;
    fc_err err;
    int row = 0;
    size_t n = 0;
    *out = NULL;
    if (fc_query(d->store, sql, sizeof sql - 1, NULL, 0, &c, &err)) return 0;
    while (!fc_cursor_next(c, &row, &err) && row) {
        *out = fc_realloc(*out, (n + 1) * sizeof **out);
        read_row(c, &(*out)[n++]);
    }
    fc_cursor_close(c);
    return n;
}

void fc_trial_look(fc_dealership *d)
{
    on_trial *list;
    size_t n = running(d, &list);
    json_object_clear(d->trials);
    for (size_t i = 0; i < n; i++)
        json_object_set_new(d->trials, list[i].plugin, json_string(list[i].hash));
    free(list);
}

static int end_trial(fc_dealership *d, int64_t id, const char *how, fc_err *err)
{
    fc_value v[] = {fc_text(how), fc_int(id)};
    return fc_run(d->store, "UPDATE host_plugin_history SET trial = ? WHERE id = ?", v, 2, NULL, err);
}

static int hold(fc_dealership *d, const on_trial *t, const char *zh, const char *en, fc_err *err)
{
    fc_value v[] = {fc_text(t->plugin), fc_text(t->hash), fc_int(fc_now()), fc_text("host"),
                    fc_text("trial"),   fc_text(zh),      fc_text(en)};
    return fc_run(
        d->store,
        "INSERT INTO host_plugin_held (plugin, hash, at, actor, why, zh, en) VALUES (?, ?, ?, ?, ?, ?, "
        "?) ON CONFLICT (plugin, hash) DO UPDATE SET at = excluded.at, why = excluded.why, zh = "
        "excluded.zh, en = excluded.en",
        v, 7, NULL, err);
}

static int take_back(fc_dealership *d, const on_trial *t, const char *zh, const char *en, fc_err *err)
{
    const fc_by by = {"host", "trial"};
    int rc = end_trial(d, t->id, "worse", err);
    if (!rc) rc = hold(d, t, zh, en, err);
    if (!rc) rc = fc_live_row_put(d, t->plugin, t->old_version, t->old_hash, t->origin, &by, 0, err);
    if (!rc) rc = fc_plugin_audit(d, "host", "plugin.trial", t->plugin, t->old_hash, err);
    return rc;
}

/* Tied: one needs the other, however far. */
static int tied(const fc_dealership *d, const char *a, const char *b)
{
    const char *pair[2][2] = {{a, b}, {b, a}};
    for (int i = 0; i < 2; i++) {
        fc_gen *g = fc_live_gen(d->live, pair[i][0]);
        for (fc_source **w = g ? g->world : NULL; w && *w; w++)
            if (strcmp((*w)->id, pair[i][1]) == 0) return 1;
    }
    return 0;
}

/* The log has it once: as a problem of the folder, when the set is loaded again. */
static int go_back(fc_dealership *d, on_trial *list, size_t n, const on_trial *bad, fc_err *err)
{
    char zh[400], en[400];
    int rc = FC_OK;
    snprintf(zh, sizeof zh,
             "版本 %s（%.12s）试用时 %lld 次调用有 %lld 次失败（上一版 %lld 次中 %lld 次），已自动退回 "
             "%s（%.12s）；改好后保存，或执行 forecourt plugin enable %s",
             bad->version, bad->hash, (long long)bad->fresh.calls, (long long)bad->fresh.failures,
             (long long)bad->old.calls, (long long)bad->old.failures, bad->old_version, bad->old_hash,
             bad->plugin);
    snprintf(en, sizeof en,
             "version %s (%.12s) failed %lld of %lld calls on trial (the one before %lld of %lld) and was "
             "taken back to %s (%.12s): save a better one, or forecourt plugin enable %s",
             bad->version, bad->hash, (long long)bad->fresh.failures, (long long)bad->fresh.calls,
             (long long)bad->old.failures, (long long)bad->old.calls, bad->old_version, bad->old_hash,
             bad->plugin);
    for (size_t i = 0; i < n && !rc; i++) {
        on_trial *t = &list[i];
        if (t != bad && (!t->id || t->change != bad->change || !tied(d, t->plugin, bad->plugin))) continue;
        if (t == bad) {
            rc = take_back(d, t, zh, en, err);
        } else {
            char zh2[200], en2[200];
            snprintf(zh2, sizeof zh2, "与插件 %s 同时更改并相互依赖，已随它退回", bad->plugin);
            snprintf(en2, sizeof en2, "changed together with the plugin %s and tied to it: went back with it",
                     bad->plugin);
            rc = take_back(d, t, zh2, en2, err);
        }
        t->id = 0; /* done */
    }
    return rc;
}

int fc_trial_judge(fc_dealership *d, int64_t now, int *back, fc_err *err)
{
    on_trial *list;
    size_t n = running(d, &list);
    enum fc_verdict v;
    int rc = FC_OK, begun = 0;
    for (size_t i = 0; i < n && !rc; i++) {
        on_trial *t = &list[i];
        if (!t->id || (v = fc_trial_verdict(t->fresh, t->old, now, t->until)) == FC_TRIAL_GOES_ON) continue;
        if (!begun) rc = fc_tx_begin(d->store, err);
        if (rc) break;
        begun = 1;
        if (v == FC_TRIAL_PASSED) {
            rc = end_trial(d, t->id, "passed", err);
        } else {
            rc = go_back(d, list, n, t, err);
            ++*back;
        }
    }
    if (begun && !rc && *back) rc = fc_change_bump(d, err);
    if (begun && !rc)
        rc = fc_tx_commit(d->store, err);
    else if (begun)
        fc_tx_rollback(d->store);
    free(list);
    return rc;
}
