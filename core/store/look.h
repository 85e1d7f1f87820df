/* What SQL would do, without doing it; and files of SQL run within limits. For the checks and the migrations
 * above the store. */
#ifndef FC_STORE_LOOK_H
#define FC_STORE_LOOK_H
#include "store/store.h"

/* Prepares the statement and throws it away: an unknown table or column is the error. `writes` (may be NULL)
 * is told each table it would write, some of them twice. Not through the cache of statements, so nothing that
 * is refused afterwards lies in it. *at (may be NULL) is the place of an error in the text. */
typedef void (*fc_look_writes)(void *ctx, const char *table);
int fc_store_look(fc_store *s, const char *sql, size_t n, fc_look_writes writes, void *ctx, size_t *at,
                  fc_err *err);

/* 1: the table's column may be NULL; 0: not; -1: there is no such column. */
int fc_store_nullable(fc_store *s, const char *table, const char *column);

/* Runs a file's text statement by statement, so that the one that fails has a line: the error begins with
 * "place:line: ". Without prefixes (NULL) it is the host's own. With them (ends with NULL) each statement is
 * of the common subset and makes, changes and writes only tables and indexes that begin with one of them. In
 * the caller's transaction. */
int fc_store_script(fc_store *s, const char *place, const char *text, size_t n, const char *const *prefixes,
                    fc_err *err);

/* "NNNN_name.sql", name of [a-z0-9_-] */
int fc_migration_named(const char *name);

/* The files of `dir` that fc_store_migrate would run, in order; s may be NULL: a store that is not there yet.
 * Fails where fc_store_migrate would refuse. */
typedef void (*fc_migration_fn)(void *ctx, int number, const char *file);
int fc_store_migrations(fc_store *s, const char *dir, fc_migration_fn fn, void *ctx, fc_err *err);
#endif
