/* A wish moves as little as it can: of those whose wishes are met, the one that stands first by order comes
 * next. */
#include "plugin/order.h"
#include "base/buf.h"
#include "plugin/envelope.h"
#include "text/nearest.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_order(const void *pa, const void *pb)
{
    const json_t *a = *(json_t *const *)pa, *b = *(json_t *const *)pb;
    json_int_t oa = json_integer_value(json_object_get(json_object_get(a, "data"), "order"));
    json_int_t ob = json_integer_value(json_object_get(json_object_get(b, "data"), "order"));
    if (oa != ob) return oa < ob ? -1 : 1;
    int c = strcmp(fc_envelope_text(a, "plugin"), fc_envelope_text(b, "plugin"));
    return c ? c : strcmp(fc_envelope_text(a, "id"), fc_envelope_text(b, "id"));
}

typedef struct ordering {
    json_t **items;
    size_t n;
    bool *waits; /* n * n: waits[i * n + k]: i comes after k */
    bool *done;
    json_t *ids; /* id -> place in items */
    json_t *failed, *problems;
} ordering;

static void refuse(ordering *o, const json_t *env, const char *zh, const char *en)
{
    const char *plugin = fc_envelope_text(env, "plugin");
    fc_problem(o->problems, plugin, fc_envelope_text(env, "at"), zh, en);
    json_object_set_new(o->failed, plugin, json_true());
}

static void wish(ordering *o, size_t i, const char *word, const char *id)
{
    char zh[400], en[400];
    json_t *place = json_object_get(o->ids, id);
    if (place) {
        size_t k = (size_t)json_integer_value(place), n = o->n;
        o->waits[strcmp(word, "after") == 0 ? i * n + k : k * n + i] = true;
        return;
    }
    const char *near = fc_nearest(id, o->ids);
    if (!near) return;
    snprintf(zh, sizeof zh, "%s '%.100s'：没有这个标识（是不是 '%.100s'？）", word, id, near);
    snprintf(en, sizeof en, "%s '%.100s': there is no such id (did you mean '%.100s'?)", word, id, near);
    refuse(o, o->items[i], zh, en);
}

static void wishes(ordering *o, size_t i, const char *word)
{
    size_t k;
    json_t *one, *v = json_object_get(json_object_get(o->items[i], "data"), word);
    if (json_is_string(v)) wish(o, i, word, json_string_value(v));
    json_array_foreach(v, k, one) if (json_is_string(one)) wish(o, i, word, json_string_value(one));
}

static bool free_to_go(const ordering *o, size_t i)
{
    for (size_t k = 0; k < o->n; k++)
        if (o->waits[i * o->n + k] && !o->done[k]) return false;
    return true;
}

static void circle(ordering *o)
{
    for (size_t i = 0; i < o->n; i++)
        if (!o->done[i])
            refuse(o, o->items[i], "before 和 after 互相等待，成了一个圈",
                   "before and after wait for each other in a circle");
}

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

static bool any_wish(const ordering *o)
{
    for (size_t i = 0; i < o->n; i++) {
        const json_t *data = json_object_get(o->items[i], "data");
        if (json_object_get(data, "before") || json_object_get(data, "after")) return true;
    }
    return false;
}

static void take(ordering *o, json_t *list)
{
    o->n = json_array_size(list);
    o->items = fc_alloc((o->n + 1) * sizeof *o->items);
    for (size_t i = 0; i < o->n; i++)
        o->items[i] = json_incref(json_array_get(list, i));
    qsort(o->items, o->n, sizeof *o->items, by_order);
    json_array_clear(list);
}

void fc_order_point(json_t *list, json_t *failed, json_t *problems)
{
    ordering o = {.failed = failed, .problems = problems};
    take(&o, list);
    o.done = fc_alloc(o.n + 1);
    o.waits = any_wish(&o) ? fc_alloc(o.n * o.n) : NULL;
    o.ids = json_object();
    for (size_t i = 0; o.waits && i < o.n; i++)
        json_object_set_new(o.ids, fc_envelope_text(o.items[i], "id"), json_integer((json_int_t)i));
    for (size_t i = 0; o.waits && i < o.n; i++) {
        wishes(&o, i, "before");
        wishes(&o, i, "after");
    }
    if (o.waits)
        put_out(&o, list);
    else
        for (size_t i = 0; i < o.n; i++)
            json_array_append(list, o.items[i]);
    for (size_t i = 0; i < o.n; i++)
        json_decref(o.items[i]);
    json_decref(o.ids);
    free(o.waits);
    free(o.done);
    free(o.items);
}
