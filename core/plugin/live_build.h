/* Makes a live set. */
#ifndef FC_PLUGIN_LIVE_BUILD_H
#define FC_PLUGIN_LIVE_BUILD_H
#include "plugin/live.h"

/* Builds from candidate sources; `old` (may be NULL) gives generations to share and sources to fall back on.
 * Never NULL: in the worst case it is empty. */
fc_live *fc_live_build(fc_source *const *candidates, fc_live *old, json_t *problems);
/* A new live set in which the spoiled generations are built again from their sources. NULL if none is
 * spoiled. */
fc_live *fc_live_heal(fc_live *l);
#endif
