/* The SQL of plugins, judged before it runs: where it stands in Lua as it is (lua_sql.h), and where a
 * definition's data holds it under the key "sql". */
#ifndef FC_PLUGIN_SQL_CHECK_H
#define FC_PLUGIN_SQL_CHECK_H
#include "plugin/site.h"

/* What is outside the common subset in the texts of one plugin and in its definitions (array of envelopes).
 * Needs no store. */
void fc_sql_check_source(const fc_source *s, const json_t *definitions, json_t *problems);
/* All of a live set: the subset, then prepared against the dealership's store (unknown tables and columns),
 * whose tables are written, where ORDER BY puts NULLs. */
void fc_sql_check_live(fc_dealership *d, json_t *problems);
#endif
