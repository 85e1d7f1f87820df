/* Of all processes that have a site open one looks at the folders and writes the live set: who holds this
 * lease, a lock on data/.reload.lock. It goes with the process, however that ends. The others load what the
 * store says. */
#ifndef FC_PLUGIN_LEASE_H
#define FC_PLUGIN_LEASE_H
#include "plugin/site.h"

/* 1: it is held now. A site in memory is always its own. A process that has it for a
 * moment (a verb) is waited for at most wait_ms, one that keeps it (a server) not at all. */
int fc_lease_take(fc_site *s, int wait_ms);
void fc_lease_release(fc_site *s);
int fc_lease_held(const fc_site *s);
#endif
