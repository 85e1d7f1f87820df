/* The table of RFC 3629: the second byte's range depends on the first, later ones are always 80..BF. Runs of
 * ASCII are skipped eight bytes at a time because most of what we read is ASCII. */
#include "text/utf8.h"

#include <stdint.h>
#include <string.h>

static int length_by_lead(unsigned char c)
{
    if (c < 0x80) return 1;
    if (c >= 0xC2 && c <= 0xDF) return 2;
    if (c >= 0xE0 && c <= 0xEF) return 3;
    return c >= 0xF0 && c <= 0xF4 ? 4 : 0;
}

static int second_fits(unsigned char lead, unsigned char c)
{
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    return c >= low && c <= high;
}

int fc_utf8_char(const unsigned char *s, size_t n)
{
    int length = length_by_lead(s[0]);
    if (length <= 1) return length;
    for (int i = 1; i < length; i++) {
        if ((size_t)i >= n) return -1;
        if (i == 1 ? !second_fits(s[0], s[1]) : (s[i] & 0xC0) != 0x80) return 0;
    }
    return length;
}

static size_t skip_ascii(const char *s, size_t n, size_t i)
{
    uint64_t eight;
    for (; i + 8 <= n; i += 8) {
        memcpy(&eight, s + i, 8);
        if (eight & UINT64_C(0x8080808080808080)) break;
    }
    while (i < n && !(s[i] & 0x80))
        i++;
    return i;
}

/* Nearly all that is not ASCII here is Chinese. */
static int common_three(const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    return n >= 3 && s[0] >= 0xE1 && s[0] <= 0xEC && (s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80;
}

size_t fc_utf8_check(const char *s, size_t n)
{
    for (size_t i = 0;;) {
        i = skip_ascii(s, n, i);
        if (i == n) return n;
        if (common_three(s + i, n - i)) {
            i += 3;
            continue;
        }
        int length = fc_utf8_char((const unsigned char *)s + i, n - i);
        if (length <= 0) return i;
        i += (size_t)length;
    }
}

static unsigned code_of(const unsigned char *s, int n)
{
    static const unsigned char first[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    unsigned c = s[0] & first[n];
    for (int i = 1; i < n; i++)
        c = c << 6 | (s[i] & 0x3F);
    return c;
}

static int is_hidden(unsigned c)
{
    static const unsigned ranges[][2] = {
        {0, 0x1F},        {0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},   {0x200B, 0x200F},
        {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1]) return 1;
    return 0;
}

void fc_utf8_tame(const char *s, size_t most, fc_buf *out)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t left = strlen(s), used = 0;
    while (left) {
        int n = fc_utf8_char(p, left), whole = n > 0;
        if (!whole) n = 1;
        if (used + (size_t)n > most) {
            fc_buf_adds(out, "...");
            return;
        }
        if (whole && !is_hidden(code_of(p, n)))
            fc_buf_add(out, p, (size_t)n);
        else
            fc_buf_addc(out, *p == '\t' ? ' ' : '?');
        used += (size_t)n;
        p += n;
        left -= (size_t)n;
    }
}
