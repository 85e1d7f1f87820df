/* The questions of core/lua answered from a live set. */
#include "plugin/world.h"
#include "plugin/hosts.h"
#include "plugin/pack_waiting.h"
#include "plugin/setting_declared.h"
#include "plugin/settings.h"
#include "plugin/ledger.h"
#include "plugin/tables.h"
#include "plugin/trial.h"
#include "base/buf.h"
#include "base/log.h"
#include "text/json.h"

#include <stdlib.h>
#include <string.h>

fc_dealership *fc_call_dealership(const fc_call *c)
{
    return c->owner;
}

static json_t *point(fc_call *c, const char *name)
{
    return fc_live_point(c->live, name);
}

static json_t *live_definition(fc_call *c, const char *name, const char *id)
{
    return fc_live_definition(c->live, name, id);
}

static json_t *stored_definition(fc_call *c, const char *hash)
{
    fc_cursor *cur;
    fc_err err;
    fc_value arg = fc_text(hash), v;
    int row = 0;
    json_t *out = NULL;
    static const char sql[] = "SELECT body FROM host_definition WHERE hash = ?";
    if (fc_query(c->store, sql, sizeof sql - 1, &arg, 1, &cur, &err)) return NULL;
    if (!fc_cursor_next(cur, &row, &err) && row) {
        fc_cursor_value(cur, 0, &v);
        fc_json_parse(v.s, v.n, 16u << 20, &out, &err);
    }
    fc_cursor_close(cur);
    return out;
}

static json_t *definition(fc_call *c, const char *hash)
{
    fc_live *l = c->live;
    const char *name;
    size_t i;
    json_t *list, *env;
    json_object_foreach(l->points, name, list)
    {
        json_array_foreach(list, i, env)
        {
            if (strcmp(json_string_value(json_object_get(env, "hash")), hash) == 0) return json_incref(env);
        }
    }
    return stored_definition(c, hash);
}

static fc_vm *plugin_vm(fc_call *c, const char *plugin, fc_err *err)
{
    fc_gen *g = fc_live_sound_gen(c->live, fc_call_dealership(c)->live, plugin);
    if (g) return g->vm;
    fc_fail(err, FC_ENOTFOUND, "插件 %s 不在用", "the plugin %s is not in force", plugin);
    return NULL;
}

static const fc_rule_set *rule_set(fc_call *c, const char *name, const char *id, const char **hash,
                                   fc_err *err)
{
    return fc_live_rule_set(c->live, name, id, hash, err);
}

static const fc_calendar *calendar(fc_call *c)
{
    return ((fc_live *)c->live)->calendar;
}

static const json_t *manifest(fc_call *c, const char *plugin, const char *key)
{
    const fc_gen *g = fc_live_gen(c->live, plugin);
    return g ? json_object_get(g->source->manifest, key) : NULL;
}

static json_t *settings(fc_call *c, const char *plugin)
{
    return fc_settings_values(fc_call_dealership(c), plugin, manifest(c, plugin, "settings"));
}

static json_t *settings_form(fc_call *c, const char *plugin)
{
    return fc_settings_form(fc_call_dealership(c), plugin, manifest(c, plugin, "settings"));
}

static json_t *setting_read(fc_call *c, const char *plugin, const char *key, const char *said, fc_err *err)
{
    const json_t *declaration = json_object_get(manifest(c, plugin, "settings"), key);
    if (declaration) return said ? fc_setting_read(declaration, said, err) : json_null();
    fc_fail(err, FC_ENOTFOUND, "插件 %s 没有设置项 %s", "the plugin %s has no setting %s", plugin, key);
    return NULL;
}

static json_t *plugin_row(const fc_gen *g)
{
    json_t *title = json_object_get(g->source->manifest, "title");
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:[]}", "id", g->source->id, "version",
                            fc_source_version(g->source), "hash", g->source->hash, "from", g->source->origin,
                            "state", "live", "since", (json_int_t)g->since, "problems");
    json_object_set(row, "title", title ? title : json_object_get(g->source->manifest, "id"));
    json_object_set_new(row, "folder", json_string(g->source->label));
    return row;
}

static json_t *row_for(json_t *rows, const char *plugin)
{
    size_t i;
    json_t *row;
    json_array_foreach(
        rows, i, row) if (!strcmp(json_string_value(json_object_get(row, "id")), plugin) ||
                          !strcmp(json_string_value(json_object_get(row, "folder")), plugin)) return row;
    row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:[]}", "id", plugin, "folder", plugin, "title",
                    plugin, "version", "", "hash", "", "from", "", "state", "broken", "since", (json_int_t)0,
                    "problems");
    json_array_append_new(rows, row);
    return row;
}

static json_t *plugins(fc_call *c)
{
    fc_live *l = c->live;
    json_t *rows = json_array(), *p;
    size_t i;
    for (size_t g = 0; g < l->n; g++)
        json_array_append_new(rows, plugin_row(l->gens[g]));
    json_array_foreach(fc_call_dealership(c)->problems, i, p)
    {
        json_t *row = row_for(rows, json_string_value(json_object_get(p, "plugin")));
        json_object_set_new(row, "state", json_string("broken"));
        json_array_append(json_object_get(row, "problems"), p);
    }
    fc_pack_waiting(fc_call_dealership(c), rows);
    return rows;
}

static int is_it(const fc_call *c)
{
    size_t i;
    json_t *role;
    json_array_foreach(c->roles, i, role) if (strcmp(json_string_value(role), "it") == 0) return 1;
    return 0;
}

/* Who switches it off in the console could not switch it on again there. */
static int console_needs(const fc_dealership *d, const char *plugin)
{
    const fc_gen *console = fc_live_gen(d->live, "console");
    for (fc_source **w = console ? console->world : NULL; w && *w; w++)
        if (strcmp((*w)->id, plugin) == 0) return 1;
    return 0;
}

static json_t *plugin_act(fc_call *c, const char *what, const char *plugin, const char *to, const char *from,
                          fc_err *err)
{
    fc_dealership *d = fc_call_dealership(c);
    if (strcmp(what, "disable") && strcmp(what, "enable") && strcmp(what, "rollback")) {
        fc_fail(err, FC_EINVAL, "没有操作 '%s'", "there is no act '%s'", what);
        return NULL;
    }
    if (!is_it(c)) {
        fc_fail(err, FC_EDENIED, "只有信息员可以启用、停用或退回插件",
                "only IT may switch plugins on, off or back");
        return NULL;
    }
    if (strcmp(what, "disable") == 0 && console_needs(d, plugin)) {
        fc_fail(
            err, FC_EINVAL,
            "工作台离不开 %s，停用后就没有页面可以再启用它了。确实需要时：forecourt plugin disable %s",
            "the console needs %s: there would be no page to switch it on again. If it has to be: forecourt "
            "plugin disable %s",
            plugin, plugin);
        return NULL;
    }
    return fc_plugin_act(d, what, plugin, to, from, c->login, err) ? NULL : json_true();
}

static json_t *plugin_ask(fc_call *c, const char *what, const char *plugin, const char *to, const char *from,
                          fc_err *err)
{
    fc_dealership *d = fc_call_dealership(c);
    if (strcmp(what, "states") == 0) return fc_plugin_list(d, err);
    if (strcmp(what, "history") == 0) return fc_plugin_history(d, plugin, 200, err);
    if (strcmp(what, "changes") == 0) return fc_plugin_changes(d, plugin, from, to, err);
    return plugin_act(c, what, plugin, to, from, err);
}

static const char *text(fc_call *c, const char *plugin, const char *key, enum fc_lang lang)
{
    fc_gen *g = fc_live_gen(c->live, plugin);
    return g ? fc_gen_text(g, key, lang) : NULL;
}

static const json_t *site_says(fc_call *c, const char *key)
{
    return json_object_get(fc_call_dealership(c)->site->config, key);
}

static int secret(fc_call *c, const char *plugin, const char *name, fc_buf *out, fc_err *err)
{
    return fc_secret_read(fc_call_dealership(c)->site->dir, plugin, name, out, err);
}

static const char *table_owner(fc_call *c, const char *table)
{
    return fc_table_owner(c->live, table);
}

static void jobs_changed(fc_call *c)
{
    fc_site *s = fc_call_dealership(c)->site;
    if (s->jobs_changed) s->jobs_changed(s);
}

fc_world fc_plugin_world = {
    .point = point,
    .definition = definition,
    .live_definition = live_definition,
    .plugin_vm = plugin_vm,
    .rule_set = rule_set,
    .calendar = calendar,
    .settings = settings,
    .settings_form = settings_form,
    .setting_read = setting_read,
    .plugins = plugins,
    .plugin_ask = plugin_ask,
    .text = text,
    .table_owner = table_owner,
    .jobs_changed = jobs_changed,
    .manifest = manifest,
    .site_says = site_says,
    .secret = secret,
};

/* Whose file a text names: "LABEL/x.lua". An export's error stands in the sentence, behind the caller's
 * place. */
static const fc_source *source_named(const fc_live *l, const char *text, const fc_source *but)
{
    for (size_t i = 0; i < l->n; i++) {
        const fc_source *s = l->gens[i]->source;
        size_t n = strlen(s->label);
        for (const char *p = text; s != but && (p = strstr(p, s->label)); p += n)
            if (p[n] == '/') return s;
    }
    return NULL;
}

void fc_world_log_fault(const fc_call *c, int level, const char *plugin, const char *what,
                        const fc_fault *fault)
{
    fc_buf b = {0};
    const char *place = fault->place[0] ? fault->place : fault->here;
    const fc_gen *g = fc_live_gen(c->live, plugin);
    const fc_source *at = g ? fc_fault_source(c->live, g, fault) : NULL,
                    *in = source_named(c->live, fault->en, at);
    if (at) fc_buf_addf(&b, "%s %s: ", at->id, fc_source_version(at));
    fc_buf_addf(&b, fc_say("调用 %lld %s：%s%s%s", "call %lld %s: %s%s%s"), (long long)c->id, what, place,
                place[0] ? ": " : "", fc_say(fault->zh, fault->en));
    if (in) fc_buf_addf(&b, fc_say("（在 %s %s 中）", " (in %s %s)"), in->id, fc_source_version(in));
    if (c->decision)
        fc_buf_addf(&b, fc_say("；在决定 %lld %s 之后", "; after decision %lld %s"), (long long)c->decision,
                    c->decided);
    if (fault->trace[0]) fc_buf_addf(&b, " [%s]", fault->trace);
    fc_log(level, plugin, "%s", fc_buf_str(&b));
    fc_buf_free(&b);
}

static void keep_text(char *out, size_t cap, const char *text)
{
    size_t n = strnlen(text, cap - 1);
    memcpy(out, text, n);
    out[n] = 0;
}

fc_call *fc_world_call(fc_dealership *d, enum fc_actor_kind kind, const char *login, const char *name,
                       json_t *roles, enum fc_lang lang, int64_t budget_ns)
{
    fc_call *c = fc_alloc(sizeof *c);
    c->world = &fc_plugin_world;
    c->live = fc_live_ref(d->live);
    c->owner = d;
    c->store = d->store;
    c->site = d->site->store;
    c->vault = d->vault;
    c->dealership = d->id;
    c->dealership_name = json_incref(d->name);
    c->files = d->site->files;
    c->kind = kind;
    keep_text(c->login, sizeof c->login, login);
    keep_text(c->name, sizeof c->name, name);
    c->roles = roles;
    c->lang = lang;
    c->id = fc_id();
    c->budget_ns = budget_ns;
    return c;
}

void fc_world_call_free(fc_call *c)
{
    fc_live_unref(c->live);
    free(c->session);
    fc_call_clear(c);
    free(c);
}
