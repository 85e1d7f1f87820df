/* Our string and table functions against Lua's own: the same results and the same refusals on random input,
 * and an end where Lua's has none. */
#include "base/clock.h"
#include "lua/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Runs in both states; everything random comes from a generator of its own, so that both see the same. */
static const char script[] =
    "local seed = 20261121\n"
    "local function rnd(n) seed = (seed * 1103515245 + 12345) % 2147483648 return seed // 65536 % n + 1 end\n"
    "local out = {}\n"
    "local function show(v) return type(v) == 'string' and ('%q'):format(v) or type(v) == 'table' and "
    "'table' or tostring(v) end\n"
    "local function note(...)\n"
    "  local line = {}\n"
    "  for i = 1, select('#', ...) do line[i] = show((select(i, ...))) end\n"
    "  out[#out + 1] = table.concat(line, '|')\n"
    "end\n"
    "local parts = { 'a', 'b', '.', '%a', '%d', '%s', '%w', '[ab]', '[^a]', '[a-c]', '[%a_]', '[]x]', "
    "'[^]]', '(', ')', '()', '%1', '%2', '*', '+', '-', '?', '^', '$', '%b()', '%f[a]', '%%', '%', '[', "
    "'\\0', 'xy', '%x', '%D', '%S+' }\n"
    "local letters = { 'a', 'b', 'c', 'x', 'y', '(', ')', ' ', '1', '2', '%', '\\0', ']', '_', '-' }\n"
    "local function text(list, n) local t = {} for i = 1, n do t[i] = list[rnd(#list)] end return "
    "table.concat(t) end\n"
    "local reps = { '<%0>', '%1', '%%', '[%1%2]', 'x', '%3', '%', '' }\n"
    "for i = 1, ROUNDS do\n"
    "  local s, p, r = text(letters, rnd(14) - 1), text(parts, rnd(6)), reps[rnd(#reps)]\n"
    "  local init = rnd(24) - 12\n"
    "  note(i, p, s, pcall(string.find, s, p, init))\n"
    "  note(pcall(string.match, s, p, init))\n"
    "  note(pcall(string.gsub, s, p, r, rnd(4)))\n"
    "  note(pcall(string.gsub, s, p, { a = 'A', ab = false, b = 5 }))\n"
    "  note(pcall(string.gsub, s, p, function(a, b) return b or a ~= 'a' and a end))\n"
    "  note(pcall(string.find, s, text(letters, rnd(3)), init, true))\n"
    "  note(pcall(function() local n = {} for a, b in s:gmatch(p, init) do n[#n + 1] = show(a) .. show(b) "
    "end return table.concat(n, ';') end))\n"
    "end\n"
    /* every length at which the room for a result could be too small */
    "for n = 0, 700 do\n"
    "  local s = ('x'):rep(n)\n"
    "  note(#s, #('ab'):rep(n, ','), #('1'):rep(n, ' - '), #s:upper(), #s:lower(), #s:reverse(), "
    "(s:gsub('x', 'yz')), (s:gsub('x', '')))\n"
    "  note(#table.concat({ s, s }, '/'), (('-'):rep(3, s)))\n"
    "end\n"
    "for i = 1, ROUNDS // 4 do\n"
    "  local t, n = {}, rnd(12) - 1\n"
    "  for k = 1, n do t[k] = rnd(9) end\n"
    "  note(pcall(table.insert, t, rnd(n + 3) - 1, 'new'))\n"
    "  note(pcall(table.remove, t, rnd(n + 4) - 2))\n"
    "  note(pcall(table.concat, t, ',', rnd(5) - 2, rnd(6) - 1))\n"
    "  local other = {}\n"
    "  note(pcall(table.move, t, rnd(6) - 2, rnd(8) - 2, rnd(8) - 3, rnd(2) == 1 and other or nil))\n"
    "  for k = -3, 15 do out[#out + 1] = show(t[k]) .. show(other[k]) end\n"
    "  local u = {}\n"
    "  for k = 1, rnd(60) do u[k] = rnd(40) end\n"
    "  table.sort(u)\n"
    "  out[#out + 1] = table.concat(u, ' ')\n"
    "  table.sort(u, function(a, b) return a > b end)\n"
    "  out[#out + 1] = table.concat(u, ' ')\n"
    "end\n"
    "note(pcall(table.insert, {}))\n"
    "note(pcall(table.insert, {}, 1, 2, 3))\n"
    "note(pcall(table.insert, {}, 5, 2))\n"
    "note(pcall(table.sort, { 1, 'x' }))\n"
    "note(pcall(table.sort, { 2, 1 }, 5))\n"
    "note(pcall(table.concat, { {} }))\n"
    "note(pcall(table.move, {}, 1, math.maxinteger, 2))\n"
    "note(pcall(table.move, {}, -1, math.maxinteger, 2))\n"
    "note(pcall(string.find, 'x', ('a?'):rep(300) .. 'b'))\n"
    "note(pcall(string.rep, 'x', -1))\n"
    "note(pcall(string.find, 'a', ('('):rep(40)))\n"
    "return table.concat(out, '\\n')\n";

static char *result_of(lua_State *L)
{
    char text[sizeof script + 64];
    size_t n;
    snprintf(text, sizeof text, "local ROUNDS = %s\n%s",
             getenv("FORECOURT_LONG") && *getenv("FORECOURT_LONG") ? "40000" : "4000", script);
    if (luaL_loadstring(L, text) != LUA_OK || lua_pcall(L, 0, 1, 0) != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
    const char *s = lua_tolstring(L, -1, &n);
    char *copy = malloc(n + 1);
    memcpy(copy, s, n + 1);
    return copy;
}

/* "bad argument #2 to 'find' (...)": which function and which argument Lua finds out through package.loaded,
 * which a vm has not; the reason must be the same. Behind Lua's words the host may say what to do. */
static int same_words(const char *lua, const char *ours)
{
    size_t n = strlen(lua);
    if (strcmp(lua, ours) == 0) return 1;
    while (n && (lua[n - 1] == '"' || lua[n - 1] == ')'))
        n--;
    for (; n <= strlen(lua); n++)
        if (strncmp(lua, ours, n) == 0 && strncmp(ours + n, ": ", 2) == 0) return 1;
    return 0;
}

static int same_line(const char *a, const char *b)
{
    if (same_words(a, b)) return 1;
    const char *x = strstr(a, "bad argument #"), *y = strstr(b, "bad argument #");
    x = x ? strchr(x, '(') : NULL;
    y = y ? strchr(y, '(') : NULL;
    return x && y && same_words(x, y);
}

static void results_are_lua_s_own(void **state)
{
    (void)state;
    lua_State *plain = luaL_newstate();
    luaL_openlibs(plain);
    fc_vm *vm = fc_vm_new("test", NULL, NULL, 512u << 20);
    char *want = result_of(plain), *got = result_of(vm->L), *w = want, *g = got;
    int lines = 0;
    while (w && g) {
        char *a = strsep(&w, "\n"), *b = strsep(&g, "\n");
        if (!same_line(a, b)) fail_msg("line %d\nLua:  %s\nours: %s", lines, a, b);
        lines++;
    }
    assert_null(w);
    assert_null(g);
    assert_true(lines > 20000);
    free(want);
    free(got);
    lua_close(plain);
    fc_vm_free(vm);
}

static void sort_keeps_the_order_of_equals(void **state)
{
    (void)state;
    fc_vm *vm = fc_vm_new("test", NULL, NULL, 64u << 20);
    const char *text = "local t = {} for i = 1, 1000 do t[i] = { i % 7, i } end "
                       "table.sort(t, function(a, b) return a[1] < b[1] end) "
                       "for i = 2, 1000 do assert(t[i - 1][1] < t[i][1] or t[i - 1][1] == t[i][1] and t[i - "
                       "1][2] < t[i][2]) end "
                       "table.sort(t, function() return true end) table.sort(t, function() return false end) "
                       "local n = {} for _, v in ipairs(t) do n[v[2]] = true end "
                       "for i = 1, 1000 do assert(n[i]) end";
    if (luaL_dostring(vm->L, text)) fail_msg("%s", lua_tostring(vm->L, -1));
    fc_vm_free(vm);
}

static int run_text(lua_State *L)
{
    if (luaL_loadstring(L, lua_touserdata(L, 1)) != LUA_OK) return lua_error(L);
    lua_call(L, 0, 0);
    return 0;
}

/* Each would take years; the watchdog ends it. */
static void long_work_is_ended(void **state)
{
    static const char *const texts[] = {
        "return (('a'):rep(64) .. 'b'):find(('a*'):rep(30) .. 'c')",
        "return ('('):rep(4000000):find '%b()'",
        "return ('a'):rep(4000000):gsub('.-b', '')",
        "for _ in ('a'):rep(4000000):gmatch 'a-b' do end",
        "table.move({}, 1, math.maxinteger - 1, 2)",
        "table.insert(setmetatable({}, { __len = function() return math.maxinteger - 1 end }), 1, 'x')",
        "table.remove(setmetatable({}, { __len = function() return math.maxinteger - 1 end }), 1)",
        "table.concat(setmetatable({}, { __len = function() return math.maxinteger end, __index = function() "
        "return '' end }))",
        "table.sort({ 1, 2, 3 }, function() while true do end end)",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        fc_vm *vm = fc_vm_new("test", NULL, NULL, 64u << 20);
        fc_turn turn;
        int64_t began = fc_cpu();
        lua_pushcfunction(vm->L, run_text);
        lua_pushlightuserdata(vm->L, (void *)texts[i]);
        fc_turn_begin(&turn, vm, vm->L, 50 * 1000000LL);
        int status = lua_pcall(vm->L, 1, 0, 0);
        int killed = fc_turn_killed();
        fc_turn_end(&turn);
        if (status == LUA_OK || !killed) fail_msg("%s: status %d, killed %d", texts[i], status, killed);
        assert_true(fc_cpu() - began < 500 * 1000000LL);
        fc_vm_free(vm);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_lua_s_own),
        cmocka_unit_test(sort_keeps_the_order_of_equals),
        cmocka_unit_test(long_work_is_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
