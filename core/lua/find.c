/* string.find, match and gmatch over the matcher. A search that the watchdog interrupts is moved from the C
 * stack into a userdata and goes on from there. Plain searches use the C library's linear one, a piece at a
 * time. */
#include "lua/match.h"

#include <string.h>

#define PIECE ((size_t)1 << 18)

typedef struct search {
    fc_matcher m;
    const char *at; /* this attempt's beginning */
    int begun;
    int kept; /* in a userdata */
} search;

/* 1-based, from the end if negative; behind the end is n + 1. */
static size_t start_of(lua_State *L, int at, size_t n)
{
    lua_Integer i = luaL_optinteger(L, at, 1);
    if (i > 0) return (size_t)i - 1 > n ? n + 1 : (size_t)i - 1;
    if (i == 0) return 0;
    return i < -(lua_Integer)n ? 0 : n - (size_t)-i;
}

/* Keeps the search on the Lua stack and leaves; `go_on` finds it as its context. */
static int leave(lua_State *L, search *s, lua_KFunction go_on)
{
    search *kept = s->kept ? s : lua_newuserdatauv(L, sizeof *kept, 0);
    if (!s->kept) memcpy(kept, s, sizeof *s);
    kept->kept = 1;
    return fc_step_aside(L, go_on, (lua_KContext)kept);
}

/* The next match from s->at on, which is then where it begins. An empty one at `last` does not count. */
static int look(search *s, const char *last)
{
    for (; s->at <= s->m.end; s->at++, s->begun = 0) {
        int told = s->begun ? fc_match_on(&s->m) : fc_match_at(&s->m, s->at);
        s->begun = 1;
        if (told == FC_MATCH_LATER) return told;
        if (told == FC_MATCH_YES && s->m.s != last) return told;
        if (s->m.anchored) break;
    }
    return FC_MATCH_NO;
}

/* ---- find, match */

static int is_plain(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] && strchr("^$*+?.([%-", p[i])) return 0;
    return 1;
}

static int find_plain(lua_State *L, int status, lua_KContext from)
{
    (void)status;
    size_t n, pn, at = (size_t)from;
    const char *s = lua_tolstring(L, 1, &n), *p = lua_tolstring(L, 2, &pn);
    for (;; at += PIECE) {
        if (fc_late(L)) return fc_step_aside(L, find_plain, (lua_KContext)at);
        size_t left = n - at, here = left > PIECE + pn ? PIECE + pn : left;
        const char *found = memmem(s + at, here, p, pn);
        if (found) {
            lua_pushinteger(L, found - s + 1);
            lua_pushinteger(L, found - s + (lua_Integer)pn);
            return 2;
        }
        if (here == left) break;
    }
    lua_pushnil(L);
    return 1;
}

static int found_or_not(lua_State *L, search *s, int find);

static int find_on(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    return found_or_not(L, (search *)ctx, 1);
}

static int match_on(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    return found_or_not(L, (search *)ctx, 0);
}

static int found_or_not(lua_State *L, search *s, int find)
{
    int told = look(s, NULL);
    if (told == FC_MATCH_LATER) return leave(L, s, find ? find_on : match_on);
    if (told == FC_MATCH_NO) {
        lua_pushnil(L);
        return 1;
    }
    if (!find) return fc_match_captures(&s->m, s->at, 1);
    lua_pushinteger(L, s->at - s->m.subject + 1);
    lua_pushinteger(L, s->m.s - s->m.subject);
    return fc_match_captures(&s->m, s->at, 0) + 2;
}

static int find_or_match(lua_State *L, int find)
{
    size_t n, pn;
    const char *s = luaL_checklstring(L, 1, &n), *p = luaL_checklstring(L, 2, &pn);
    size_t from = start_of(L, 3, n);
    search look_for;
    if (from > n) {
        lua_pushnil(L);
        return 1;
    }
    if (find && (lua_toboolean(L, 4) || is_plain(p, pn))) return find_plain(L, LUA_OK, (lua_KContext)from);
    fc_match_prepare(&look_for.m, L, s, n, p, pn);
    look_for.at = s + from;
    look_for.begun = look_for.kept = 0;
    return found_or_not(L, &look_for, find);
}

static int own_find(lua_State *L)
{
    return find_or_match(L, 1);
}

static int own_match(lua_State *L)
{
    return find_or_match(L, 0);
}

/* ---- gmatch */

static int next_on(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    search *s = (search *)ctx;
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    int told = look(s, last < 0 ? NULL : s->m.subject + last);
    if (told == FC_MATCH_LATER) return leave(L, s, next_on);
    if (told == FC_MATCH_NO) return 0;
    lua_pushinteger(L, s->m.s - s->m.subject);
    lua_copy(L, -1, lua_upvalueindex(3));
    lua_replace(L, lua_upvalueindex(4));
    return fc_match_captures(&s->m, s->at, 1);
}

/* Upvalues: subject, pattern, where to go on, where the last match ended (an empty one there is not told
 * twice). */
static int next_match(lua_State *L)
{
    size_t n, pn;
    search s;
    const char *subject = lua_tolstring(L, lua_upvalueindex(1), &n),
               *p = lua_tolstring(L, lua_upvalueindex(2), &pn);
    fc_match_prepare(&s.m, L, subject, n, p, pn);
    s.m.pattern -= s.m.anchored; /* here ^ is a character like any other */
    s.m.anchored = 0;
    s.at = subject + lua_tointeger(L, lua_upvalueindex(3));
    s.begun = s.kept = 0;
    return next_on(L, LUA_OK, (lua_KContext)&s);
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

const luaL_Reg fc_match_functions[] = {
    {"find", own_find}, {"match", own_match}, {"gmatch", own_gmatch}, {"gsub", fc_gsub}, {NULL, NULL}};
