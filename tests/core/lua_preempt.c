/* Preemption: a call that holds the loop goes on in its turn, whatever it stands in, and keeps what is its
 * own. */
#include "lua_turns.h"

#include "base/log.h"

#include <unistd.h>

static void another_call_answers_meanwhile(void **state)
{
    (void)state;
    seen busy, quick;
    begin(&busy, a, "busy", json_pack("[i]", 20000000));
    assert_int_equal(busy.done, 0);
    assert_null(fc_call_current());
    begin(&quick, a, "quick", json_array());
    turn();
    assert_int_equal(quick.done, 1);
    assert_int_equal(busy.done, 0);
    assert_string_equal(json_string_value(json_array_get(quick.result, 0)), "quick");
    assert_true(finish(&busy) > 3);
    assert_false(busy.failed);
    assert_int_equal(json_integer_value(json_array_get(busy.result, 1)), 60000003);
    drop(&busy);
    drop(&quick);
}

/* Each of these stands somewhere else while it computes for longer than a slice. `spin()` is some of that. */
static const char *const places[] = {
    SPIN "spin(9000000) return 'end'",
    SPIN "local ok, x = pcall(spin, 9000000) assert(ok and x > 0) return 'end'",
    SPIN
    "local ok, e = pcall(function() spin() error 'mine' end) spin() assert(not ok and e:find 'mine') return "
    "'end'",
    SPIN
    "local ok, e = xpcall(function() spin() error 'mine' end, function(m) return m .. '!' end) assert(not ok "
    "and e:find 'mine!') return 'end'",
    SPIN "local co = coroutine.create(function(x) spin() local y = coroutine.yield(x + 1) spin() return y * "
         "2 end) "
         "local ok, v = coroutine.resume(co, 1) assert(ok and v == 2) ok, v = coroutine.resume(co, 10) "
         "assert(ok and "
         "v == 20) assert(not coroutine.resume(co)) return 'end'",
    SPIN "local s = 0 for v in coroutine.wrap(function() for i = 1, 4 do spin() coroutine.yield(i) end end) "
         "do s = s "
         "+ v end assert(s == 10) return 'end'",
    SPIN
    "local f = coroutine.wrap(function() return coroutine.wrap(function() spin() spin() return 'deep' end)() "
    "end) assert(f() == 'deep') return 'end'",
    SPIN
    "local co = coroutine.create(function() spin() error 'inner' end) local ok, e = coroutine.resume(co) "
    "assert(not ok and e:find 'inner') return 'end'",
    SPIN "local n = 0 do local c <close> = setmetatable({}, { __close = function() spin() n = n + 1 end }) "
         "spin() end "
         "assert(n == 1) return 'end'",
    SPIN
    "local t = setmetatable({}, { __index = function(_, k) spin() return k end, __add = function() spin() "
    "return "
    "7 end, __concat = function() spin() return 'c' end, __eq = function() spin() return true end, __lt = "
    "function() spin() return true end, __call = function() spin() return 8 end, __len = function() spin() "
    "return 9 end }) assert(t.x == 'x' and t + 1 == 7 and t .. 'x' == 'c' and t < t and t() == 8 and #t == 9 "
    "and not (t ~= setmetatable({}, getmetatable(t)))) return 'end'",
    SPIN "local t = {} for i = 1, 12 do t[i] = (i * 7) % 13 end table.sort(t, function(x, y) spin(300000) "
         "return x < "
         "y end) assert(table.concat(t, ',') == '1,2,3,4,5,6,7,8,9,10,11,12') return 'end'",
    SPIN
    "local s, n = ('abc'):gsub('%w', function(c) spin() return c:upper() end) assert(s == 'ABC' and n == 3) "
    "return 'end'",
    SPIN "local s = '' for k, v in ('a=1,b=2'):gmatch '(%w)=(%w)' do spin() s = s .. k .. v end assert(s == "
         "'a1b2') "
         "return 'end'",
    SPIN "assert(tostring(setmetatable({}, { __tostring = function() spin() return 'shown' end })) == "
         "'shown') return "
         "'end'",
    "local t = {} for i = 1, 300000 do t[i] = i * 7919 % 300007 end table.sort(t) for i = 2, #t do "
    "assert(t[i - 1] "
    "<= t[i]) end return 'end'",
    "local t = {} for i = 1, 400000 do t[i] = 'x' end for _ = 1, 3 do table.insert(t, 1, 'y') end "
    "assert(t[3] == 'y' "
    "and t[4] == 'x' and #t == 400003) for _ = 1, 3 do assert(table.remove(t, 1) == 'y') end assert(#t == "
    "400000) "
    "return 'end'",
    "local t = {} for i = 1, 600000 do t[i] = i % 10 end local s = table.concat(t, '-') assert(#s == 1199999 "
    "and "
    "s:sub(1, 7) == '1-2-3-4' and s:sub(-3) == '9-0') return 'end'",
    "local t = {} for i = 1, 600000 do t[i] = i end table.move(t, 1, 599999, 2) assert(t[1] == 1 and "
    "t[600000] == "
    "599999) local u = table.move(t, 1, 600000, 1, {}) assert(#u == 600000 and u[5] == 4) return 'end'",
    "local s = ('a'):rep(250) assert(not s:find('.-.-.-b')) return 'end'",
    "local s = ('ab '):rep(300000) local n = 0 for w in s:gmatch '%w+' do n = n + 1 end local g, c = "
    "s:gsub('b', "
    "'cc') assert(n == 300000 and c == 300000 and #g == 1200000 and g:sub(1, 8) == 'acc acc ') return 'end'",
    "local s = ('ab '):rep(300000) local g, c = s:gsub('(a)(b)', '%2%1') assert(c == 300000 and g:sub(1, 6) "
    "== 'ba "
    "ba ') return 'end'",
    "local s = ('('):rep(3000000) .. (')'):rep(3000000) assert(s:match '%b()' == s) return 'end'",
    "local s = ('a'):rep(1000000) .. 'b' assert(s:find('b') == 1000001 and s:match('a*b') == s and s:match "
    "'.-b' == s "
    "and s:find('^(a+)b$') == 1) return 'end'",
};

static int slices_of(const char *text, fc_vm *vm)
{
    seen s;
    begin_piece(&s, vm, text);
    int n = finish(&s);
    if (s.failed) fail_msg("%s: %s: %s\n%s", text, s.fault.place, s.fault.en, s.fault.trace);
    assert_string_equal(json_string_value(json_array_get(s.result, 0)), "end");
    drop(&s);
    return n;
}

static void it_goes_on_wherever_it_stood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (slices_of(places[i], a) < 1) fail_msg("was not preempted: %s", places[i]);
}

/* The same results, whether or not anything was preempted. */
static void straight_through_gives_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        world_gives(a, places[i], "[\"end\"]");
}

#define DEEP "local function f(n) return 1 + f(n + 1) end "
#define ENDED "assert(not ok and e:find('^piece:1: stack overflow %(more than 10000 '), tostring(e)) "

/* Lua's own limit is so deep that unwinding it holds the loop for as long as a slice again. Asked at each
 * tick, also where nothing can be preempted, and caught like any error. */
static void a_recursion_ends_long_before_luas_own_limit(void **state)
{
    (void)state;
    static const char *const texts[] = {
        DEEP "local ok, e = pcall(f, 1) " ENDED "return 'end'",
        DEEP "local ok, e local t = setmetatable({}, { __tostring = function() ok, e = pcall(f, 1) return "
             "'shown' end }) assert(('%s'):format(t) == 'shown') " ENDED "return 'end'",
        /* the function that runs at the tick was called by one of C: the line is told all the same */
        DEEP "local function g(n) table.sort({ 3, 1, 2 }, function(x, y) for _ = 1, 50 do end return x < y "
             "end) return 1 + g(n + 1) end local ok, e = pcall(g, 1) " ENDED "return 'end'",
        DEEP "local function g(n) ('abc'):gsub('.', function() for _ = 1, 50 do end end) return 1 + g(n + 1) "
             "end local ok, e = pcall(g, 1) " ENDED "return 'end'",
        DEEP "local ok, e = coroutine.resume(coroutine.create(f), 1) " ENDED "return 'end'",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        slices_of(texts[i], a);
}

/* Lua has no hooks while it handles an error of a hook: what handles this one would hold the loop for ever.
 */
static void who_handles_such_an_error_is_watched(void **state)
{
    (void)state;
    static const char text[] =
        SPIN DEEP "local ok, e = xpcall(f, function(m) spin(20000000) return m end, 1) " ENDED "return 'end'";
    assert_true(slices_of(text, a) > 3);
    slices_of(DEEP "local ok, e = xpcall(error, function() return f(1) end) " ENDED "return 'end'", a);
    slices_of(DEEP "local ok, e = xpcall(f, function() error('again', 0) end, 1) "
                   "assert(not ok and e == 'again') return 'end'",
              a);
}

/* An export that cannot be waited for holds the loop like any other. */
static void also_in_an_export_that_cannot_be_preempted(void **state)
{
    (void)state;
    slices_of(
        "local ok, e, t t = setmetatable({}, { __tostring = function() ok, e = pcall(require('b').deep, "
        "1) return 'shown' end }) assert(('%s'):format(t) == 'shown') "
        "assert(not ok and e:find('10000', 1, true), tostring(e)) return 'end'",
        a);
}

static void an_export_lets_others_in(void **state)
{
    (void)state;
    seen s, quick;
    begin(&s, a, "through", json_pack("[i]", 9000000));
    assert_int_equal(s.done, 0);
    begin(&quick, b, "busy", json_pack("[i]", 1)); /* the very state in which the other one stands */
    finish(&quick);
    assert_int_equal(s.done, 0);
    finish(&s);
    assert_string_equal(json_string_value(json_array_get(s.result, 0)), "b");
    drop(&s);
    drop(&quick);
    slices_of("local ok, e = pcall(require('b').fails, 9000000) assert(not ok and e.en == 'no') return 'end'",
              a);
    slices_of("local f = coroutine.wrap(function() return (require('b').busy(9000000)) end) assert(f() == "
              "'b') return "
              "'end'",
              a);
}

static void each_call_keeps_what_is_its_own(void **state)
{
    (void)state;
    seen s[3];
    static const char *const names[] = {"anna", "berta", "clara"};
    for (int i = 0; i < 3; i++) {
        s[i] = (seen){.call = world_call()};
        snprintf(s[i].call.login, sizeof s[i].call.login, "%s", names[i]);
        json_t *args = json_pack("[i]", 6000000 + i * 3000000);
        fc_call_start(&s[i].call, a, "who", args, note);
        json_decref(args);
    }
    for (int i = 0; i < 3; i++)
        finish(&s[i]);
    assert_null(fc_call_current());
    for (int i = 0; i < 3; i++) {
        char *text = json_dumps(s[i].result, JSON_COMPACT);
        assert_non_null(strstr(text, names[i]));
        free(text);
        drop(&s[i]);
    }
}

/* A coroutine that two calls know: who comes second is refused and disturbs nothing. */
static void a_coroutine_is_held_by_one_call(void **state)
{
    (void)state;
    seen one, two;
    begin(&one, a, "shared", json_array());
    begin(&two, a, "shared", json_array());
    assert_int_equal(one.done, 0);
    finish(&two);
    assert_true(json_is_false(json_array_get(two.result, 0)));
    assert_non_null(strstr(json_string_value(json_array_get(two.result, 1)), "in which another call waits"));
    finish(&one);
    assert_string_equal(json_string_value(json_array_get(one.result, 1)), "lap");
    drop(&one);
    drop(&two);
}

/* However it tries, and however often it was preempted before. */
static void the_budget_is_for_all_turns_together(void **state)
{
    static const char *const texts[] = {
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "local function tree() pcall(tree) pcall(tree) end while true do tree() end",
        "while true do coroutine.wrap(function() pcall(function() while true do end end) end)() end",
        "local co = coroutine.create(function() while true do pcall(function() while true do end end) end "
        "end) while "
        "true do coroutine.resume(co) co = coroutine.create(function() while true do end end) end",
        "xpcall(function() while true do end end, function() while true do end end)",
        DEEP "xpcall(f, function() while true do end end, 1)",
        "local c <close> = setmetatable({}, { __close = function() while true do end end }) while true do "
        "end",
        "while true do pcall(table.sort, { 3, 2, 1 }, function() while true do end end) end",
        "while true do pcall(string.gsub, 'abc', '.', function() while true do end end) end",
        "while true do pcall(string.find, ('a'):rep(100000), '.-.-.-.-b') end",
        "while true do pcall(table.concat, setmetatable({}, { __len = function() return math.maxinteger end, "
        "__index = "
        "function() return 'x' end })) end",
        "require('a.exports').caught_below()",
        "local t = setmetatable({}, { __lt = function() while true do end end }) while true do "
        "pcall(table.sort, { t, t "
        "}) end",
        "for _ in ('a'):rep(1000000):gmatch('.-b') do end while true do pcall(string.rep, 'x', 1 << 24) end",
    };
    world_budget = 100 * MS;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        seen s;
        int64_t began = fc_cpu();
        begin_piece(&s, a, texts[i]);
        int n = finish(&s);
        if (!s.failed || s.fault.code != FC_ELIMIT || !strstr(s.fault.en, "time budget"))
            fail_msg("%s: %s", texts[i], s.fault.en);
        assert_true(fc_vm_spoiled(a));
        if (n < 4 && i != 13) fail_msg("%s: only %d turns", texts[i], n);
        if (fc_cpu() - began > 1000 * MS) fail_msg("%s: %d ms", texts[i], (int)((fc_cpu() - began) / MS));
        drop(&s);
        close_both(state);
        open_both(state);
    }
    world_budget = 20 * 1000 * MS;
}

/* Somebody else has the processor, or a disk is slow: ticks come, but the call computes nothing. */
static void others_have_it(void *ctx, enum fc_level level, const char *area, const char *text)
{
    (void)ctx;
    (void)level;
    (void)area;
    (void)text;
    int64_t until = fc_monotonic() + 20 * MS;
    while (fc_monotonic() < until)
        usleep(5000);
}

static void the_time_of_others_is_not_the_calls(void **state)
{
    (void)state;
    seen s;
    world_budget = 200 * MS;
    fc_log_listen(others_have_it, NULL);
    begin_piece(&s, a, "for i = 1, 20 do print(i) end return 'end'");
    int n = finish(&s);
    fc_log_listen(NULL, NULL);
    if (s.failed) fail_msg("%s", s.fault.en);
    assert_true(n > 10);
    drop(&s);
    world_budget = 20 * 1000 * MS;
}

static fc_store *in_tx;

static int finish_outside_tx(seen *s)
{
    while (!s->done) {
        assert_int_equal(fc_tx_depth(in_tx), 0);
        turn();
    }
    return 0;
}

static void nobody_is_preempted_in_a_transaction(void **state)
{
    (void)state;
    fc_err err;
    assert_int_equal(fc_store_open(":memory:", &in_tx, &err), FC_OK);
    static const char *const texts[] = {
        SPIN
        "local db = require 'host.db' spin() for i = 1, 5 do db.tx(function() spin(500000) db.tx(function() "
        "spin(500000) end) end) spin(2000000) end return 'end'",
        SPIN "local db = require 'host.db' db.tx(function() local i = 0 while true do i = i + 1 end end)",
        SPIN "local db = require 'host.db' while true do pcall(db.tx, function() while true do end end) end",
        SPIN "local db = require 'host.db' db.tx(function() local f = coroutine.wrap(function() while true "
             "do end end) "
             "while true do pcall(f) end end)",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        seen s = {.call = world_call()};
        s.call.store = in_tx;
        int64_t began = fc_cpu();
        fc_call_text(&s.call, a, texts[i], strlen(texts[i]), "piece", note);
        finish_outside_tx(&s);
        assert_int_equal(fc_tx_depth(in_tx), 0);
        if (!i && s.failed) fail_msg("%s", s.fault.en);
        if (i) {
            if (!s.failed || !strstr(s.fault.en, "time budget of a db.tx body") ||
                !strstr(s.fault.zh, "db.tx"))
                fail_msg("%s: %s", texts[i], s.fault.en);
            assert_int_equal(s.fault.code, FC_ELIMIT);
            assert_true(fc_cpu() - began < 2000 * MS);
            close_both(state);
            open_both(state);
        }
        drop(&s);
    }
    fc_store_close(in_tx);
}

static void a_worker_that_stops_tells_who_is_left(void **state)
{
    (void)state;
    seen s[2];
    begin(&s[0], a, "busy", json_pack("[i]", 20000000));
    begin(&s[1], a, "quick", json_array());
    fc_calls_end();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(s[i].done, 1);
        assert_int_equal(s[i].fault.code, FC_ECANCEL);
        drop(&s[i]);
    }
    nasked = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(another_call_answers_meanwhile, open_both, close_both),
        cmocka_unit_test_setup_teardown(straight_through_gives_the_same, open_both, close_both),
        cmocka_unit_test_setup_teardown(it_goes_on_wherever_it_stood, open_both, close_both),
        cmocka_unit_test_setup_teardown(a_recursion_ends_long_before_luas_own_limit, open_both, close_both),
        cmocka_unit_test_setup_teardown(who_handles_such_an_error_is_watched, open_both, close_both),
        cmocka_unit_test_setup_teardown(also_in_an_export_that_cannot_be_preempted, open_both, close_both),
        cmocka_unit_test_setup_teardown(an_export_lets_others_in, open_both, close_both),
        cmocka_unit_test_setup_teardown(each_call_keeps_what_is_its_own, open_both, close_both),
        cmocka_unit_test_setup_teardown(a_coroutine_is_held_by_one_call, open_both, close_both),
        cmocka_unit_test_setup_teardown(the_budget_is_for_all_turns_together, open_both, close_both),
        cmocka_unit_test_setup_teardown(the_time_of_others_is_not_the_calls, open_both, close_both),
        cmocka_unit_test_setup_teardown(nobody_is_preempted_in_a_transaction, open_both, close_both),
        cmocka_unit_test_setup_teardown(a_worker_that_stops_tells_who_is_left, open_both, close_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
