/* Shared by the subset_*.c files: a look at one statement and its rules. A rule is asked about the word i and
 * returns 1 when it has refused. */
#ifndef FC_STORE_SUBSET_RULES_H
#define FC_STORE_SUBSET_RULES_H
#include "store/sql_words.h"
#include "store/subset.h"

typedef struct fc_look {
    const fc_words *w;
    bool tables; /* CREATE or ALTER */
    fc_sql_problem *out;
} fc_look;

/* subset_refuse.c. Fills *out; the place is word i. Both texts take the same arguments. Returns 1. */
int fc_refuse(const fc_look *l, int i, const char *zh, const char *en, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));
/* The word as it stands, short; valid until the next but three. */
const char *fc_shown_word(const fc_look *l, int i);

int fc_rule_marks(const fc_look *l, int i);    /* subset_words.c: quotes, parameters, operators, numbers */
int fc_rule_words(const fc_look *l, int i);    /* subset_words.c: words of one of the two only */
int fc_rule_function(const fc_look *l, int i); /* subset_functions.c */
int fc_rule_shape(const fc_look *l, int i);    /* subset_shape.c: IS, LIKE, LIMIT, conditions, bare columns */
int fc_rule_table(const fc_look *l);           /* subset_tables.c: the whole CREATE or ALTER */
bool fc_word_reserved(const fc_words *w, int i); /* subset_words.c */
#endif
