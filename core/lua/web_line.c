/* Who waits for another server. Requests run in the pool: what they cost (names, TLS, certificates) is then
 * nobody's turn of the loop, and verbs do the same on the spot. A slow server holds a thread, so few have one
 * at once, and of one plugin fewer: the rest stand in line, in their order, and their time runs. Half of the
 * pool stays for reads and passwords. */
#include "lua/web.h"

#include <string.h>

#define AT_ONCE 8
#define OF_ONE_PLUGIN 4

static struct {
    fc_web_place *first; /* all, those under way too; the oldest first */
    bool ended;
} line;

static const char *plugin_of(const fc_web_place *p)
{
    return p->call->state->asker;
}

static bool is_free(const fc_web_place *p)
{
    int all = 0, own = 0;
    for (const fc_web_place *q = line.first; q; q = q->next) {
        all += q->running;
        own += q->running && strcmp(plugin_of(p), plugin_of(q)) == 0;
    }
    return all < AT_ONCE && own < OF_ONE_PLUGIN;
}

static void leave(fc_web_place *p)
{
    fc_web_place **at = &line.first;
    while (*at && *at != p)
        at = &(*at)->next;
    if (*at) *at = p->next;
}

static void work(void *ctx)
{
    fc_web_run(((fc_web_place *)ctx)->web);
}

static void look(void);

static void done(void *ctx)
{
    fc_web_place *p = ctx;
    fc_call *c = p->call;
    p->running = false;
    leave(p);
    look();
    p->go_on(c);
}

/* Whose time is up while he stands in line, or whom nobody waits for any more, needs no place: his end comes
 * without a byte. */
static void look(void)
{
    for (fc_web_place *p = line.first; p; p = p->next) {
        if (p->running || !(fc_web_over(p->web) || is_free(p))) continue;
        p->running = true;
        p->call->world->pool(work, done, p);
    }
}

/* Whoever asked is told by the worker that stops, and it is no failure of the plugin. */
static void give_up(fc_web_place *p)
{
    p->call->state->cancelled = 1;
    fc_web_abort(p->web);
}

void fc_web_line_enter(fc_web_place *p, fc_call *c, void (*go_on)(void *call))
{
    fc_web_place **at = &line.first;
    p->call = c;
    p->go_on = go_on;
    p->running = false;
    p->next = NULL;
    while (*at)
        at = &(*at)->next;
    *at = p;
    if (line.ended) give_up(p);
    look();
}

void fc_web_line_look(void)
{
    look();
}

void fc_web_line_end(void)
{
    line.ended = true;
    for (fc_web_place *p = line.first; p; p = p->next)
        give_up(p);
}
