/* Loading and reloading the plugins of a dealership.
 *
 * Scan the folders -> build aside -> one transaction runs the plugins' migrations and writes live-set rows,
 * sources, definitions and an audit row -> one pointer moves. A failure before the commit changes nothing. At
 * a start, what is broken in the folder is taken from the store. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/live.h"
#include "plugin/migrations.h"
#include "plugin/off.h"
#include "plugin/site.h"
#include "text/json.h"

#include <stdlib.h>
#include <string.h>

static fc_source *stored_source(fc_dealership *d, const char *hash)
{
    fc_cursor *c;
    fc_err err;
    fc_value arg = fc_text(hash), v;
    int row = 0;
    fc_source *s = NULL;
    static const char sql[] = "SELECT body FROM host_blob WHERE hash = ?";
    json_t *ignored = json_array();
    if (!fc_query(d->store, sql, sizeof sql - 1, &arg, 1, &c, &err)) {
        if (!fc_cursor_next(c, &row, &err) && row) {
            fc_cursor_value(c, 0, &v);
            s = fc_source_load(v.s, v.n, ignored);
        }
        fc_cursor_close(c);
    }
    json_decref(ignored);
    return s;
}

/* Sources of the live set that the store remembers; NULL-terminated. */
static fc_source **stored_sources(fc_dealership *d)
{
    fc_cursor *c;
    fc_err err;
    int row = 0;
    size_t n = 0;
    json_t *hashes = json_array(), *h;
    size_t i;
    static const char sql[] = "SELECT hash FROM host_live_set ORDER BY plugin";
    if (!fc_query(d->store, sql, sizeof sql - 1, NULL, 0, &c, &err)) {
        while (!fc_cursor_next(c, &row, &err) && row) {
            fc_value v;
            fc_cursor_value(c, 0, &v);
            json_array_append_new(hashes, json_stringn(v.s, v.n));
        }
        fc_cursor_close(c);
    }
    fc_source **list = fc_alloc((json_array_size(hashes) + 1) * sizeof *list);
    json_array_foreach(hashes, i, h)
    {
        fc_source *s = stored_source(d, json_string_value(h));
        if (s) list[n++] = s;
    }
    json_decref(hashes);
    return list;
}

/* ---- writing down what is in force */

static int save_blob(fc_dealership *d, const fc_source *s, fc_err *err)
{
    char *text = fc_source_dump(s);
    fc_value v[] = {fc_text(s->hash), fc_text("source"), fc_bytes(text, strlen(text))};
    int rc = fc_run(d->store,
                    "INSERT INTO host_blob (hash, kind, body) VALUES (?, ?, ?) ON CONFLICT (hash) DO UPDATE "
                    "SET body = excluded.body",
                    v, 3, NULL, err);
    free(text);
    return rc;
}

static int save_definitions(fc_dealership *d, const fc_gen *g, fc_err *err)
{
    size_t i;
    json_t *env;
    int rc = FC_OK;
    json_array_foreach(g->definitions, i, env)
    {
        fc_buf body = {0};
        fc_json_canonical(env, &body);
        const char *keys[] = {"hash", "point", "id", "version", "plugin", "plugin_version", "at"};
        fc_value v[9];
        for (int k = 0; k < 7; k++)
            v[k] = fc_text(json_string_value(json_object_get(env, keys[k])));
        v[7] = (fc_value){.type = FC_TEXT, .s = fc_buf_str(&body), .n = body.len};
        v[8] = fc_int(fc_now());
        rc = fc_run(d->store,
                    "INSERT INTO host_definition (hash, point, id, version, plugin, plugin_version, place, "
                    "body, first_seen) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
                    v, 9, NULL, err);
        fc_buf_free(&body);
        if (rc) break;
    }
    return rc;
}

static int save_row(fc_dealership *d, const fc_gen *g, fc_err *err)
{
    fc_value v[] = {fc_text(g->source->id), fc_text(fc_source_version(g->source)), fc_text(g->source->hash),
                    fc_text(g->source->origin), fc_int(g->since)};
    return fc_run(
        d->store,
        "INSERT INTO host_live_set (plugin, version, hash, origin, since) VALUES (?, ?, ?, ?, ?) ON CONFLICT "
        "(plugin) DO UPDATE SET "
        "version = excluded.version, hash = excluded.hash, origin = excluded.origin, since = excluded.since",
        v, 5, NULL, err);
}

static int audit(fc_dealership *d, const char *actor, const char *what, const char *subject,
                 const char *detail, fc_err *err)
{
    fc_value v[] = {fc_int(fc_id()), fc_int(fc_now()), fc_text(actor),
                    fc_text(what),   fc_text(subject), fc_text(detail)};
    return fc_run(d->store,
                  "INSERT INTO host_audit (id, at, actor, what, subject, detail) VALUES (?, ?, ?, ?, ?, ?)",
                  v, 6, NULL, err);
}

static int same_row(fc_dealership *d, const fc_gen *g)
{
    int64_t n = 0;
    int found = 0;
    fc_value v[] = {fc_text(g->source->id), fc_text(g->source->hash)};
    fc_err err;
    return !fc_ask_int(d->store, "SELECT count(*) FROM host_live_set WHERE plugin = ? AND hash = ?", v, 2, &n,
                       &found, &err) &&
           n == 1;
}

static int save_changes(fc_dealership *d, fc_live *fresh, const char *actor, int *changed, fc_err *err)
{
    int rc = FC_OK;
    for (size_t i = 0; i < fresh->n && !rc; i++) {
        fc_gen *g = fresh->gens[i];
        if (same_row(d, g)) continue;
        rc = save_blob(d, g->source, err);
        if (!rc) rc = save_definitions(d, g, err);
        if (!rc) rc = save_row(d, g, err);
        if (!rc) rc = audit(d, actor, "plugin.live", g->source->id, g->source->hash, err);
        ++*changed;
    }
    return rc;
}

static int remove_gone(fc_dealership *d, fc_live *fresh, const char *actor, int *changed, fc_err *err)
{
    fc_source **old = stored_sources(d);
    int rc = FC_OK;
    for (fc_source **s = old; *s && !rc; s++) {
        if (fc_live_gen(fresh, (*s)->id)) continue;
        fc_value v = fc_text((*s)->id);
        rc = fc_run(d->store, "DELETE FROM host_live_set WHERE plugin = ?", &v, 1, NULL, err);
        if (!rc) rc = audit(d, actor, "plugin.gone", (*s)->id, (*s)->hash, err);
        ++*changed;
    }
    fc_sources_free(old);
    return rc;
}

/* Plugins whose migrations do not run: their problems, and their ids in `failed`. */
static void run_migrations(fc_dealership *d, fc_live *fresh, int *changed, json_t *failed, json_t *problems)
{
    for (size_t i = 0; i < fresh->n; i++) {
        fc_err err;
        fc_source *s = fresh->gens[i]->source;
        if (!fc_migrations_run(d->store, s, changed, &err)) continue;
        fc_problem_placed(problems, s->id, &err);
        json_object_set_new(failed, s->id, json_true());
    }
}

/* Where a migration fails nothing is written: without its plugin the set is another one. */
static int save_live(fc_dealership *d, fc_live *fresh, const char *actor, int *changed, json_t *failed,
                     json_t *problems, fc_err *err)
{
    *changed = 0;
    int rc = fc_tx_begin(d->store, err);
    if (rc) return rc;
    run_migrations(d, fresh, changed, failed, problems);
    if (json_object_size(failed)) {
        fc_tx_rollback(d->store);
        return FC_OK;
    }
    rc = save_changes(d, fresh, actor, changed, err);
    if (!rc) rc = remove_gone(d, fresh, actor, changed, err);
    if (!rc && *changed)
        rc = fc_tx_commit(d->store, err);
    else
        fc_tx_rollback(d->store);
    return rc;
}

static void swap_live(fc_dealership *d, fc_live *fresh)
{
    fc_live *old = d->live;
    d->live = fresh;
    fc_live_unref(old);
}

static void log_problems(const fc_dealership *d, const json_t *before)
{
    size_t i;
    json_t *p;
    json_array_foreach(d->problems, i, p)
    {
        const char *at = json_string_value(json_object_get(p, "at"));
        if (d->site->quiet) break;
        if (before && fc_problem_known(before, p)) continue;
        fc_log(FC_ERROR, "plugin", "%s%s%s", at, *at ? ": " : "",
               json_string_value(json_object_get(p, fc_process_lang() == FC_EN ? "en" : "zh")));
    }
}

static fc_source **scan(fc_dealership *d, const char *extra)
{
    fc_source **list =
        fc_sources_scan(d->site->share, d->site->dir, json_object_get(d->site->config, "packs"), d->problems);
    if (!extra) return list;
    fc_source *more = fc_source_read(extra, extra, "site", d->problems);
    if (!more) return list;
    size_t n = 0;
    for (; list[n]; n++)
        if (strcmp(list[n]->id, more->id) == 0) {
            fc_source_unref(list[n]);
            list[n] = more;
            return list;
        }
    list = fc_realloc(list, (n + 2) * sizeof *list);
    list[n] = more;
    list[n + 1] = NULL;
    return list;
}

static int is_broken(const fc_dealership *d, const fc_source *old)
{
    size_t i;
    json_t *p;
    json_array_foreach(d->problems, i, p) if (strcmp(json_string_value(json_object_get(p, "plugin")),
                                                     old->label) == 0) return 1;
    return 0;
}

static const fc_source *needed_by(fc_source *const *list, const char *id)
{
    for (; *list; list++)
        if (fc_source_needs(*list, id)) return *list;
    return NULL;
}

static void still_needed(fc_dealership *d, const fc_source *old, const fc_source *by)
{
    char zh[512], en[512];
    snprintf(zh, sizeof zh, "文件夹不见了，但插件 %s 需要它：旧版继续使用", by->id);
    snprintf(en, sizeof en, "the folder is gone, but the plugin %s needs it: the old version stays in force",
             by->id);
    fc_problem(d->problems, old->id, old->label, zh, en);
}

/* A folder whose manifest cannot be read is no candidate, and one that is gone may be in the middle of a
 * copy: the live version stays while the folder is there in some form, or while another plugin needs it. */
static fc_source **with_kept(fc_dealership *d, fc_source **list)
{
    size_t n = 0;
    while (list[n])
        n++;
    for (size_t g = d->live ? d->live->n : 0;
         g-- > 0;) { /* from the top, so that what a kept one needs is kept, too */
        fc_source *old = d->live->gens[g]->source;
        int there = 0;
        for (fc_source **s = list; *s; s++)
            there |= strcmp((*s)->id, old->id) == 0;
        const fc_source *by = needed_by(list, old->id);
        if (there || (!by && !is_broken(d, old))) continue;
        if (!is_broken(d, old)) still_needed(d, old, by);
        list = fc_realloc(list, (n + 2) * sizeof *list);
        list[n++] = fc_source_ref(old);
        list[n] = NULL;
    }
    return list;
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
static int put_in_force(fc_dealership *d, fc_source **list, const char *actor, fc_live **fresh, int *changed,
                        fc_err *err)
{
    json_t *late = json_array();
    int rc, again;
    do {
        json_t *failed = json_object(), *problems = json_array();
        *fresh = fc_live_build(list, d->live, problems);
        rc = save_live(d, *fresh, actor, changed, failed, late, err);
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

/* scanned: taken over; its problems stand in d->problems, those of the last time in before, taken over. */
static int reload(fc_dealership *d, fc_source **scanned, json_t *before, const char *actor, int *changed,
                  fc_err *err)
{
    fc_source **list = with_kept(d, scanned);
    fc_off_apply(d, list, d->problems);
    fc_live *fresh;
    int rc = put_in_force(d, list, actor, &fresh, changed, err);
    fc_sources_free(list);
    if (rc)
        fc_live_unref(fresh);
    else
        swap_live(d, fresh);
    log_problems(d, before);
    json_decref(before);
    return rc;
}

static fc_source **look(fc_dealership *d, const char *extra, json_t **before)
{
    *before = d->problems;
    d->problems = json_array();
    return scan(d, extra);
}

int fc_dealership_reload(fc_dealership *d, const char *extra, const char *actor, int *changed, fc_err *err)
{
    json_t *before;
    fc_source **scanned = look(d, extra, &before);
    return reload(d, scanned, before, actor, changed, err);
}

void fc_dealership_heal(fc_dealership *d)
{
    fc_live *fresh = fc_live_heal(d->live);
    if (fresh) swap_live(d, fresh);
}

int fc_site_load(fc_site *s, const char *extra, fc_err *err)
{
    int rc = FC_OK;
    for (size_t i = 0; i < s->ndealerships && !rc; i++) {
        fc_dealership *d = &s->dealerships[i];
        json_t *ignored = json_array(), *before;
        int changed;
        fc_source **stored = stored_sources(d);
        fc_off_apply(d, stored, ignored);
        fc_source **now = look(d, extra, &before); /* once: what breaks meanwhile is the next reload's */
        /* Only what the folders cannot give is built from the store beforehand: the usual start builds every
         * plugin once. */
        size_t kept = 0;
        int differs = 0;
        for (fc_source **o = stored; *o; o++) {
            int same = 0;
            for (fc_source **c = now; *c; c++)
                same |= strcmp((*c)->id, (*o)->id) == 0 && strcmp((*c)->hash, (*o)->hash) == 0;
            differs |= !same;
            stored[kept++] = *o;
        }
        d->live = differs ? fc_live_build(stored, NULL, ignored)
                          : fc_live_build((fc_source *[]){NULL}, NULL, ignored);
        fc_sources_free(stored);
        json_decref(ignored);
        rc = reload(d, now, before, "host", &changed, err);
    }
    return rc;
}
