/* Calls that wait for nothing but the loop. One that was preempted goes on when its turn comes; one that
 * would begin in a turn of the loop which another has filled begins in the next. Each turn of the loop runs
 * calls until one of them has used a slice, so a stall is one slice however many there are, and who is new
 * and the longest preempted come first by turns: a short call waits behind few, a long one never for ever. */
#include "lua/internal.h"

typedef struct list {
    fc_call *first, *last;
} list;

static list fresh, old;
static int crowded;   /* this turn of the loop has been filled */
static int asked;     /* run is to be called */
static int old_first; /* the last turn went to a fresh one */

static void append(list *l, fc_call *c, void (*go_on)(fc_call *c))
{
    c->state->go_on = go_on;
    c->state->next = NULL;
    if (l->last)
        l->last->state->next = c;
    else
        l->first = c;
    l->last = c;
}

static fc_call *take(list *l)
{
    fc_call *c = l->first;
    if (!c) return NULL;
    l->first = c->state->next;
    if (!l->first) l->last = NULL;
    return c;
}

static void run(void *ctx);

static void ask(const fc_call *c)
{
    if (asked) return;
    asked = 1;
    c->world->soon(run, NULL);
}

static void run(void *ctx)
{
    (void)ctx;
    fc_call *c = NULL;
    asked = crowded = 0;
    if (old_first || !fresh.first) c = take(&old);
    old_first = 0;
    if (c) c->state->go_on(c);
    while (!crowded && (c = take(&fresh))) {
        c->state->go_on(c);
        old_first = crowded;
    }
    c = fresh.first ? fresh.first : old.first;
    if (c) ask(c);
}

int fc_slices_full(const fc_call *c)
{
    return crowded && c->world->soon;
}

void fc_slices_wait(fc_call *c, void (*go_on)(fc_call *c))
{
    append(&fresh, c, go_on);
    ask(c);
}

void fc_slices_preempted(fc_call *c, void (*go_on)(fc_call *c))
{
    crowded = 1;
    append(&old, c, go_on);
    ask(c);
}

void fc_slices_end(void (*stop)(fc_call *c))
{
    for (fc_call *c; (c = take(&fresh)) || (c = take(&old));)
        stop(c);
    crowded = asked = 0;
}
