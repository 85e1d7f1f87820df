/* What a plugin asks for, from its manifest alone, and what that means to a person. */
#ifndef FC_PLUGIN_PACK_ASKS_H
#define FC_PLUGIN_PACK_ASKS_H
#include "plugin/source.h"

/* New sorted array of texts like "uses:host.db", "tables:acme_", "hosts:erp.example", "needs:survey". Two
 * versions are compared by it. */
json_t *fc_asks_of(fc_source *s);
/* New array: what is in `now` and not in `before` (NULL: nothing was). */
json_t *fc_asks_more(const json_t *now, const json_t *before);
/* The effect in words. `names`: object plugin id -> title (Text or string), for "needs:". New text, the
 * caller's. */
char *fc_ask_text(const char *ask, const json_t *names, enum fc_lang lang);
/* New array, one {"zh","en"} for each. */
json_t *fc_asks_words(const json_t *asks, const json_t *names);
#endif
