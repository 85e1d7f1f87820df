/* Myers' greedy algorithm on the lines between the common beginning and the common end. The furthest points
 * of each round are kept for the way back, which is why the number of rounds has a ceiling: 1000 changes cost
 * 8 MiB for a moment, and nobody reads more. */
#include "text/diff.h"
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ROUNDS 1000

typedef struct line {
    const char *text;
    size_t n;
} line;

typedef struct edit {
    char kind;    /* ' ', '-', '+' */
    int old, new; /* from 1 */
    line text;
} edit;

typedef struct diff {
    line *a, *b;
    int na, nb;
    edit *edits;
    int n;
} diff;

static line *split(const char *text, size_t n, int *count)
{
    size_t cap = 16;
    line *list = fc_alloc(cap * sizeof *list);
    *count = 0;
    for (const char *p = text, *end = text + n; p < end;) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        if ((size_t)*count == cap) list = fc_realloc(list, (cap *= 2) * sizeof *list);
        list[(*count)++] = (line){p, (size_t)((nl ? nl : end) - p)};
        p = nl ? nl + 1 : end;
    }
    return list;
}

static int same(const line *a, const line *b)
{
    return a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

static void add(diff *d, char kind, int old, int new)
{
    d->edits[d->n++] = (edit){kind, old + 1, new + 1, kind == '+' ? d->b[new] : d->a[old]};
}

static void all_changed(diff *d, int from, int a_end, int b_end)
{
    for (int i = from; i < a_end; i++)
        add(d, '-', i, 0);
    for (int i = from; i < b_end; i++)
        add(d, '+', 0, i);
}

/* The way back through the rounds, written from the end to the beginning. */
static void walk_back(diff *d, int from, int x, int y, int **rounds, int last)
{
    edit *back = fc_alloc(((size_t)x + (size_t)y + 1) * sizeof *back);
    int n = 0;
    for (int round = last; round >= 0; round--) {
        const int *v = rounds[round] + round + 1; /* furthest x of the round before, by diagonal */
        int k = x - y, down = k == -round || (k != round && v[k - 1] < v[k + 1]);
        int px = round ? v[down ? k + 1 : k - 1] : 0, py = round ? px - (down ? k + 1 : k - 1) : 0;
        while (x > px && y > py && (round == 0 || x > px + !down || y > py + down)) {
            x--, y--;
            back[n++] = (edit){' ', from + x + 1, from + y + 1, d->a[from + x]};
        }
        if (!round) break;
        if (down) {
            y--;
            back[n++] = (edit){'+', 0, from + y + 1, d->b[from + y]};
        } else {
            x--;
            back[n++] = (edit){'-', from + x + 1, 0, d->a[from + x]};
        }
    }
    while (n)
        d->edits[d->n++] = back[--n];
    free(back);
}

static void middle(diff *d, int from, int a_end, int b_end)
{
    int na = a_end - from, nb = b_end - from, most = na + nb < MOST_ROUNDS ? na + nb : MOST_ROUNDS;
    int **rounds = fc_alloc(((size_t)most + 2) * sizeof *rounds), found = 0, round;
    int *v = fc_alloc((2 * (size_t)most + 4) * sizeof *v), *at = v + most + 1;
    for (round = 0; round <= most && !found; round++) {
        rounds[round] = fc_alloc((2 * (size_t)round + 3) * sizeof **rounds);
        memcpy(rounds[round], at - round - 1, (2 * (size_t)round + 3) * sizeof **rounds);
        for (int k = -round; k <= round && !found; k += 2) {
            int x = round == 0                                             ? 0
                    : k == -round || (k != round && at[k - 1] < at[k + 1]) ? at[k + 1]
                                                                           : at[k - 1] + 1;
            while (x < na && x - k < nb && x - k >= 0 && same(&d->a[from + x], &d->b[from + x - k]))
                x++;
            at[k] = x;
            found = x >= na && x - k >= nb;
        }
    }
    if (found)
        walk_back(d, from, na, nb, rounds, round - 1);
    else
        all_changed(d, from, a_end, b_end);
    for (int i = 0; i < round; i++)
        free(rounds[i]);
    free(rounds);
    free(v);
}

/* ---- hunks */

static json_t *line_of(const edit *e)
{
    json_t *l = json_object();
    json_object_set_new(l, "kind", json_string(e->kind == ' ' ? "same" : e->kind == '-' ? "out" : "in"));
    if (e->kind != '+') json_object_set_new(l, "old", json_integer(e->old));
    if (e->kind != '-') json_object_set_new(l, "new", json_integer(e->new));
    json_object_set_new(l, "text", json_stringn(e->text.text, e->text.n));
    return l;
}

static json_t *hunk(const edit *list, int n, int old_before, int new_before)
{
    char at[80];
    int olds = 0, news = 0;
    json_t *lines = json_array();
    for (int i = 0; i < n; i++) {
        olds += list[i].kind != '+';
        news += list[i].kind != '-';
        json_array_append_new(lines, line_of(&list[i]));
    }
    snprintf(at, sizeof at, "@@ -%d,%d +%d,%d @@", old_before + (olds > 0), olds, new_before + (news > 0),
             news);
    return json_pack("{s:s, s:o}", "at", at, "lines", lines);
}

static json_t *hunks_of(const diff *d, int context)
{
    json_t *out = json_array();
    int old = 0, new = 0; /* lines before `begin` */
    for (int begin = 0, i = 0; i < d->n;) {
        while (i < d->n && d->edits[i].kind == ' ')
            i++;
        if (i == d->n) break;
        int first = i - context > begin ? i - context : begin, end = i;
        for (int quiet = 0; i < d->n && quiet <= 2 * context; i++) {
            quiet = d->edits[i].kind == ' ' ? quiet + 1 : 0;
            if (!quiet) end = i + 1;
        }
        end = end + context < d->n ? end + context : d->n;
        for (; begin < first; begin++) {
            old += d->edits[begin].kind != '+';
            new += d->edits[begin].kind != '-';
        }
        json_array_append_new(out, hunk(d->edits + first, end - first, old, new));
        for (; begin < end; begin++) {
            old += d->edits[begin].kind != '+';
            new += d->edits[begin].kind != '-';
        }
        i = end;
    }
    return out;
}

json_t *fc_diff_lines(const char *a, size_t na, const char *b, size_t nb, int context)
{
    diff d = {0};
    int from = 0;
    d.a = split(a, na, &d.na);
    d.b = split(b, nb, &d.nb);
    d.edits = fc_alloc(((size_t)d.na + (size_t)d.nb + 1) * sizeof *d.edits);
    while (from < d.na && from < d.nb && same(&d.a[from], &d.b[from])) {
        add(&d, ' ', from, from);
        from++;
    }
    int a_end = d.na, b_end = d.nb;
    while (a_end > from && b_end > from && same(&d.a[a_end - 1], &d.b[b_end - 1]))
        a_end--, b_end--;
    middle(&d, from, a_end, b_end);
    for (; a_end < d.na; a_end++, b_end++)
        add(&d, ' ', a_end, b_end);
    json_t *out = hunks_of(&d, context);
    free(d.edits);
    free(d.a);
    free(d.b);
    return out;
}
