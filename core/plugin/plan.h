/* Which migrations would run in a site, file by file. */
#ifndef FC_PLUGIN_PLAN_H
#define FC_PLUGIN_PLAN_H
#include "plugin/site.h"

/* New array of {"store","plugin","file"}, in the order in which they run: the host's ("plugin": "") of the
 * site's store, then of each dealership the host's and the plugins'. The site may be open in any mode. NULL
 * and err where a store is refused. A plugin's migrations that are refused are in problems (array of
 * {"plugin","at","zh","en"}) and not in the plan. */
json_t *fc_site_plan(fc_site *s, json_t *problems, fc_err *err);
#endif
