/* "Did you mean ...?": the known name that a misspelt one is closest to.
 *
 * Distance counts single letters inserted, dropped, replaced, or two neighbours exchanged, over code points,
 * so that a Chinese name is not three times as far as a Latin one. Of two that are equally near the first in
 * the alphabet is taken, so that the answer does not change. */
#ifndef FC_TEXT_NEAREST_H
#define FC_TEXT_NEAREST_H
#include <jansson.h>
#include <stddef.h>

#define FC_GUESS_LONGEST 64 /* letters; a typing mistake is found within them or not worth guessing */

typedef struct fc_guess {
    unsigned word[FC_GUESS_LONGEST];
    int n;
    const char *best; /* the nearest offered so far, borrowed; NULL if none is near enough to be meant */
    int distance;
} fc_guess;

void fc_guess_begin(fc_guess *g, const char *word, size_t n);
void fc_guess_offer(fc_guess *g, const char *candidate);
/* All keys of an object at once. Borrowed from names; NULL if none is near. */
void fc_guess_offer_keys(fc_guess *g, const json_t *names);
const char *fc_nearest(const char *name, const json_t *names);
#endif
