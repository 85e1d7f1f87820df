/* What the prefix of a plugin's tables may be (whose they are: tables.h). */
#ifndef FC_PLUGIN_TABLE_PREFIX_H
#define FC_PLUGIN_TABLE_PREFIX_H
#include <jansson.h>

int fc_table_is_hosts(const char *name); /* a table, or a prefix */
int fc_prefix_ok(const char *prefix);
/* What is wrong with `tables` in a manifest, appended to problems; returns how much. */
int fc_tables_manifest(const json_t *manifest, const char *label, json_t *problems);
#endif
