/* Calls: what comes back, whose error it is, what an export may, what ends a call and what it leaves behind.
 */
#include "lua_world.h"

#include "base/clock.h"

static const text_file files[] = {
    {"a", "exports.lua",
     "local M = {} local b = require 'b'\n"
     "function M.through(...) return b.echo(...) end\n"
     "function M.loop_back() return b.call_a() end\n"
     "function M.person() return b.person() end\n"
     "function M.program() return b.program() end\n"
     "function M.caught() return pcall(b.loop) end\n"
     "function M.eats() return pcall(b.eat) end\n"
     "function M.sends(v) return b.echo(v) end\n"
     "function M.gets_function() return b.gives_function() end\n"
     "function M.shared(t) b.changes(t) return t.x end\n"
     "function M.deep(n) if n == 0 then return 'bottom' end return M.deep(n - 1) end\n"
     "function M.ok() return 1 end\n"
     "return M"},
    {"b", "exports.lua",
     "local M = {} local a = require 'a'\n"
     "function M.echo(...) return ... end\n"
     "function M.call_a() return a.ok() end\n"
     "function M.person() error({ zh = '请填写', en = 'fill it in' }, 0) end\n"
     "function M.program()\n  local x = nil\n  return x.y\nend\n"
     "function M.loop() while true do end end\n"
     "function M.eat() local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end end\n"
     "function M.eat_deep(n) if n == 0 then M.eat() else M.eat_deep(n - 1) end return 1 end\n"
     "function M.gives_function() return print end\n"
     "function M.changes(t) t.x = 'changed' end\n"
     "return M"},
    {"p", "exports.lua",
     "local a = require 'a' local one = a.ok() return { one = function() return one end }"},
    {NULL, NULL, NULL},
};

static fc_vm *a, *b;

static int open_both(void **state)
{
    (void)state;
    world_uses = "|a needs b|b needs a|p needs a|p needs b|p host.session|";
    world_files = files;
    a = world_vms[0] = fc_vm_new("a", &world_host, NULL, 16u << 20);
    b = world_vms[1] = fc_vm_new("b", &world_host, NULL, 16u << 20);
    fc_vm_phase(a, FC_RUNNING);
    fc_vm_phase(b, FC_RUNNING);
    return 0;
}

static int close_both(void **state)
{
    (void)state;
    fc_vm_free(a);
    fc_vm_free(b);
    world_vms[0] = world_vms[1] = NULL;
    return 0;
}

static void values_are_copied(void **state)
{
    (void)state;
    world_gives(a, "return require('a.exports').through(1, 'x\\0y', 2.5, true, nil, { 1, 2, { k = 'v' } })",
                "[1,\"x\\u0000y\",2.5,true,null,[1,2,{\"k\":\"v\"}]]");
    world_gives(a, "return require('b').echo(math.maxinteger, math.mininteger)",
                "[9223372036854775807,-9223372036854775808]");
    world_gives(a, "return require('a.exports').shared({ x = 'mine' })", "[\"mine\"]");
    world_gives(a,
                "local t = require('b').echo(require('host.json').array {}) return "
                "require('host.json').encode(t), require('host.json').encode(require('b').echo {})",
                "[\"[]\",\"{}\"]");
    world_gives(a,
                "local t = require('b').echo(setmetatable({ k = 1 }, { __index = print })) return t, "
                "getmetatable(t) == nil",
                "[{\"k\":1},true]");
}

static void what_is_no_data_is_refused(void **state)
{
    (void)state;
    world_fails(a, "require('b').echo(print)", FC_EINVAL, "a function is not data", "function 不是数据");
    world_fails(a, "require('b').echo(coroutine.create(print))", FC_EINVAL, "thread", "thread");
    world_fails(a, "local t = {} t.t = t require('b').echo(t)", FC_EINVAL, "nested deeper", "嵌套");
    world_fails(a, "local t = { 'x' } for _ = 1, 60 do t = { t, t } end require('b').echo(t)", FC_EINVAL,
                "16 MiB", "16 MiB");
    world_fails(a, "require('a.exports').gets_function()", FC_EINVAL, "not data", "不是数据");
    world_fails(a, "return print", FC_EINVAL, "not data", "不是数据");
    world_fails(a, "return '\\255'", FC_EINVAL, "UTF-8", "UTF-8");
    world_fails(a, "return 0/0", FC_EINVAL, "finite", "有限");
    world_fails(a, "local t = { 'x' } for _ = 1, 60 do t = { t, t } end return t", FC_EINVAL, "64 MiB",
                "64 MiB");
    world_fails(a, "require('b').nothing()", FC_EINVAL, "plugin b does not export nothing",
                "没有导出 nothing");
}

static void a_plugin_is_not_entered_twice(void **state)
{
    (void)state;
    world_fails(a, "require('a.exports').loop_back()", FC_EINVAL, "plugin a is already on this call",
                "插件 a 已在本次调用中");
    world_gives(b, "return require('a').ok()", "[1]"); /* and nothing stays behind of it */
}

/* The first call into a plugin loads its exports before its own first turn: what the call before it left must
 * not stand on its stack. */
static void a_first_call_may_ask_while_its_exports_load(void **state)
{
    (void)state;
    fc_fault fault;
    fc_vm *p = fc_vm_new("p", &world_host, NULL, 16u << 20);
    fc_vm_phase(p, FC_RUNNING);
    world_gives(a, "return 1", "[1]");
    fc_call c = world_call();
    json_t *args = json_array(), *got = fc_call_now(&c, p, "one", args, &fault);
    if (!got) fail_msg("%s", fault.en);
    assert_int_equal(json_integer_value(json_array_get(got, 0)), 1);
    json_decref(got);
    json_decref(args);
    fc_call_clear(&c);
    fc_vm_free(p);
}

static void errors_say_whose_they_are(void **state)
{
    (void)state;
    world_fails(a, "require('a.exports').person()", FC_EINVAL, "fill it in", "请填写");
    world_gives(a, "local ok, e = pcall(require('b').person) return ok, e.zh, e.en",
                "[false,\"请填写\",\"fill it in\"]");
    fc_fault f = world_fails(a, "local x = 1\nrequire('a.exports').program()", FC_EINTERNAL,
                             "b.program: plugins/b/exports.lua:7: attempt to index a nil value", "");
    assert_true(strncmp(f.place, "plugins/a/exports.lua:5", 23) == 0 || strncmp(f.place, "piece:2", 7) == 0);
    f = world_fails(a, "local x = 1\nerror({ zh = '不行', en = 'no', at = 'there:3' }, 0)", FC_EINVAL, "no",
                    "不行");
    assert_string_equal(f.place, "there:3");
    world_fails(a, "error({ zh = '只有中文' }, 0)", FC_EINVAL, "只有中文", "只有中文");
    world_fails(a,
                "error(setmetatable({}, { __tostring = function() return 'x' end, __index = function() "
                "return 'x' end }))",
                FC_EINTERNAL, "not text", "不是文字");
    world_fails(a, "error(nil)", FC_EINTERNAL, "not text", "不是文字");
    f = world_fails(a, "error(('x'):rep(5000000))", FC_EINTERNAL, "xxx", "xxx");
    assert_true(strlen(f.en) < FC_ERR_TEXT);
}

static void a_loop_ends_the_call_and_spoils_who_was_in_it(void **state)
{
    static const char *const texts[] = {
        "local n = 0\nwhile true do n = n + 1 end",
        "while true do pcall(function() while true do end end) end",
        "local function tree() pcall(tree) pcall(tree) end while true do tree() end",
        "while true do coroutine.wrap(function() local function f() coroutine.wrap(f)() end pcall(f) end)() "
        "end",
        "xpcall(function() while true do end end, function() while true do end end)",
        "local c <close> = setmetatable({}, { __close = function() while true do end end }) while true do "
        "end",
        "while true do pcall(pcall, pcall, pcall, error) end",
    };
    world_budget = 200 * 1000000LL;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t began = fc_cpu();
        world_fails(a, texts[i], FC_ELIMIT, "time budget", "时间预算");
        assert_true(fc_vm_spoiled(a));
        assert_true(fc_cpu() - began < 1000 * 1000000LL);
        close_both(state);
        open_both(state);
    }
    world_fails(a, "require('a.exports').caught()", FC_ELIMIT, "time budget", "时间预算");
    assert_true(fc_vm_spoiled(a));
    assert_true(fc_vm_spoiled(b));
    world_budget = 20 * 1000000000LL;
}

static void memory_has_a_ceiling(void **state)
{
    (void)state;
    fc_vm_who(b, "2.1.0", 1);
    world_gives(
        a, "local ok, e = require('a.exports').eats() return ok, e",
        "[false,\"b.eat: plugins/b/exports.lua:10: plugin b 2.1.0: function eat needs more memory than its "
        "ceiling (16 MiB) and was ended (does a list or a text grow, or a function call itself, without "
        "end?)\"]");
    assert_true(fc_vm_spoiled(b));
    assert_false(fc_vm_spoiled(a));
    world_fails(a, "require('b').echo(1)", FC_EINVAL, "was just ended", "刚被终止");
    assert_true(fc_vm_memory(b) <= 16u << 20);
    world_fails(a, "local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end", FC_ELIMIT, "memory",
                "内存");
    assert_true(fc_vm_spoiled(a));
}

/* Uncaught it is the same sentence, at the line that asked for too much, however many plugins stand above. */
static void who_ate_the_memory_is_named(void **state)
{
    (void)state;
    static const char *const texts[] = {"require('b').eat()", "require('b').eat_deep(9)",
                                        "local co = coroutine.wrap(function() require('b').eat() end) co()"};
    fc_vm_who(b, "2.1.0", 1);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        fc_fault f = world_fails(a, texts[i], FC_ELIMIT,
                                 "plugin b 2.1.0: function eat needs more memory than its ceiling (16 MiB)",
                                 "插件 b 2.1.0 的函数 eat 需要的内存超过上限（16 MiB）");
        assert_string_equal(f.place, "plugins/b/exports.lua:10");
        assert_null(strstr(f.en, "b.eat"));
        assert_false(fc_vm_spoiled(a));
        close_both(state);
        open_both(state);
        fc_vm_who(b, "2.1.0", 1);
    }
    fc_fault f =
        world_fails(a, "local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end", FC_ELIMIT,
                    "plugin a: function (file) needs more memory", "插件 a 的函数（文件）需要的内存");
    assert_string_equal(f.place, "piece:1");
}

/* After any fault the next call of another vm begins with a clean slate. */
static void a_fault_leaves_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++)
        world_fails(a, "error 'x'", FC_EINTERNAL, "x", "x");
    size_t before = fc_vm_memory(a);
    for (int i = 0; i < 2000; i++)
        world_fails(a, "error 'x'", FC_EINTERNAL, "x", "x");
    assert_true(fc_vm_memory(a) < before + 200000);
    assert_false(fc_vm_spoiled(a));
    assert_null(fc_call_current());
    world_gives(a, "return pcall(coroutine.yield, 1)",
                "[false,\"yield outside of a coroutine of your own: nobody would resume it, use return\"]");
    world_gives(a,
                "local co = coroutine.wrap(function(x) local y = coroutine.yield(x + 1) return y * 2 end) "
                "return co(1), co(10)",
                "[2,20]");
    world_gives(a, "local co = coroutine.create(function() error 'inner' end) return coroutine.resume(co)",
                "[false,\"piece:1: inner\"]");
    world_gives(a,
                "local function f(n) return n == 0 and 'end' or select(2, pcall(f, n - 1)) end return f(150)",
                "[\"end\"]");
    world_gives(a, "local function f() local ok, e = pcall(f) return ok, e end return (f())", "[true]");
}

/* ---- waiting */

static struct {
    void (*work)(void *), (*done)(void *);
    void *ctx;
} parked;

static void park(void (*work)(void *), void (*done)(void *), void *ctx)
{
    parked.work = work;
    parked.done = done;
    parked.ctx = ctx;
}

static json_t *waited_result;
static int waited_done;

static void note_result(fc_call *c, json_t *result, const fc_fault *fault)
{
    (void)c;
    waited_done++;
    waited_result = fault ? NULL : json_incref(result);
}

static const text_file waiting_files[] = {
    {"w", "exports.lua",
     "local M, session = {}, require 'host.session'\n"
     "function M.waits() local ok, told, code = session.sign_in('nobody', 'a wrong password') return ok == "
     "nil, type(told.zh), code end\n"
     "function M.in_coroutine() return pcall(coroutine.wrap(function() return session.sign_in('nobody', 'x') "
     "end)) end\n"
     "function M.in_order() local x = setmetatable({}, { __lt = function() session.sign_in('a', 'b') end }) "
     "return "
     "pcall(table.sort, { x, x }) end\n"
     "function M.in_pcall() return pcall(session.sign_in, 'nobody', 'x') end\n"
     "function M.quick() return 'quick' end\n"
     "return M"},
    {NULL, NULL, NULL},
};

static void a_call_waits_and_goes_on(void **state)
{
    (void)state;
    fc_err err;
    fc_store *site;
    fc_fault fault;
    world_uses = "|w host.session|";
    fc_vm *vm = world_vm("w", waiting_files);
    fc_vm_phase(vm, FC_RUNNING);
    assert_int_equal(fc_store_open(":memory:", &site, &err), FC_OK);
    assert_int_equal(fc_store_migrate(site, SOURCE_DIR "/schema/site", &err), FC_OK);
    fc_call c = world_call(), other = world_call();
    json_t *args = json_array();
    c.site = other.site = site;
    static const char *const refs[] = {"waits", "in_pcall", "in_coroutine"};
    for (int i = 0; i < 3; i++) {
        world.pool = park;
        waited_done = 0;
        fc_call_start(&c, vm, refs[i], args, note_result);
        assert_int_equal(waited_done, 0);
        assert_null(fc_call_current());
        json_t *meanwhile = fc_call_now(&other, vm, "quick", args, &fault);
        assert_string_equal(json_string_value(json_array_get(meanwhile, 0)), "quick");
        json_decref(meanwhile);
        parked.work(parked.ctx);
        assert_int_equal(waited_done, 0);
        parked.done(parked.ctx);
        assert_int_equal(waited_done, 1);
        char *text = json_dumps(waited_result, JSON_COMPACT);
        if (!i)
            assert_string_equal(text, "[true,\"string\",\"DENIED\"]");
        else
            assert_non_null(strstr(text, "[true,null,{"));
        free(text);
        json_decref(waited_result);
    }
    json_t *refused = fc_call_now(&c, vm, "in_order", args, &fault);
    assert_false(json_is_true(json_array_get(refused, 0)));
    assert_non_null(strstr(json_string_value(json_array_get(refused, 1)), "inside a metamethod"));
    json_decref(refused);
    json_t *now =
        fc_call_now(&c, vm, "waits", args, &fault); /* where nobody has a loop the wait is done at once */
    assert_true(json_is_true(json_array_get(now, 0)));
    json_decref(now);
    json_decref(args);
    fc_call_clear(&c);
    fc_call_clear(&other);
    world.pool = NULL;
    fc_store_close(site);
    fc_vm_free(vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_are_copied, open_both, close_both),
        cmocka_unit_test_setup_teardown(what_is_no_data_is_refused, open_both, close_both),
        cmocka_unit_test_setup_teardown(a_plugin_is_not_entered_twice, open_both, close_both),
        cmocka_unit_test_setup_teardown(a_first_call_may_ask_while_its_exports_load, open_both, close_both),
        cmocka_unit_test_setup_teardown(errors_say_whose_they_are, open_both, close_both),
        cmocka_unit_test_setup_teardown(a_loop_ends_the_call_and_spoils_who_was_in_it, open_both, close_both),
        cmocka_unit_test_setup_teardown(memory_has_a_ceiling, open_both, close_both),
        cmocka_unit_test_setup_teardown(who_ate_the_memory_is_named, open_both, close_both),
        cmocka_unit_test_setup_teardown(a_fault_leaves_nothing, open_both, close_both),
        cmocka_unit_test(a_call_waits_and_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
