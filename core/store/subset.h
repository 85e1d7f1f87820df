/* The common subset of SQL: what SQLite 3.40 and PostgreSQL 15 read in the same way. What is outside of it is
 * refused with a sentence: what, why, what to write instead.
 *
 * Works on words (sql_words.h), knows no database and no schema, so it can judge a text that nobody runs. It
 * is not a parser: it refuses what it can tell surely; that the rest is SQL at all, the database says when it
 * prepares it. */
#ifndef FC_STORE_SUBSET_H
#define FC_STORE_SUBSET_H
#include "base/err.h"
#include <stddef.h>

enum fc_sql_use {
    FC_SQL_ROWS,   /* one statement that reads or writes rows */
    FC_SQL_SCHEMA, /* one statement of a migration: makes or changes tables, or writes rows */
};

typedef struct fc_sql_problem {
    size_t at; /* where in the text; its line is fc_sql_line */
    char text[2][FC_ERR_TEXT];
} fc_sql_problem;

/* 0: inside the subset; 1: not, and *out says why (the first reason in the text's order of rules). */
int fc_sql_subset(const char *sql, size_t n, enum fc_sql_use use, fc_sql_problem *out);

/* NULLs come last in PostgreSQL and first in SQLite. 1: an ORDER BY sorts by a column that
 * may be NULL and does not say where its NULLs go. `nullable` answers for a table's column: 1 it may be NULL,
 * 0 not, -1 there is none. What cannot be told (a subquery's column, an expression) passes. */
typedef int (*fc_sql_nullable)(void *ctx, const char *table, const char *column);
int fc_sql_nulls(const char *sql, size_t n, fc_sql_nullable nullable, void *ctx, fc_sql_problem *out);

/* What no authorizer is asked about in a plugin's migration: 1 if a REFERENCES or the new name of a table
 * begins with none of the prefixes (ends with NULL). */
int fc_sql_own(const char *sql, size_t n, const char *const *prefixes, fc_sql_problem *out);

/* The statement that begins at or behind *from: its bounds without the semicolon; *from is then behind it. 0
 * when there is none. */
int fc_sql_next(const char *sql, size_t n, size_t *from, size_t *begin, size_t *end);
int fc_sql_line(const char *sql, size_t at); /* 1 for the first line */
/* 1: begins with SELECT or VALUES, so nothing is written whatever else it says. */
int fc_sql_reads(const char *sql, size_t n);
#endif
