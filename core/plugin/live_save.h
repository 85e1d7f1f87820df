/* Puts a live set in force: what a reload writes. */
#ifndef FC_PLUGIN_LIVE_SAVE_H
#define FC_PLUGIN_LIVE_SAVE_H
#include "plugin/live_rows.h"

/* One transaction: migrations, live-set rows, blobs, definitions, history, audit. *changed counts rows and
 * migrations; 0: nothing was written. Where a migration does not run nothing is written and the plugin's id
 * is a key of `failed`: without it the set is another one. n: the change's number that the set was made from;
 * FC_ECONFLICT where somebody has changed what is in force since. */
int fc_live_save(fc_dealership *d, fc_live *fresh, const fc_by *by, int64_t n, int *changed, json_t *failed,
                 json_t *problems, fc_err *err);
#endif
