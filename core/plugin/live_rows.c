#include "plugin/live_rows.h"
#include "base/buf.h"
#include "base/clock.h"

#include <string.h>

fc_source *fc_stored_source(fc_dealership *d, const char *hash)
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

fc_source *fc_source_in_force(fc_dealership *d, const json_t *hashes, const char *plugin)
{
    const char *hash = json_string_value(json_object_get(hashes, plugin));
    fc_gen *g = d->live ? fc_live_gen(d->live, plugin) : NULL;
    if (g && (!hash || strcmp(g->source->hash, hash) == 0)) return fc_source_ref(g->source);
    fc_source *s = hash ? fc_stored_source(d, hash) : NULL;
    if (s) s->back = 1;
    return s;
}

json_t *fc_live_hashes(fc_dealership *d)
{
    static const char sql[] = "SELECT plugin, hash FROM host_live_set ORDER BY plugin";
    fc_cursor *c;
    fc_err err;
    int row = 0;
    json_t *out = json_object();
    if (fc_query(d->store, sql, sizeof sql - 1, NULL, 0, &c, &err)) return out;
    while (!fc_cursor_next(c, &row, &err) && row) {
        fc_value id, hash;
        fc_cursor_value(c, 0, &id);
        fc_cursor_value(c, 1, &hash);
        json_object_setn_new(out, id.s, id.n, json_stringn(hash.s, hash.n));
    }
    fc_cursor_close(c);
    return out;
}

fc_source **fc_stored_sources(fc_dealership *d)
{
    size_t n = 0;
    const char *id;
    json_t *rows = fc_live_hashes(d), *hash;
    fc_source **list = fc_alloc((json_object_size(rows) + 1) * sizeof *list);
    json_object_foreach(rows, id, hash)
    {
        fc_source *s = fc_source_in_force(d, rows, id);
        if (s) list[n++] = s;
    }
    json_decref(rows);
    return list;
}

/* ---- rows */

int fc_plugin_audit(fc_dealership *d, const char *actor, const char *what, const char *plugin,
                    const char *detail, fc_err *err)
{
    fc_value v[] = {fc_int(fc_id()), fc_int(fc_now()), fc_text(actor),
                    fc_text(what),   fc_text(plugin),  fc_text(detail)};
    if (!detail) v[5].type = FC_NULL;
    return fc_run(d->store,
                  "INSERT INTO host_audit (id, at, actor, what, subject, detail) VALUES (?, ?, ?, ?, ?, ?)",
                  v, 6, NULL, err);
}

int64_t fc_change_number(fc_dealership *d)
{
    fc_err err;
    int64_t n;
    int found = 0;
    int rc = fc_ask_int(d->store, "SELECT n FROM host_plugin_change", NULL, 0, &n, &found, &err);
    return rc || !found ? -1 : n;
}

int fc_change_bump(fc_dealership *d, fc_err *err)
{
    return fc_run(d->store, "UPDATE host_plugin_change SET n = n + 1", NULL, 0, NULL, err);
}

int fc_live_row_end(fc_dealership *d, const char *plugin, const char *actor, const char *why, fc_err *err)
{
    fc_value v[] = {fc_int(fc_now()), fc_text(actor), fc_text(why), fc_text(plugin)};
    int rc = fc_run(d->store,
                    "UPDATE host_plugin_history SET ended_at = ?, ended_by = ?, ended_why = ?, trial = CASE "
                    "WHEN trial = 'running' THEN NULL ELSE trial END WHERE plugin = ? AND ended_at IS NULL",
                    v, 4, NULL, err);
    return rc ? rc : fc_run(d->store, "DELETE FROM host_live_set WHERE plugin = ?", &v[3], 1, NULL, err);
}

static int history_put(fc_dealership *d, const char *plugin, const char *version, const char *hash,
                       const char *origin, const fc_by *by, int on_trial, fc_err *err)
{
    int64_t previous = 0, now = fc_now();
    int had = 0;
    fc_value p = fc_text(plugin);
    int rc = fc_ask_int(d->store,
                        "SELECT max(h.id) FROM host_plugin_history h JOIN host_live_set l ON l.plugin = "
                        "h.plugin WHERE h.plugin = ? AND h.ended_at IS NULL",
                        &p, 1, &previous, &had, err);
    if (!rc && had)
        rc = fc_live_row_end(d, plugin, by->actor,
                             strcmp(by->why, "rollback") && strcmp(by->why, "trial") ? "replaced" : by->why,
                             err);
    if (rc) return rc;
    on_trial = on_trial && had;
    fc_value v[] = {p,
                    fc_text(version),
                    fc_text(hash),
                    fc_text(origin),
                    fc_int(now),
                    fc_text(by->actor),
                    fc_text(by->why),
                    fc_int(previous),
                    fc_text(on_trial ? "running" : NULL),
                    fc_int(now + FC_TRIAL_MS)};
    if (!had) v[7].type = FC_NULL;
    if (!on_trial) v[8].type = v[9].type = FC_NULL;
    /* The order of the changes, whatever the clocks of those who make them say. */
    return fc_run(d->store,
                  "INSERT INTO host_plugin_history (id, plugin, version, hash, origin, began_at, actor, why, "
                  "previous, trial, trial_until, change_n) VALUES ((SELECT coalesce(max(id), 0) + 1 FROM "
                  "host_plugin_history), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT n FROM "
                  "host_plugin_change))",
                  v, 10, NULL, err);
}

int fc_live_row_put(fc_dealership *d, const char *plugin, const char *version, const char *hash,
                    const char *origin, const fc_by *by, int on_trial, fc_err *err)
{
    fc_value v[] = {fc_text(plugin), fc_text(version), fc_text(hash), fc_text(origin), fc_int(fc_now())};
    int rc = history_put(d, plugin, version, hash, origin, by, on_trial, err);
    return rc ? rc
              : fc_run(d->store,
                       "INSERT INTO host_live_set (plugin, version, hash, origin, since) VALUES (?, ?, ?, ?, "
                       "?) ON CONFLICT (plugin) DO UPDATE SET version = excluded.version, hash = "
                       "excluded.hash, origin = excluded.origin, since = excluded.since",
                       v, 5, NULL, err);
}
