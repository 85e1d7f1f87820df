/* A pattern is read as it is matched: `walk` takes one item (a capture's bracket, a class with its
 * repetition, %b, %f, a back reference) and goes on with the rest; only what may have to be tried again
 * recurses, so the depth is bounded by the pattern's length and by MAX_DEPTH. */
#include "lua/match_walk.h"

#include <ctype.h>
#include <string.h>

#define MAX_DEPTH 200
#define POLL_EVERY 1024

static const char *walk(fc_matcher *m, const char *s, const char *p);

void fc_match_poll(fc_matcher *m)
{
    if (++m->steps % POLL_EVERY == 0) fc_raise_if_killed(m->L);
}

/* ---- classes */

static int in_named_class(int c, int name)
{
    int yes;
    switch (tolower(name)) {
    case 'a':
        yes = isalpha(c);
        break;
    case 'c':
        yes = iscntrl(c);
        break;
    case 'd':
        yes = isdigit(c);
        break;
    case 'g':
        yes = isgraph(c);
        break;
    case 'l':
        yes = islower(c);
        break;
    case 'p':
        yes = ispunct(c);
        break;
    case 's':
        yes = isspace(c);
        break;
    case 'u':
        yes = isupper(c);
        break;
    case 'w':
        yes = isalnum(c);
        break;
    case 'x':
        yes = isxdigit(c);
        break;
    default:
        return name == c;
    }
    return isupper(name) ? !yes : yes != 0;
}

/* The first byte behind the class that begins at p. In a set a ']' that comes first is an ordinary character.
 */
static const char *class_end(fc_matcher *m, const char *p)
{
    if (*p == '%') {
        if (p + 1 >= m->pattern_end) luaL_error(m->L, "malformed pattern (ends with '%%')");
        return p + 2;
    }
    if (*p != '[') return p + 1;
    p++;
    if (p < m->pattern_end && *p == '^') p++;
    for (int first = 1; first || p >= m->pattern_end || *p != ']'; first = 0) {
        if (p >= m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
        p += *p == '%' && p + 1 < m->pattern_end ? 2 : 1;
    }
    return p + 1;
}

/* set is '[', last its ']' */
static int in_set(int c, const char *set, const char *last)
{
    int wanted = 1;
    const char *p = set + 1;
    if (*p == '^') {
        wanted = 0;
        p++;
    }
    while (p < last) {
        if (*p == '%' && p + 1 < last) {
            if (in_named_class(c, (unsigned char)p[1])) return wanted;
            p += 2;
        } else if (p + 2 < last && p[1] == '-') {
            if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2]) return wanted;
            p += 3;
        } else {
            if ((unsigned char)*p == c) return wanted;
            p++;
        }
    }
    return !wanted;
}

static int one(const fc_matcher *m, const char *s, const char *p, const char *behind)
{
    if (s >= m->end) return 0;
    int c = (unsigned char)*s;
    switch (*p) {
    case '.':
        return 1;
    case '%':
        return in_named_class(c, (unsigned char)p[1]);
    case '[':
        return in_set(c, p, behind - 1);
    default:
        return (unsigned char)*p == c;
    }
}

/* ---- items */

static const char *balanced(fc_matcher *m, const char *s, const char *p)
{
    if (p + 3 >= m->pattern_end) luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
    if (s >= m->end || *s != p[2]) return NULL;
    size_t depth = 1;
    while (++s < m->end) {
        fc_match_poll(m);
        if (*s == p[3]) {
            if (--depth == 0) return s + 1;
        } else if (*s == p[2]) {
            depth++;
        }
    }
    return NULL;
}

static const char *frontier(fc_matcher *m, const char *s, const char *p)
{
    p += 2;
    if (p >= m->pattern_end || *p != '[') luaL_error(m->L, "missing '[' after '%%f' in pattern");
    const char *behind = class_end(m, p);
    int before = s == m->subject ? 0 : (unsigned char)s[-1], here = s < m->end ? (unsigned char)*s : 0;
    return !in_set(before, p, behind - 1) && in_set(here, p, behind - 1) ? walk(m, s, behind) : NULL;
}

static const char *back_reference(fc_matcher *m, const char *s, int digit)
{
    int i = digit - '1';
    if (i < 0 || i >= m->captures || m->capture[i].len == FC_CAPTURE_OPEN)
        luaL_error(m->L, "invalid capture index %%%d", i + 1);
    if (m->capture[i].len == FC_CAPTURE_POSITION)
        return NULL; /* a place is no text that could stand there again */
    size_t n = (size_t)m->capture[i].len;
    m->steps += (unsigned)(n / 64);
    return (size_t)(m->end - s) >= n && memcmp(m->capture[i].at, s, n) == 0 ? s + n : NULL;
}

static const char *open_capture(fc_matcher *m, const char *s, const char *p, ptrdiff_t what)
{
    if (m->captures >= FC_MAX_CAPTURES) luaL_error(m->L, "too many captures");
    m->capture[m->captures].at = s;
    m->capture[m->captures].len = what;
    m->captures++;
    const char *to = walk(m, s, p);
    if (!to) m->captures--;
    return to;
}

static const char *close_capture(fc_matcher *m, const char *s, const char *p)
{
    int i = m->captures - 1;
    while (i >= 0 && m->capture[i].len != FC_CAPTURE_OPEN)
        i--;
    if (i < 0) luaL_error(m->L, "invalid pattern capture");
    m->capture[i].len = s - m->capture[i].at;
    const char *to = walk(m, s, p);
    if (!to) m->capture[i].len = FC_CAPTURE_OPEN;
    return to;
}

static const char *as_many(fc_matcher *m, const char *s, const char *p, const char *behind, size_t least)
{
    size_t n = 0;
    for (; one(m, s + n, p, behind); n++)
        fc_match_poll(m);
    for (;; n--) {
        if (n < least) return NULL;
        const char *to = walk(m, s + n, behind + 1);
        if (to || n == 0) return to;
    }
}

static const char *as_few(fc_matcher *m, const char *s, const char *p, const char *behind)
{
    for (;; s++) {
        const char *to = walk(m, s, behind + 1);
        if (to) return to;
        if (!one(m, s, p, behind)) return NULL;
    }
}

/* A class with what may stand behind it. *next: where the plain case goes on. */
static const char *repeated(fc_matcher *m, const char *s, const char *p, const char **next)
{
    const char *behind = class_end(m, p);
    *next = NULL;
    switch (behind < m->pattern_end ? *behind : 0) {
    case '*':
        return as_many(m, s, p, behind, 0);
    case '+':
        return as_many(m, s, p, behind, 1);
    case '-':
        return as_few(m, s, p, behind);
    case '?': {
        const char *to = one(m, s, p, behind) ? walk(m, s + 1, behind + 1) : NULL;
        if (!to) *next = behind + 1;
        return to ? to : s;
    }
    default:
        if (!one(m, s, p, behind)) return NULL;
        *next = behind;
        return s + 1;
    }
}

/* Matches the pattern from p at s; the end of the match or NULL. */
static const char *walk_on(fc_matcher *m, const char *s, const char *p)
{
    while (p < m->pattern_end) {
        const char *next;
        fc_match_poll(m);
        if (*p == '(')
            return p + 1 < m->pattern_end && p[1] == ')' ? open_capture(m, s, p + 2, FC_CAPTURE_POSITION)
                                                         : open_capture(m, s, p + 1, FC_CAPTURE_OPEN);
        if (*p == ')') return close_capture(m, s, p + 1);
        if (*p == '$' && p + 1 == m->pattern_end) return s == m->end ? s : NULL;
        int escaped = *p == '%' && p + 1 < m->pattern_end ? (unsigned char)p[1] : 0;
        if (escaped == 'f') return frontier(m, s, p);
        if (escaped == 'b' || isdigit(escaped)) {
            s = escaped == 'b' ? balanced(m, s, p) : back_reference(m, s, escaped);
            if (!s) return NULL;
            p += escaped == 'b' ? 4 : 2;
            continue;
        }
        s = repeated(m, s, p, &next);
        if (!s || !next) return s;
        p = next;
    }
    return s;
}

static const char *walk(fc_matcher *m, const char *s, const char *p)
{
    if (++m->depth > MAX_DEPTH) luaL_error(m->L, "pattern too complex");
    const char *to = walk_on(m, s, p);
    m->depth--;
    return to;
}

const char *fc_match_at(fc_matcher *m, const char *s, const char *p)
{
    m->captures = 0;
    m->depth = 0;
    return walk(m, s, p);
}
