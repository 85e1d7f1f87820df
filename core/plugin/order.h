/* In which order definitions stand, and in which amendments are applied. Both begin with `order` (0 where
 * there is none); then `before` and `after` move them as little as they can. */
#ifndef FC_PLUGIN_ORDER_H
#define FC_PLUGIN_ORDER_H
#include "plugin/generation.h"

/* Sorts the definitions of a point in place: by `order`, plugin and id, then as `before` and `after` (an id
 * of the same point, or a list of them) ask. A circle and what looks like a slip of the pen are problems of
 * the plugins concerned, which are set in `failed`; a name that is simply not there asks for nothing: its
 * plugin may not be installed here. */
void fc_order_point(json_t *list, json_t *failed, json_t *problems);
/* The same for the point "amend", where `before` and `after` name plugins that amend the same definition. Who
 * needs another comes after it, of one plugin each file after the file before; a wish against that is a
 * circle. The rest stands by `order`, then shipped, packs, the site's own, then by plugin: nothing hangs on
 * what was saved last. */
void fc_order_amendments(json_t *list, fc_gen *const *gens, size_t n, json_t *failed, json_t *problems);
#endif
