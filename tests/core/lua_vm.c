/* A state on its own: what its globals hold and hold not, whose code may require what, what freezes, what
 * ends it. */
#include "lua_world.h"

#include "base/clock.h"

static void outside_words_are_absent(void **state)
{
    (void)state;
    fc_vm *vm = world_vm("p", NULL);
    world_gives(vm,
                "local out = {} for _, n in ipairs { 'io', 'os', 'debug', 'package', 'dofile', 'loadfile', "
                "'collectgarbage', 'warn' } do out[#out + 1] = rawget(_G, n) ~= nil end "
                "return #out, string.dump == nil, coroutine.close == nil, getmetatable('')",
                "[8,true,true,\"string\"]");
    world_gives(vm,
                "for _, n in ipairs { 'io', 'os', 'debug', 'package' } do if rawget(_G, n) then return n end "
                "end return 'none'",
                "[\"none\"]");
    world_fails(vm, "return setmetatable({}, { __gc = print })", FC_EINTERNAL, "__gc", "__gc");
    world_fails(vm, "return load('return 1')", FC_EINTERNAL, "table expected", "应是 table");
    world_gives(vm, "return (load('\\27Lua', 'x', 'b', {}))", "[null]");
    world_gives(vm,
                "return tostring({}), tostring(print), ('%s'):format({}), (pcall(string.format, '%p', {}))",
                "[\"table\",\"function\",\"table\",false]");
    fc_vm_free(vm);
}

static void globals_are_strict(void **state)
{
    (void)state;
    fc_vm *vm = world_vm("p", NULL);
    fc_fault f = world_fails(vm, "local x = 1\nreturn nowhere", FC_EINVAL, "'nowhere'", "'nowhere'");
    assert_string_equal(f.place, "piece:2");
    world_fails(vm, "left = 1", FC_EINVAL, "'left'", "'left'");
    world_fails(vm, "return _ENV[{}]", FC_EINVAL, "'table'", "'table'");
    world_gives(vm, "return pcall(getmetatable, _ENV)", "[true,false]");
    fc_vm_free(vm);
}

static const text_file files[] = {
    {"p", "lib/a.lua", "return { name = ... }"},
    {"p", "lib/round.lua", "return require 'p.lib.trip'"},
    {"p", "lib/trip.lua", "return require 'p.lib.round'"},
    {"p", "lib/nothing.lua", "local x = 1"},
    {"p", "lib/broken.lua", "return ("},
    {"other", "define.lua", "local ok = pcall(require, 'host.db') return { home_has_db = ok }"},
    {"other", "inner.lua", "return 1"},
    {NULL, NULL, NULL},
};

static void require_is_the_permission(void **state)
{
    (void)state;
    world_uses = "|p host.vault|p needs other|";
    fc_vm *vm = world_vm("p", files);
    world_gives(vm, "return require('p.lib.a').name, require 'p.lib.a' == require 'p.lib.a'",
                "[\"p.lib.a\",true]");
    world_gives(vm, "return type(require 'host.json'.encode), type(require 'host.vault'.mask)",
                "[\"function\",\"function\"]");
    world_fails(vm, "require 'host.db'", FC_EINVAL, "add \"host.db\" to uses", "uses");
    world_fails(vm, "require 'host.nowhere'", FC_EINVAL, "no module host.nowhere", "host.nowhere");
    world_fails(vm, "require 'nobody'", FC_EINVAL, "add nobody to needs", "needs");
    world_fails(vm, "require 'other.inner'", FC_EINVAL, "other.define", "other.define");
    world_fails(vm, "require 'p.lib.round'", FC_EINVAL, "require each other", "互相 require");
    world_fails(vm, "require 'p.lib.nothing'", FC_EINVAL, "returns nothing", "没有返回值");
    world_fails(vm, "require 'p.lib.none'", FC_EINVAL, "has no file lib/none.lua", "lib/none.lua");
    fc_fault f = world_fails(vm, "require 'p.lib.broken'", FC_EINTERNAL, "unexpected symbol", "");
    assert_string_equal(f.place, "plugins/p/lib/broken.lua:1");
    world_fails(vm, "require 'p.lib.broken'", FC_EINTERNAL, "unexpected symbol",
                ""); /* not taken for loaded */
    fc_vm_free(vm);
}

/* What is run as another's define library is at home there: it has that plugin's permissions, not ours. */
static void define_runs_at_home(void **state)
{
    (void)state;
    world_uses = "|p needs other|p host.db|";
    fc_vm *vm = world_vm("p", files);
    world_gives(vm, "return require('other.define').home_has_db", "[false]");
    fc_vm_free(vm);
    world_uses = "|p needs other|other host.db|";
    vm = world_vm("p", files);
    world_gives(vm, "return require('other.define').home_has_db, (pcall(require, 'host.db'))",
                "[true,false]");
    fc_vm_free(vm);
}

/* Parsed once for all states, and yet each has its own, of the text as it is now, with its lines. */
static void define_is_what_its_text_says(void **state)
{
    static text_file versions[] = {{"other", "define.lua", NULL}, {NULL, NULL, NULL}};
    (void)state;
    world_uses = "|p needs other|";
    static const char *const texts[] = {
        "local n = 0\nreturn { f = function() n = n + 1 return n end,\n\nfails = function() local x = n .. "
        "{} end }",
        "local n = 10\nreturn { f = function() n = n + 1 return n end, fails = function() end }",
        "return (",
    };
    for (int i = 0; i < 6; i++) {
        versions[0].text = texts[i < 3 ? 0 : 5 - i];
        fc_vm *vm = world_vm("p", versions);
        if (i == 3) {
            fc_fault f = world_fails(vm, "require 'other.define'", FC_EINTERNAL, "unexpected symbol", "");
            assert_string_equal(f.place, "plugins/other/define.lua:1");
        } else {
            world_gives(vm, "local d = require 'other.define' return d.f(), d.f()",
                        i == 4 ? "[11,12]" : "[1,2]");
        }
        if (i < 3 || i == 5) {
            fc_fault f = world_fails(vm, "require('other.define').fails()", FC_EINTERNAL, "concatenate", "");
            assert_string_equal(f.place, "plugins/other/define.lua:4");
        }
        fc_vm_free(vm);
    }
}

static void the_host_s_inner_parts_are_no_modules(void **state)
{
    static const char *const names[] = {"host.core",     "host.core.testing", "host.testing",
                                        "host.collect",  "host.mask",         "host.",
                                        "host.core.here"};
    (void)state;
    fc_vm *vm = world_vm("p", NULL);
    world_uses = "|p host.core|p host.testing|p host.collect|p host.mask|p host.core.testing|";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char text[100];
        snprintf(text, sizeof text, "require '%s'", names[i]);
        world_fails(vm, text, FC_EINVAL, "no module", "没有名为");
    }
    fc_vm_free(vm);
}

/* ---- loading */

static const text_file points[] = {
    {"p", "things/good.lua",
     "local d = require 'host.define'\nreturn { d.new('things', 'one', { n = 1, f = function() return 7 end, "
     "deep = { list = { 'a', 'b' }, g = function() end } }, 1),\n  d.new('things', 'two', {}, 1) }"},
    {"p", "things/runs.lua", "require('host.clock').now() return require('host.db').one('SELECT 1')"},
    {"p", "things/elsewhere.lua", "return require('host.define').new('others', 'x', {}, 1)"},
    {"p", "things/plain.lua", "return { n = 1 }"},
    {"p", "things/circle.lua", "local t = {} t.t = t return require('host.define').new('things', 'x', t, 1)"},
    {"p", "things/bomb.lua",
     "local t = { 'x' } for _ = 1, 60 do t = { t, t } end return require('host.define').new('things', 'x', "
     "t, 1)"},
    {"p", "things/keys.lua", "return require('host.define').new('things', 'x', { [1.5] = 1 }, 1)"},
    {"p", "things/loop.lua", "local x = 1\nwhile true do x = x + 1 end"},
    {"p", "things/eats.lua", "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end"},
    {NULL, NULL, NULL},
};

static void definitions_freeze(void **state)
{
    (void)state;
    fc_fault fault;
    json_t *out;
    world_uses = "|p host.db|";
    fc_vm *vm = world_vm("p", points);
    fc_vm_phase(vm, FC_LOADING);
    if (fc_vm_load_point(vm, "things", "things/good.lua", &out, &fault)) fail_msg("%s", fault.en);
    assert_int_equal(json_array_size(out), 2);
    assert_int_equal(json_array_size(json_object_get(json_array_get(out, 0), "functions")), 2);
    json_object_del(json_array_get(out, 0), "functions"); /* in no order */
    char *text = json_dumps(json_array_get(out, 0), JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text,
                        "{\"at\":\"plugins/p/things/good.lua:2\",\"data\":{\"deep\":{\"g\":{\"fn\":\"things/"
                        "one#deep.g\"},\"list\":[\"a\",\"b\"]},\"f\":{\"fn\":\"things/one#f\"},\"n\":1},"
                        "\"id\":\"one\",\"point\":\"things\",\"version\":\"\"}");
    free(text);
    json_decref(out);
    fc_call c = world_call();
    fc_vm_phase(vm, FC_RUNNING);
    json_t *args = json_array(), *values = fc_call_now(&c, vm, "things/one#f", args, &fault);
    assert_int_equal(json_integer_value(json_array_get(values, 0)), 7);
    json_decref(values);
    json_decref(args);
    fc_call_clear(&c);
    fc_vm_free(vm);
}

static void wrong_definitions_are_refused(void **state)
{
    static const char *const cases[][3] = {
        {"things/runs.lua", "may only declare", "只能声明"},
        {"things/elsewhere.lua", "stands in the folder things", "文件夹 things"},
        {"things/plain.lua", "should return a definition", "应返回一个定义"},
        {"things/circle.lua", "nested deeper", "嵌套"},
        {"things/bomb.lua", "more than 100000 values", "100000 个值"},
        {"things/keys.lua", "text or integers", "文字或整数"},
        {"things/none.lua", "is gone", "不见了"},
    };
    (void)state;
    world_uses = "|p host.db|";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fc_fault fault;
        json_t *out;
        fc_vm *vm = world_vm("p", points);
        fc_vm_phase(vm, FC_LOADING);
        if (!fc_vm_load_point(vm, "things", cases[i][0], &out, &fault)) fail_msg("%s was taken", cases[i][0]);
        assert_null(out);
        if (!strstr(fault.en, cases[i][1]) || !strstr(fault.zh, cases[i][2]))
            fail_msg("%s: %s / %s", cases[i][0], fault.en, fault.zh);
        fc_vm_free(vm);
    }
}

static void loading_is_bounded(void **state)
{
    static const char *const cases[][3] = {{"things/loop.lua", "time budget", "plugins/p/things/loop.lua:2"},
                                           {"things/eats.lua", "memory", ""}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        fc_fault fault;
        json_t *out;
        int64_t began = fc_cpu();
        fc_vm *vm = world_vm("p", points);
        fc_vm_phase(vm, FC_LOADING);
        assert_int_equal(fc_vm_load_point(vm, "things", cases[i][0], &out, &fault), FC_ELIMIT);
        if (!strstr(fault.en, cases[i][1]) && !strstr(fault.en, "time budget")) fail_msg("%s", fault.en);
        assert_true(strncmp(fault.place, cases[i][2], strlen(cases[i][2])) == 0);
        assert_true(fc_vm_spoiled(vm));
        assert_true(fc_cpu() - began < 1500 * 1000000LL);
        fc_vm_free(vm);
    }
}

/* ---- manifests */

static void data_files_are_read_in_an_empty_world(void **state)
{
    static const char *const bad[][2] = {{"return 5", "return a table"},
                                         {"return { f = function() end }", "not data"},
                                         {"while true do end", "time budget"},
                                         {"return {", "expected"},
                                         {"return { x = os.time() }", "os"},
                                         {"\033Lua", "binary"},
                                         {"return { x = f() }", "'f' is not known"},
                                         {"return { x = 0 / 0 }", "finite"}};
    (void)state;
    fc_fault fault;
    json_t *out;
    const char good[] = "return { id = 'x', list = { 1, 2 }, nested = { zh = '中' } }";
    assert_int_equal(fc_lua_data(good, sizeof good - 1, "plugins/x/plugin.lua", &out, &fault), FC_OK);
    char *text = json_dumps(out, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, "{\"id\":\"x\",\"list\":[1,2],\"nested\":{\"zh\":\"中\"}}");
    free(text);
    json_decref(out);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        out = (json_t *)1;
        if (!fc_lua_data(bad[i][0], strlen(bad[i][0]), "plugins/x/plugin.lua", &out, &fault))
            fail_msg("%s was taken", bad[i][0]);
        assert_null(out);
        if (!strstr(fault.en, bad[i][1])) fail_msg("%s: %s", bad[i][0], fault.en);
        if (strncmp(fault.place, "plugins/x/plugin.lua", 20) != 0)
            fail_msg("%s: place '%s' of %s", bad[i][0], fault.place, fault.en);
    }
}

/* The line that asked for too much, in whatever is loaded; a text too long for it has none. */
static void memory_while_loading(void **state)
{
    (void)state;
    static const text_file growing[] = {
        {"a", "exports.lua",
         "local t = {}\nlocal function grow()\n  while true do t[#t + 1] = ('x'):rep(100000) .. #t end\nend\n"
         "grow()\nreturn {}"},
        {"a", "lib/below.lua", "require 'a.exports'\nreturn {}"},
        {"a", "pages/p.lua",
         "local x <close> = setmetatable({}, { __close = function() while true do end end })\n"
         "require 'a.lib.below'\nreturn {}"},
        {"a", "lib/yields.lua", "coroutine.yield(1)\nreturn {}"},
        {NULL, NULL, NULL}};
    static const char *const modules[] = {"exports", "lib.below"};
    fc_fault f;
    json_t *out;
    for (size_t i = 0; i < sizeof modules / sizeof *modules + 1; i++) {
        fc_vm *vm = world_vm("a", growing);
        fc_vm_who(vm, "1.2.0", 1);
        if (i < sizeof modules / sizeof *modules)
            assert_int_equal(fc_vm_load_module(vm, modules[i], &f), FC_ELIMIT);
        else
            assert_int_equal(fc_vm_load_point(vm, "pages", "pages/p.lua", &out, &f), FC_ELIMIT);
        assert_string_equal(f.place, "plugins/a/exports.lua:3");
        assert_non_null(strstr(f.en,
                               "plugin a 1.2.0, while it loads: function grow needs more memory than its "
                               "ceiling (16 MiB)"));
        assert_non_null(strstr(f.zh, "插件 a 1.2.0 加载时，函数 grow 需要的内存超过上限（16 MiB）"));
        assert_true(fc_vm_spoiled(vm));
        fc_vm_free(vm);
    }
    fc_vm *vm = world_vm("a", growing);
    assert_int_equal(fc_vm_load_module(vm, "lib.yields", &f), FC_EINTERNAL);
    assert_string_equal(f.here, "plugins/a/lib/yields.lua:1");
    assert_non_null(strstr(f.en, "yield outside of a coroutine of your own"));
    fc_vm_free(vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outside_words_are_absent),
        cmocka_unit_test(globals_are_strict),
        cmocka_unit_test(require_is_the_permission),
        cmocka_unit_test(define_runs_at_home),
        cmocka_unit_test(define_is_what_its_text_says),
        cmocka_unit_test(the_host_s_inner_parts_are_no_modules),
        cmocka_unit_test(definitions_freeze),
        cmocka_unit_test(wrong_definitions_are_refused),
        cmocka_unit_test(loading_is_bounded),
        cmocka_unit_test(data_files_are_read_in_an_empty_world),
        cmocka_unit_test(memory_while_loading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
