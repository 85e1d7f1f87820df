/* The files of a plugin's migrations, as its source has them; no store is asked. */
#ifndef FC_PLUGIN_MIGRATION_FILES_H
#define FC_PLUGIN_MIGRATION_FILES_H
#include "plugin/source.h"

typedef struct fc_migration_file {
    const char *path; /* "migrations/0001_x.sql", of the source */
    const char *text;
    size_t n;
    int number;
    char hash[FC_HASH_HEX];
} fc_migration_file;

int fc_migrations_any(const fc_source *s);
/* In order. *out is to be freed, also after an error (a name, a number twice, a gap), which begins with its
 * place. */
int fc_migration_files(const fc_source *s, fc_migration_file **out, int *count, fc_err *err);
const char *fc_migration_name(const fc_migration_file *f); /* "0001_x.sql" */
/* Puts the file's place in front of err. Returns its code. */
int fc_migration_wrap(const fc_source *s, const char *path, fc_err *err);
/* 1 if what `newer` has beyond `older_one` adds only (only_adds.h), so that the older code
 * still runs on it; else which names the first file that does not. A version that goes back is marked (`back`
 * of its source): it may know fewer migrations than ran. */
int fc_migrations_only_add(const fc_source *newer, const fc_source *older_one, char *which, size_t cap);
#endif
