/* Plugins that change each other's definitions, and the order in which definitions stand. */
#include "plugin_help.h"
#include "plugin/amend_data.h"

static const char engine_define[] =
    "local define, M = require 'host.define', {}\n"
    "function M.item(id) return function(o) return define.stands_for({}, { id = id, title = o.title }) end "
    "end\n"
    "function M.menu(id) return function(o)\n"
    "  local items = {}\n"
    "  for i, item in ipairs(o) do items[i] = define.plain(item) end\n"
    "  return define.new('menus', id, { title = o.title, items = items, order = o.order, before = o.before, "
    "after = o.after, run = o.run }, 1)\n"
    "end end\n"
    "function M.check(list)\n"
    "  for _, d in ipairs(list) do\n"
    "    if #d.data.items > 3 then define.problem(d.at, '太多', 'too many items in ' .. d.id) end\n"
    "    if d.data.title == 'loop' then while true do end end\n"
    "  end\n"
    "end\n"
    "return M\n";

static void put_vendor(const char *menu)
{
    char text[800];
    manifest("engine", ", opens = { menus = 'menus' }");
    put("plugins/engine/define.lua", engine_define);
    manifest("vendor", ", needs = { engine = '1' }");
    snprintf(text, sizeof text, "local m = require 'engine.define'\nreturn m.menu 'main' %s\n", menu);
    put("plugins/vendor/menus/main.lua", text);
}

static const char two_items[] =
    "{ title = 'food', m.item 'soup' { title = 's' }, m.item 'rice' { title = 'r' } }";

static void put_ours(const char *amendment)
{
    char text[900];
    manifest("ours", ", needs = { vendor = '1', engine = '1' }");
    snprintf(text, sizeof text,
             "local amend, m = require 'host.amend', require 'engine.define'\nreturn amend 'menus/main' %s\n",
             amendment);
    put("plugins/ours/amend/main.lua", text);
}

/* title + items of menus/main: "food: soup=s rice=r" */
static const char *menu(const fc_live *l)
{
    static char text[400];
    size_t i;
    json_t *item, *data = json_object_get(fc_live_definition(l, "menus", "main"), "data");
    snprintf(text, sizeof text, "%s:", json_string_value(json_object_get(data, "title")));
    json_array_foreach(json_object_get(data, "items"), i, item)
    {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, " %s=%s", json_string_value(json_object_get(item, "id")),
                 json_string_value(json_object_get(item, "title")));
    }
    return text;
}

static void sets_inserts_and_removes(void **state)
{
    (void)state;
    put_vendor(two_items);
    fc_live *plain = build(NULL);
    no_problems();
    put_ours("{ set = { title = 'lunch', ['items.soup.title'] = 'hot' }, remove = { 'items.rice' },\n"
             "  insert = { { into = 'items', before = 'soup', value = m.item 'tea' { title = 't' } },\n"
             "             { into = 'items', after = 'soup', value = { id = 'egg', title = 'e' } } } }");
    fc_live *l = build(plain);
    no_problems();
    assert_string_equal(menu(l), "lunch: tea=t soup=hot egg=e");
    assert_string_equal(menu(plain), "food: soup=s rice=r"); /* who began with it goes on with it */
    json_t *was = fc_live_definition(plain, "menus", "main"), *is = fc_live_definition(l, "menus", "main");
    assert_string_not_equal(json_string_value(json_object_get(was, "hash")),
                            json_string_value(json_object_get(is, "hash")));
    json_t *amended = json_object_get(is, "amended"), *first = json_array_get(amended, 0);
    assert_int_equal(json_array_size(amended), 5);
    assert_string_equal(json_string_value(json_object_get(first, "plugin")), "ours");
    assert_string_equal(json_string_value(json_object_get(first, "path")), "items.soup.title");
    assert_string_equal(json_string_value(json_object_get(first, "from")), "s");
    assert_string_equal(json_string_value(json_object_get(first, "at")), "plugins/ours/amend/main.lua:2");
    fc_live_unref(plain);
    fc_live_unref(l);
}

static void the_makers_update_still_applies(void **state)
{
    (void)state;
    put_vendor(two_items);
    put_ours("{ set = { ['items.soup.title'] = 'hot' } }");
    fc_live *one = build(NULL);
    put_vendor("{ title = 'new', m.item 'cake' { title = 'c' }, m.item 'soup' { title = 's' } }");
    fc_live *two = build(one);
    no_problems();
    assert_string_equal(menu(two), "new: cake=c soup=hot");
    /* One that takes away what is amended is told, and the set stays as it was. */
    put_vendor("{ title = 'newer', m.item 'cake' { title = 'c' } }");
    fc_live *three = build(two);
    told("plugins/ours/amend/main.lua:2", "there is no 'soup'; there are: cake");
    assert_string_equal(menu(three), "new: cake=c soup=hot");
    fc_live_unref(one);
    fc_live_unref(two);
    fc_live_unref(three);
}

static void what_does_not_fit_is_refused(void **state)
{
    static const char *const bad[][2] = {
        {"{ set = { ['items.sop.title'] = 'x' } }", "there is no 'sop'; there are: soup, rice"},
        {"{ set = { ['title.zh'] = 'x' } }", "a single value"},
        {"{ set = { ['items..title'] = 'x' } }", "is no path"},
        {"{ set = { title = function() end } }", "a function cannot be put"},
        {"{ set = { run = 'x' } }", "is a function and cannot be replaced"},
        {"{ insert = { { into = 'title', value = 1 } } }", "is no list"},
        {"{ insert = { { into = 'items', after = 'x', value = { id = 'y' } } } }", "there is no 'x'"},
        {"{ insert = { { into = 'items', value = { id = 'soup' } } } }", "already has a 'soup'"},
        {"{ insert = { { value = 1 } } }", "each insert is written"},
        {"{ remove = { 'items.3' } }", "there is no '3'"},
        {"{ remove = { 1 } }", "list of paths"},
        {"{}", "nothing to change"},
        {"{ sets = {} }", "did you mean 'set'"},
        {"{ insert = { { into = 'items', value = { id = 'a' } }, { into = 'items', value = { id = 'b' } } } "
         "}",
         "too many items in main"},
        {"{ set = { title = 'loop' } }", "time budget"},
    };
    (void)state;
    put_vendor("{ title = 'food', run = function() end, m.item 'soup' { title = 's' }, m.item 'rice' { title "
               "= 'r' } }");
    fc_live *one = build(NULL);
    no_problems();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put_ours(bad[i][0]);
        fc_live *two = build(one);
        told("plugins/ours/", bad[i][1]);
        assert_string_equal(menu(two), "food: soup=s rice=r");
        assert_null(fc_live_gen(two, "ours"));
        assert_ptr_equal(fc_live_gen(two, "vendor"), fc_live_gen(one, "vendor"));
        fc_live_unref(two);
    }
    fc_live_unref(one);
}

static void who_amends_says_what_it_needs(void **state)
{
    (void)state;
    put_vendor(two_items);
    put_ours("{ set = { title = 'x' } }");
    manifest("ours", ", needs = { engine = '1' }");
    fc_live_unref(build(NULL));
    told("plugins/ours/amend/main.lua", "name that in needs");
    put_ours("{ set = { title = 'x' } }");
    put("plugins/ours/amend/main.lua", "return require 'host.amend' 'menus/nix' { set = { title = 'x' } }\n");
    fc_live_unref(build(NULL));
    told("plugins/ours/amend/main.lua:1", "which no plugin defines");
    put("plugins/ours/amend/main.lua", "return require 'host.amend' 'menus' { set = { title = 'x' } }\n");
    fc_live_unref(build(NULL));
    told("plugins/ours/amend/main.lua:1", "point/id");
}

static void two_may_change_one_thing(void **state)
{
    (void)state;
    put_vendor(two_items);
    put_ours("{ set = { title = 'ours' } }");
    manifest("theirs", ", needs = { vendor = '1', engine = '1', ours = '1' }");
    put("plugins/theirs/amend/x.lua", "return require 'host.amend' 'menus/main' { set = { title = 'theirs', "
                                      "['items.rice.title'] = 'R' } }\n");
    fc_live *l = build(NULL);
    no_problems();
    assert_string_equal(menu(l), "theirs: soup=s rice=R");
    json_t *amended = json_object_get(fc_live_definition(l, "menus", "main"), "amended");
    assert_string_equal(json_string_value(json_object_get(json_array_get(amended, 2), "from")), "ours");
    fc_live_unref(l);
}

/* A plugin that puts its name behind the title of menus/main: who comes later is read later. */
static void put_says(const char *id, const char *needs, const char *more)
{
    char path[100], text[300];
    snprintf(text, sizeof text, ", needs = { vendor = '1', engine = '1'%s }", needs);
    manifest(id, text);
    snprintf(path, sizeof path, "plugins/%s/amend/a.lua", id);
    snprintf(text, sizeof text, "return require 'host.amend' 'menus/main' { set = { title = '%s' }%s }\n", id,
             more);
    put(path, text);
}

/* Whose amendments of menus/main were applied, in that order. */
static const char *applied(const fc_live *l)
{
    static char text[200];
    size_t i;
    json_t *row;
    *text = 0;
    json_array_foreach(json_object_get(fc_live_definition(l, "menus", "main"), "amended"), i, row)
    {
        strcat(text, json_string_value(json_object_get(row, "plugin")));
        strcat(text, " ");
    }
    return text;
}

static void amendments_are_applied_where_they_ask(void **state)
{
    (void)state;
    put_vendor(two_items);
    put_says("aa", "", "");
    put_says("bb", "", "");
    put_says("cc", "", "");
    fc_live *l = build(NULL);
    no_problems();
    assert_string_equal(applied(l), "aa bb cc ");
    put_says("aa", "", ", after = { 'cc', 'not-installed' }");
    fc_live *two = build(l);
    no_problems();
    assert_string_equal(applied(two), "bb cc aa ");
    assert_string_equal(menu(two), "aa: soup=s rice=r");
    fc_live *again = build(NULL); /* whatever was in force before */
    assert_string_equal(applied(again), "bb cc aa ");
    fc_live_unref(again);
    fc_live_unref(l);
    put_says("aa", "", "");
    put_says("cc", "", ", before = 'bb'");
    l = build(two);
    no_problems();
    assert_string_equal(applied(l), "aa cc bb ");
    assert_string_equal(menu(l), "bb: soup=s rice=r");
    fc_live_unref(two);
    fc_live_unref(l);
    put_says("bb", "", ", order = -1");
    put_says("cc", "", "");
    l = build(NULL);
    no_problems();
    assert_string_equal(applied(l), "bb aa cc ");
    fc_live_unref(l);
}

/* What is changed last does not decide: a restart has to find the same set. */
static void the_order_does_not_hang_on_what_was_saved_last(void **state)
{
    (void)state;
    put_vendor(two_items);
    put_says("aa", "", "");
    put_says("bb", "", "");
    fc_live *l = build(NULL);
    put_says("aa", "", ", about = { zh = '新', en = 'new' }");
    fc_live *two = build(l);
    no_problems();
    assert_string_equal(applied(two), "aa bb ");
    fc_live_unref(l);
    fc_live_unref(two);
}

static void needs_go_before_wishes(void **state)
{
    (void)state;
    put_vendor(two_items);
    put_says("aa", ", bb = '1'", "");
    put_says("bb", "", "");
    put_says("cc", "", ", after = 'bb', before = 'aa'");
    fc_live *l = build(NULL);
    no_problems();
    assert_string_equal(applied(l), "bb cc aa ");
    fc_live_unref(l);
}

static void circles_of_amendments_are_named_with_both_places(void **state)
{
    (void)state;
    put_vendor(two_items);
    put_says("aa", "", ", after = 'bb'");
    put_says("bb", "", ", after = 'aa'");
    fc_live_unref(build(NULL));
    told("plugins/aa/amend/a.lua:1", "plugins/bb/amend/a.lua:1");
    told("plugins/bb/amend/a.lua:1", "plugins/aa/amend/a.lua:1");
    put_says("cc", "", "");
    put_says("aa", ", bb = '1'", "");
    put_says("bb", "",
             ", after = 'aa'"); /* who needs another is applied after it, whatever that one wishes */
    fc_live *l = build(NULL);
    told("plugins/bb/amend/a.lua:1", "plugins/aa/amend/a.lua:1");
    assert_string_equal(applied(l), "cc ");
    fc_live_unref(l);
}

static void names_in_amendments_are_plugins(void **state)
{
    (void)state;
    put_vendor(two_items);
    put_says("winter", "", "");
    put_says("spring", "", ", after = 'wintr'");
    fc_live_unref(build(NULL));
    told("plugins/spring/amend/a.lua:1", "did you mean 'winter'");
    put_says("spring", "", ", after = 5");
    fc_live_unref(build(NULL));
    told("plugins/spring/amend/a.lua:1", "name of a plugin");
    put_says("spring", "", ", after = { 'winter', 5 }");
    fc_live_unref(build(NULL));
    told("plugins/spring/amend/a.lua:1", "name of a plugin");
}

/* ids of the point in their order */
static const char *order(const fc_live *l)
{
    static char text[200];
    size_t i;
    json_t *env;
    *text = 0;
    json_array_foreach(fc_live_point(l, "menus"), i, env)
    {
        strcat(text, json_string_value(json_object_get(env, "id")));
        strcat(text, " ");
    }
    return text;
}

static void put_menu(const char *id, const char *more)
{
    char path[100], text[300];
    snprintf(path, sizeof path, "plugins/vendor/menus/%s.lua", id);
    snprintf(text, sizeof text, "return require 'engine.define'.menu '%s' { title = 't'%s }\n", id, more);
    put(path, text);
}

static void definitions_stand_where_they_ask(void **state)
{
    (void)state;
    put_vendor(two_items);
    put_menu("apples", "");
    put_menu("bread", ", order = 5");
    put_menu("cheese", ", before = 'apples'");
    fc_live *l = build(NULL);
    no_problems();
    assert_string_equal(order(l), "cheese apples main bread ");
    fc_live_unref(l);
    put_menu("cheese", ", after = { 'bread', 'not-installed' }");
    l = build(NULL);
    no_problems();
    assert_string_equal(order(l), "apples main bread cheese ");
    fc_live_unref(l);
    put_menu("cheese", ", after = 'aples'");
    fc_live_unref(build(NULL));
    told("plugins/vendor/menus/cheese.lua:1", "did you mean 'apples'");
    put_menu("cheese", ", after = 'apples', before = 'main'");
    put_menu("apples", ", after = 'main'");
    fc_live_unref(build(NULL));
    told("plugins/vendor/menus/", "in a circle");
    told("plugins/vendor/menus/cheese.lua:1", "plugins/vendor/menus/apples.lua:1");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_top, close_top)
    const struct CMUnitTest tests[] = {
        T(sets_inserts_and_removes),
        T(the_makers_update_still_applies),
        T(what_does_not_fit_is_refused),
        T(who_amends_says_what_it_needs),
        T(two_may_change_one_thing),
        T(definitions_stand_where_they_ask),
        T(amendments_are_applied_where_they_ask),
        T(the_order_does_not_hang_on_what_was_saved_last),
        T(needs_go_before_wishes),
        T(circles_of_amendments_are_named_with_both_places),
        T(names_in_amendments_are_plugins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
