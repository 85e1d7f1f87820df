/* Loading and reloading the plugins of a dealership.
 *
 * Candidates (candidates.c) -> what waits for its tests is taken out (stage.c) -> build aside (live_build.c)
 * -> one transaction runs the plugins' migrations and writes live-set rows, sources, definitions, history and
 * an audit row (live_save.c) -> one pointer moves. A failure before the commit changes nothing. At a start,
 * what is broken in the folder is taken from the store.
 *
 * Only who holds the lease looks at the folders; the others follow the rows. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/candidates.h"
#include "plugin/lease.h"
#include "plugin/ledger.h"
#include "plugin/live_build.h"
#include "plugin/live_rows.h"
#include "plugin/live_save.h"
#include "plugin/problem.h"
#include "plugin/site.h"
#include "plugin/stage.h"
#include "plugin/trial.h"

#include <string.h>

#define LEASE_WAIT_MS 20000 /* another verb's migrations */

static void swap_live(fc_dealership *d, fc_live *fresh)
{
    fc_live *old = d->live;
    int64_t began = fc_monotonic();
    d->live = fresh;
    d->spent.swap = fc_monotonic() - began;
    fc_live_unref(old); /* where no call is left in it its states are closed here */
}

static void log_problems(const fc_dealership *d, const json_t *before)
{
    size_t i;
    json_t *p;
    if (d->site->follows) return; /* the first worker has said it */
    json_array_foreach(d->problems, i, p)
    {
        const char *at = json_string_value(json_object_get(p, "at"));
        if (before && fc_problem_known(before, p)) continue;
        fc_log(FC_ERROR, "plugin", "%s%s%s", at, *at ? ": " : "",
               json_string_value(json_object_get(p, fc_process_lang() == FC_EN ? "en" : "zh")));
    }
}

/* A plugin whose migration failed goes back to what is in force of it; where there is nothing, or just that
 * failed, it is left out. */
static void withdraw(fc_dealership *d, fc_source **list, const json_t *failed)
{
    size_t kept = 0;
    for (fc_source **s = list; *s; s++) {
        fc_source *now = *s;
        fc_gen *live = json_object_get(failed, now->id) && d->live ? fc_live_gen(d->live, now->id) : NULL;
        if (!json_object_get(failed, now->id)) {
            list[kept++] = now;
        } else if (live && strcmp(live->source->hash, now->hash) != 0) {
            list[kept++] = fc_source_ref(live->source);
            fc_source_unref(now);
        } else {
            fc_source_unref(now);
        }
    }
    list[kept] = NULL;
}

/* Builds, migrates and writes down; again without the plugins whose migrations failed. It ends because each
 * round takes at least one candidate back or out. */
static int put_in_force(fc_dealership *d, fc_source **list, const fc_by *by, int64_t n, fc_live **fresh,
                        int *changed, fc_err *err)
{
    json_t *late = json_array();
    int rc, again;
    do {
        json_t *failed = json_object(), *problems = json_array();
        int64_t began = fc_monotonic(), built;
        *fresh = fc_live_build(list, d->live, problems);
        d->spent.build = (built = fc_monotonic()) - began;
        rc = fc_live_save(d, *fresh, by, n, changed, failed, late, err);
        d->spent.write = fc_monotonic() - built;
        again = !rc && json_object_size(failed) > 0;
        if (again) {
            withdraw(d, list, failed);
            fc_live_unref(*fresh);
        } else {
            json_array_extend(d->problems, problems);
        }
        json_decref(problems);
        json_decref(failed);
    } while (again);
    json_array_extend(d->problems, late);
    json_decref(late);
    return rc;
}

/* From candidates (taken over) to what is in force. n: the change's number before anything was looked at;
 * what others changed meanwhile is seen by the next look. */
static int load(fc_dealership *d, fc_source **list, const fc_by *by, json_t *before, int64_t n, int *changed,
                fc_err *err)
{
    fc_live *fresh;
    int rc = put_in_force(d, list, by, n, &fresh, changed, err);
    fc_sources_free(list);
    if (rc)
        fc_live_unref(fresh);
    else
        swap_live(d, fresh);
    if (rc == FC_ECONFLICT) { /* not one word of it counts */
        json_decref(d->problems);
        d->problems = before;
        d->change = -1;
        return rc;
    }
    log_problems(d, before);
    json_decref(before);
    d->change = n + (!rc && *changed > 0);
    d->change += fc_ledger_say(d);
    fc_trial_look(d);
    return rc;
}

/* What the program brings along belongs to it: after an update it is taken even where nobody watches. */
static int once(fc_dealership *d, const char *extra, const fc_by *by, int only_shipped, int *changed,
                fc_err *err)
{
    json_t *before = d->problems;
    int64_t n = fc_change_number(d);
    d->problems = json_array();
    fc_source **list = only_shipped ? fc_candidates_stored(d, 1) : fc_candidates_folders(d, extra);
    if (!only_shipped) fc_stage(d, list);
    return load(d, list, by, before, n, changed, err);
}

/* Somebody may switch a plugin off while this one builds: then all over again. */
static int reload(fc_dealership *d, const char *extra, const fc_by *by, int only_shipped, int *changed,
                  fc_err *err)
{
    int rc = FC_ECONFLICT;
    for (int tries = 0; tries < 5 && rc == FC_ECONFLICT; tries++)
        rc = once(d, extra, by, only_shipped, changed, err);
    return rc;
}

int fc_dealership_reload(fc_dealership *d, const char *extra, const char *actor, const char *why,
                         int *changed, fc_err *err)
{
    const fc_by by = {actor, why};
    return reload(d, extra, &by, 0, changed, err);
}

void fc_dealership_follow(fc_dealership *d)
{
    json_t *problems = json_array();
    int64_t n = fc_change_number(d);
    if (d->live && fc_store_served(d->store))
        fc_trial_queue(d); /* what was counted belongs to what is in force until now */
    fc_source **list = fc_candidates_stored(d, 0);
    fc_live *fresh = fc_live_build(list, d->live, problems);
    fc_sources_free(list);
    swap_live(d, fresh);
    json_t *before = d->problems;
    d->problems = json_incref(problems);
    fc_ledger_hear(d); /* what the one with the lease has found */
    log_problems(d, before);
    json_decref(before);
    json_decref(problems);
    d->change = n;
    fc_trial_look(d);
}

void fc_dealership_heal(fc_dealership *d)
{
    fc_live *fresh = fc_live_heal(d->live);
    if (fresh) swap_live(d, fresh);
}

/* ---- a start */

/* Only what the folders cannot give is built from the store beforehand: the usual start builds every plugin
 * once. Returns whether the store has anything in force. */
static int build_stored(fc_dealership *d)
{
    json_t *ignored = json_array(), *rows = fc_live_hashes(d);
    fc_source *const *now = fc_candidates_look(d);
    size_t same = 0, all = 0, any = json_object_size(rows);
    for (; now[all]; all++) {
        const char *hash = json_string_value(json_object_get(rows, now[all]->id));
        same += hash && strcmp(hash, now[all]->hash) == 0;
    }
    /* Neither one that is gone nor one that waits for its tests, is held, or is off. */
    fc_source **stored =
        any && (same < any || same < all) ? fc_stored_sources(d) : fc_alloc(sizeof(fc_source *));
    d->live = fc_live_build(stored, NULL, ignored);
    fc_sources_free(stored);
    json_decref(ignored);
    json_decref(rows);
    return any > 0;
}

static int start(fc_dealership *d, const char *extra, fc_err *err)
{
    const fc_by by = {"host", "start"};
    int changed;
    if (d->site->safe) {
        fc_source **list = fc_candidates_safe(d);
        d->live = fc_live_build(list, NULL, d->problems);
        fc_sources_free(list);
        return FC_OK;
    }
    int any = build_stored(d);
    int follow = any && !fc_lease_held(d->site),
        quiet = any && !fc_site_watches(d->site) && !d->site->passing;
    if (follow || quiet) fc_candidates_forget(d);
    if (follow) {
        fc_dealership_follow(d);
        return FC_OK;
    }
    if (quiet) return reload(d, NULL, &by, 1, &changed, err);
    return fc_dealership_reload(d, extra, "host", "start", &changed, err);
}

int fc_site_load(fc_site *s, const char *extra, fc_err *err)
{
    int rc = FC_OK;
    if (!s->safe) fc_lease_take(s, LEASE_WAIT_MS);
    for (size_t i = 0; i < s->ndealerships && !rc; i++)
        rc = start(&s->dealerships[i], extra, err);
    if (!s->keep_lease) fc_lease_release(s);
    return rc;
}
