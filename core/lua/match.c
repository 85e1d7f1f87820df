/* string.find, match, gmatch and gsub: Lua's patterns with a matcher of our own (match_walk.h), because Lua's
 * runs to its end whatever the watchdog says, and a pattern of thirty characters can mean more steps than the
 * sun has years. Every thousand steps the watchdog is asked; plain searches use the C library's linear one.
 */
#include "lua/match_walk.h"

#include <ctype.h>
#include <string.h>

/* ---- results */

static void push_capture(fc_matcher *m, int i, const char *s, const char *to)
{
    if (i >= m->captures) {
        if (i != 0) luaL_error(m->L, "invalid capture index %%%d", i + 1);
        lua_pushlstring(m->L, s, (size_t)(to - s));
        return;
    }
    if (m->capture[i].len == FC_CAPTURE_OPEN) luaL_error(m->L, "unfinished capture");
    if (m->capture[i].len == FC_CAPTURE_POSITION)
        lua_pushinteger(m->L, m->capture[i].at - m->subject + 1);
    else
        lua_pushlstring(m->L, m->capture[i].at, (size_t)m->capture[i].len);
}

/* All captures; without any, the whole match if it is wanted. */
static int push_captures(fc_matcher *m, const char *s, const char *to, int whole)
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

static void prepare(fc_matcher *m, lua_State *L, const char *s, size_t n, const char *p, size_t pn)
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
    fc_matcher m;
    if (from > n) {
        lua_pushnil(L);
        return 1;
    }
    if (find && (lua_toboolean(L, 4) || is_plain(p, pn))) return find_plain(L, s, n, from, p, pn);
    prepare(&m, L, s, n, p, pn);
    int anchored = pn > 0 && *p == '^';
    p += anchored;
    for (const char *at = s + from; at <= m.end; at++) {
        const char *to = fc_match_at(&m, at, p);
        fc_match_poll(&m);
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
    fc_matcher m;
    const char *s = lua_tolstring(L, lua_upvalueindex(1), &n),
               *p = lua_tolstring(L, lua_upvalueindex(2), &pn);
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    prepare(&m, L, s, n, p, pn);
    for (const char *at = s + lua_tointeger(L, lua_upvalueindex(3)); at <= m.end; at++) {
        const char *to = fc_match_at(&m, at, p);
        fc_match_poll(&m);
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

static void add_text(fc_matcher *m, luaL_Buffer *b, const char *s, const char *to)
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
static int add_value(fc_matcher *m, luaL_Buffer *b, const char *s, const char *to, int type)
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
    fc_matcher m;
    luaL_Buffer b;
    prepare(&m, L, s, n, p, pn);
    p += anchored;
    luaL_buffinit(L, &b);
    while (count < most) {
        const char *to = fc_match_at(&m, s, p);
        fc_match_poll(&m);
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
