/* Settings: declared as data in a manifest, shown as a form, read by their plugin.
 *
 *     settings = {
 *       rounds = 3,                                                       -- a default says the kind
 *       cutoff = { default = "17:00", kind = "time", title = { zh = "...", en = "..." }, hint = {...} },
 *       days = { default = 3, min = 1, max = 30, title = {...} },
 *       index = { default = "a", title = {...}, choices = { { id = "a", zh = "...", en = "..." }, ... } },
 *     }
 *
 * Kinds: boolean, integer, number, text, time (HH:MM), choice, list (of texts), map (name -> text), data (any
 * table; site.lua only). In force is the value of site.lua, else what the form set, else the default; a set
 * value that its declaration no longer allows is not used. */
#ifndef FC_PLUGIN_SETTINGS_H
#define FC_PLUGIN_SETTINGS_H
#include "base/err.h"
#include "plugin/site.h"
#include <jansson.h>

/* Number of problems of a manifest's `settings`, which were appended with the plugin named by its label. */
int fc_settings_manifest(const json_t *manifest, const char *label, json_t *problems);
/* Of one plugin: new object key -> value. */
json_t *fc_settings_values(fc_dealership *d, const char *plugin, const json_t *declared);
/* What the form shows: new array, one for each key, {"key", "order", "title" (Text or text), "hint",
 * "kind", "min", "max", "choices", "default", "value", "from": "site" | "form" | "default"}. */
json_t *fc_settings_form(fc_dealership *d, const char *plugin, const json_t *declared);
/* What somebody wrote into the form, as a value of its kind; NULL with a sentence. A list is a text a line, a
 * map "name = text" a line. */
json_t *fc_setting_read(const json_t *declaration, const char *text, fc_err *err);
/* Whether a value is one that its declaration allows. */
int fc_setting_check(const json_t *declaration, const json_t *value, fc_err *err);
#endif
