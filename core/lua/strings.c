/* string.rep, upper, lower, reverse, format, utf8.len and tonumber: the ones of Lua that go through a whole
 * text in one step, whose length a plugin chooses. They work in pieces and step aside between two (the text
 * made so far lies in a sink), or refuse what nobody needs. */
#include "lua/internal.h"

#include <ctype.h>
#include <string.h>

#define PIECE ((lua_Integer)256 << 10)
#define MAX_REP (8u << 20)
#define MAX_QUOTED (64u << 10)
#define MAX_VALUES 500 /* of format */
#define MAX_FORMATTED (4u << 20)
#define MAX_NUMBER 1000 /* characters */

static lua_Integer piece_end(lua_Integer from, lua_Integer n)
{
    return n - from > PIECE ? from + PIECE : n;
}

/* ---- upper, lower, reverse. Stack: the text, the sink. */

typedef void (*turner)(const unsigned char *s, char *to, lua_Integer n);

static void raise_case(const unsigned char *s, char *to, lua_Integer n)
{
    for (lua_Integer i = 0; i < n; i++)
        to[i] = (char)toupper(s[i]);
}

static void lower_case(const unsigned char *s, char *to, lua_Integer n)
{
    for (lua_Integer i = 0; i < n; i++)
        to[i] = (char)tolower(s[i]);
}

static int turned(lua_State *L, lua_Integer from, turner turn, lua_KFunction go_on)
{
    size_t n;
    const char *s = lua_tolstring(L, 1, &n);
    for (lua_Integer to; from < (lua_Integer)n; from = to) {
        if (fc_late(L)) return fc_step_aside(L, go_on, (lua_KContext)from);
        to = piece_end(from, (lua_Integer)n);
        turn((const unsigned char *)s + from, fc_sink_room(L, 2, (size_t)(to - from)), to - from);
    }
    fc_sink_result(L, 2);
    return 1;
}

static int upper_on(lua_State *L, int status, lua_KContext from)
{
    (void)status;
    return turned(L, from, raise_case, upper_on);
}

static int lower_on(lua_State *L, int status, lua_KContext from)
{
    (void)status;
    return turned(L, from, lower_case, lower_on);
}

/* From the end on: a piece of the result is a piece of the text, turned around. */
static int reverse_on(lua_State *L, int status, lua_KContext from)
{
    (void)status;
    size_t n;
    const char *s = lua_tolstring(L, 1, &n);
    for (lua_Integer to; from < (lua_Integer)n; from = to) {
        if (fc_late(L)) return fc_step_aside(L, reverse_on, (lua_KContext)from);
        to = piece_end(from, (lua_Integer)n);
        char *out = fc_sink_room(L, 2, (size_t)(to - from));
        for (lua_Integer i = from; i < to; i++)
            *out++ = s[(lua_Integer)n - 1 - i];
    }
    fc_sink_result(L, 2);
    return 1;
}

static void prepare(lua_State *L)
{
    size_t n;
    luaL_checklstring(L, 1, &n);
    lua_settop(L, 1);
    fc_sink_push(L, n);
}

static int own_upper(lua_State *L)
{
    prepare(L);
    return upper_on(L, LUA_OK, 0);
}

static int own_lower(lua_State *L)
{
    prepare(L);
    return lower_on(L, LUA_OK, 0);
}

static int own_reverse(lua_State *L)
{
    prepare(L);
    return reverse_on(L, LUA_OK, 0);
}

/* ---- rep. Stack: the text, how often, what stands between, the sink: it holds one round, and is then copied
 * behind itself. */

static int rep_on(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    size_t n, width;
    lua_tolstring(L, 1, &n);
    lua_tolstring(L, 3, &width);
    size_t all = (n + width) * (size_t)lua_tointeger(L, 2) - width;
    for (;;) {
        fc_sink *made = lua_touserdata(L, 4);
        size_t step = all - made->n < made->n ? all - made->n : made->n;
        if (step == 0) break;
        if (step > (size_t)PIECE) step = (size_t)PIECE / (n + width) * (n + width);
        if (step == 0) step = n + width; /* one round is longer than a piece */
        if (step > all - made->n) step = all - made->n;
        if (fc_late(L)) return fc_step_aside(L, rep_on, 0);
        memcpy(made->text + made->n, made->text, step);
        made->n += step;
    }
    fc_sink_result(L, 4);
    return 1;
}

static int own_rep(lua_State *L)
{
    size_t n, width;
    const char *s = luaL_checklstring(L, 1, &n), *between = luaL_optlstring(L, 3, "", &width);
    lua_Integer times = luaL_checkinteger(L, 2);
    if (times <= 0 || n + width == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (n > MAX_REP || width > MAX_REP || (size_t)times > MAX_REP / (n + width))
        return fc_misuse(L, "得到的文字太长：请分段写入，或缩短",
                         "resulting string too large: write it in parts, or shorten it");
    lua_settop(L, 3);
    if (lua_isnil(L, 3)) {
        lua_pushliteral(L, "");
        lua_replace(L, 3);
    }
    size_t all = (n + width) * (size_t)times - width;
    fc_sink_push(L, all);
    fc_sink_add(L, 4, s, n);
    if (times > 1) fc_sink_add(L, 4, between, width);
    return rep_on(L, LUA_OK, 0);
}

/* ---- utf8.len. Upvalue: Lua's own. Stack: text, next place, last place, lax, count so far. */

static int utf8_on(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    size_t n;
    const char *s = lua_tolstring(L, 1, &n);
    lua_Integer at = lua_tointeger(L, 2), last = lua_tointeger(L, 3), count = lua_tointeger(L, 5);
    while (at <= last) {
        lua_Integer end = piece_end(at - 1, last);
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_pushvalue(L, 1);
        lua_pushinteger(L, at);
        lua_pushinteger(L, end);
        lua_pushvalue(L, 4);
        lua_call(L, 4, 2);
        if (lua_isnil(L, -2)) return 2; /* nil and the place of what is broken */
        count += lua_tointeger(L, -2);
        lua_settop(L, 5);
        at = end + 1;
        while (at <= last && ((unsigned char)s[at - 1] & 0xC0) == 0x80)
            at++; /* of the character that began before */
        if (at > last || !fc_late(L)) continue;
        lua_pushinteger(L, at);
        lua_replace(L, 2);
        lua_pushinteger(L, count);
        lua_replace(L, 5);
        return fc_step_aside(L, utf8_on, 0);
    }
    lua_pushinteger(L, count);
    return 1;
}

static int own_utf8_len(lua_State *L)
{
    size_t n;
    luaL_checklstring(L, 1, &n);
    lua_Integer len = (lua_Integer)n, i = luaL_optinteger(L, 2, 1), j = luaL_optinteger(L, 3, -1);
    int lax = lua_toboolean(L, 4);
    if (i < 0) i = -i > len ? 0 : len + i + 1;
    if (j < 0) j = -j > len ? 0 : len + j + 1;
    if (i < 1 || i > len + 1)
        fc_misuse_arg(L, 2, "起始位置超出范围：应在 1 到 #s + 1 之间",
                      "initial position out of bounds: it lies between 1 and #s + 1");
    if (j > len)
        fc_misuse_arg(L, 3, "结束位置超出范围：最多是 #s", "final position out of bounds: it is at most #s");
    lua_settop(L, 1);
    lua_pushinteger(L, i);
    lua_pushinteger(L, j);
    lua_pushboolean(L, lax);
    lua_pushinteger(L, 0);
    return utf8_on(L, LUA_OK, 0);
}

/* ---- tonumber and format */

/* Upvalue: Lua's own. No number that somebody wrote has so many digits. */
static int own_tonumber(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TSTRING && lua_rawlen(L, 1) > MAX_NUMBER) {
        luaL_optinteger(L, 2, 10);
        lua_pushnil(L);
        return 1;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

/* %p and the default text of tables show addresses; %q goes through a text character by character. */
static int own_format(lua_State *L)
{
    const char *format = luaL_checkstring(L, 1);
    int quotes = 0;
    for (const char *p = strchr(format, '%'); p; p = strchr(p + 1, '%')) {
        if (p[1] == '%') {
            p++;
            continue;
        }
        char kind = p[1 + strspn(p + 1, "-+ #0123456789.")];
        if (kind == 'p')
            return fc_misuse(L, "'%%p' 不能用，它会显示内存地址：请用 %%s",
                             "'%%p' is not available, for it shows addresses: use %%s");
        quotes |= kind == 'q';
    }
    int n = lua_gettop(L);
    size_t together = 0;
    if (n > MAX_VALUES)
        return fc_misuse(L, "要格式化的值超过 %d 个：请用 table.concat",
                         "more than %d values to format: use table.concat", MAX_VALUES);
    for (int i = 2; i <= n; i++) {
        int t = lua_type(L, i);
        together += t == LUA_TSTRING ? lua_rawlen(L, i) : 0;
        if (together > MAX_FORMATTED)
            return fc_misuse(L, "要格式化的文字超过 %d MiB：请用 table.concat，或分段写入",
                             "texts to format are longer than %d MiB: use table.concat, or write in parts",
                             MAX_FORMATTED >> 20);
        if (t == LUA_TSTRING && quotes && lua_rawlen(L, i) > MAX_QUOTED)
            return fc_misuse(L, "'%%q' 的文字超过 %d KiB：请分段，或用 host.json",
                             "a text for '%%q' is longer than %d KiB: give it in parts, or use host.json",
                             MAX_QUOTED >> 10);
        if (t != LUA_TTABLE && t != LUA_TFUNCTION && t != LUA_TTHREAD && t != LUA_TUSERDATA &&
            t != LUA_TLIGHTUSERDATA)
            continue;
        lua_pushcfunction(L, fc_tostring);
        lua_pushvalue(L, i);
        lua_call(L, 1, 1);
        lua_replace(L, i);
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, n, 1);
    return 1;
}

/* Upvalue: Lua's own. */
static int own_byte(lua_State *L)
{
    size_t n;
    luaL_checklstring(L, 1, &n);
    if (n > FC_MOST_VALUES && lua_gettop(L) > 2) {
        lua_Integer len = (lua_Integer)n, i = luaL_optinteger(L, 2, 1), j = luaL_optinteger(L, 3, i);
        i = i < 0 ? (i < -len ? 1 : len + i + 1) : i;
        j = j < 0 ? len + j + 1 : j > len ? len : j;
        if (j >= i && j - i >= FC_MOST_VALUES)
            return fc_misuse(L, "一次取的字节太多：请分段取", "string slice too long: take it in parts");
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* Puts fn in place of field `name` of the table at the top; fn gets the original as upvalue. */
static void wrap(lua_State *L, const char *name, lua_CFunction fn)
{
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, fn, 1);
    lua_setfield(L, -2, name);
}

void fc_open_strings(lua_State *L)
{
    static const luaL_Reg own[] = {
        {"upper", own_upper}, {"lower", own_lower}, {"reverse", own_reverse}, {"rep", own_rep}, {NULL, NULL}};
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
    luaL_setfuncs(L, fc_match_functions, 0);
    luaL_setfuncs(L, own, 0);
    wrap(L, "format", own_format);
    wrap(L, "byte", own_byte);
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
    luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 1);
    wrap(L, "len", own_utf8_len);
    lua_pushglobaltable(L);
    wrap(L, "tonumber", own_tonumber);
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushliteral(L, "string");
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 5);
}
