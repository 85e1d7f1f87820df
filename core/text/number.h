/* Numbers as text, without locale and without printf where that is possible: pages and JSON are full of them.
 */
#ifndef FC_TEXT_NUMBER_H
#define FC_TEXT_NUMBER_H
#include <stddef.h>
#include <stdint.h>

#define FC_NUMBER_TEXT 40

/* Both write a NUL behind the text and return its length. */
size_t fc_int_text(int64_t v, char out[FC_NUMBER_TEXT]);
/* The shortest decimal of 15 digits at most or, where `exact`, of as many (17 at most) as read back as v.
 * As %g writes it: 3, 77.8, 1e+20. */
size_t fc_real_text(double v, int exact, char out[FC_NUMBER_TEXT]);
#endif
