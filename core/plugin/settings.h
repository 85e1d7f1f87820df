/* The settings of plugins in a dealership: in force is the value of site.lua, else what the form set, else
 * the default; a set value that its declaration no longer allows is not used. */
#ifndef FC_PLUGIN_SETTINGS_H
#define FC_PLUGIN_SETTINGS_H
#include "plugin/site.h"

#include <jansson.h>

/* Of one plugin: new object key -> value. */
json_t *fc_settings_values(fc_dealership *d, const char *plugin, const json_t *declared);
/* What the form shows: new array, one for each key, {"key", "order", "title" (Text or text), "hint",
 * "kind", "min", "max", "choices", "default", "value", "from": "site" | "form" | "default"}. */
json_t *fc_settings_form(fc_dealership *d, const char *plugin, const json_t *declared);
#endif
