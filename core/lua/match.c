/* string.find, match, gmatch and gsub: Lua's patterns with a matcher of our own, because Lua's runs to its
 * end whatever the watchdog says, and a pattern of thirty characters can mean more steps than the sun has
 * years. Every thousand steps the watchdog is asked; plain searches use the C library's linear one.
 *
 * A pattern is read as it is matched: `walk` takes one item (a capture's bracket, a class with its
 * repetition, %b, %f, a back reference) and goes on with the rest; only what may have to be tried again
 * recurses, so the depth is bounded by the pattern's length and by MAX_DEPTH. */
#include "lua/internal.h"

#include <ctype.h>
#include <string.h>

#define MAX_CAPTURES 32
#define MAX_DEPTH 200
#define POLL_EVERY 1024

enum { OPEN = -1, POSITION = -2 };

typedef struct matcher {
    lua_State *L;
    const char *subject, *end, *pattern_end;
    int depth, captures;
    unsigned steps;
    struct {
        const char *at;
        ptrdiff_t len; /* OPEN, POSITION or the length */
    } capture[MAX_CAPTURES];
} matcher;

static const char *walk(matcher *m, const char *s, const char *p);

static void poll(matcher *m)
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
static const char *class_end(matcher *m, const char *p)
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

static int one(const matcher *m, const char *s, const char *p, const char *behind)
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

static const char *balanced(matcher *m, const char *s, const char *p)
{
    if (p + 3 >= m->pattern_end) luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
    if (s >= m->end || *s != p[2]) return NULL;
    size_t depth = 1;
    while (++s < m->end) {
        poll(m);
        if (*s == p[3]) {
            if (--depth == 0) return s + 1;
        } else if (*s == p[2]) {
            depth++;
        }
    }
    return NULL;
}

static const char *frontier(matcher *m, const char *s, const char *p)
{
    p += 2;
    if (p >= m->pattern_end || *p != '[') luaL_error(m->L, "missing '[' after '%%f' in pattern");
    const char *behind = class_end(m, p);
    int before = s == m->subject ? 0 : (unsigned char)s[-1], here = s < m->end ? (unsigned char)*s : 0;
    return !in_set(before, p, behind - 1) && in_set(here, p, behind - 1) ? walk(m, s, behind) : NULL;
}

static const char *back_reference(matcher *m, const char *s, int digit)
{
    int i = digit - '1';
    if (i < 0 || i >= m->captures || m->capture[i].len == OPEN)
        luaL_error(m->L, "invalid capture index %%%d", i + 1);
    if (m->capture[i].len == POSITION) return NULL; /* a place is no text that could stand there again */
    size_t n = (size_t)m->capture[i].len;
    m->steps += (unsigned)(n / 64);
    return (size_t)(m->end - s) >= n && memcmp(m->capture[i].at, s, n) == 0 ? s + n : NULL;
}

static const char *open_capture(matcher *m, const char *s, const char *p, ptrdiff_t what)
{
    if (m->captures >= MAX_CAPTURES) luaL_error(m->L, "too many captures");
    m->capture[m->captures].at = s;
    m->capture[m->captures].len = what;
    m->captures++;
    const char *to = walk(m, s, p);
    if (!to) m->captures--;
    return to;
}

static const char *close_capture(matcher *m, const char *s, const char *p)
{
    int i = m->captures - 1;
    while (i >= 0 && m->capture[i].len != OPEN)
        i--;
    if (i < 0) luaL_error(m->L, "invalid pattern capture");
    m->capture[i].len = s - m->capture[i].at;
    const char *to = walk(m, s, p);
    if (!to) m->capture[i].len = OPEN;
    return to;
}

static const char *as_many(matcher *m, const char *s, const char *p, const char *behind, size_t least)
{
    size_t n = 0;
    for (; one(m, s + n, p, behind); n++)
        poll(m);
    for (;; n--) {
        if (n < least) return NULL;
        const char *to = walk(m, s + n, behind + 1);
        if (to || n == 0) return to;
    }
}

static const char *as_few(matcher *m, const char *s, const char *p, const char *behind)
{
    for (;; s++) {
        const char *to = walk(m, s, behind + 1);
        if (to) return to;
        if (!one(m, s, p, behind)) return NULL;
    }
}

/* A class with what may stand behind it. *next: where the plain case goes on. */
static const char *repeated(matcher *m, const char *s, const char *p, const char **next)
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
static const char *walk_on(matcher *m, const char *s, const char *p)
{
    while (p < m->pattern_end) {
        const char *next;
        poll(m);
        if (*p == '(')
            return p + 1 < m->pattern_end && p[1] == ')' ? open_capture(m, s, p + 2, POSITION)
                                                         : open_capture(m, s, p + 1, OPEN);
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

static const char *walk(matcher *m, const char *s, const char *p)
{
    if (++m->depth > MAX_DEPTH) luaL_error(m->L, "pattern too complex");
    const char *to = walk_on(m, s, p);
    m->depth--;
    return to;
}

static const char *match_at(matcher *m, const char *s, const char *p)
{
    m->captures = 0;
    m->depth = 0;
    return walk(m, s, p);
}

/* ---- results */

static void push_capture(matcher *m, int i, const char *s, const char *to)
{
    if (i >= m->captures) {
        if (i != 0) luaL_error(m->L, "invalid capture index %%%d", i + 1);
        lua_pushlstring(m->L, s, (size_t)(to - s));
        return;
    }
    if (m->capture[i].len == OPEN) luaL_error(m->L, "unfinished capture");
    if (m->capture[i].len == POSITION)
        lua_pushinteger(m->L, m->capture[i].at - m->subject + 1);
    else
        lua_pushlstring(m->L, m->capture[i].at, (size_t)m->capture[i].len);
}

/* All captures; without any, the whole match if it is wanted. */
static int push_captures(matcher *m, const char *s, const char *to, int whole)
{
    int n = m->captures == 0 && whole ? 1 : m->captures;
    luaL_checkstack(m->L, n, "too many captures");
    for (int i = 0; i < n; i++)
        push_capture(m, i, s, to);
    return n;
}

/* 1-based, from the end if negative; behind the end is n + 1. */
static size_t start_of(lua_State *L, int at, size_t n)
{
    lua_Integer i = luaL_optinteger(L, at, 1);
    if (i > 0) return (size_t)i - 1 > n ? n + 1 : (size_t)i - 1;
    if (i == 0) return 0;
    return i < -(lua_Integer)n ? 0 : n - (size_t)-i;
}

static void prepare(matcher *m, lua_State *L, const char *s, size_t n, const char *p, size_t pn)
{
    m->L = L;
    m->steps = 0;
    m->subject = s;
    m->end = s + n;
    m->pattern_end = p + pn;
}

static int is_plain(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] && strchr("^$*+?.([%-", p[i])) return 0;
    return 1;
}

static int find_plain(lua_State *L, const char *s, size_t n, size_t from, const char *p, size_t pn)
{
    const char *at = memmem(s + from, n - from, p, pn);
    fc_raise_if_killed(L);
    if (!at) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, at - s + 1);
    lua_pushinteger(L, at - s + (lua_Integer)pn);
    return 2;
}

static int find_or_match(lua_State *L, int find)
{
    size_t n, pn;
    const char *s = luaL_checklstring(L, 1, &n), *p = luaL_checklstring(L, 2, &pn);
    size_t from = start_of(L, 3, n);
    matcher m;
    if (from > n) {
        lua_pushnil(L);
        return 1;
    }
    if (find && (lua_toboolean(L, 4) || is_plain(p, pn))) return find_plain(L, s, n, from, p, pn);
    prepare(&m, L, s, n, p, pn);
    int anchored = pn > 0 && *p == '^';
    p += anchored;
    for (const char *at = s + from; at <= m.end; at++) {
        const char *to = match_at(&m, at, p);
        poll(&m);
        if (to && !find) return push_captures(&m, at, to, 1);
        if (to) {
            lua_pushinteger(L, at - s + 1);
            lua_pushinteger(L, to - s);
            return push_captures(&m, at, to, 0) + 2;
        }
        if (anchored) break;
    }
    lua_pushnil(L);
    return 1;
}

static int own_find(lua_State *L)
{
    return find_or_match(L, 1);
}

static int own_match(lua_State *L)
{
    return find_or_match(L, 0);
}

/* Upvalues: subject, pattern, where to go on, where the last match ended (an empty one there is not told
 * twice). */
static int next_match(lua_State *L)
{
    size_t n, pn;
    matcher m;
    const char *s = lua_tolstring(L, lua_upvalueindex(1), &n),
               *p = lua_tolstring(L, lua_upvalueindex(2), &pn);
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    prepare(&m, L, s, n, p, pn);
    for (const char *at = s + lua_tointeger(L, lua_upvalueindex(3)); at <= m.end; at++) {
        const char *to = match_at(&m, at, p);
        poll(&m);
        if (!to || to - s == last) continue;
        lua_pushinteger(L, to - s);
        lua_copy(L, -1, lua_upvalueindex(3));
        lua_replace(L, lua_upvalueindex(4));
        return push_captures(&m, at, to, 1);
    }
    return 0;
}

static int own_gmatch(lua_State *L)
{
    size_t n;
    luaL_checklstring(L, 1, &n);
    luaL_checkstring(L, 2);
    size_t from = start_of(L, 3, n);
    lua_settop(L, 2);
    lua_pushinteger(L, (lua_Integer)from);
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, next_match, 4);
    return 1;
}

/* ---- gsub */

static void add_text(matcher *m, luaL_Buffer *b, const char *s, const char *to)
{
    size_t n, before;
    const char *r = lua_tolstring(m->L, 3, &n);
    for (size_t i = 0; i < n; i++) {
        const char *sign = memchr(r + i, '%', n - i);
        before = sign ? (size_t)(sign - r) : n;
        luaL_addlstring(b, r + i, before - i);
        if (!sign) return;
        i = before + 1;
        int c = i < n ? (unsigned char)r[i] : 0;
        if (c == '%') {
            luaL_addchar(b, '%');
        } else if (c == '0') {
            luaL_addlstring(b, s, (size_t)(to - s));
        } else if (isdigit(c)) {
            push_capture(m, c - '1', s, to);
            luaL_tolstring(m->L, -1, NULL);
            lua_remove(m->L, -2);
            luaL_addvalue(b);
        } else {
            luaL_error(m->L, "invalid use of '%%' in replacement string");
        }
    }
}

/* Adds what stands for the match; returns whether it is something else than the match itself. */
static int add_value(matcher *m, luaL_Buffer *b, const char *s, const char *to, int type)
{
    lua_State *L = m->L;
    if (type == LUA_TSTRING || type == LUA_TNUMBER) {
        add_text(m, b, s, to);
        return 1;
    }
    if (type == LUA_TTABLE) {
        push_capture(m, 0, s, to);
        lua_gettable(L, 3);
    } else {
        lua_pushvalue(L, 3);
        lua_call(L, push_captures(m, s, to, 1), 1);
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(b, s, (size_t)(to - s));
        return 0;
    }
    if (!lua_isstring(L, -1)) return luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    luaL_addvalue(b);
    return 1;
}

static int own_gsub(lua_State *L)
{
    size_t n, pn;
    const char *s = luaL_checklstring(L, 1, &n), *p = luaL_checklstring(L, 2, &pn), *last = NULL;
    int type = lua_type(L, 3), anchored = pn > 0 && *p == '^', changed = 0;
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)n + 1), count = 0;
    luaL_argexpected(
        L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
        "string/function/table");
    matcher m;
    luaL_Buffer b;
    prepare(&m, L, s, n, p, pn);
    p += anchored;
    luaL_buffinit(L, &b);
    while (count < most) {
        const char *to = match_at(&m, s, p);
        poll(&m);
        if (to && to != last) {
            count++;
            changed |= add_value(&m, &b, s, to, type);
            s = last = to;
        } else if (s < m.end) {
            luaL_addchar(&b, *s++);
        } else {
            break;
        }
        if (anchored) break;
    }
    if (changed) {
        luaL_addlstring(&b, s, (size_t)(m.end - s));
        luaL_pushresult(&b);
    } else {
        lua_pushvalue(L, 1);
    }
    lua_pushinteger(L, count);
    return 2;
}

const luaL_Reg fc_match_functions[] = {
    {"find", own_find}, {"match", own_match}, {"gmatch", own_gmatch}, {"gsub", own_gsub}, {NULL, NULL}};
