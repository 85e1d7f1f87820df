/* A plugin's own migrations: migrations/NNNN_name.sql in its folder, numbered from 0001 without a gap. They
 * make and change the plugin's own tables (tables.h), once each and in order, recorded in
 * host_plugin_migration, in the transaction that puts the plugin in force. */
#ifndef FC_PLUGIN_MIGRATIONS_H
#define FC_PLUGIN_MIGRATIONS_H
#include "plugin/source.h"
#include "store/store.h"

typedef struct fc_live fc_live;

/* Runs, in the caller's transaction, what has not run yet of one plugin. What is wrong (a changed file, a
 * gap, an older version, a statement that fails) is the error, with file and line; nothing of it stays then.
 * *done counts the files that ran. */
int fc_migrations_run(fc_store *s, fc_source *source, int *done, fc_err *err);
/* Of a whole live set, for a store that is new (tests). */
int fc_migrations_run_all(fc_store *s, const fc_live *l, fc_err *err);
/* Names of the files that would run ("migrations/0002_b.sql"), new array; NULL and err where they would be
 * refused. s may be NULL: a store that is not there yet. */
json_t *fc_migrations_pending(fc_store *s, fc_source *source, fc_err *err);
#endif
