/* Depth first with going back: the first need that nobody answers yet gets its best candidate, then the next
 * need. The reason that is told is that of the deepest failure. */
#include "pack/resolve.h"
#include "base/buf.h"
#include "text/semver.h"

#include <stdlib.h>
#include <string.h>

#define MOST_STEPS 20000
#define MOST_CHOSEN 1000 /* each is a call deeper */
#define MOST_NEEDS 10000

typedef struct need {
    const char *id, *range, *by; /* by "": a person */
} need;

typedef struct solver {
    const json_t *available, *asked;
    json_t *chosen;
    need *needs;
    size_t n, cap, deepest;
    long steps;
    fc_err reason;
} solver;

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static void add_need(solver *s, const char *id, const char *range, const char *by)
{
    if (s->n == s->cap)
        s->needs = fc_realloc(s->needs, (s->cap = s->cap ? s->cap * 2 : 32) * sizeof *s->needs);
    s->needs[s->n++] = (need){id, range ? range : "?", by};
}

static int satisfies(const json_t *item, const char *range)
{
    fc_semver v;
    return fc_semver_parse(text_of(item, "version"), &v, NULL) == FC_OK && fc_semver_satisfies(&v, range);
}

/* The need that this item does not meet; NULL: it meets all of its id. */
static const need *unmet(const solver *s, const json_t *item)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->needs[i].id, text_of(item, "id")) == 0 && !satisfies(item, s->needs[i].range))
            return &s->needs[i];
    return NULL;
}

static void keep_reason(solver *s, const fc_err *e)
{
    if (s->reason.code && json_object_size(s->chosen) < s->deepest) return;
    s->deepest = json_object_size(s->chosen);
    s->reason = *e;
}

static void no_version(solver *s, const need *n)
{
    fc_buf have = {0};
    fc_err e;
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)s->available, i,
                       item) if (strcmp(text_of(item, "id"), n->id) == 0 && have.len < 200)
        fc_buf_addf(&have, "%s%s", have.len ? ", " : "", text_of(item, "version"));
    const char *by = *n->by ? n->by : "-";
    if (!have.len)
        fc_fail(&e, FC_ENOTFOUND, "找不到 %s（%s 需要 %s）：用 --from 给出有它的索引，或把它的包一起给出",
                "%s is nowhere (%s needs %s): name an index that has it with --from, or give its pack, too",
                n->id, by, n->range);
    else
        fc_fail(&e, FC_ECONFLICT, "没有合适的 %s：%s 需要 %s，现有 %s",
                "no version of %s fits: %s needs %s, there are %s", n->id, by, n->range, have.data);
    keep_reason(s, &e);
    fc_buf_free(&have);
}

static void clash(solver *s, const json_t *item, const need *n)
{
    fc_err e;
    fc_fail(&e, FC_ECONFLICT, "%s %s 不合适：%s 需要 %s", "%s %s does not fit: %s needs %s",
            text_of(item, "id"), text_of(item, "version"), *n->by ? n->by : "-", n->range);
    keep_reason(s, &e);
}

typedef struct candidate {
    const json_t *item;
    size_t at;
    fc_semver v;
    int first;
} candidate;

static int by_preference(const void *pa, const void *pb)
{
    const candidate *a = pa, *b = pb;
    if (a->first != b->first) return b->first - a->first;
    int c = fc_semver_compare(&b->v, &a->v);
    return c ? c : (a->at > b->at) - (a->at < b->at);
}

static size_t candidates_of(const solver *s, const char *id, candidate **out)
{
    size_t i, n = 0;
    json_t *item;
    candidate *list = fc_alloc((json_array_size(s->available) + 1) * sizeof *list);
    int asked = json_object_get(s->asked, id) != NULL;
    json_array_foreach((json_t *)s->available, i, item)
    {
        candidate c = {item, i, {0}, !asked && json_is_true(json_object_get(item, "here"))};
        if (strcmp(text_of(item, "id"), id) == 0 && !fc_semver_parse(text_of(item, "version"), &c.v, NULL))
            list[n++] = c;
    }
    qsort(list, n, sizeof *list, by_preference);
    *out = list;
    return n;
}

static int solve(solver *s);

/* 1 if everything fits with this one; else as before. */
static int try_one(solver *s, const candidate *c)
{
    const char *id;
    json_t *range;
    size_t before = s->n;
    const need *u = unmet(s, c->item);
    if (u) return clash(s, c->item, u), 0;
    json_object_set_new(s->chosen, text_of(c->item, "id"), json_integer((json_int_t)c->at));
    json_object_foreach(json_object_get(c->item, "needs"), id, range)
        add_need(s, id, json_string_value(range), text_of(c->item, "id"));
    int fits = 1;
    for (size_t i = before; i < s->n && fits; i++) {
        json_t *at = json_object_get(s->chosen, s->needs[i].id);
        const json_t *other = at ? json_array_get(s->available, (size_t)json_integer_value(at)) : NULL;
        fits = !other || satisfies(other, s->needs[i].range);
        if (!fits) clash(s, other, &s->needs[i]);
    }
    if (fits && solve(s)) return 1;
    json_object_del(s->chosen, text_of(c->item, "id"));
    s->n = before;
    return 0;
}

static const need *open_need(const solver *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!json_object_get(s->chosen, s->needs[i].id)) return &s->needs[i];
    return NULL;
}

static int solve(solver *s)
{
    candidate *list;
    const need *open = open_need(s);
    if (!open) return 1;
    if (++s->steps > MOST_STEPS || s->n > MOST_NEEDS || json_object_size(s->chosen) > MOST_CHOSEN) {
        s->steps = MOST_STEPS + 1; /* nobody tries another way */
        fc_fail(&s->reason, FC_ELIMIT, "依赖关系太复杂，算不出结果",
                "the dependencies are too tangled to be resolved");
        s->deepest = (size_t)-1;
        return 0;
    }
    const need wanted = *open; /* the list may move */
    size_t n = candidates_of(s, wanted.id, &list);
    int done = 0, any = 0;
    for (size_t i = 0; i < n && !done && s->steps <= MOST_STEPS; i++) {
        any |= satisfies(list[i].item, wanted.range);
        done = try_one(s, &list[i]);
    }
    if (!any) no_version(s, &wanted);
    free(list);
    return done;
}

int fc_resolve(const json_t *wanted, const json_t *asked, const json_t *available, json_t **out, fc_err *err)
{
    solver s = {.available = available, .asked = asked, .chosen = json_object()};
    const char *id;
    json_t *range;
    json_object_foreach((json_t *)wanted, id, range) add_need(&s, id, json_string_value(range), "");
    int done = solve(&s);
    free(s.needs);
    *out = done ? s.chosen : NULL;
    if (done) return FC_OK;
    json_decref(s.chosen);
    if (err) *err = s.reason;
    return s.reason.code;
}
