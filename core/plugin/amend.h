/* What plugins change in each other's definitions (point `amend`, host.amend): applied when a live set is put
 * together, on a copy, so that the owner's next version is changed the same way or the amendment is refused
 * by name. The merged definition is checked as if it had been written so. */
#ifndef FC_PLUGIN_AMEND_H
#define FC_PLUGIN_AMEND_H
#include "plugin/generation.h"

/* `points`: point -> array of envelopes, changed in place (those of "amend" then stand in the order in which
 * they were applied); the amended ones get a new hash and "amended", an array of {"plugin", "version", "at",
 * "op", "path", "from", "to"}. `opened`: point -> plugin that opens it. Whoever's amendment does not fit is
 * set in `failed`, with a problem. */
void fc_amend(json_t *points, fc_gen *const *gens, size_t n, const json_t *opened, json_t *failed,
              json_t *problems);
#endif
