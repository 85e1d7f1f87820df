/* A setting as a manifest declares it, as data: what values it allows.
 *
 *     settings = {
 *       rounds = 3,                                                       -- a default says the kind
 *       cutoff = { default = "17:00", kind = "time", title = { zh = "...", en = "..." }, hint = {...} },
 *       days = { default = 3, min = 1, max = 30, title = {...} },
 *       index = { default = "a", title = {...}, choices = { { id = "a", zh = "...", en = "..." }, ... } },
 *     }
 *
 * Kinds: boolean, integer, number, text, time (HH:MM), choice, list (of texts), map (name -> text), data (any
 * table; site.lua only). */
#ifndef FC_PLUGIN_SETTING_DECLARED_H
#define FC_PLUGIN_SETTING_DECLARED_H
#include "base/err.h"

#include <jansson.h>

/* Number of problems of a manifest's `settings`, which were appended with the plugin named by its label. */
int fc_settings_manifest(const json_t *manifest, const char *label, json_t *problems);
const char *fc_setting_kind(const json_t *declaration);      /* what it says, else what its default is */
const json_t *fc_setting_default(const json_t *declaration); /* borrowed, or NULL */
/* What somebody wrote into the form, as a value of its kind; NULL with a sentence. A list is a text a line, a
 * map "name = text" a line. */
json_t *fc_setting_read(const json_t *declaration, const char *text, fc_err *err);
/* Whether a value is one that its declaration allows. */
int fc_setting_check(const json_t *declaration, const json_t *value, fc_err *err);
#endif
