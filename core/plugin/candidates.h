/* What might come into force: the folders' sources, less what people or a trial have taken out. */
#ifndef FC_PLUGIN_CANDIDATES_H
#define FC_PLUGIN_CANDIDATES_H
#include "plugin/live.h"
#include "plugin/site.h"

/* NULL-terminated, for fc_sources_free; problems are appended to d->problems. extra: a further folder or
 * NULL. */
fc_source **fc_candidates_folders(fc_dealership *d, const char *extra);
/* Reads the folders now; fc_candidates_folders then takes what was read, unless it is forgotten. Borrowed. */
fc_source *const *fc_candidates_look(fc_dealership *d);
void fc_candidates_forget(fc_dealership *d);
/* What the store has in force; with `shipped` what the program brings along comes from its folder. */
fc_source **fc_candidates_stored(fc_dealership *d, int shipped);
/* Only the shipped console, with nothing it needs: for a start in which nothing else may run. */
fc_source **fc_candidates_safe(fc_dealership *d);
/* Replaces the source at *at by what is in force of it: 1. Where there is nothing it is taken out and the
 * rest moves up: 0. */
int fc_candidate_back(fc_dealership *d, const json_t *hashes, fc_source **at);
#endif
