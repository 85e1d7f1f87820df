/* Building a live set.
 *
 * 1. candidate = the source in the folder for each id. 2. In order of needs each is reused (same key) or
 * built aside. 3. If some fail: each failing one goes back to its old source; if its own source did not
 * change, what it needs and changed goes back instead; one that stands on something new that failed, too,
 * waits for the next round; if there is no old one it is left out. Again from 2 until nothing fails. It ends
 * because every round moves at least one candidate back or out. */
#include "plugin/live_build.h"
#include "base/buf.h"
#include "plugin/amend.h"
#include "plugin/order.h"
#include "plugin/problem.h"
#include "plugin/route.h"
#include "plugin/tables.h"
#include "text/semver.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct candidate {
    fc_source *source; /* NULL: left out */
    fc_source *old;    /* live source or NULL */
    fc_gen *gen;
    int placed, to_go_back;
} candidate;

typedef struct builder {
    candidate *c;
    size_t n;
    fc_live *old;
    json_t *problems;
    fc_source **all;
    json_t *points;
    fc_gen **order;
    size_t nplaced;
} builder;

static fc_source *old_source(fc_live *old, const char *id)
{
    fc_gen *g = old ? fc_live_gen(old, id) : NULL;
    return g ? g->source : NULL;
}

static candidate *find(builder *b, const char *id)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->c[i].source && strcmp(b->c[i].source->id, id) == 0) return &b->c[i];
    return NULL;
}

static void collect(builder *b)
{
    static const char *const core[] = {"pages", "frames", "scripts", "calendars", "amend", NULL};
    size_t n = 0;
    free(b->all);
    json_decref(b->points);
    b->all = fc_alloc((b->n + 1) * sizeof *b->all);
    b->points = json_object();
    for (const char *const *p = core; *p; p++)
        json_object_set_new(b->points, *p, json_string(""));
    for (size_t i = 0; i < b->n; i++) {
        const char *point;
        json_t *v;
        if (!b->c[i].source) continue;
        b->all[n++] = b->c[i].source;
        json_object_foreach(json_object_get(b->c[i].source->manifest, "opens"), point, v)
            json_object_set_new(b->points, point, json_string(b->c[i].source->id));
    }
}

static bool fits(const fc_source *s, const json_t *range)
{
    fc_semver v;
    fc_err err;
    return fc_semver_parse(fc_source_version(s), &v, &err) == FC_OK &&
           fc_semver_satisfies(&v, json_string_value(range));
}

/* The first need that could not be placed or has another version; *missing is set when there is no such
 * plugin at all. */
static const char *unplaced_need(builder *b, const fc_source *s, int *missing)
{
    const char *name;
    json_t *range;
    *missing = 0;
    json_object_foreach(json_object_get(s->manifest, "needs"), name, range)
    {
        candidate *c = find(b, name);
        *missing = c == NULL;
        if (!c || !c->placed || !fits(c->source, range)) return name;
    }
    return NULL;
}

static int in_circle(builder *b, const fc_source *s)
{
    const char *id = s->id;
    int missing = 0;
    for (size_t i = 0; i <= b->n && id; i++) {
        candidate *c = find(b, id);
        id = c ? unplaced_need(b, c->source, &missing) : NULL;
        if (id && !missing && strcmp(id, s->id) == 0) return 1;
    }
    return 0;
}

static void unplaceable(builder *b, const fc_source *s)
{
    char at[512], zh[512], en[512];
    int missing;
    const char *need = unplaced_need(b, s, &missing);
    const candidate *other = find(b, need);
    const char *range = json_string_value(json_object_get(json_object_get(s->manifest, "needs"), need));
    snprintf(at, sizeof at, "%s/plugin.lua", s->label);
    if (other && other->placed) {
        snprintf(zh, sizeof zh, "需要插件 '%s' 的版本 %.60s，现在的是 %.60s", need, range,
                 fc_source_version(other->source));
        snprintf(en, sizeof en, "needs the plugin '%s' in version %.60s, and what is there is %.60s", need,
                 range, fc_source_version(other->source));
    } else if (!missing && in_circle(b, s)) {
        snprintf(zh, sizeof zh, "插件互相需要，成了一个圈（needs 里的 %s）", need);
        snprintf(en, sizeof en, "plugins need each other in a circle (%s in needs)", need);
    } else {
        snprintf(zh, sizeof zh, "需要插件 '%s'，但它不在或不能用", need);
        snprintf(en, sizeof en, "needs the plugin '%s', which is not there or cannot be used", need);
    }
    fc_problem(b->problems, s->id, at, zh, en);
}

static int changed(const candidate *c)
{
    return !c->old || strcmp(c->old->hash, c->source->hash) != 0;
}

/* Does it stand on something new that failed, too? Then it may be innocent and is tried again without that.
 */
static int waits(builder *b, const fc_source *s, json_t *failed, int depth)
{
    const char *name;
    json_t *range;
    json_object_foreach(json_object_get(s->manifest, "needs"), name, range)
    {
        candidate *c = find(b, name);
        if (!c || depth > 16) continue;
        if (json_object_get(failed, name) && changed(c)) return 1;
        if (waits(b, c->source, failed, depth + 1)) return 1;
    }
    return 0;
}

static void place(builder *b, candidate *c, json_t *failed)
{
    char key[FC_HASH_HEX];
    fc_gen_key(c->source, b->all, key);
    fc_gen *same = b->old ? fc_live_gen(b->old, c->source->id) : NULL;
    c->placed = 1;
    if (same && strcmp(same->key, key) == 0 && !fc_vm_spoiled(same->vm)) {
        c->gen = fc_gen_ref(same);
        return;
    }
    if (!waits(b, c->source, failed, 0)) c->gen = fc_gen_build(c->source, b->all, b->points, b->problems);
    if (!c->gen) json_object_set_new(failed, c->source->id, json_true());
}

/* Whoever stands before another keeps what both define: what is in force and did not change, then what is
 * shipped, packs, the site's own; each after what it needs. */
static candidate *next_to_place(builder *b)
{
    for (int with_changed = 0; with_changed < 2; with_changed++) {
        for (size_t i = 0; i < b->n; i++) {
            int missing;
            candidate *c = &b->c[i];
            if (c->source && !c->placed && (with_changed || !changed(c)) &&
                !unplaced_need(b, c->source, &missing))
                return c;
        }
    }
    return NULL;
}

/* One round; returns the ids that failed (new object). */
static json_t *round_of(builder *b)
{
    json_t *failed = json_object();
    size_t left = 0;
    collect(b);
    b->nplaced = 0;
    for (size_t i = 0; i < b->n; i++) {
        fc_gen_unref(b->c[i].gen);
        b->c[i].gen = NULL;
        b->c[i].placed = 0;
        left += b->c[i].source != NULL;
    }
    for (candidate *c; (c = next_to_place(b));) {
        place(b, c, failed);
        if (c->gen) b->order[b->nplaced++] = c->gen;
        left--;
    }
    for (size_t i = 0; i < b->n && left; i++) {
        if (!b->c[i].source || b->c[i].placed) continue;
        unplaceable(b, b->c[i].source);
        json_object_set_new(failed, b->c[i].source->id, json_true());
    }
    return failed;
}

static void back(candidate *c)
{
    c->source = changed(c) ? c->old : NULL; /* NULL when there was none, or when the old one itself fails */
}

/* Marks what s stands on and what changed, however far below. */
static int blame_needs(builder *b, const fc_source *s, int depth)
{
    int blamed = 0;
    const char *name;
    json_t *range;
    json_object_foreach(json_object_get(s->manifest, "needs"), name, range)
    {
        candidate *c = find(b, name);
        if (!c || depth > 16) continue;
        if (c->old && changed(c)) blamed = c->to_go_back = 1;
        blamed |= blame_needs(b, c->source, depth + 1);
    }
    return blamed;
}

/* Marked first and done then: a plugin that fails together with the one it needs must still see that it
 * changed. Where all wait for each other (a circle) all go back. */
static void retreat(builder *b, json_t *failed)
{
    const char *id;
    json_t *v;
    int any = 0;
    json_object_foreach(failed, id, v)
    {
        candidate *c = find(b, id);
        if (!c || waits(b, c->source, failed, 0)) continue;
        if (changed(c) || !blame_needs(b, c->source, 0)) c->to_go_back = 1;
        any = 1;
    }
    json_object_foreach(failed, id, v)
    {
        candidate *c = find(b, id);
        if (c && !any) c->to_go_back = 1;
    }
    for (size_t i = 0; i < b->n; i++) {
        if (b->c[i].to_go_back && b->c[i].source) back(&b->c[i]);
        b->c[i].to_go_back = 0;
    }
}

/* Two plugins that define the same thing: the later one is refused by name. Returns whether a definition was
 * taken. */
static int take(json_t *points, json_t *env, json_t *failed, json_t *problems)
{
    const char *point = json_string_value(json_object_get(env, "point")),
               *id = json_string_value(json_object_get(env, "id"));
    json_t *list = json_object_get(points, point), *other;
    size_t i;
    if (!list) json_object_set_new(points, point, list = json_array());
    json_array_foreach(list, i, other)
    {
        if (strcmp(json_string_value(json_object_get(other, "id")), id) != 0) continue;
        if (strcmp(point, "amend") == 0) continue; /* several may change one thing */
        char zh[512], en[512];
        const char *first = json_string_value(json_object_get(other, "at"));
        snprintf(zh, sizeof zh, "%s '%s' 已由 %s 定义", point, id, first);
        snprintf(en, sizeof en, "%s '%s' is already defined at %s", point, id, first);
        fc_problem(problems, json_string_value(json_object_get(env, "plugin")),
                   json_string_value(json_object_get(env, "at")), zh, en);
        json_object_set_new(failed, json_string_value(json_object_get(env, "plugin")), json_true());
        return 0;
    }
    json_array_append(list, env);
    return 1;
}

static json_t *assemble_points(builder *b, json_t *failed)
{
    json_t *points = json_object(), *env, *list;
    const char *name;
    size_t k;
    for (size_t i = 0; i < b->nplaced; i++)
        json_array_foreach(b->order[i]->definitions, k, env) take(points, env, failed, b->problems);
    fc_amend(points, b->order, b->nplaced, b->points, failed, b->problems);
    json_object_foreach(points, name, list)
    {
        if (strcmp(name, "amend") != 0) fc_order_point(list, failed, b->problems);
    }
    return points;
}

static void add_calendars(fc_live *l, json_t *failed, json_t *problems)
{
    size_t i;
    json_t *env;
    fc_err err;
    l->calendar = fc_calendar_new();
    json_array_foreach(fc_live_point(l, "calendars"), i, env)
    {
        if (!fc_calendar_add_year(l->calendar, json_object_get(env, "data"), &err)) continue;
        const char *plugin = json_string_value(json_object_get(env, "plugin"));
        fc_problem(problems, plugin, json_string_value(json_object_get(env, "at")), err.text[FC_ZH],
                   err.text[FC_EN]);
        json_object_set_new(failed, plugin, json_true());
    }
}

static fc_live *assemble(builder *b, json_t *failed)
{
    fc_live *l = fc_alloc(sizeof *l);
    l->refs = 1;
    l->points = assemble_points(b, failed);
    add_calendars(l, failed, b->problems);
    l->gens = fc_alloc((b->nplaced + 1) * sizeof *l->gens);
    for (size_t i = 0; i < b->nplaced; i++)
        l->gens[l->n++] = fc_gen_ref(b->order[i]);
    fc_routes_build(l, failed, b->problems);
    fc_tables_claim(l, failed, b->problems);
    return l;
}

static void start(builder *b, fc_source *const *candidates)
{
    size_t n = 0;
    while (candidates[n])
        n++;
    b->c = fc_alloc((n + (b->old ? b->old->n : 0) + 1) * sizeof *b->c);
    b->order = fc_alloc((n + (b->old ? b->old->n : 0) + 1) * sizeof *b->order);
    for (size_t i = 0; i < n; i++)
        b->c[b->n++] = (candidate){.source = candidates[i], .old = old_source(b->old, candidates[i]->id)};
}

fc_live *fc_live_build(fc_source *const *candidates, fc_live *old, json_t *problems)
{
    builder b = {.old = old, .problems = problems};
    fc_live *l = NULL;
    start(&b, candidates);
    for (;;) {
        json_t *failed = round_of(&b);
        if (json_object_size(failed) == 0) l = assemble(&b, failed);
        int again = json_object_size(failed) > 0;
        if (again) {
            fc_live_unref(l);
            l = NULL;
            retreat(&b, failed);
        }
        json_decref(failed);
        if (!again) break;
    }
    for (size_t i = 0; i < b.n; i++)
        fc_gen_unref(b.c[i].gen);
    free(b.c);
    free(b.order);
    free(b.all);
    json_decref(b.points);
    return l;
}

static int any_spoiled(const fc_live *l)
{
    for (size_t i = 0; i < l->n; i++)
        if (fc_vm_spoiled(l->gens[i]->vm)) return 1;
    return 0;
}

fc_live *fc_live_heal(fc_live *l)
{
    if (!any_spoiled(l)) return NULL;
    fc_source **sources = fc_alloc((l->n + 1) * sizeof *sources);
    for (size_t i = 0; i < l->n; i++)
        sources[i] = l->gens[i]->source;
    json_t *problems = json_array();
    fc_live *fresh = fc_live_build(sources, l, problems);
    json_decref(problems);
    free(sources);
    return fresh;
}
