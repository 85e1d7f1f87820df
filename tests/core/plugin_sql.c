/* SQL in a plugin's Lua is found where it stands as it is, with the line of each of its characters; where it
 * cannot be told it is left alone. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "plugin/lua_sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USE "local db = require \"host.db\"\n"

static char seen[4096];

/* "file:line text|", the line of the text's last character behind a comma where it is another */
static void note(void *ctx, const fc_lua_sql *sql)
{
    (void)ctx;
    size_t n = strlen(seen);
    int first = fc_lua_sql_line(sql, 0), last = fc_lua_sql_line(sql, sql->text.len ? sql->text.len - 1 : 0);
    n += (size_t)snprintf(seen + n, sizeof seen - n, "%s%s:%d", sql->field ? "field " : "", sql->file, first);
    if (last != first) n += (size_t)snprintf(seen + n, sizeof seen - n, ",%d", last);
    snprintf(seen + n, sizeof seen - n, " %s|", sql->text.data);
}

static const char *find(const char *text)
{
    *seen = 0;
    fc_lua_finder *f = fc_lua_finder_new(note, NULL);
    fc_lua_finder_file(f, "a.lua", text, strlen(text));
    fc_lua_finder_end(f);
    return seen;
}

static void literals_are_found_with_their_line(void **state)
{
    (void)state;
    assert_string_equal(find(USE "local r = db.one(\"A\", 1)\nfor x in db.each [[B]] do end\ndb.run 'C'"),
                        "a.lua:2 A|a.lua:3 B|a.lua:4 C|");
    assert_string_equal(find(USE "db.all([==[\nA\n B]==], x)"), "a.lua:3,4 A\n B|");
    assert_string_equal(find(USE "db.all('A \\'x\\' \\\\ \\65\\x42\\u{5E97}\\z\n   C')"),
                        "a.lua:2 A 'x' \\ AB店C|");
    assert_string_equal(
        find("local page, db <const> = require \"host.page\", require(\"host.db\")\ndb.one('A')"),
        "a.lua:2 A|");
    assert_string_equal(find("return require(\"host.db\").one('A').n"), "a.lua:1 A|");
    assert_string_equal(find(USE "-- db.one('A')\n--[[ db.one('B') ]] local s = \"db.one('C')\""), "");
}

static void locals_and_joins_are_followed(void **state)
{
    (void)state;
    assert_string_equal(find(USE "local C = 'A'\nlocal D = C .. [[\n B]]\ndb.all(D ..\n ' C' .. 5)"),
                        "a.lua:2,6 A B C5|");
    assert_string_equal(
        find(USE "local one, all = db.one, db.all\nlocal run = db.run\none('A') all 'B' run('C')"),
        "a.lua:4 A|a.lua:4 B|a.lua:4 C|");
    assert_string_equal(find("local all = require(\"host.db\").all\nall('A')"), "a.lua:2 A|");
    assert_string_equal(find(USE "local M = {}\nM.Q = [[A]]\nlocal function f() return db.one(M.Q, 1) end"),
                        "a.lua:3 A|");
    assert_string_equal(
        find(USE "local function f(a, b) db.run('A') end local function g(c) db.run('B') end"),
        "a.lua:2 A|a.lua:2 B|"); /* the word behind the parameters is none of them */
    assert_string_equal(find(USE "return q 'x' { sql = 'A' .. 'B', bind = {} }"), "field a.lua:2 AB|");
}

static void what_cannot_be_told_is_left_alone(void **state)
{
    (void)state;
    assert_string_equal(
        find(USE "db.one(('A %s'):format(x)) db.one('A' .. x) db.one(f('A')) db.one(x or 'A')"), "");
    assert_string_equal(find(USE "local s = 'A'\ns = s .. x\ndb.one(s)"), "");
    assert_string_equal(find(USE "local s = 'A'\nlocal function f(s) return db.one(s) end\ndb.all(s)"),
                        "a.lua:2 A|");
    assert_string_equal(find(USE "local s = 'A'\nfor _, s in ipairs(t) do db.one(s) end\ndb.all(s)"),
                        "a.lua:2 A|");
    assert_string_equal(find(USE "if x then local s = 'A' else db.one(s) end db.one(s)"), "");
    assert_string_equal(find("local db = other\ndb.one('A') x.db.one('B') db:one('C')"), "");
    assert_string_equal(find(USE "local M, N = {}, {}\nM.Q = 'A'\nN.Q = 'B'\ndb.one(M.Q)"), "");
    assert_string_equal(find(USE "local s = 'A' or x\ndb.one(s)\nlocal t = db.one('B').n"), "a.lua:4 B|");
}

static void damaged_text_ends_quietly(void **state)
{
    (void)state;
    find("local db = require \"host.db\" db.one('A");
    find("db.one([==[ A ]=]");
    find("end end } ) until function function ( { { {");
    find("#!/usr/bin/lua\nlocal local = = ..");
    find("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_are_found_with_their_line),
        cmocka_unit_test(locals_and_joins_are_followed),
        cmocka_unit_test(what_cannot_be_told_is_left_alone),
        cmocka_unit_test(damaged_text_ends_quietly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
