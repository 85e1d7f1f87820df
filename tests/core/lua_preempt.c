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
     "return M"},
    {"b", "exports.lua",
     "local M = {}\n"
     "function M.busy(n) local x = 0 for i = 1, n do x = x + i % 7 end return 'b', x end\n"
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
    world_uses = "|a needs b|b needs a|p needs a|p needs b|a host.session|";
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(another_call_answers_meanwhile, open_both, close_both),
        cmocka_unit_test_setup_teardown(straight_through_gives_the_same, open_both, close_both),
        cmocka_unit_test_setup_teardown(it_goes_on_wherever_it_stood, open_both, close_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
