/* A Lua state that belongs to no generation: for who looks into a site by hand (eval, repl). It may use every
 * module of the host and the exports of every plugin in force, or what one plugin's manifest allows. */
#ifndef FC_VERBS_LOOSE_H
#define FC_VERBS_LOOSE_H
#include "plugin/live.h"
#include "plugin/site.h"

typedef struct fc_loose {
    fc_dealership *d;
    const char *as; /* a plugin in force, or NULL */
} fc_loose;

/* Its plugin is `as`, else `name`. *l stays the caller's and valid as long as the state. */
fc_vm *fc_loose_vm(fc_loose *l, const char *name);
#endif
