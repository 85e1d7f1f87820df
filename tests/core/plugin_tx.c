/* Work outside the database is found where it stands in a function given to db.tx, and only there. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "plugin/lua_tx.h"

#include <stdio.h>
#include <string.h>

#define USE "local db, file, vault = require \"host.db\", require(\"host.file\"), require \"host.vault\"\n"

static char seen[1024];

static void note(void *ctx, int line, const char *what)
{
    (void)ctx;
    size_t n = strlen(seen);
    snprintf(seen + n, sizeof seen - n, "%d %s|", line, what);
}

static const char *find(const char *text)
{
    *seen = 0;
    fc_lua_tx(text, strlen(text), note, NULL);
    return seen;
}

static void calls_in_a_body_are_found(void **state)
{
    (void)state;
    assert_string_equal(
        find(USE "db.tx(function()\n  file.write('a', 'b')\n  db.run 'X'\n  vault.forget(7)\nend)\n"
                 "file.remove 'a'"),
        "3 host.file.write|5 host.vault.forget|");
    assert_string_equal(find(USE
                             "return db.tx(function() if x then for _, v in ipairs(t) do file.remove(v) end "
                             "end end)"),
                        "2 host.file.remove|");
    assert_string_equal(find("require(\"host.db\").tx(function() require(\"host.file\").write('a') end)\n"
                             "require \"host.db\".tx(function() require \"host.file\".write 'a' end)"),
                        "1 host.file.write|2 host.file.write|");
    assert_string_equal(find(USE "local tx, put = db.tx, file.write\ntx(function(a)\n put(a) end)"),
                        "4 host.file.write|");
    assert_string_equal(find(USE "db.tx(function() each(t, function(v) file.remove(v) end) end)"),
                        "2 host.file.remove|");
    assert_string_equal(find(USE "db.tx(function() db.tx(function() end) file.write(1) end) file.write(2)"),
                        "2 host.file.write|");
    assert_string_equal(
        find(USE "local http = require \"host.http\"\ndb.tx(function() http.fetch { url = u } end)"),
        "3 host.http.fetch|");
}

static void what_runs_elsewhere_is_not(void **state)
{
    (void)state;
    assert_string_equal(find(USE "file.write(db.tx(function() return 1 end))"), "");
    assert_string_equal(find(USE "db.tx(function() return function() file.remove(v) end end)()"), "");
    assert_string_equal(find(USE "db.tx(function() local function f() file.remove(v) end end)"), "");
    assert_string_equal(
        find(USE "other.tx(function() file.write(1) end) db.each(function() file.write(1) end)"), "");
    assert_string_equal(find(USE "db.tx(function() file.read(1) x.file.write(1) file.hash(1) end)"), "");
    assert_string_equal(find(USE "-- db.tx(function() file.write(1) end)\nlocal s = 'db.tx(function() "
                                 "file.write(1) end)'"),
                        "");
}

static void names_may_mean_something_else(void **state)
{
    (void)state;
    assert_string_equal(find(USE "db.tx(function(file) file.write(1) end)"), "");
    assert_string_equal(find(USE "db.tx(function() local file = {} file.write(1) end)\n"
                                 "db.tx(function() file.write(1) end)"),
                        "3 host.file.write|");
    assert_string_equal(find(USE "file = mine\ndb.tx(function() file.write(1) end)"), "");
    assert_string_equal(find(USE "for _, file in ipairs(t) do db.tx(function() file.write(1) end) end"), "");
    assert_string_equal(find(USE "local write = file.write or x\ndb.tx(function() write(1) end)"), "");
}

static void damaged_text_ends_quietly(void **state)
{
    (void)state;
    find(USE "db.tx(function() file.write('a");
    find("tx(function");
    find("(function end end } ) until function function ( { { {");
    find(". = local = , function");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_in_a_body_are_found),
        cmocka_unit_test(what_runs_elsewhere_is_not),
        cmocka_unit_test(names_may_mean_something_else),
        cmocka_unit_test(damaged_text_ends_quietly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
