/* Edit distance, three rows at a time. Two mistakes in a name of three letters leave nothing to recognise,
 * hence the limit. */
#include "text/nearest.h"

#include <stdbool.h>
#include <string.h>

static int letters(const char *s, size_t len, unsigned *out)
{
    int n = 0;
    for (const char *end = s + len; s < end && n < FC_GUESS_LONGEST; s++) {
        unsigned char c = (unsigned char)*s;
        if ((c & 0xC0) != 0x80)
            out[n++] = c;
        else if (n > 0)
            out[n - 1] = out[n - 1] << 6 | (c & 0x3F);
    }
    return n;
}

static int least(int a, int b, int c)
{
    int m = a < b ? a : b;
    return m < c ? m : c;
}

static int distance(const unsigned *a, int n, const unsigned *b, int m)
{
    int row[3][FC_GUESS_LONGEST + 1]; /* this one and the two before */
    for (int j = 0; j <= m; j++)
        row[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = row[i % 3], *before = row[(i + 2) % 3], *older = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= m; j++) {
            now[j] = least(before[j] + 1, now[j - 1] + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && older[j - 2] + 1 < now[j]) now[j] = older[j - 2] + 1;
        }
    }
    return row[n % 3][m];
}

void fc_guess_begin(fc_guess *g, const char *word, size_t n)
{
    g->best = NULL;
    g->n = letters(word, n, g->word);
    g->distance = (g->n <= 3 ? 1 : g->n / 3 > 2 ? g->n / 3 : 2) + 1;
}

void fc_guess_offer(fc_guess *g, const char *candidate)
{
    unsigned other[FC_GUESS_LONGEST];
    int d = distance(g->word, g->n, other, letters(candidate, strlen(candidate), other));
    bool better = d < g->distance || (d == g->distance && g->best && strcmp(candidate, g->best) < 0);
    if (!better || d >= g->n) return;
    g->distance = d;
    g->best = candidate;
}

void fc_guess_offer_keys(fc_guess *g, const json_t *names)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)names, key, value) fc_guess_offer(g, key);
}

const char *fc_nearest(const char *name, const json_t *names)
{
    fc_guess g;
    fc_guess_begin(&g, name, strlen(name));
    fc_guess_offer_keys(&g, names);
    return g.best;
}
