/* Whose a table is. A plugin alone writes the tables whose names begin with its prefixes: those of `tables`
 * in its manifest, else, where it carries migrations, its id with _ for -, and a _ behind. Prefixes that
 * begin with one another are refused, so a table has one owner. */
#ifndef FC_PLUGIN_TABLES_H
#define FC_PLUGIN_TABLES_H
#include "plugin/live.h"

/* The prefixes, then NULL. The list is the caller's, the texts belong to the source. */
const char **fc_table_prefixes(fc_source *s);
/* The plugin of the live set that writes the table; "" the host; NULL nobody. Belongs to the live set. */
const char *fc_table_owner(const fc_live *l, const char *table);
/* Two plugins that claim one table: the later one is refused by name (failed: id -> true). */
void fc_tables_claim(const fc_live *l, json_t *failed, json_t *problems);
#endif
