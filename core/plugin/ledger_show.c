/* Lists for people: what is in force, what was, what changed. Rows only. */
#include "base/buf.h"
#include "plugin/ledger.h"
#include "text/diff.h"
#include "text/json.h"

#include <stdlib.h>
#include <string.h>

#define MOST_LINES 4000 /* of a difference */

static json_t *value_of(const fc_value *v)
{
    if (v->type == FC_INT) return json_integer(v->i);
    return v->type == FC_TEXT ? json_stringn(v->s, v->n) : json_null();
}

/* Rows as objects by column; appended to out. */
static int rows(fc_dealership *d, const char *sql, const fc_value *args, int n, json_t *out, fc_err *err)
{
    fc_cursor *c;
    int row = 0, rc = fc_query(d->store, sql, strlen(sql), args, n, &c, err);
    if (rc) return rc;
    while (!(rc = fc_cursor_next(c, &row, err)) && row) {
        json_t *one = json_object();
        for (int i = 0; i < fc_cursor_columns(c); i++) {
            fc_value v;
            fc_cursor_value(c, i, &v);
            json_object_set_new(one, fc_cursor_name(c, i), value_of(&v));
        }
        json_array_append_new(out, one);
    }
    fc_cursor_close(c);
    return rc;
}

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static int names(const json_t *o, const char *plugin)
{
    const char *name = text(o, "plugin"), *tail = strrchr(name, '/');
    return !strcmp(name, plugin) || (tail && !strcmp(tail + 1, plugin)); /* a folder that cannot be read */
}

static json_t *row_of(json_t *list, const json_t *like)
{
    size_t i;
    json_t *one;
    const char *tail = strrchr(text(like, "plugin"), '/');
    json_array_foreach(list, i, one) if (names(like, text(one, "plugin"))) return one;
    one = json_pack("{s:s, s:s, s:s, s:s, s:n}", "plugin", tail ? tail + 1 : text(like, "plugin"), "version",
                    "", "hash", "", "origin", "", "since");
    json_array_append_new(list, one);
    return one;
}

static void first_states(json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        const char *why = text(one, "why");
        json_object_set_new(one, "state",
                            json_string(!strcmp(text(one, "trial"), "running")              ? "trial"
                                        : !strcmp(why, "trial") || !strcmp(why, "rollback") ? "held"
                                                                                            : "live"));
        json_object_set_new(one, "problems", json_array());
    }
}

static void mark(json_t *list, const json_t *marks, const char *state, const char *key)
{
    size_t i;
    json_t *m;
    json_array_foreach((json_t *)marks, i, m)
    {
        json_t *one = row_of(list, m);
        if (!json_object_get(one, "problems")) json_object_set_new(one, "problems", json_array());
        if (strcmp(key, "problems") == 0)
            json_array_append(json_object_get(one, "problems"), m);
        else
            json_object_set(one, key, (json_t *)m);
        if (state) json_object_set_new(one, "state", json_string(state));
    }
}

json_t *fc_plugin_list(fc_dealership *d, fc_err *err)
{
    static const char live[] =
        "SELECT l.plugin AS plugin, l.version AS version, l.hash AS hash, l.origin AS origin, l.since AS "
        "since, "
        "h.actor AS actor, h.why AS why, h.calls AS calls, h.failures AS failures, h.trial AS trial, "
        "h.trial_until AS trial_until FROM host_live_set l LEFT JOIN host_plugin_history h ON h.plugin = "
        "l.plugin "
        "AND h.ended_at IS NULL ORDER BY l.plugin";
    json_t *list = json_array(), *off = json_array(), *held = json_array(), *state = json_array();
    int rc = rows(d, live, NULL, 0, list, err);
    first_states(list);
    if (!rc) rc = rows(d, "SELECT plugin, at, actor FROM host_plugin_off ORDER BY plugin", NULL, 0, off, err);
    if (!rc)
        rc = rows(d, "SELECT plugin, hash, at, actor, why, zh, en FROM host_plugin_held ORDER BY at", NULL, 0,
                  held, err);
    if (!rc) rc = rows(d, "SELECT state FROM host_plugin_change", NULL, 0, state, err);
    json_t *told = NULL;
    const json_t *s = json_object_get(json_array_get(state, 0), "state");
    if (!rc) fc_json_parse(json_string_value(s), json_string_length(s), 16u << 20, &told, NULL);
    mark(list, held, NULL, "held");
    mark(list, json_object_get(told, "staged"), "staged", "staged");
    mark(list, json_object_get(told, "problems"), "broken", "problems");
    mark(list, off, "off", "off");
    json_decref(told);
    json_decref(state);
    json_decref(held);
    json_decref(off);
    if (!rc) return list;
    json_decref(list);
    return NULL;
}

json_t *fc_plugin_history(fc_dealership *d, const char *plugin, int64_t most, fc_err *err)
{
    static const char sql[] =
        "SELECT plugin, version, hash, origin, began_at, actor, why, ended_at, ended_by, ended_why, calls, "
        "failures, "
        "trial, EXISTS (SELECT 1 FROM host_blob WHERE host_blob.hash = host_plugin_history.hash) AS kept "
        "FROM "
        "host_plugin_history WHERE plugin = ? OR ? = '' ORDER BY id DESC LIMIT ?";
    fc_value v[] = {fc_text(plugin ? plugin : ""), fc_text(plugin ? plugin : ""), fc_int(most)};
    json_t *list = json_array();
    int rc = rows(d, sql, v, 3, list, err);
    if (!rc && plugin && !json_array_size(list))
        rc = fc_fail(err, FC_ENOTFOUND, "没有插件 '%s'（forecourt plugin list 列出所有插件）",
                     "there is no plugin '%s' (forecourt plugin list shows them)", plugin);
    if (!rc) return list;
    json_decref(list);
    return NULL;
}

/* ---- differences */

static int fits(const json_t *row, const char *name)
{
    return !strcmp(text(row, "version"), name) ||
           (strlen(name) >= 6 && !strncmp(text(row, "hash"), name, strlen(name)));
}

/* The newest row that fits; without a name the newest, or the newest that is not `other`. */
static const json_t *pick(const json_t *list, const char *name, const json_t *other)
{
    size_t i;
    json_t *row;
    int below = !other;
    json_array_foreach((json_t *)list, i, row)
    {
        if (name ? fits(row, name) : below && (!other || strcmp(text(row, "hash"), text(other, "hash"))))
            return row;
        below |= row == other;
    }
    return NULL;
}

static json_t *files_of(fc_dealership *d, const json_t *row, fc_err *err)
{
    static const char sql[] = "SELECT body FROM host_blob WHERE hash = ?";
    fc_value arg = fc_text(text(row, "hash")), v;
    fc_cursor *c;
    json_t *whole = NULL, *files = NULL;
    int there = 0, rc = fc_query(d->store, sql, sizeof sql - 1, &arg, 1, &c, err);
    if (rc) return NULL;
    if (!(rc = fc_cursor_next(c, &there, err)) && there) {
        fc_cursor_value(c, 0, &v);
        rc = fc_json_parse(v.s, v.n, 64u << 20, &whole, err);
    }
    fc_cursor_close(c);
    if (!rc && (files = json_object_get(whole, "files"))) json_incref(files);
    if (!rc && !files)
        fc_fail(err, FC_ENOTFOUND, "版本 %s（%.12s）的源代码已不保留",
                "the source of version %s (%.12s) is no longer kept", text(row, "version"),
                text(row, "hash"));
    json_decref(whole);
    return files;
}

static size_t add_file(json_t *out, const char *path, const json_t *a, const json_t *b)
{
    if (a && b && json_equal(a, b)) return 0;
    size_t i, n = 0;
    json_t *h;
    json_t *hunks = fc_diff_lines(a ? json_string_value(a) : "", json_string_length(a),
                                  b ? json_string_value(b) : "", json_string_length(b), 3);
    json_array_foreach(hunks, i, h) n += json_array_size(json_object_get(h, "lines"));
    json_array_append_new(out, json_pack("{s:s, s:s, s:o}", "path", path, "state",
                                         !a   ? "new"
                                         : !b ? "gone"
                                              : "changed",
                                         "hunks", hunks));
    return n;
}

static json_t *compare(const json_t *a, const json_t *b, int *cut)
{
    const char *path;
    json_t *all = json_object(), *out = json_array(), *v;
    size_t lines = 0, i = 0;
    json_object_update(all, (json_t *)a);
    json_object_update(all, (json_t *)b);
    const char **sorted = fc_alloc((json_object_size(all) + 1) * sizeof *sorted);
    json_object_foreach(all, path, v)
    {
        size_t at = i++;
        for (; at && strcmp(sorted[at - 1], path) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = path;
    }
    for (const char **p = sorted; *p && !(*cut = lines > MOST_LINES); p++)
        lines += add_file(out, *p, json_object_get(a, *p), json_object_get(b, *p));
    free(sorted);
    json_decref(all);
    return out;
}

static const json_t *need(const json_t *row, const char *plugin, const char *name, fc_err *err)
{
    if (!row && name)
        fc_fail(err, FC_ENOTFOUND, "插件 %s 没有用过版本 %s（forecourt plugin history %s 列出所有版本）",
                "the plugin %s was never in force as %s (forecourt plugin history %s lists them)", plugin,
                name, plugin);
    else if (!row)
        fc_fail(err, FC_ENOTFOUND, "插件 %s 只用过一个版本", "the plugin %s was in force in one version only",
                plugin);
    return row;
}

json_t *fc_plugin_changes(fc_dealership *d, const char *plugin, const char *from, const char *to, fc_err *err)
{
    json_t *list = fc_plugin_history(d, plugin, 10000, err), *out = NULL, *files_a = NULL, *files_b = NULL;
    const json_t *b = list ? need(pick(list, to, NULL), plugin, to, err) : NULL;
    const json_t *a = b ? need(pick(list, from, b), plugin, from, err) : NULL;
    int cut = 0;
    if (a) files_a = files_of(d, a, err);
    if (files_a) files_b = files_of(d, b, err);
    if (files_b) {
        json_t *files = compare(files_a, files_b, &cut);
        out = json_pack("{s:s, s:O, s:O, s:o, s:b}", "plugin", plugin, "from", a, "to", b, "files", files,
                        "cut", cut);
    }
    json_decref(files_a);
    json_decref(files_b);
    json_decref(list);
    return out;
}
