/* SQL cut into words, as SQLite cuts it. Comments and blanks are gone; what stands in brackets knows its
 * bracket. For the files that judge SQL by its words (subset.c, nulls.c); not a parser. */
#ifndef FC_STORE_SQL_WORDS_H
#define FC_STORE_SQL_WORDS_H
#include <stdbool.h>
#include <stddef.h>

enum fc_word_kind {
    FC_WORD_END,    /* one stands behind the last word */
    FC_WORD_NAME,   /* name or keyword */
    FC_WORD_STRING, /* '...' */
    FC_WORD_QUOTED, /* "..." `...` [...] */
    FC_WORD_BLOB,   /* x'...' */
    FC_WORD_NUMBER,
    FC_WORD_PARAM, /* ? ?1 :a @a $a */
    FC_WORD_SIGN,  /* operators, brackets, comma, semicolon */
    FC_WORD_OPEN,  /* a string, name or comment that is not closed; the last word before the end */
    FC_WORD_NEST,  /* a comment that holds another's beginning */
};

typedef struct fc_word {
    enum fc_word_kind kind;
    const char *s;
    size_t n;
    int outer; /* the '(' it stands in, -1 outside */
    int pair;  /* of '(': its ')', or the end's index when there is none; of others -1 */
} fc_word;

typedef struct fc_words {
    const char *sql;
    fc_word *list; /* count words and the end */
    int count;
} fc_words;

enum fc_words_until { FC_WORDS_ALL, FC_WORDS_STATEMENT, FC_WORDS_FIRST };
/* All of the text, or up to its first statement's semicolon, or only the first word. */
void fc_words_cut(const char *sql, size_t n, enum fc_words_until until, fc_words *out);
void fc_words_free(fc_words *w);

bool fc_word_is(const fc_words *w, int i,
                const char *upper); /* a NAME, whatever its case; i may be out of bounds */
bool fc_word_sign(const fc_words *w, int i, const char *sign);
bool fc_word_any(const fc_words *w, int i, const char *const *upper); /* one of a list that ends with NULL */
/* The first word from i on, before `end`, on the same level as i, that is the keyword; `end` if none. */
int fc_word_find(const fc_words *w, int i, int end, const char *upper);
/* The word behind a path "a" or "a.b" that begins at i; i when none does. */
int fc_word_path(const fc_words *w, int i);
#endif
