/* A wish moves as little as it can: of those whose wishes are met, the one that stands first by order comes
 * next. */
#include "plugin/order.h"
#include "base/buf.h"
#include "plugin/envelope.h"
#include "plugin/problem.h"
#include "text/nearest.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEEDED (-1) /* waits, and nobody wished it */

typedef struct ordering {
    json_t **items;
    size_t n;
    int *waits; /* n * n: [i * n + k]: i comes after k because item waits - 1 wishes it; 0: it does not */
    bool *done;
    json_t *names;       /* what before and after may name: id -> place in items, plugin -> true */
    fc_gen *const *gens; /* of amendments; NULL: definitions of another point */
    size_t ngens;
    json_t *failed, *problems;
} ordering;

static json_int_t order_of(const json_t *env)
{
    return json_integer_value(json_object_get(json_object_get(env, "data"), "order"));
}

static const char *plugin_of(const json_t *env)
{
    return fc_envelope_text(env, "plugin");
}

static void refuse(ordering *o, const json_t *env, const char *zh, const char *en)
{
    fc_problem(o->problems, plugin_of(env), fc_envelope_text(env, "at"), zh, en);
    json_object_set_new(o->failed, plugin_of(env), json_true());
}

/* ---- where each stands by itself */

static int by_place(const ordering *o, const json_t *a, const json_t *b);

/* Stable: of one plugin the files stay as they were read. */
static void sort(ordering *o)
{
    for (size_t i = 1; i < o->n; i++) {
        json_t *one = o->items[i];
        size_t at = i;
        for (; at && by_place(o, o->items[at - 1], one) > 0; at--)
            o->items[at] = o->items[at - 1];
        o->items[at] = one;
    }
}

static const fc_gen *gen_of(const ordering *o, const json_t *env)
{
    for (size_t i = 0; i < o->ngens; i++)
        if (strcmp(o->gens[i]->source->id, plugin_of(env)) == 0) return o->gens[i];
    return NULL;
}

/* Whoever is nearer to the people of the site has the last word. */
static int rank(const ordering *o, const json_t *env)
{
    const fc_gen *g = gen_of(o, env);
    if (!g || strcmp(g->source->origin, "shipped") == 0) return 0;
    return strcmp(g->source->origin, "pack") == 0 ? 1 : 2;
}

static int by_place(const ordering *o, const json_t *a, const json_t *b)
{
    if (order_of(a) != order_of(b)) return order_of(a) < order_of(b) ? -1 : 1;
    if (o->gens && rank(o, a) != rank(o, b)) return rank(o, a) - rank(o, b);
    int c = strcmp(plugin_of(a), plugin_of(b));
    return c || o->gens ? c : strcmp(fc_envelope_text(a, "id"), fc_envelope_text(b, "id"));
}

/* ---- who waits for whom */

static void come_after(ordering *o, size_t i, size_t k, int because)
{
    int *w = &o->waits[i * o->n + k];
    if (i != k && *w != NEEDED) *w = because;
}

static void wish_about(ordering *o, size_t i, size_t k, const char *word)
{
    bool after = strcmp(word, "after") == 0;
    come_after(o, after ? i : k, after ? k : i, (int)i + 1);
}

static bool same_target(const ordering *o, size_t i, size_t k)
{
    return strcmp(fc_envelope_text(o->items[i], "id"), fc_envelope_text(o->items[k], "id")) == 0;
}

static void wish_about_plugin(ordering *o, size_t i, const char *word, const char *plugin)
{
    for (size_t k = 0; k < o->n; k++)
        if (same_target(o, i, k) && strcmp(plugin_of(o->items[k]), plugin) == 0) wish_about(o, i, k, word);
}

static void wish(ordering *o, size_t i, const char *word, const char *name)
{
    char zh[400], en[400];
    const json_t *known = json_object_get(o->names, name);
    if (known && o->gens) wish_about_plugin(o, i, word, name);
    if (known && !o->gens) wish_about(o, i, (size_t)json_integer_value(known), word);
    const char *near = known ? NULL : fc_nearest(name, o->names);
    if (!near) return;
    snprintf(zh, sizeof zh, "%s '%.100s'：没有这个%s（是不是 '%.100s'？）", word, name,
             o->gens ? "插件" : "标识", near);
    snprintf(en, sizeof en, "%s '%.100s': there is no such %s (did you mean '%.100s'?)", word, name,
             o->gens ? "plugin" : "id", near);
    refuse(o, o->items[i], zh, en);
}

static void wishes(ordering *o, size_t i, const char *word)
{
    size_t k;
    json_t *one, *v = json_object_get(json_object_get(o->items[i], "data"), word);
    if (json_is_string(v)) wish(o, i, word, json_string_value(v));
    json_array_foreach(v, k, one) if (json_is_string(one)) wish(o, i, word, json_string_value(one));
}

static bool stands_on(const ordering *o, const json_t *env, const char *plugin)
{
    const fc_gen *g = gen_of(o, env);
    for (fc_source **w = g ? g->world : NULL; w && *w; w++)
        if (strcmp((*w)->id, plugin) == 0) return true;
    return false;
}

/* Of one plugin (the world has itself, too) the one that is read first. */
static void needs(ordering *o, size_t i)
{
    for (size_t k = 0; k < o->n; k++) {
        bool own = strcmp(plugin_of(o->items[i]), plugin_of(o->items[k])) == 0;
        if (same_target(o, i, k) && (own ? k < i : stands_on(o, o->items[i], plugin_of(o->items[k]))))
            come_after(o, i, k, NEEDED);
    }
}

/* ---- circles */

static size_t waits_for(const ordering *o, size_t i)
{
    for (size_t k = 0; k < o->n; k++)
        if (o->waits[i * o->n + k] && !o->done[k]) return k;
    return o->n;
}

static bool free_to_go(const ordering *o, size_t i)
{
    return waits_for(o, i) == o->n;
}

/* Whoever wished a part of the circle is told the whole of it. Each that is left waits for another that is
 * left, so who follows long enough is in it. */
static void circle(ordering *o)
{
    size_t i = 0;
    while (o->done[i])
        i++;
    for (size_t steps = 0; steps < o->n; steps++)
        i = waits_for(o, i);
    fc_buf zh = {0}, en = {0};
    size_t first = i;
    fc_buf_adds(&zh, "before 和 after 互相等待，成了一个圈：");
    fc_buf_adds(&en, "before and after wait for each other in a circle: ");
    do {
        size_t k = waits_for(o, i);
        const char *a = fc_envelope_text(o->items[i], "at"), *b = fc_envelope_text(o->items[k], "at");
        bool needed = o->waits[i * o->n + k] == NEEDED;
        fc_buf_addf(&zh, "%s%.200s 在 %.200s 之后%s", i == first ? "" : "，", a, b,
                    needed ? "（needs）" : "");
        fc_buf_addf(&en, "%s%.200s comes after %.200s%s", i == first ? "" : ", ", a, b,
                    needed ? " (needs)" : "");
        i = k;
    } while (i != first);
    do {
        size_t k = waits_for(o, i);
        int who = o->waits[i * o->n + k];
        if (who != NEEDED) refuse(o, o->items[who - 1], fc_buf_str(&zh), fc_buf_str(&en));
        i = k;
    } while (i != first);
    fc_buf_free(&zh);
    fc_buf_free(&en);
}

/* ---- putting in order */

static void put_out(ordering *o, json_t *list)
{
    for (size_t placed = 0; placed < o->n; placed++) {
        size_t i = 0;
        while (i < o->n && (o->done[i] || !free_to_go(o, i)))
            i++;
        if (i == o->n) {
            circle(o);
            return;
        }
        o->done[i] = true;
        json_array_append(list, o->items[i]);
    }
}

static void take(ordering *o, json_t *list)
{
    o->n = json_array_size(list);
    o->items = fc_alloc((o->n + 1) * sizeof *o->items);
    o->done = fc_alloc(o->n + 1);
    for (size_t i = 0; i < o->n; i++)
        o->items[i] = json_incref(json_array_get(list, i));
    sort(o);
    json_array_clear(list);
}

static void drop(ordering *o)
{
    for (size_t i = 0; i < o->n; i++)
        json_decref(o->items[i]);
    json_decref(o->names);
    free(o->waits);
    free(o->done);
    free(o->items);
}

static bool any_wish(const ordering *o)
{
    for (size_t i = 0; i < o->n; i++) {
        const json_t *data = json_object_get(o->items[i], "data");
        if (json_object_get(data, "before") || json_object_get(data, "after")) return true;
    }
    return false;
}

static void settle(ordering *o, json_t *list)
{
    o->waits = fc_alloc((o->n * o->n + 1) * sizeof *o->waits);
    for (size_t i = 0; i < o->n; i++) {
        if (o->gens) needs(o, i);
        wishes(o, i, "before");
        wishes(o, i, "after");
    }
    put_out(o, list);
}

void fc_order_point(json_t *list, json_t *failed, json_t *problems)
{
    ordering o = {.failed = failed, .problems = problems, .names = json_object()};
    take(&o, list);
    if (any_wish(&o)) {
        for (size_t i = 0; i < o.n; i++)
            json_object_set_new(o.names, fc_envelope_text(o.items[i], "id"), json_integer((json_int_t)i));
        settle(&o, list);
    } else {
        for (size_t i = 0; i < o.n; i++)
            json_array_append(list, o.items[i]);
    }
    drop(&o);
}

void fc_order_amendments(json_t *list, fc_gen *const *gens, size_t n, json_t *failed, json_t *problems)
{
    ordering o = {.failed = failed, .problems = problems, .names = json_object(), .gens = gens, .ngens = n};
    take(&o, list);
    for (size_t i = 0; i < n; i++)
        json_object_set_new(o.names, gens[i]->source->id, json_true());
    settle(&o, list);
    drop(&o);
}
