#include "verbs/loose.h"

#include <stdio.h>

static const char *source(void *ctx, const char *plugin, const char *file, size_t *n, const char **chunk)
{
    static char place[512];
    fc_gen *g = fc_live_gen(((fc_loose *)ctx)->d->live, plugin);
    if (!g) return NULL;
    snprintf(place, sizeof place, "%s/%s", g->source->label, file);
    *chunk = place;
    return fc_source_file(g->source, file, n);
}

/* Its own code may use what the plugin may; an engine's constructors are at home in the engine. */
static int may_use(void *ctx, const char *home, const char *module)
{
    const fc_loose *l = ctx;
    fc_gen *g = fc_live_gen(l->d->live, home);
    return g ? fc_source_uses(g->source, module) : 1;
}

static int may_need(void *ctx, const char *home, const char *plugin)
{
    (void)home;
    return fc_live_gen(((fc_loose *)ctx)->d->live, plugin) != NULL;
}

static const fc_vm_host host = {source, may_use, may_need};

fc_vm *fc_loose_vm(fc_loose *l, const char *name)
{
    fc_vm *vm = fc_vm_new(l->as ? l->as : name, &host, l, 256u << 20);
    fc_vm_phase(vm, FC_RUNNING);
    return vm;
}
