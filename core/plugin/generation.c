/* Builds a generation: state, point files, exports, locale, templates, engines' checks. Each stage goes on
 * after a problem so that the author sees all of them in one run. */
#include "plugin/generation_internal.h"
#include "plugin/envelope.h"
#include "plugin/problem.h"
#include "plugin/sql_check.h"
#include "base/buf.h"
#include "base/clock.h"
#include "text/json.h"
#include "text/nearest.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VM_MEMORY (64u << 20)
#define GIVE_BACK_NS 2000000000LL

static fc_source *find_source(fc_source *const *all, const char *id)
{
    for (; *all; all++)
        if (strcmp((*all)->id, id) == 0) return *all;
    return NULL;
}

/* ---- what the vm asks */

static const char *vm_source(void *ctx, const char *plugin, const char *file, size_t *n, const char **chunk)
{
    static char place[1024];
    fc_gen *g = ctx;
    fc_source *s = find_source(g->world, plugin);
    if (!s) return NULL;
    snprintf(place, sizeof place, "%s/%s", s->label, file);
    if (chunk) *chunk = place;
    return fc_source_file(s, file, n);
}

static int vm_may_use(void *ctx, const char *home, const char *module)
{
    fc_source *s = find_source(((fc_gen *)ctx)->world, home);
    return s && fc_source_uses(s, module);
}

static int vm_may_need(void *ctx, const char *home, const char *plugin)
{
    fc_source *s = find_source(((fc_gen *)ctx)->world, home);
    return s && fc_source_needs(s, plugin);
}

static const fc_vm_host vm_host = {vm_source, vm_may_use, vm_may_need};

/* ---- which sources a generation is made of */

static void add_needed(fc_source ***world, size_t *n, const fc_source *s, fc_source *const *all, int depth)
{
    const char *name;
    json_t *range;
    json_object_foreach(json_object_get(s->manifest, "needs"), name, range)
    {
        fc_source *needed = find_source(all, name);
        if (!needed || depth > 16) continue;
        int known = 0;
        for (size_t i = 0; i < *n; i++)
            known |= (*world)[i] == needed;
        if (known) continue;
        *world = fc_realloc(*world, (*n + 2) * sizeof **world);
        (*world)[(*n)++] = fc_source_ref(needed);
        (*world)[*n] = NULL;
        add_needed(world, n, needed, all, depth + 1);
    }
}

static fc_source **world_of(fc_source *s, fc_source *const *all)
{
    size_t n = 1;
    fc_source **world = fc_alloc(2 * sizeof *world);
    world[0] = fc_source_ref(s);
    add_needed(&world, &n, s, all, 0);
    return world;
}

void fc_gen_key(const fc_source *s, fc_source *const *all, char out[FC_HASH_HEX])
{
    fc_buf b = {0};
    size_t len;
    fc_source **world = world_of((fc_source *)s, all);
    for (fc_source **w = world; *w; w++)
        if (w == world || fc_source_file(*w, "define.lua", &len))
            fc_buf_addf(&b, "%s:%s\n", (*w)->id, (*w)->hash);
    /* a pack that is installed again has a new folder, from which its assets come */
    if (strcmp(s->origin, "pack") == 0) fc_buf_adds(&b, s->dir);
    fc_hash(fc_buf_str(&b), b.len, out);
    fc_buf_free(&b);
    fc_sources_free(world);
}

/* ---- stages */

static void take_problems(fc_building *b)
{
    size_t i;
    json_t *p, *list = fc_vm_problems(b->g->vm);
    json_array_foreach(list, i, p) fc_building_bad(b, json_string_value(json_object_get(p, "at")),
                                                   json_string_value(json_object_get(p, "zh")),
                                                   json_string_value(json_object_get(p, "en")));
    json_decref(list);
}

static const char *point_of(fc_building *b, const char *path, char *out, size_t cap)
{
    static const char *const no_point[] = {"lib/", "locale/", "parts/", NULL};
    const char *slash = strchr(path, '/');
    size_t n = strlen(path);
    if (n < 5 || strcmp(path + n - 4, ".lua") != 0) return NULL;
    if (!slash) {
        const char *own = json_string_value(json_object_get(b->g->source->manifest, "point"));
        return own && strcmp(path, "plugin.lua") != 0 ? own : NULL;
    }
    for (const char *const *p = no_point; *p; p++)
        if (strncmp(path, *p, strlen(*p)) == 0) return NULL;
    snprintf(out, cap, "%.*s", (int)(slash - path), path);
    return strchr(slash + 1, '/') ? NULL : out;
}

static void unknown_point(fc_building *b, const char *path, const char *point)
{
    char at[1024], zh[256], en[256];
    const char *near = fc_nearest(point, b->points);
    snprintf(at, sizeof at, "%s/%s", b->g->source->label, path);
    snprintf(zh, sizeof zh, "没有插件开放扩展点 '%s'%s%s%s（自己的模块请放在 lib/）", point,
             near ? "（是不是 '" : "", near ? near : "", near ? "'？）" : "");
    snprintf(en, sizeof en, "no plugin opens the point '%s'%s%s%s (modules of your own go into lib/)", point,
             near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
    fc_building_bad(b, at, zh, en);
}

static void check_rules(fc_building *b, const json_t *env)
{
    size_t before = json_array_size(b->problems);
    fc_envelope_check_rules(env, b->g->source->id, b->problems);
    b->bad |= json_array_size(b->problems) > before;
}

/* A module that is required inside a function is met only when that function runs, perhaps weeks later: the
 * permission is checked when the text is read. */
static void check_permission(fc_building *b, const char *path, int line, const char *name)
{
    char at[1024], module[80], zh[400], en[400];
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz_");
    snprintf(module, sizeof module, "host.%.*s", (int)n, name);
    if (n == 0 || n > 60 || fc_module_is_free(module + 5) || fc_source_uses(b->g->source, module)) return;
    snprintf(at, sizeof at, "%s/%s:%d", b->g->source->label, path, line);
    /* the words of require itself, so that one mistake is told once */
    const char *id = b->g->source->id;
    snprintf(zh, sizeof zh, "插件 %s 没有使用 %s 的许可：请在它的 plugin.lua 的 uses 中加上 \"%s\"", id,
             module, module);
    snprintf(en, sizeof en, "plugin %s has no permission for %s: add \"%s\" to uses in its plugin.lua", id,
             module, module);
    fc_building_bad(b, at, zh, en);
}

static void check_known(fc_building *b)
{
    size_t i;
    json_t *v;
    char at[512], zh[256], en[256];
    json_array_foreach(json_object_get(b->g->source->manifest, "uses"), i, v)
    {
        const char *name = json_is_string(v) ? json_string_value(v) : "?";
        fc_manifest_place(b->g->source->files, b->g->source->label, name, at, sizeof at);
        if (strncmp(name, "host.", 5) == 0 && fc_module_is_known(name + 5)) continue;
        snprintf(zh, sizeof zh, "uses 里的 '%.60s' 不是宿主的模块", name);
        snprintf(en, sizeof en, "uses names '%.60s', which is no module of the host", name);
        fc_building_bad(b, at, zh, en);
    }
}

static void check_uses(fc_building *b)
{
    const char *path;
    json_t *text;
    json_object_foreach(b->g->source->files, path, text)
    {
        int line = 1;
        size_t n = strlen(path);
        if (n < 4 || strcmp(path + n - 4, ".lua") != 0) continue;
        for (const char *p = json_string_value(text), *end; *p; p = *end ? end + 1 : end, line++) {
            end = strchrnul(p, '\n');
            const char *comment = memmem(p, (size_t)(end - p), "--", 2),
                       *word = memmem(p, (size_t)(end - p), "require", 7);
            if (!word || (comment && comment < word)) continue;
            word += 7 + strspn(word + 7, " (\"'[");
            if (strncmp(word, "host.", 5) == 0) check_permission(b, path, line, word + 5);
        }
    }
}

static void check_sql(fc_building *b)
{
    size_t before = json_array_size(b->problems);
    fc_sql_check_source(b->g->source, b->g->definitions, b->problems);
    b->bad |= json_array_size(b->problems) > before;
}

static void load_points(fc_building *b)
{
    const char *path;
    json_t *text;
    json_object_foreach(b->g->source->files, path, text)
    {
        char name[128];
        fc_fault fault;
        json_t *found = NULL, *env;
        size_t i;
        const char *point = point_of(b, path, name, sizeof name);
        if (!point) continue;
        if (!json_object_get(b->points, point)) {
            unknown_point(b, path, point);
            continue;
        }
        if (fc_vm_load_point(b->g->vm, point, path, &found, &fault)) {
            fc_building_fault(b, path, &fault);
            if (fc_vm_spoiled(b->g->vm)) return;
        }
        json_array_foreach(found, i, env)
        {
            fc_envelope_seal(env, b->g->source);
            check_rules(b, env);
            json_array_append(b->g->definitions, env);
        }
        json_decref(found);
    }
}

static fc_source *in_world(const fc_building *b, const char *id)
{
    for (fc_source **w = b->g->world; id && *w; w++)
        if (strcmp((*w)->id, id) == 0) return *w;
    return NULL;
}

/* What is amended here is checked here, by the constructors of whoever opened its point. */
static void load_amended_engines(fc_building *b)
{
    size_t i, n;
    json_t *env;
    fc_fault fault;
    json_array_foreach(b->g->definitions, i, env)
    {
        char point[128];
        if (strcmp(json_string_value(json_object_get(env, "point")), "amend") != 0) continue;
        snprintf(point, sizeof point, "%.*s",
                 (int)strcspn(json_string_value(json_object_get(env, "id")), "/"),
                 json_string_value(json_object_get(env, "id")));
        fc_source *engine = in_world(b, json_string_value(json_object_get(b->points, point)));
        if (engine && fc_source_file(engine, "define.lua", &n) && !fc_vm_spoiled(b->g->vm) &&
            fc_vm_load_engine(b->g->vm, engine->id, &fault))
            fc_building_fault(b, "plugin.lua", &fault);
    }
}

static void load_own(fc_building *b, const char *module)
{
    char file[64];
    fc_fault fault;
    size_t n;
    snprintf(file, sizeof file, "%s.lua", module);
    if (fc_source_file(b->g->source, file, &n) && !fc_vm_spoiled(b->g->vm) &&
        fc_vm_load_module(b->g->vm, module, &fault))
        fc_building_fault(b, file, &fault);
}

static void run_checks(fc_building *b)
{
    for (fc_source **w = b->g->world; *w && !fc_vm_spoiled(b->g->vm); w++) {
        size_t i;
        json_t *env, *mine = json_array();
        fc_fault fault;
        json_array_foreach(b->g->definitions, i, env)
        {
            const char *opener = json_string_value(
                json_object_get(b->points, json_string_value(json_object_get(env, "point"))));
            if (opener && strcmp(opener, (*w)->id) == 0) json_array_append(mine, env);
        }
        if (json_array_size(mine) && fc_vm_check(b->g->vm, (*w)->id, mine, &fault))
            fc_building_fault(b, "define.lua", &fault);
        json_decref(mine);
    }
}

fc_gen *fc_gen_build(fc_source *s, fc_source *const *all, const json_t *points, json_t *problems)
{
    fc_gen *g = fc_alloc(sizeof *g);
    fc_building b = {g, points, problems, 0};
    g->refs = 1;
    g->source = fc_source_ref(s);
    g->world = world_of(s, all);
    g->definitions = json_array();
    g->locale = json_object();
    g->templates = json_object();
    g->since = fc_now();
    fc_gen_key(s, all, g->key);
    g->vm = fc_vm_new(s->id, &vm_host, g, VM_MEMORY);
    fc_vm_who(g->vm, fc_source_version(s), strcmp(s->origin, "shipped") != 0);
    fc_vm_phase(g->vm, FC_LOADING);
    load_points(&b);
    load_amended_engines(&b);
    load_own(&b, "define");
    load_own(&b, "exports");
    check_known(&b);
    check_uses(&b);
    check_sql(&b);
    take_problems(&b);
    if (!b.bad) {
        fc_vm_phase(g->vm, FC_CHECKING);
        run_checks(&b);
        take_problems(&b);
    }
    fc_building_texts(&b);
    fc_vm_phase(g->vm, FC_RUNNING);
    if (!b.bad) return g;
    fc_gen_unref(g);
    return NULL;
}

fc_gen *fc_gen_ref(fc_gen *g)
{
    g->refs++;
    return g;
}

/* What an old generation held lies between what lives on, and would stay with the process: a thousand reloads
 * made it 3 % larger. 0.2 ms with a hundred plugins; now and then is enough. */
static void give_back(void)
{
    static int64_t last;
    int64_t now = fc_monotonic();
    if (last && now - last < GIVE_BACK_NS) return;
    last = now;
    malloc_trim(0);
}

void fc_gen_unref(fc_gen *g)
{
    if (!g || --g->refs > 0) return;
    fc_vm_free(g->vm);
    for (size_t i = 0; i < g->ncompiled; i++)
        fc_template_free(g->compiled[i]);
    free(g->compiled);
    json_decref(g->templates);
    json_decref(g->definitions);
    json_decref(g->locale);
    fc_sources_free(g->world);
    fc_source_unref(g->source);
    free(g);
    give_back();
}
