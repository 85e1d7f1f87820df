/* What might come into force: the folders' sources, less what people or a trial have taken out. */
#ifndef FC_PLUGIN_CANDIDATES_H
#define FC_PLUGIN_CANDIDATES_H
#include "plugin/live.h"
#include "plugin/site.h"

/* NULL-terminated, for fc_sources_free; problems are appended to d->problems. extra: a further folder or
 * NULL. */
fc_source **fc_candidates_folders(fc_dealership *d, const char *extra);
/* What the store has in force; with `shipped` what the program brings along comes from its folder. */
fc_source **fc_candidates_stored(fc_dealership *d, int shipped);
/* Only the shipped console, with nothing it needs: for a start in which nothing else may run. */
fc_source **fc_candidates_safe(fc_dealership *d);
/* {plugin: hash} of the live set's rows. New. */
json_t *fc_live_hashes(fc_dealership *d);
/* The source that is in force of a plugin, a reference; NULL: none. hashes: of fc_live_hashes. */
fc_source *fc_source_in_force(fc_dealership *d, const json_t *hashes, const char *plugin);
/* Replaces the source at *at by what is in force of it: 1. Where there is nothing it is taken out and the
 * rest moves up: 0. */
int fc_candidate_back(fc_dealership *d, const json_t *hashes, fc_source **at);
#endif
