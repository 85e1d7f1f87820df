/* In which order the definitions of a point stand: by `order` (0 where there is none), plugin and id, and
 * then as their `before` and `after` ask (an id of the same point, or a list of them). */
#ifndef FC_PLUGIN_ORDER_H
#define FC_PLUGIN_ORDER_H
#include <jansson.h>

/* Sorts in place. A circle and what looks like a slip of the pen are problems of the plugin concerned, which
 * is set in `failed`; a name that is simply not there asks for nothing: its plugin may not be installed here.
 */
void fc_order_point(json_t *list, json_t *failed, json_t *problems);
#endif
