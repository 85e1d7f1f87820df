/* What is wrong with a plugin, and where: {"plugin","at","zh","en"} in an array. */
#ifndef FC_PLUGIN_PROBLEM_H
#define FC_PLUGIN_PROBLEM_H
#include "base/err.h"
#include <jansson.h>

int fc_problem_known(const json_t *problems, const json_t *problem); /* an equal one is among them */
/* Appends it unless it is known. plugin: its id, or its label where it has none yet; at: a place or "". */
void fc_problem(json_t *problems, const char *plugin, const char *at, const char *zh, const char *en);
/* From an error whose sentences begin with one place, "plugins/x/y.sql:3: ": that becomes the problem's. */
void fc_problem_placed(json_t *problems, const char *plugin, const fc_err *err);
/* "plugins/x/plugin.lua:3": the first line of the manifest where the word stands; without a line where it
 * does not. files: those of the source. */
void fc_manifest_place(const json_t *files, const char *label, const char *word, char *at, size_t cap);
#endif
