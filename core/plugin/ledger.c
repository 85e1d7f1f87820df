#include "plugin/ledger.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/live_rows.h"
#include "plugin/migration_files.h"
#include "text/json.h"

#include <string.h>

/* ---- finding a version */

typedef struct version {
    char version[64], hash[FC_HASH_HEX], origin[16];
} version;

static void keep_text(char *out, size_t cap, const fc_value *v)
{
    snprintf(out, cap, "%.*s", (int)v->n, v->n ? v->s : "");
}

static int first_version(fc_dealership *d, const char *sql, const fc_value *args, int n, version *out,
                         fc_err *err)
{
    fc_cursor *c;
    fc_value v;
    int row = 0, rc = fc_query(d->store, sql, strlen(sql), args, n, &c, err);
    if (rc) return rc;
    rc = fc_cursor_next(c, &row, err);
    if (!rc && row) {
        fc_cursor_value(c, 0, &v);
        keep_text(out->version, sizeof out->version, &v);
        fc_cursor_value(c, 1, &v);
        keep_text(out->hash, sizeof out->hash, &v);
        fc_cursor_value(c, 2, &v);
        keep_text(out->origin, sizeof out->origin, &v);
    }
    fc_cursor_close(c);
    return rc ? rc : row ? FC_OK : FC_ENOTFOUND;
}

static int present(fc_dealership *d, const char *plugin, version *out, fc_err *err)
{
    fc_value v = fc_text(plugin);
    return first_version(d, "SELECT version, hash, origin FROM host_live_set WHERE plugin = ?", &v, 1, out,
                         err);
}

static int last_in_force(fc_dealership *d, const char *plugin, version *out, fc_err *err)
{
    fc_value v = fc_text(plugin);
    return first_version(d,
                         "SELECT version, hash, origin FROM host_plugin_history WHERE plugin = ? ORDER BY id "
                         "DESC LIMIT 1",
                         &v, 1, out, err);
}

/* The last one that was in force, is neither the present one nor held, and whose source is there. */
static int before(fc_dealership *d, const char *plugin, const char *hash, version *out, fc_err *err)
{
    fc_value v[] = {fc_text(plugin), fc_text(hash)};
    int rc = first_version(d,
                           "SELECT h.version, h.hash, h.origin FROM host_plugin_history h WHERE h.plugin = ? "
                           "AND h.hash <> ? AND EXISTS (SELECT 1 FROM host_blob b WHERE b.hash = h.hash) AND "
                           "NOT EXISTS (SELECT 1 FROM host_plugin_held x WHERE x.plugin = h.plugin AND "
                           "x.hash = h.hash) ORDER BY "
                           "h.id DESC LIMIT 1",
                           v, 2, out, err);
    return rc != FC_ENOTFOUND ? rc
                              : fc_fail(err, FC_ENOTFOUND, "插件 %s 没有更早的版本可退",
                                        "there is no earlier version of the plugin %s to go back to", plugin);
}

static int is_hash(const char *text)
{
    size_t n = strlen(text);
    return n >= 6 && n < FC_HASH_HEX && strspn(text, "0123456789abcdef") == n;
}

/* A version or the beginning of a hash, the newest of that name. */
static int named(fc_dealership *d, const char *plugin, const char *name, version *out, fc_err *err)
{
    char upper[FC_HASH_HEX + 1] = ""; /* nothing is below it */
    if (is_hash(name)) snprintf(upper, sizeof upper, "%.64sg", name);
    fc_value v[] = {fc_text(plugin), fc_text(name), fc_text(name), fc_text(upper)};
    int rc =
        first_version(d,
                      "SELECT version, hash, origin FROM host_plugin_history WHERE plugin = ? AND (version "
                      "= ? OR (hash >= ? AND hash < ?)) ORDER BY id DESC LIMIT 1",
                      v, 4, out, err);
    return rc != FC_ENOTFOUND
               ? rc
               : fc_fail(err, FC_ENOTFOUND,
                         "插件 %s 没有用过版本 %s（forecourt plugin history %s 列出所有版本）",
                         "the plugin %s was never in force as %s (forecourt plugin history %s lists them)",
                         plugin, name, plugin);
}

static int unknown(const char *plugin, fc_err *err)
{
    return fc_fail(err, FC_ENOTFOUND, "没有插件 '%s'（forecourt plugin list 列出所有插件）",
                   "there is no plugin '%s' (forecourt plugin list shows them)", plugin);
}

/* ---- acts */

static int disable(fc_dealership *d, const char *plugin, const char *actor, int64_t *moved, fc_err *err)
{
    version now;
    fc_value v[] = {fc_text(plugin), fc_int(fc_now()), fc_text(actor)};
    int rc = last_in_force(d, plugin, &now, err);
    if (rc) return rc == FC_ENOTFOUND ? unknown(plugin, err) : rc;
    rc = fc_run(
        d->store,
        "INSERT INTO host_plugin_off (plugin, at, actor) VALUES (?, ?, ?) ON CONFLICT (plugin) DO NOTHING", v,
        3, moved, err);
    return rc || !*moved ? rc : fc_live_row_end(d, plugin, actor, "disable", err);
}

static int enable(fc_dealership *d, const char *plugin, const char *actor, int64_t *moved, fc_err *err)
{
    version now;
    const fc_by by = {actor, "enable"};
    int64_t off = 0, held = 0;
    fc_value v = fc_text(plugin);
    int rc = fc_run(d->store, "DELETE FROM host_plugin_off WHERE plugin = ?", &v, 1, &off, err);
    if (!rc) rc = fc_run(d->store, "DELETE FROM host_plugin_held WHERE plugin = ?", &v, 1, &held, err);
    if (rc) return rc;
    rc = last_in_force(d, plugin, &now, err);
    if (rc == FC_ENOTFOUND && !off) return unknown(plugin, err);
    *moved = off + held;
    if (rc) return rc == FC_ENOTFOUND ? FC_OK : rc;
    version live;
    rc = present(d, plugin, &live, err);
    if (rc != FC_ENOTFOUND) return rc;
    *moved = 1;
    return fc_live_row_put(d, plugin, now.version, now.hash, now.origin, &by, 0, err);
}

/* The older code has to run on tables that newer migrations may have changed. */
static int may_go_back(fc_dealership *d, const char *plugin, const char *from, const version *old,
                       fc_err *err)
{
    char file[300];
    fc_source *a = fc_stored_source(d, from), *b = fc_stored_source(d, old->hash);
    int rc = b ? FC_OK
               : fc_fail(err, FC_ENOTFOUND,
                         "插件 %s 的版本 %s（%.12s）的源代码已不保留，不能退回：请把它重新放进文件夹",
                         "the source of the plugin %s in version %s (%.12s) is no longer kept, so it cannot "
                         "come back: "
                         "put it into the folder again",
                         plugin, old->version, old->hash);
    if (a && b && !fc_migrations_only_add(a, b, file, sizeof file))
        rc = fc_fail(
            err, FC_ECONFLICT,
            "%s/%s 去掉了旧版要用的内容，或加上了它不遵守的规则，不能退回：请改好插件，用新的迁移修正",
            "%s/%s takes away what the older version uses, or makes rules it does not keep, so it cannot go "
            "back: mend the plugin, with a "
            "new migration",
            a->label, file);
    fc_source_unref(a);
    fc_source_unref(b);
    return rc;
}

static int hold(fc_dealership *d, const char *plugin, const char *hash, const char *actor, fc_err *err)
{
    fc_value v[] = {fc_text(plugin),
                    fc_text(hash),
                    fc_int(fc_now()),
                    fc_text(actor),
                    fc_text("rollback"),
                    fc_text("已由人工退回"),
                    fc_text("was taken back by hand")};
    return fc_run(
        d->store,
        "INSERT INTO host_plugin_held (plugin, hash, at, actor, why, zh, en) VALUES (?, ?, ?, ?, ?, ?, "
        "?) ON CONFLICT (plugin, hash) DO NOTHING",
        v, 7, NULL, err);
}

static int rollback(fc_dealership *d, const char *plugin, const char *to, const char *from, const char *actor,
                    fc_err *err)
{
    version now, old;
    const fc_by by = {actor, "rollback"};
    int rc = present(d, plugin, &now, err);
    if (rc == FC_ENOTFOUND) {
        if (last_in_force(d, plugin, &old, err)) return unknown(plugin, err);
        return fc_fail(err, FC_ECONFLICT, "插件 %s 不在用：请先 forecourt plugin enable %s",
                       "the plugin %s is not in force: forecourt plugin enable %s first", plugin, plugin);
    }
    if (!rc && from && strncmp(now.hash, from, strlen(from)) != 0)
        return fc_fail(
            err, FC_ECONFLICT, "插件 %s 刚被更改，现在用的是 %s（%.12s）：请看过后再退回",
            "the plugin %s has just been changed, it is at %s (%.12s) now: look before you take it back",
            plugin, now.version, now.hash);
    if (!rc) rc = to ? named(d, plugin, to, &old, err) : before(d, plugin, now.hash, &old, err);
    if (!rc && strcmp(now.hash, old.hash) == 0)
        return fc_fail(err, FC_EINVAL, "插件 %s 现在用的就是 %s", "the plugin %s is at %s already", plugin,
                       to ? to : old.version);
    if (!rc) rc = may_go_back(d, plugin, now.hash, &old, err);
    if (!rc) rc = hold(d, plugin, now.hash, actor, err);
    fc_value v[] = {fc_text(plugin), fc_text(old.hash)};
    if (!rc)
        rc = fc_run(d->store, "DELETE FROM host_plugin_held WHERE plugin = ? AND hash = ?", v, 2, NULL, err);
    return rc ? rc : fc_live_row_put(d, plugin, old.version, old.hash, old.origin, &by, 0, err);
}

int fc_plugin_act(fc_dealership *d, const char *what, const char *plugin, const char *to, const char *from,
                  const char *actor, fc_err *err)
{
    char name[40];
    int64_t moved = 1; /* 0: it was so already, and there is nothing to write down */
    version back;
    int rc = fc_tx_begin(d->store, err);
    if (rc) return rc;
    if (strcmp(what, "disable") == 0)
        rc = disable(d, plugin, actor, &moved, err);
    else if (strcmp(what, "enable") == 0)
        rc = enable(d, plugin, actor, &moved, err);
    else if (!(rc = rollback(d, plugin, to, from, actor, err)) && !(rc = present(d, plugin, &back, err)))
        to = back.hash; /* the audit log says to what */
    snprintf(name, sizeof name, "plugin.%s", what);
    if (!rc) rc = fc_plugin_audit(d, actor, name, plugin, to, err);
    if (!rc) rc = fc_change_bump(d, err);
    if (!rc && moved) return fc_tx_commit(d->store, err);
    fc_tx_rollback(d->store);
    return rc;
}

/* ---- a look at the folders that is asked for */

int fc_reload_ask(fc_dealership *d, const char *actor, int64_t *n, fc_err *err)
{
    fc_value v = fc_text(actor);
    int found = 0, rc = fc_tx_begin(d->store, err);
    if (rc) return rc;
    rc = fc_run(d->store, "UPDATE host_plugin_change SET n = n + 1, wanted = wanted + 1, wanted_by = ?", &v,
                1, NULL, err);
    if (!rc) rc = fc_ask_int(d->store, "SELECT wanted FROM host_plugin_change", NULL, 0, n, &found, err);
    if (!rc) rc = fc_plugin_audit(d, actor, "plugin.reload", NULL, NULL, err);
    if (rc)
        fc_tx_rollback(d->store);
    else
        rc = fc_tx_commit(d->store, err);
    return rc;
}

int fc_reload_asked(fc_dealership *d, int64_t *n, char *actor, size_t cap)
{
    static const char sql[] = "SELECT wanted, wanted_by FROM host_plugin_change WHERE wanted > done";
    fc_cursor *c;
    fc_value v;
    int row = 0;
    if (fc_query(d->store, sql, sizeof sql - 1, NULL, 0, &c, NULL)) return 0;
    if (!fc_cursor_next(c, &row, NULL) && row) {
        fc_cursor_value(c, 0, &v);
        *n = v.i;
        fc_cursor_value(c, 1, &v);
        keep_text(actor, cap, &v);
    }
    fc_cursor_close(c);
    return row;
}

void fc_reload_answer(fc_dealership *d, int64_t n)
{
    fc_value v = fc_int(n);
    fc_err err;
    if (fc_run(d->store, "UPDATE host_plugin_change SET done = ?", &v, 1, NULL, &err))
        fc_log(FC_ERROR, "plugin", "%s", err.text[fc_process_lang()]);
}

int fc_reload_answered(fc_dealership *d, int64_t n)
{
    int64_t done = 0;
    int found = 0;
    return !fc_ask_int(d->store, "SELECT done FROM host_plugin_change", NULL, 0, &done, &found, NULL) &&
           done >= n;
}

/* ---- what other processes should know */

int fc_ledger_say(fc_dealership *d)
{
    fc_buf text = {0};
    fc_err err;
    int64_t changed = 0;
    json_t *state = json_pack("{s:O, s:O}", "problems", d->problems, "staged", d->staged);
    fc_json_canonical(state, &text);
    fc_value v[] = {fc_textn(fc_buf_str(&text), text.len), fc_textn(fc_buf_str(&text), text.len)};
    int64_t same = 0;
    int found;
    if (!fc_ask_int(d->store, "SELECT count(*) FROM host_plugin_change WHERE state = ?", v, 1, &same, &found,
                    &err) &&
        !same &&
        fc_run(d->store, "UPDATE host_plugin_change SET state = ?, n = n + 1 WHERE state <> ?", v, 2,
               &changed, &err))
        fc_log(FC_ERROR, "plugin", "%s", err.text[fc_process_lang()]);
    json_decref(state);
    fc_buf_free(&text);
    return changed > 0;
}

static json_t *state_of(fc_dealership *d)
{
    static const char sql[] = "SELECT state FROM host_plugin_change";
    fc_cursor *c;
    fc_value v;
    json_t *state = NULL;
    int row = 0;
    if (fc_query(d->store, sql, sizeof sql - 1, NULL, 0, &c, NULL)) return NULL;
    if (!fc_cursor_next(c, &row, NULL) && row) {
        fc_cursor_value(c, 0, &v);
        fc_json_parse(v.s, v.n, 16u << 20, &state, NULL);
    }
    fc_cursor_close(c);
    return state;
}

void fc_ledger_hear(fc_dealership *d)
{
    json_t *state = state_of(d), *staged = json_object_get(state, "staged");
    json_array_extend(d->problems, json_object_get(state, "problems"));
    json_array_clear(d->staged);
    json_array_extend(d->staged, staged);
    json_decref(state);
}
