/* Do migrations only add, so that the code before them still runs on the tables? Judged by the words of their
 * statements, before anything runs; where it cannot be told the answer is no. */
#ifndef FC_PLUGIN_ONLY_ADDS_H
#define FC_PLUGIN_ONLY_ADDS_H
#include <stddef.h>

typedef struct fc_script {
    const char *text;
    size_t n;
} fc_script;

/* Of scripts that run together: -1 if all of them only add, else the place of the first that does not.
 *
 * Adds: a table, a view, an index, rows, a column that the old code need not know (it may be NULL or has a
 * default). Takes away: whatever drops, renames, deletes, changes rows or makes a trigger; and a rule that
 * the old code does not keep on a table it knows: a UNIQUE index, and with an added column UNIQUE, CHECK
 * (nobody here evaluates it) or NOT NULL without a default. On a table that the same scripts make such rules
 * are free: the old code does not know it. */
int fc_only_add(const fc_script *scripts, int count);
#endif
