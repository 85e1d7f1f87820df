/* Most reals that people meet are money and rates: a few decimals. If round(v * 10^k) / 10^k gives v back,
 * that decimal is the shortest text of v: the division of two exact doubles is rounded as reading the decimal
 * would be, and below 10^15 no other decimal of 15 digits lies as near. Everything else goes through printf.
 */
#include "text/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_DECIMALS 6

static size_t give(char out[FC_NUMBER_TEXT], const char *from, const char *end)
{
    size_t n = (size_t)(end - from);
    memcpy(out, from, n);
    out[n] = 0;
    return n;
}

static char *digits_before(char *p, uint64_t v)
{
    do
        *--p = (char)('0' + v % 10);
    while (v /= 10);
    return p;
}

size_t fc_int_text(int64_t v, char out[FC_NUMBER_TEXT])
{
    char text[FC_NUMBER_TEXT], *end = text + sizeof text;
    char *p = digits_before(end, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
    if (v < 0) *--p = '-';
    return give(out, p, end);
}

/* v = scaled / 10^decimals, decimals > 0. */
static size_t decimal_text(int negative, uint64_t scaled, int decimals, char out[FC_NUMBER_TEXT])
{
    char text[FC_NUMBER_TEXT], *end = text + sizeof text, *p = end;
    for (int i = 0; i < decimals; i++, scaled /= 10)
        *--p = (char)('0' + scaled % 10);
    *--p = '.';
    p = digits_before(p, scaled);
    if (negative) *--p = '-';
    return give(out, p, end);
}

static size_t few_decimals(double v, char out[FC_NUMBER_TEXT])
{
    double size = fabs(v), power = 1;
    if (size >= 1e15 || size < 1e-4) return 0;
    for (int k = 0; k <= MOST_DECIMALS; k++, power *= 10) {
        double scaled = rint(size * power);
        if (scaled >= 1e15) return 0;
        if (scaled / power != size) continue;
        return k ? decimal_text(v < 0, (uint64_t)scaled, k, out) : fc_int_text((int64_t)v, out);
    }
    return 0;
}

size_t fc_real_text(double v, int exact, char out[FC_NUMBER_TEXT])
{
    size_t n = few_decimals(v, out);
    for (int digits = 15; !n && digits <= 17; digits++) {
        n = (size_t)snprintf(out, FC_NUMBER_TEXT, "%.*g", digits, v);
        if (exact && digits < 17 && strtod(out, NULL) != v) n = 0;
    }
    return n;
}
