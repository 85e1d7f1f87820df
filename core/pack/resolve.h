/* Which versions are installed together. */
#ifndef FC_PACK_RESOLVE_H
#define FC_PACK_RESOLVE_H
#include "base/err.h"
#include <jansson.h>

/* `wanted`: {id: range}. `available`: array of {"id", "version", "needs": {id: range}, "here": bool}; "here"
 * is one that is installed (or shipped) and is preferred, unless its id is in `asked` (an object with the ids
 * that a person asked for), where the newest is. *out: new object id -> index in `available`. FC_ENOTFOUND or
 * FC_ECONFLICT with the reason. */
int fc_resolve(const json_t *wanted, const json_t *asked, const json_t *available, json_t **out, fc_err *err);
#endif
