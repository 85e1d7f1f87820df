/* Preemption: a call that holds the loop goes on in its turn, whatever it stands in, and keeps what is its
 * own. The loop here is a list of what was asked for: nothing depends on how fast the machine is. */
#include "lua_world.h"

#include "base/clock.h"
#include "base/buf.h"

#define MS 1000000LL

static const text_file files[] = {
    {"a", "exports.lua",
     "local M, b = {}, require 'b'\n"
     "function M.busy(n) local x = 0 for i = 1, n do x = x + i % 7 end return 'busy', x end\n"
     "function M.quick() return 'quick' end\n"
     "function M.through(n) return b.busy(n) end\n"
     "function M.who(n) M.busy(n) return require('host.who').actor() end\n"
     "local shared = coroutine.wrap(function() while true do M.busy(9000000) coroutine.yield 'lap' end end)\n"
     "function M.shared() return pcall(shared) end\n"
     "function M.caught_below() while true do pcall(b.endless) end end\n"
     "return M"},
    {"b", "exports.lua",
     "local M = {}\n"
     "function M.busy(n) local x = 0 for i = 1, n do x = x + i % 7 end return 'b', x end\n"
     "function M.endless() local function turn() while true do end end turn() end\n"
     "local told function M.until_told()\n while not told do end\n return 1 end function M.tell() told = "
     "true end\n"
     "function M.fails(n) M.busy(n) error({ zh = '不行', en = 'no' }, 0) end\n"
     "return M"},
    {NULL, NULL, NULL},
};

static fc_vm *a, *b;

/* ---- a loop: each turn what was there before it */

static struct {
    void (*fn)(void *);
    void *ctx;
} asked[64];
static int nasked, turns;

static void soon(void (*fn)(void *), void *ctx)
{
    assert_in_range(nasked, 0, 63);
    asked[nasked].fn = fn;
    asked[nasked++].ctx = ctx;
}

static void pool(void (*work)(void *), void (*done)(void *), void *ctx)
{
    work(ctx);
    soon(done, ctx);
}

static void turn(void)
{
    int n = nasked;
    struct {
        void (*fn)(void *);
        void *ctx;
    } now[64];
    memcpy(now, asked, sizeof now);
    nasked = 0;
    turns++;
    for (int i = 0; i < n; i++)
        now[i].fn(now[i].ctx);
}

typedef struct seen {
    fc_call call;
    int done;
    json_t *result;
    fc_fault fault;
    int failed;
} seen;

static void note(fc_call *c, json_t *result, const fc_fault *fault)
{
    seen *s = (seen *)c;
    assert_int_equal(s->done, 0);
    s->done = 1;
    s->result = json_incref(result);
    s->failed = fault != NULL;
    if (fault) s->fault = *fault;
}

static void drop(seen *s)
{
    json_decref(s->result);
    fc_call_clear(&s->call);
}

static int open_both(void **state)
{
    (void)state;
    world_uses = "|a needs b|b needs a|p needs a|p needs b|a host.session|a host.who|a host.db|p host.db|";
    world_files = files;
    world.pool = pool;
    world.soon = soon;
    nasked = turns = 0;
    a = world_vms[0] = fc_vm_new("a", &world_host, NULL, 64u << 20);
    b = world_vms[1] = fc_vm_new("b", &world_host, NULL, 64u << 20);
    fc_vm_phase(a, FC_RUNNING);
    fc_vm_phase(b, FC_RUNNING);
    return 0;
}

static int close_both(void **state)
{
    (void)state;
    assert_int_equal(nasked, 0); /* nothing is asked for that nobody needs */
    fc_vm_free(a);
    fc_vm_free(b);
    world_vms[0] = world_vms[1] = NULL;
    world.pool = NULL;
    world.soon = NULL;
    return 0;
}

static void begin(seen *s, fc_vm *vm, const char *ref, json_t *args)
{
    *s = (seen){.call = world_call()};
    fc_call_start(&s->call, vm, ref, args, note);
    json_decref(args);
}

/* A piece of source as a call that may be preempted. */
static void begin_piece(seen *s, fc_vm *vm, const char *text)
{
    *s = (seen){.call = world_call()};
    fc_call_text(&s->call, vm, text, strlen(text), "piece", note);
}

static int finish(seen *s)
{
    int from = turns;
    while (!s->done) {
        assert_true(nasked > 0);
        turn();
    }
    return turns - from;
}

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
#define SPIN "local function spin(n) local x = 0 for i = 1, n or 3000000 do x = x + i % 7 end return x end "

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
        if (n < 4 && i != 12) fail_msg("%s: only %d turns", texts[i], n);
        if (fc_cpu() - began > 1000 * MS) fail_msg("%s: %d ms", texts[i], (int)((fc_cpu() - began) / MS));
        drop(&s);
        close_both(state);
        open_both(state);
    }
    world_budget = 20 * 1000 * MS;
}

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
        cmocka_unit_test_setup_teardown(an_export_lets_others_in, open_both, close_both),
        cmocka_unit_test_setup_teardown(each_call_keeps_what_is_its_own, open_both, close_both),
        cmocka_unit_test_setup_teardown(a_coroutine_is_held_by_one_call, open_both, close_both),
        cmocka_unit_test_setup_teardown(the_budget_is_for_all_turns_together, open_both, close_both),
        cmocka_unit_test_setup_teardown(who_was_ended_is_named, open_both, close_both),
        cmocka_unit_test_setup_teardown(who_used_up_the_time_is_named, open_both, close_both),
        cmocka_unit_test_setup_teardown(nobody_waits_for_the_answer, open_both, close_both),
        cmocka_unit_test_setup_teardown(a_coroutine_of_its_own_is_not_left, open_both, close_both),
        cmocka_unit_test_setup_teardown(only_who_left_is_ended_quietly, open_both, close_both),
        cmocka_unit_test_setup_teardown(an_open_read_is_not_left, open_both, close_both),
        cmocka_unit_test_setup_teardown(nobody_is_preempted_in_a_transaction, open_both, close_both),
        cmocka_unit_test_setup_teardown(a_worker_that_stops_tells_who_is_left, open_both, close_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
