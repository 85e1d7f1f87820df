/* Calls that end before they would: by their budget, and then whose it was is named; because nobody waits for
 * them any more, and then nobody else notices. */
#include "lua_turns.h"
#include "lua/internal.h"

#include <unistd.h>

static void who_was_ended_is_named(void **state)
{
    (void)state;
    seen s;
    world_budget = 30 * MS;
    fc_vm_who(b, "2.1.0", 1);
    begin_piece(&s, a, "require('b').endless()");
    finish(&s);
    world_budget = 20 * 1000 * MS;
    assert_true(s.failed);
    assert_non_null(strstr(s.fault.en, "plugin b 2.1.0: function turn used up its time budget of 30 ms"));
    assert_non_null(strstr(s.fault.zh, "插件 b 2.1.0 的函数 turn 用完了 30 毫秒的时间预算"));
    assert_string_equal(s.fault.place, "plugins/b/exports.lua:3");
    assert_true(fc_vm_spoiled(a));
    assert_true(fc_vm_spoiled(b));
    drop(&s);
}

/* It had used up its time in b, and would have come back to its caller before the next tick of the watchdog.
 */
static void who_used_up_the_time_is_named(void **state)
{
    (void)state;
    seen s, other;
    begin_piece(&s, a, "require('b').until_told()");
    turn();
    assert_int_equal(s.done, 0);
    begin_piece(&other, a, "require('b').tell()");
    finish(&other);
    assert_int_equal(s.done, 0); /* it has not had another turn: its loop would end at once */
    s.call.state->spent = s.call.budget_ns;
    finish(&s);
    assert_true(s.failed);
    assert_int_equal(s.fault.code, FC_ELIMIT);
    assert_string_equal(s.fault.place, "plugins/b/exports.lua:5");
    assert_non_null(strstr(s.fault.en, "plugin b: function until_told used up"));
    drop(&s);
    drop(&other);
}

/* The client has left. What stands in the states is given back, and nobody else is disturbed. */
static void nobody_waits_for_the_answer(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "require('b').endless()", "while true do end", "while true do pcall(require('b').endless) end",
        "table.sort({ 3, 2, 1 }, function(x, y) require('b').endless() return x < y end)"};
    size_t before = 0;
    for (int i = 0; i < 80; i++) {
        seen s;
        begin_piece(&s, a, texts[i % 4]);
        turn();
        turn();
        assert_int_equal(s.done, 0);
        fc_call_cancel(&s.call);
        assert_true(finish(&s) <= 2);
        assert_true(s.failed);
        assert_int_equal(s.fault.code, FC_ECANCEL);
        assert_false(fc_vm_spoiled(a) || fc_vm_spoiled(b));
        drop(&s);
        begin_piece(&s, a, "return (require('b').busy(10))");
        finish(&s);
        assert_string_equal(json_string_value(json_array_get(s.result, 0)), "b");
        drop(&s);
        lua_gc(a->L, LUA_GCCOLLECT);
        lua_gc(b->L, LUA_GCCOLLECT);
        if (i == 8) before = fc_vm_memory(b);
        if (i > 8) assert_true(fc_vm_memory(b) < before + 8000); /* a coroutine that stayed has 1 KiB */
    }
}

/* A coroutine that other calls know is not left where nobody could go on. */
static void a_coroutine_of_its_own_is_not_left(void **state)
{
    (void)state;
    seen s, other;
    begin(&s, a, "shared", json_array());
    turn();
    fc_call_cancel(&s.call);
    finish(&s);
    assert_false(s.failed);
    begin(&other, a, "shared", json_array());
    finish(&other);
    assert_true(json_is_true(json_array_get(other.result, 0)));
    drop(&s);
    drop(&other);
}

/* Who waits for his answer gets no quiet end, though another's read of the same rows was broken off. */
static void only_who_left_is_ended_quietly(void **state)
{
    (void)state;
    fc_err err;
    fc_fail(&err, FC_ECANCEL, "查询已取消", "the query was cancelled");
    fc_trouble_note(&err, err.text[FC_EN]);
    seen s;
    begin_piece(&s, a, "error 'the query was cancelled'");
    finish(&s);
    assert_int_equal(s.fault.code, FC_EINTERNAL);
    drop(&s);
}

/* Rows that are being read hold a snapshot of the store: they are not left open, the loop goes to its end. */
static void an_open_read_is_not_left(void **state)
{
    (void)state;
    fc_err err;
    fc_store *store;
    static const char *const texts[] = {
        SPIN "local db = require 'host.db' for _ in db.each('SELECT 1') do spin(9000000) end return 'end'",
        SPIN "local function rows() for _ in require('host.db').each('SELECT 1') do spin(9000000) end end "
             "coroutine.wrap(rows)() return 'end'",
        SPIN
        "local db = require 'host.db' for _ in db.each('SELECT 1') do end while true do spin(9000000) end",
    };
    assert_int_equal(fc_store_open(":memory:", &store, &err), FC_OK);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        seen s = {.call = world_call()};
        s.call.store = store;
        fc_call_text(&s.call, a, texts[i], strlen(texts[i]), "piece", note);
        turn();
        turn();
        assert_int_equal(s.done, 0);
        fc_call_cancel(&s.call);
        finish(&s);
        assert_int_equal(s.failed, i == 2);
        drop(&s);
    }
    fc_store_close(store);
}

static void nothing(void *ctx)
{
    (void)ctx;
}

static int waited(lua_State *L, int status, lua_KContext ctx)
{
    (void)L;
    (void)status;
    (void)ctx;
    return 0;
}

static int wait_a_moment(lua_State *L)
{
    return fc_wait_for(L, (fc_wait){.work = nothing}, waited, 0);
}

/* Turns that are shorter than the watchdog's tick count as well: it does not tick while a call waits. */
static void short_turns_count(void **state)
{
    (void)state;
    seen s = {.call = world_call()};
    static const char text[] = SPIN "while true do spin(100000) wait_a_moment() end";
    lua_pushcfunction(a->L, wait_a_moment);
    lua_setglobal(a->L, "wait_a_moment");
    s.call.budget_ns = 60 * MS;
    int64_t began = fc_cpu();
    fc_call_text(&s.call, a, text, sizeof text - 1, "piece", note);
    while (!s.done && fc_cpu() - began < 300 * MS) {
        turn();
        usleep(1500);
    }
    assert_true(s.done && s.failed);
    assert_non_null(strstr(s.fault.en, "time budget of 60 ms"));
    if (fc_cpu() - began > 120 * MS) fail_msg("%d ms", (int)((fc_cpu() - began) / MS));
    drop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_was_ended_is_named, open_both, close_both),
        cmocka_unit_test_setup_teardown(who_used_up_the_time_is_named, open_both, close_both),
        cmocka_unit_test_setup_teardown(nobody_waits_for_the_answer, open_both, close_both),
        cmocka_unit_test_setup_teardown(a_coroutine_of_its_own_is_not_left, open_both, close_both),
        cmocka_unit_test_setup_teardown(only_who_left_is_ended_quietly, open_both, close_both),
        cmocka_unit_test_setup_teardown(an_open_read_is_not_left, open_both, close_both),
        cmocka_unit_test_setup_teardown(short_turns_count, open_both, close_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
