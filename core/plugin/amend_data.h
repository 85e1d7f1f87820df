/* Changing a definition's data by path: "sections.reception.items.prompt.title.zh". A step names a key of an
 * object; of a list the element with that id, or by its number from 1. */
#ifndef FC_PLUGIN_AMEND_DATA_H
#define FC_PLUGIN_AMEND_DATA_H
#include "base/err.h"
#include <jansson.h>

/* `edits`: {"set": [{"path", "value"}], "insert": [{"into", "before" | "after" (may lack), "value"}],
 * "remove": [path]}; done in that order on `data`, which is changed in place. Appends to `changes` {"op",
 * "path", "from", "to"} for each. At the first that does not fit: FC_EINVAL with a sentence that names the
 * path and what is there instead; data is then half changed. */
int fc_amend_data(json_t *data, const json_t *edits, json_t *changes, fc_err *err);
#endif
