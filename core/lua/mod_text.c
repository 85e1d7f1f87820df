/* host.json, host.re, host.text, host.log: pure functions over text. */
#include "base/log.h"
#include "lua/internal.h"
#include "text/json.h"
#include "text/pattern.h"

#include <string.h>

/* ------------------------------------------------------------------ json */

static int json_encode_lua(lua_State *L)
{
    fc_err err;
    luaL_checkany(L, 1);
    fc_scratch *s = fc_scratch_push(L);
    if (fc_to_json(L, 1, FC_EMPTY_OBJECT, &s->json, &err)) return fc_raise(L, &err);
    fc_json_canonical(s->json, &s->buf);
    lua_pushlstring(L, fc_buf_str(&s->buf), s->buf.len);
    return 1;
}

int fc_decode(lua_State *L, size_t most)
{
    size_t n;
    fc_err err;
    const char *text = luaL_checklstring(L, 1, &n);
    fc_scratch *s = fc_scratch_push(L);
    if (fc_json_parse(text, n, most, &s->json, &err)) return fc_raise(L, &err);
    fc_push_json(L, s->json);
    return 1;
}

static int json_decode_lua(lua_State *L)
{
    return fc_decode(L, fc_at_once(FC_JSON_ALONE, 256u << 10));
}

static int json_array_lua(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    fc_array_mark(L);
    return 1;
}

int fc_mod_json(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"encode", json_encode_lua}, {"decode", json_decode_lua}, {"array", json_array_lua}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}

/* ------------------------------------------------------------------ re */

typedef struct pattern_ud {
    fc_pattern *p;
} pattern_ud;

static int pattern_gc(lua_State *L)
{
    pattern_ud *u = luaL_checkudata(L, 1, "fc.pattern");
    if (u->p) fc_pattern_free(u->p);
    u->p = NULL;
    return 0;
}

/* Compiled patterns are kept by their text, at most 200 of them. */
static fc_pattern *pattern_for(lua_State *L, int at)
{
    size_t n;
    fc_err err;
    const char *text = luaL_checklstring(L, at, &n);
    lua_getfield(L, LUA_REGISTRYINDEX, "fc.patterns");
    lua_pushvalue(L, at);
    if (lua_rawget(L, -2) == LUA_TUSERDATA) {
        fc_pattern *p = ((pattern_ud *)lua_touserdata(L, -1))->p;
        lua_pop(L, 2);
        return p;
    }
    lua_pop(L, 1);
    lua_Integer count = (lua_rawgeti(L, -1, 0), lua_tointeger(L, -1));
    lua_pop(L, 1);
    if (count >= 200) {
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setfield(L, LUA_REGISTRYINDEX, "fc.patterns");
        lua_replace(L, -2);
        count = 0;
    }
    pattern_ud *u = lua_newuserdatauv(L, sizeof *u, 0);
    u->p = NULL;
    if (luaL_newmetatable(L, "fc.pattern")) {
        lua_pushcfunction(L, pattern_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    if (fc_pattern_compile(text, n, &u->p, &err)) fc_raise(L, &err);
    lua_pushvalue(L, at);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
    lua_pushinteger(L, count + 1);
    lua_rawseti(L, -3, 0);
    fc_pattern *p = u->p;
    lua_pop(L, 2);
    return p;
}

#define MAX_SPANS 32

static int match_at(lua_State *L, fc_pattern *p, const char *s, size_t n, size_t from, size_t *spans)
{
    fc_err err;
    int matched = 0;
    if (fc_pattern_match(p, s, n, from, &matched, spans, MAX_SPANS, &err)) fc_raise(L, &err);
    fc_raise_if_killed(L);
    return matched;
}

static int re_test(lua_State *L)
{
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    lua_pushboolean(L, match_at(L, pattern_for(L, 2), s, n, 0, NULL));
    return 1;
}

static int re_match(lua_State *L)
{
    size_t n, spans[MAX_SPANS * 2];
    const char *s = luaL_checklstring(L, 1, &n);
    fc_pattern *p = pattern_for(L, 2);
    if (!match_at(L, p, s, n, 0, spans)) return 0;
    int groups = fc_pattern_groups(p) + 1;
    if (groups > MAX_SPANS) groups = MAX_SPANS;
    for (int i = 0; i < groups; i++) {
        if (spans[2 * i] == (size_t)-1)
            lua_pushboolean(L, 0);
        else
            lua_pushlstring(L, s + spans[2 * i], spans[2 * i + 1] - spans[2 * i]);
    }
    return groups;
}

static void add_replacement(luaL_Buffer *b, const char *s, const char *r, size_t rn, const size_t *spans,
                            int groups)
{
    for (size_t i = 0; i < rn; i++) {
        if (r[i] != '$' || i + 1 >= rn || r[i + 1] < '0' || r[i + 1] > '9') {
            luaL_addchar(b, r[i]);
            continue;
        }
        int g = r[++i] - '0';
        if (g <= groups && spans[2 * g] != (size_t)-1)
            luaL_addlstring(b, s + spans[2 * g], spans[2 * g + 1] - spans[2 * g]);
    }
}

static size_t character(const char *s, size_t at, size_t n)
{
    size_t k = 1;
    while (at + k < n && ((unsigned char)s[at + k] & 0xC0) == 0x80)
        k++;
    return k;
}

static int re_gsub(lua_State *L)
{
    size_t n, rn, spans[MAX_SPANS * 2], at = 0;
    const char *s = luaL_checklstring(L, 1, &n), *r = luaL_checklstring(L, 3, &rn);
    fc_pattern *p = pattern_for(L, 2);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    while (at <= n && match_at(L, p, s, n, at, spans)) {
        luaL_addlstring(&b, s + at, spans[0] - at);
        add_replacement(&b, s, r, rn, spans, fc_pattern_groups(p));
        if (spans[1] > spans[0]) {
            at = spans[1];
            continue;
        }
        if (spans[0] >= n) {
            at = n;
            break;
        }
        size_t k = character(s, spans[0], n);
        luaL_addlstring(&b, s + spans[0], k);
        at = spans[0] + k;
    }
    if (at < n) luaL_addlstring(&b, s + at, n - at);
    luaL_pushresult(&b);
    return 1;
}

int fc_mod_re(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"test", re_test}, {"match", re_match}, {"gsub", re_gsub}, {NULL, NULL}};
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, "fc.patterns");
    luaL_newlib(L, functions);
    return 1;
}

/* ------------------------------------------------------------------ text */

/* One decoded character; returns its length, 0 at a broken byte. */
static size_t decode(const unsigned char *s, size_t n, unsigned *out)
{
    size_t len = s[0] < 0x80 ? 1 : s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : s[0] >= 0xC0 ? 2 : 0;
    if (!len || len > n) return 0;
    *out = len == 1 ? s[0] : s[0] & (0xFF >> (len + 1));
    for (size_t i = 1; i < len; i++)
        *out = *out << 6 | (s[i] & 0x3F);
    return len;
}

/* What nobody sees, but what turns a line around, hides in a name or drives a terminal: controls, joiners,
 * directions (U+202A-202E, U+2066-2069), fillers, tags. Ideographic variation selectors stay: they are part
 * of how a name is written. */
static bool is_unseen(unsigned c)
{
    static const unsigned ranges[][2] = {
        {0x00, 0x08},     {0x0B, 0x0C},      {0x0E, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},
        {0x34F, 0x34F},   {0x61C, 0x61C},    {0x115F, 0x1160}, {0x180B, 0x180F}, {0x200B, 0x200F},
        {0x202A, 0x202E}, {0x2060, 0x206F},  {0x3164, 0x3164}, {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0},
        {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1]) return true;
    return false;
}

#define MAX_CLEAN (1u << 20)

static int text_clean(lua_State *L)
{
    size_t n;
    const unsigned char *s = (const unsigned char *)luaL_checklstring(L, 1, &n);
    if (n > MAX_CLEAN) fc_misuse_arg(L, 1, "超过 1 MiB：请分段处理", "longer than 1 MiB: clean it in parts");
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (size_t i = 0; i < n;) {
        unsigned c = 0;
        size_t len = decode(s + i, n - i, &c);
        if (!len) {
            i++;
            continue;
        }
        if (c >= 0xFF01 && c <= 0xFF5E)
            luaL_addchar(&b, (char)(c - 0xFEE0));
        else if (c == 0x3000 || c == 0xA0 || c == 0x2028 || c == 0x2029)
            luaL_addchar(&b, ' ');
        else if (c >= 0x20 && c < 0x7F)
            luaL_addchar(&b, (char)c);
        else if (!is_unseen(c))
            luaL_addlstring(&b, (const char *)s + i, len);
        i += len;
    }
    luaL_pushresult(&b);
    const char *p = lua_tolstring(L, -1, &n), *end = p + n;
    while (p < end && strchr(" \t\r\n", *p))
        p++;
    while (end > p && strchr(" \t\r\n", end[-1]))
        end--;
    lua_pushlstring(L, p, (size_t)(end - p));
    return 1;
}

static int text_length(lua_State *L)
{
    size_t n;
    lua_Integer count = 0;
    const char *s = luaL_checklstring(L, 1, &n);
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)s[i] & 0xC0) != 0x80;
    lua_pushinteger(L, count);
    return 1;
}

static int text_cut(lua_State *L)
{
    size_t n, i = 0;
    const char *s = luaL_checklstring(L, 1, &n);
    lua_Integer left = luaL_checkinteger(L, 2);
    while (i < n && left-- > 0)
        i += character(s, i, n);
    lua_pushlstring(L, s, i < n ? i : n);
    return 1;
}

static int text_pick(lua_State *L)
{
    if (lua_type(L, 1) != LUA_TTABLE) {
        lua_settop(L, 1);
        return 1;
    }
    fc_call *c = fc_call_current();
    const char *lang = luaL_optstring(L, 2, c && c->lang == FC_EN ? "en" : "zh");
    lua_getfield(L, 1, lang);
    if (lua_isnil(L, -1)) lua_getfield(L, 1, strcmp(lang, "en") == 0 ? "zh" : "en");
    return 1;
}

int fc_mod_text(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"clean", text_clean}, {"length", text_length}, {"cut", text_cut}, {"pick", text_pick}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}

/* ------------------------------------------------------------------ log */

static int write_log(lua_State *L, enum fc_level level)
{
    luaL_Buffer b;
    int n = lua_gettop(L);
    luaL_buffinit(L, &b);
    for (int i = 1; i <= n; i++) {
        if (i > 1) luaL_addchar(&b, ' ');
        int t = lua_type(L, i);
        if (t == LUA_TSTRING || t == LUA_TNUMBER)
            lua_pushvalue(L, i);
        else if (t == LUA_TBOOLEAN)
            lua_pushstring(L, lua_toboolean(L, i) ? "true" : "false");
        else
            lua_pushstring(L, lua_typename(L, t));
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    fc_log(level, fc_vm_of(L)->plugin, "%s", lua_tostring(L, -1));
    return 0;
}

static int log_info(lua_State *L)
{
    return write_log(L, FC_INFO);
}

static int log_warn(lua_State *L)
{
    return write_log(L, FC_WARN);
}

static int log_error(lua_State *L)
{
    return write_log(L, FC_ERROR);
}

int fc_mod_log(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"info", log_info}, {"warn", log_warn}, {"error", log_error}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
