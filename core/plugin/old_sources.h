/* Sources of versions that are long gone are removed from the dealerships' stores, a few an hour. */
#ifndef FC_PLUGIN_OLD_SOURCES_H
#define FC_PLUGIN_OLD_SOURCES_H
#include "loop/loop.h"
#include "plugin/site.h"

/* Kept are those in force now or within KEPT_DAYS, and the last KEPT_CONTENTS different contents of each
 * plugin. So there is always something to go back to. History, definitions and decisions stay: they need no
 * source. */
#define FC_SOURCES_KEPT_DAYS 90
#define FC_SOURCES_KEPT_CONTENTS 20

typedef struct fc_old_sources fc_old_sources;
fc_old_sources *fc_old_sources_start(fc_loop *l, fc_site *s);
/* After the stores are no longer served, so that nothing is under way. */
void fc_old_sources_stop(fc_old_sources *j);
#endif
