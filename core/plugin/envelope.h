/* An envelope is what the host knows of a definition: {"point", "id", "version", "at", "data", "functions",
 * "plugin", "plugin_version", "hash"}, and "amended" where other plugins changed it (amend.h). */
#ifndef FC_PLUGIN_ENVELOPE_H
#define FC_PLUGIN_ENVELOPE_H
#include "plugin/source.h"

/* Says whose it is; a definition without a version has its plugin's. */
void fc_envelope_seal(json_t *env, const fc_source *source);
void fc_envelope_hash(json_t *env); /* over point, id and data */
/* A definition that looks like a rule set must be one; what is wrong is `blamed`'s problem. */
void fc_envelope_check_rules(const json_t *env, const char *blamed, json_t *problems);
const char *fc_envelope_text(const json_t *env, const char *key); /* "" if it is none */
#endif
