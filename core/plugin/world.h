/* What calls of a dealership ask the floors above core/lua, and how such a call is made. */
#ifndef FC_PLUGIN_WORLD_H
#define FC_PLUGIN_WORLD_H
#include "plugin/live.h"
#include "plugin/site.h"

extern fc_world
    fc_plugin_world; /* .pool is set by a worker with a loop; without one, waits are done inline */

/* A fresh call on the dealership's present live set; owned by the caller, ended with fc_world_call_free.
 * roles: array, taken over. */
fc_call *fc_world_call(fc_dealership *d, enum fc_actor_kind kind, const char *login, const char *name,
                       json_t *roles, enum fc_lang lang, int64_t budget_ns);
void fc_world_call_free(fc_call *c);
fc_dealership *fc_call_dealership(const fc_call *c);
/* One line in the log for a call that failed: its number, what was asked, the plugin and version it ran in
 * and those of the line that failed, file:line, sentence, the last decision it made, and the way there.
 * `level` as in log.h. */
void fc_world_log_fault(const fc_call *c, int level, const char *plugin, const char *what,
                        const fc_fault *fault);
#define FC_REQUEST_NS (250 * 1000000LL)
#define FC_JOB_NS (30 * 1000000000LL)
#endif
