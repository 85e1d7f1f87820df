/* A manifest is Lua that a person wrote: a key is put into its text only where reading the result again gives
 * exactly what was there and that key. */
#ifndef FC_VERBS_NEW_MANIFEST_H
#define FC_VERBS_NEW_MANIFEST_H
#include "base/buf.h"

#include <jansson.h>

/* What a pattern's manifest asks for and this one has not: array of {"key": "needs"|"uses", "name", "value"}
 * (value: of needs). `id`: the plugin's own, which needs not itself. New. */
json_t *fc_manifest_lacks(const json_t *manifest, const json_t *pattern, const char *id);
/* The entry as it is written: `needs = { survey = ">=1.0" },` */
void fc_manifest_line(const json_t *lack, fc_buf *out);
/* The text with the entry in it, 1; 0: it cannot be done safely, and *text is as it was. *manifest becomes
 * what the new text says. */
int fc_manifest_add(fc_buf *text, json_t **manifest, const json_t *lack);
#endif
