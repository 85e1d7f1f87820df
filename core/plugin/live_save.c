/* All of a change is one transaction, so a machine that dies leaves the old set or the new one. */
#include "plugin/live_save.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "pack/acts.h"
#include "pack/lock.h"
#include "plugin/migration_files.h"
#include "plugin/migrations.h"
#include "plugin/pack_audit.h"
#include "plugin/problem.h"
#include "plugin/trial.h"
#include "text/json.h"

#include <stdlib.h>
#include <string.h>

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

static int save_definition(fc_dealership *d, const json_t *env, fc_err *err)
{
    static const char *const keys[] = {"hash", "point", "id", "version", "plugin", "plugin_version", "at"};
    fc_buf body = {0};
    fc_value v[9];
    fc_json_canonical(env, &body);
    for (int k = 0; k < 7; k++)
        v[k] = fc_text(json_string_value(json_object_get(env, keys[k])));
    v[7] = (fc_value){.type = FC_TEXT, .s = fc_buf_str(&body), .n = body.len};
    v[8] = fc_int(fc_now());
    int rc = fc_run(d->store,
                    "INSERT INTO host_definition (hash, point, id, version, plugin, plugin_version, place, "
                    "body, first_seen) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
                    v, 9, NULL, err);
    fc_buf_free(&body);
    return rc;
}

static json_t *hashes_of(const fc_live *l)
{
    json_t *out = json_object(), *list, *env;
    const char *point;
    size_t i;
    json_object_foreach(l ? l->points : NULL, point, list)
    {
        json_array_foreach(list, i, env)
            json_object_set(out, json_string_value(json_object_get(env, "hash")), env);
    }
    return out;
}

/* As they are in force: an engine that changed, or a plugin that amends, makes other definitions of sources
 * that did not change. */
static int save_definitions(fc_dealership *d, const fc_live *fresh, fc_err *err)
{
    json_t *known = hashes_of(d->live), *wanted = hashes_of(fresh), *env;
    const char *hash;
    int rc = FC_OK;
    json_object_foreach(wanted, hash, env)
    {
        if (!rc && !json_object_get(known, hash)) rc = save_definition(d, env, err);
    }
    json_decref(known);
    json_decref(wanted);
    return rc;
}

/* A plugin whose new migrations take something away cannot go back by itself. */
static int may_be_tried(fc_dealership *d, const fc_source *fresh)
{
    char file[300];
    fc_gen *old = d->live ? fc_live_gen(d->live, fresh->id) : NULL;
    if (!old || fc_migrations_only_add(fresh, old->source, file, sizeof file)) return 1;
    fc_log(
        FC_WARN, "plugin",
        fc_say(
            "%s/%s 去掉了上一版用到的东西，或立了它不遵守的规则：这次更改没有试用，也不会自己退回",
            "%s/%s takes away what the version before uses, or makes rules it does not keep: this change has "
            "no trial and will not go back by "
            "itself"),
        fresh->label, file);
    return 0;
}

static int is_row(const json_t *rows, const char *plugin, const char *hash)
{
    const char *now = json_string_value(json_object_get(rows, plugin));
    return now && strcmp(now, hash) == 0;
}

/* A file that was saved is nobody's that the host knows; what came as a pack has a person in packs.lock. */
static fc_by who_brought(const fc_source *s, const json_t *lock, const fc_by *by)
{
    const json_t *entry = json_object_get(lock, s->id);
    const char *name = json_string_value(json_object_get(entry, "by"));
    int is_pack = name && strcmp(s->origin, "pack") == 0 && !s->back;
    return is_pack ? (fc_by){name, by->why} : *by;
}

static int save_changes(fc_dealership *d, fc_live *fresh, const json_t *rows, const fc_by *by, int *changed,
                        fc_err *err)
{
    int rc = FC_OK;
    json_t *lock = NULL; /* one that cannot be read names nobody */
    if (d->site->dir) fc_lock_read(d->site->dir, &lock, NULL, NULL);
    for (size_t i = 0; i < fresh->n && !rc; i++) {
        const fc_gen *g = fresh->gens[i];
        fc_source *s = g->source;
        if (is_row(rows, s->id, s->hash)) continue;
        const fc_by mine = who_brought(s, lock, by);
        rc = save_blob(d, s, err);
        if (!rc)
            rc = fc_live_row_put(d, s->id, fc_source_version(s), s->hash, s->origin, &mine,
                                 !s->back && may_be_tried(d, s), err);
        if (!rc) rc = fc_plugin_audit(d, mine.actor, "plugin.live", s->id, s->hash, err);
        ++*changed;
    }
    json_decref(lock);
    return rc ? rc : save_definitions(d, fresh, err);
}

static int was_pack(fc_dealership *d, const char *id)
{
    int64_t n = 0;
    int found;
    fc_value v = fc_text(id);
    return !fc_ask_int(d->store, "SELECT count(*) FROM host_live_set WHERE plugin = ? AND origin = 'pack'",
                       &v, 1, &n, &found, NULL) &&
           n;
}

/* A pack goes because a person removed it; the watcher only saw it. */
static fc_by who_took(fc_dealership *d, const char *id, const json_t *acts, const char *actor)
{
    const json_t *act = was_pack(d, id) ? fc_acts_last(acts, id) : NULL;
    const char *what = json_string_value(json_object_get(act, "what"));
    if (!what || strcmp(what, "pack.remove") != 0) return (fc_by){actor, "gone"};
    return (fc_by){json_string_value(json_object_get(act, "by")), "removed"};
}

static int remove_gone(fc_dealership *d, fc_live *fresh, const json_t *rows, const json_t *acts,
                       const char *actor, int *changed, fc_err *err)
{
    const char *id;
    json_t *hash;
    int rc = FC_OK;
    json_object_foreach((json_t *)rows, id, hash)
    {
        if (rc || fc_live_gen(fresh, id)) continue;
        const fc_by by = who_took(d, id, acts, actor);
        rc = fc_live_row_end(d, id, by.actor, by.why, err);
        if (!rc) rc = fc_plugin_audit(d, by.actor, "plugin.gone", id, json_string_value(hash), err);
        ++*changed;
    }
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

/* What people did comes first: it is why the set changes. */
static int save_set(fc_dealership *d, fc_live *fresh, const fc_by *by, int *changed, int *acts, fc_err *err)
{
    json_t *rows = fc_live_hashes(d), *done = d->site->dir ? fc_acts_read(d->site->dir) : json_array();
    int rc = fc_pack_audit(d, done, acts, err);
    if (!rc) rc = save_changes(d, fresh, rows, by, changed, err);
    if (!rc) rc = remove_gone(d, fresh, rows, done, by->actor, changed, err);
    json_decref(rows);
    json_decref(done);
    return rc;
}

int fc_live_save(fc_dealership *d, fc_live *fresh, const fc_by *by, int64_t n, int *changed, json_t *failed,
                 json_t *problems, fc_err *err)
{
    *changed = 0;
    int rc = fc_tx_begin(d->store, err);
    if (rc) return rc;
    if (fc_change_number(d) != n) {
        fc_tx_rollback(d->store);
        return fc_fail(err, FC_ECONFLICT, "插件的状态刚被别人更改，请再试一次",
                       "somebody else has just changed what is in force: try again");
    }
    run_migrations(d, fresh, changed, failed, problems);
    if (json_object_size(failed)) {
        fc_tx_rollback(d->store);
        return FC_OK;
    }
    int acts = 0;
    rc = save_set(d, fresh, by, changed, &acts, err);
    if (!rc && *changed) rc = fc_trial_write(d, err);
    if (!rc && *changed) rc = fc_change_bump(d, err);
    if (!rc && (*changed || acts)) {
        rc = fc_tx_commit(d->store, err);
        if (!rc && *changed) fc_trial_written(d);
    } else {
        fc_tx_rollback(d->store);
    }
    return rc;
}
