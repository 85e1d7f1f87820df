/* The live set as the store has it: rows, sources as blobs, the history of what was in force. */
#ifndef FC_PLUGIN_LIVE_ROWS_H
#define FC_PLUGIN_LIVE_ROWS_H
#include "plugin/live.h"
#include "plugin/site.h"

/* The source of this hash, NULL where there is none. The caller's. */
fc_source *fc_stored_source(fc_dealership *d, const char *hash);
/* {plugin: hash} of the live set's rows. New. */
json_t *fc_live_hashes(fc_dealership *d);
/* The source that is in force of a plugin, a reference; NULL: none. From the store it is marked `back`: newer
 * migrations may have run. */
fc_source *fc_source_in_force(fc_dealership *d, const json_t *hashes, const char *plugin);
/* Sources of the live set, by plugin; NULL-terminated, for fc_sources_free. */
fc_source **fc_stored_sources(fc_dealership *d);

#define FC_TRIAL_MS (10 * 60 * 1000LL) /* how long a new version is on trial (trial.h) */

/* Who changes what is in force, and why ("start", "save", "reload", "rollback", "trial", "enable"). */
typedef struct fc_by {
    const char *actor, *why;
} fc_by;

/* Inside a transaction: this version comes into force, or the present one goes. */
int fc_live_row_put(fc_dealership *d, const char *plugin, const char *version, const char *hash,
                    const char *origin, const fc_by *by, int on_trial, fc_err *err);
int fc_live_row_end(fc_dealership *d, const char *plugin, const char *actor, const char *why, fc_err *err);
int fc_plugin_audit(fc_dealership *d, const char *actor, const char *what, const char *plugin,
                    const char *detail, fc_err *err);

/* The number that every change of what is in force moves; -1 where the store cannot be read. */
int64_t fc_change_number(fc_dealership *d);
int fc_change_bump(fc_dealership *d, fc_err *err);
#endif
