/* Lua's patterns, with a matcher of our own, because Lua's runs to its end whatever the watchdog says, and a
 * pattern of thirty characters can mean more steps than the sun has years. Every thousand steps the watchdog
 * is asked, and the matcher can be left and gone on with: what may have to be tried again stands in a list
 * and not on the C stack.
 *
 * A pattern is read as it is matched: `step` takes one item (a capture's bracket, a class with its
 * repetition, %b, %f, a back reference). Where an item could be taken otherwise a `choice` is kept; a
 * mismatch goes back to the last one. Items do not nest, so there are never more choices than items. */
#include "lua/match.h"

#include <ctype.h>
#include <string.h>

#define POLL_EVERY 1024

enum { OPEN = -1, POSITION = -2 };
enum kind { UNDO_OPEN, UNDO_CLOSE, WITHOUT, FEWER, MORE };

/* `weight` steps were made: time to look up? */
static int due(fc_matcher *m, size_t weight)
{
    m->steps += weight;
    if (m->steps < POLL_EVERY) return 0;
    m->steps = 0;
    return fc_late(m->L);
}

int fc_match_due(fc_matcher *m)
{
    return due(m, 1);
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
        if (p + 1 >= m->pattern_end)
            fc_misuse(m->L, "模式写得不对，以 '%%' 结尾：百分号本身要写成 %%%%",
                      "malformed pattern (ends with '%%'): a percent sign is written %%%%");
        return p + 2;
    }
    if (*p != '[') return p + 1;
    p++;
    if (p < m->pattern_end && *p == '^') p++;
    for (int first = 1; first || p >= m->pattern_end || *p != ']'; first = 0) {
        if (p >= m->pattern_end)
            fc_misuse(m->L, "模式写得不对，缺少 ']'：方括号本身要写成 %%[",
                      "malformed pattern (missing ']'): a bracket itself is written %%[");
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

/* ---- items. Each leaves m->s and m->p behind what it took; NO: it does not fit here. */

static fc_choice *keep(fc_matcher *m, enum kind kind, const char *s, const char *p)
{
    if (m->depth >= FC_MATCH_DEPTH)
        fc_misuse(m->L, "模式太复杂：请少用 ( ) 和 -，或分几步匹配",
                  "pattern too complex: use fewer captures and '-', or match in several steps");
    fc_choice *c = &m->choices[m->depth++];
    *c = (fc_choice){.kind = kind, .s = s, .p = p};
    return c;
}

static int balanced(fc_matcher *m)
{
    const char *p = m->p;
    if (p + 3 >= m->pattern_end)
        fc_misuse(m->L, "模式写得不对，'%%b' 后面缺少两个字符：例如 %%b()",
                  "malformed pattern (missing arguments to '%%b'): two characters follow it, as in %%b()");
    if (m->progress == 0) {
        if (m->s >= m->end || *m->s != p[2]) return FC_MATCH_NO;
        m->progress = m->nested = 1;
    }
    for (; m->s + m->progress < m->end; m->progress++) {
        if (due(m, 1)) return FC_MATCH_LATER;
        int c = m->s[m->progress];
        if (c == p[3]) {
            if (--m->nested > 0) continue;
            m->s += m->progress + 1;
            m->p += 4;
            return FC_MATCH_YES;
        }
        if (c == p[2]) m->nested++;
    }
    return FC_MATCH_NO;
}

static int frontier(fc_matcher *m)
{
    const char *p = m->p + 2;
    if (p >= m->pattern_end || *p != '[')
        fc_misuse(m->L, "模式里 '%%f' 后面缺少 '['：例如 %%f[%%w]",
                  "missing '[' after '%%f' in pattern: write it as in %%f[%%w]");
    const char *behind = class_end(m, p);
    int before = m->s == m->subject ? 0 : (unsigned char)m->s[-1],
        here = m->s < m->end ? (unsigned char)*m->s : 0;
    if (in_set(before, p, behind - 1) || !in_set(here, p, behind - 1)) return FC_MATCH_NO;
    m->p = behind;
    return FC_MATCH_YES;
}

static int back_reference(fc_matcher *m, int digit)
{
    int i = digit - '1';
    if (i < 0 || i >= m->captures || m->capture[i].len == OPEN)
        fc_misuse(m->L, "没有捕获 %%%d：模式里的 ( ) 没有这么多",
                  "invalid capture index %%%d: the pattern has fewer ( )", i + 1);
    if (m->capture[i].len == POSITION)
        return FC_MATCH_NO; /* a place is no text that could stand there again */
    size_t n = (size_t)m->capture[i].len;
    m->steps += n / 64;
    if ((size_t)(m->end - m->s) < n || memcmp(m->capture[i].at, m->s, n) != 0) return FC_MATCH_NO;
    m->s += n;
    m->p += 2;
    return FC_MATCH_YES;
}

static int open_capture(fc_matcher *m)
{
    int position = m->p + 1 < m->pattern_end && m->p[1] == ')';
    if (m->captures >= FC_MATCH_CAPTURES)
        fc_misuse(m->L, "模式里的 ( ) 太多：最多 32 个", "too many captures: a pattern has at most 32");
    keep(m, UNDO_OPEN, m->s, m->p);
    m->capture[m->captures].at = m->s;
    m->capture[m->captures].len = position ? POSITION : OPEN;
    m->captures++;
    m->p += position ? 2 : 1;
    return FC_MATCH_YES;
}

static int close_capture(fc_matcher *m)
{
    int i = m->captures - 1;
    while (i >= 0 && m->capture[i].len != OPEN)
        i--;
    if (i < 0)
        fc_misuse(m->L, "模式里多了一个 ')'：括号本身要写成 %%)",
                  "invalid pattern capture: a ')' too many; a bracket itself is written %%)");
    keep(m, UNDO_CLOSE, m->s, m->p)->n = (size_t)i;
    m->capture[i].len = m->s - m->capture[i].at;
    m->p++;
    return FC_MATCH_YES;
}

static int as_many(fc_matcher *m, const char *behind, size_t least, size_t weight)
{
    for (; one(m, m->s + m->progress, m->p, behind); m->progress++)
        if (due(m, weight)) return FC_MATCH_LATER;
    if (m->progress < least) return FC_MATCH_NO;
    if (m->progress > least) {
        fc_choice *c = keep(m, FEWER, m->s, behind + 1);
        c->n = m->progress;
        c->least = least;
    }
    m->s += m->progress;
    m->p = behind + 1;
    return FC_MATCH_YES;
}

/* A class with what may stand behind it. */
static int repeated(fc_matcher *m)
{
    const char *p = m->p, *behind = class_end(m, p);
    size_t weight = 1 + (size_t)(behind - p) / 32; /* a set is looked through */
    switch (behind < m->pattern_end ? *behind : 0) {
    case '*':
        return as_many(m, behind, 0, weight);
    case '+':
        return as_many(m, behind, 1, weight);
    case '-':
        keep(m, MORE, m->s, p)->behind = behind;
        m->p = behind + 1;
        break;
    case '?':
        m->p = behind + 1;
        if (one(m, m->s, p, behind)) keep(m, WITHOUT, m->s++, m->p);
        break;
    default:
        if (!one(m, m->s, p, behind)) return FC_MATCH_NO;
        m->s++;
        m->p = behind;
    }
    m->steps += weight;
    return FC_MATCH_YES;
}

static int step(fc_matcher *m)
{
    const char *p = m->p;
    if (*p == '(') return open_capture(m);
    if (*p == ')') return close_capture(m);
    if (*p == '$' && p + 1 == m->pattern_end) {
        m->p++;
        return m->s == m->end ? FC_MATCH_YES : FC_MATCH_NO;
    }
    int escaped = *p == '%' && p + 1 < m->pattern_end ? (unsigned char)p[1] : 0;
    if (escaped == 'f') return frontier(m);
    if (escaped == 'b') return balanced(m);
    return isdigit(escaped) ? back_reference(m, escaped) : repeated(m);
}

/* To the last choice that can be taken otherwise; 0: there is none. */
static int go_back(fc_matcher *m)
{
    while (m->depth > 0) {
        fc_choice *c = &m->choices[m->depth - 1];
        switch (c->kind) {
        case UNDO_OPEN:
            m->captures--;
            break;
        case UNDO_CLOSE:
            m->capture[c->n].len = OPEN;
            break;
        case WITHOUT:
            m->s = c->s;
            m->p = c->p;
            m->depth--;
            return 1;
        case FEWER:
            m->s = c->s + --c->n;
            m->p = c->p;
            if (c->n == c->least) m->depth--;
            return 1;
        case MORE:
            if (!one(m, c->s, c->p, c->behind)) break;
            m->s = ++c->s;
            m->p = c->behind + 1;
            return 1;
        }
        m->depth--;
    }
    return 0;
}

int fc_match_on(fc_matcher *m)
{
    for (;;) {
        if (due(m, 1)) return FC_MATCH_LATER;
        if (m->p >= m->pattern_end) return FC_MATCH_YES;
        int told = step(m);
        if (told == FC_MATCH_LATER) return told;
        m->progress = 0;
        if (told == FC_MATCH_NO && !go_back(m)) return FC_MATCH_NO;
    }
}

int fc_match_at(fc_matcher *m, const char *s)
{
    m->s = s;
    m->p = m->pattern;
    m->captures = m->depth = 0;
    m->progress = 0;
    return fc_match_on(m);
}

void fc_match_prepare(fc_matcher *m, lua_State *L, const char *s, size_t n, const char *p, size_t pn)
{
    if (pn > FC_MATCH_PATTERN)
        fc_misuse(L, "模式超过 %d KiB：请缩短，或用 host.re",
                  "pattern longer than %d KiB: shorten it, or use host.re", FC_MATCH_PATTERN >> 10);
    m->L = L;
    m->steps = 0;
    m->subject = s;
    m->end = s + n;
    m->anchored = pn > 0 && *p == '^';
    m->pattern = p + m->anchored;
    m->pattern_end = p + pn;
}

/* ---- results */

void fc_match_capture(fc_matcher *m, int i, const char *from)
{
    if (i >= m->captures) {
        if (i != 0)
            fc_misuse(m->L, "没有捕获 %%%d：模式里的 ( ) 没有这么多",
                      "invalid capture index %%%d: the pattern has fewer ( )", i + 1);
        lua_pushlstring(m->L, from, (size_t)(m->s - from));
        return;
    }
    if (m->capture[i].len == OPEN)
        fc_misuse(m->L, "模式里的 '(' 没有结束：缺少 ')'，括号本身要写成 %%(",
                  "unfinished capture: a ')' is missing; a bracket itself is written %%(");
    if (m->capture[i].len == POSITION)
        lua_pushinteger(m->L, m->capture[i].at - m->subject + 1);
    else
        lua_pushlstring(m->L, m->capture[i].at, (size_t)m->capture[i].len);
}

int fc_match_captures(fc_matcher *m, const char *from, int whole)
{
    int n = m->captures == 0 && whole ? 1 : m->captures;
    luaL_checkstack(m->L, n, "too many captures");
    for (int i = 0; i < n; i++)
        fc_match_capture(m, i, from);
    return n;
}
