/* string.gsub over the matcher. Where it is stands in a userdata, what it has made in a sink, so that it can
 * step aside between two matches and inside one, and the function that makes replacements may wait or be
 * preempted itself. A text in which nothing is replaced is not copied. */
#include "lua/match.h"

#include <ctype.h>
#include <string.h>

enum { SUBJECT = 1, PATTERN = 2, NEW = 3, WHERE = 4, MADE = 5 }; /* on the stack */

typedef struct replacing {
    const char *at, *last; /* next attempt; end of the last match */
    const char *copied;    /* what stands before it has been made, or replaced */
    lua_Integer most, count;
    fc_matcher *begun;                 /* on the stack, while it stepped aside inside a match */
    const char *asked_from, *asked_to; /* the match for which the function was called */
    int changed;
} replacing;

static void copy_until(lua_State *L, replacing *r, const char *to)
{
    if (!r->changed) {
        fc_sink_push(L, 0);
        lua_replace(L, MADE);
        r->changed = 1;
    }
    fc_sink_add(L, MADE, r->copied, (size_t)(to - r->copied));
    r->copied = to;
}

static void add_text(lua_State *L, fc_matcher *m, const char *from)
{
    size_t n, width;
    const char *text = lua_tolstring(L, NEW, &n);
    for (size_t i = 0; i < n; i++) {
        const char *sign = memchr(text + i, '%', n - i);
        size_t before = sign ? (size_t)(sign - text) : n;
        fc_sink_add(L, MADE, text + i, before - i);
        if (!sign) return;
        i = before + 1;
        int c = i < n ? (unsigned char)text[i] : 0;
        if (c == '%') {
            fc_sink_add(L, MADE, "%", 1);
        } else if (c == '0') {
            fc_sink_add(L, MADE, from, (size_t)(m->s - from));
        } else if (isdigit(c)) {
            fc_match_capture(m, c - '1', from);
            const char *piece = luaL_tolstring(L, -1, &width);
            fc_sink_add(L, MADE, piece, width);
            lua_pop(L, 2);
        } else {
            fc_misuse(L, "替换文字里的 '%%' 后面应是数字或 %%：百分号本身要写成 %%%%",
                      "invalid use of '%%' in replacement string: a digit follows it, and a percent sign is "
                      "written %%%%");
        }
    }
}

/* What a table or a function gave lies on top. */
static void add_value(lua_State *L, replacing *r, const char *from, const char *to)
{
    size_t n;
    if (lua_toboolean(L, -1)) {
        if (!lua_isstring(L, -1))
            fc_misuse(L, "替换的结果是 %s：应返回文字、数字、false 或 nil",
                      "invalid replacement value (a %s): return a text, a number, false or nil",
                      luaL_typename(L, -1));
        const char *text = lua_tolstring(L, -1, &n);
        copy_until(L, r, from);
        fc_sink_add(L, MADE, text, n);
        r->copied = to;
    }
    lua_settop(L, MADE);
}

static int go_on(lua_State *L, int status, lua_KContext ctx);

static void replace(lua_State *L, replacing *r, fc_matcher *m, int type)
{
    const char *from = r->at, *to = m->s;
    r->count++;
    r->at = r->last = to;
    if (type == LUA_TSTRING || type == LUA_TNUMBER) {
        copy_until(L, r, from);
        add_text(L, m, from);
        r->copied = to;
        return;
    }
    if (type == LUA_TTABLE) {
        fc_match_capture(m, 0, from);
        lua_gettable(L, NEW);
    } else {
        r->asked_from = from;
        r->asked_to = to;
        lua_pushvalue(L, NEW);
        lua_callk(L, fc_match_captures(m, from, 1), 1, (lua_KContext)r, go_on);
    }
    r->asked_from = NULL;
    add_value(L, r, from, to);
}

static int leave(lua_State *L, replacing *r, const fc_matcher *begun)
{
    if (begun) {
        r->begun = lua_newuserdatauv(L, sizeof *begun, 0);
        memcpy(r->begun, begun, sizeof *begun);
    }
    return fc_step_aside(L, go_on, (lua_KContext)r);
}

static int end(lua_State *L, replacing *r, const fc_matcher *m)
{
    if (r->changed) {
        copy_until(L, r, m->end);
        fc_sink_result(L, MADE);
    } else {
        lua_pushvalue(L, SUBJECT);
    }
    lua_pushinteger(L, r->count);
    return 2;
}

static int go(lua_State *L, replacing *r)
{
    size_t n, pn;
    fc_matcher m;
    const char *s = lua_tolstring(L, SUBJECT, &n), *p = lua_tolstring(L, PATTERN, &pn);
    int type = lua_type(L, NEW), begun = r->begun != NULL;
    if (begun)
        memcpy(&m, r->begun, sizeof m);
    else
        fc_match_prepare(&m, L, s, n, p, pn);
    r->begun = NULL;
    lua_settop(L, MADE);
    while (r->count < r->most) {
        int told = begun ? fc_match_on(&m) : fc_match_at(&m, r->at);
        begun = 0;
        if (told == FC_MATCH_LATER) return leave(L, r, &m);
        if (told == FC_MATCH_YES && m.s != r->last)
            replace(L, r, &m, type);
        else if (r->at++ >= m.end)
            break;
        if (m.anchored) break;
        if (fc_match_due(&m)) return leave(L, r, NULL);
    }
    return end(L, r, &m);
}

static int go_on(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    replacing *r = (replacing *)ctx;
    if (r->asked_from) {
        const char *from = r->asked_from;
        r->asked_from = NULL;
        add_value(L, r, from, r->asked_to);
        if (*lua_tostring(L, PATTERN) == '^') r->most = r->count; /* once is all */
    }
    return go(L, r);
}

int fc_gsub(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    luaL_checkstring(L, 2);
    int type = lua_type(L, 3);
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)n + 1);
    luaL_argexpected(
        L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
        "string/function/table");
    lua_settop(L, 3);
    replacing *r = lua_newuserdatauv(L, sizeof *r, 0);
    *r = (replacing){.at = s, .copied = s, .most = most};
    lua_pushnil(L);
    return go(L, r);
}
