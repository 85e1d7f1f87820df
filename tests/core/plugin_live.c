/* Sources, live sets and routes from folders that each test writes. */
#include "plugin_help.h"
#include "plugin/route.h"

static const char *said(const fc_live *l, const char *point, const char *id)
{
    json_t *env = fc_live_definition(l, point, id);
    return env ? json_string_value(json_object_get(json_object_get(env, "data"), "said")) : NULL;
}

static const char engine_define[] =
    "local define, M = require 'host.define', {}\nfunction M.word(id) return function(said) return "
    "define.new('words', id, { said = said }, 1) end end\nreturn M\n";

static void put_engine(void)
{
    manifest("engine", ", opens = { words = 'words' }");
    put("plugins/engine/define.lua", engine_define);
    manifest("user", ", needs = { engine = '1' }");
    put("plugins/user/words/w.lua", "return require('engine.define').word 'w' 'first'\n");
}

/* ---- sources */

static void manifests_are_strict(void **state)
{
    static const char *const bad[][2] = {
        {"return { version = '1.0.0' }", "no id"},
        {"return { id = 'x' }", "no version"},
        {"return { id = 'X y', version = '1.0.0' }", "no id"},
        {"return { id = 'x', version = '1.0.0', usess = {} }", "unknown key 'usess'"},
        {"return { id = 'x', version = '1.0.0', uses = 'host.db' }", "uses should be a list"},
        {"return { id = 'x', version = '1.0.0', needs = { 'a' } }", "needs should be written"},
        {"return { id = 'x', version = '1.0.0', needs = { a = 1 } }", "needs.a: is written"},
        {"return { id = 'x', version = '1.0.0', needs = { a = '>=1.a' } }", "needs.a: "},
        {"return { id = 'x', version = 'one' }", "one"},
        {"return 1", "return a table"},
        {"return {", "expected"},
        {"while true do end", "time budget"},
        {"return { id = 'x', version = os.time() }", "os"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put("plugins/x/plugin.lua", bad[i][0]);
        fc_live *l = build(NULL);
        told("plugins/x/plugin.lua", bad[i][1]);
        assert_int_equal(l->n, 0);
        fc_live_unref(l);
    }
}

static void folders_are_bounded(void **state)
{
    (void)state;
    manifest("x", "");
    put_bytes("plugins/x/bytes.lua", "-- \xff\xfe", 5);
    fc_live_unref(build(NULL));
    told("plugins/x/bytes.lua", "UTF-8");
    char *big = malloc(300 << 10);
    memset(big, '-', 300 << 10);
    put_bytes("plugins/x/bytes.lua", big, 300 << 10);
    free(big);
    fc_live_unref(build(NULL));
    told("plugins/x/bytes.lua", "");
    put("plugins/x/bytes.lua", "return 1");
    put("plugins/x/.hidden/plugin.lua", "garbage");
    put("plugins/x/tests/x_test.lua", "garbage (");
    put("plugins/x/assets/x.lua", "garbage (");
    put("plugins/x/notes.txt", "garbage");
    fc_live_unref(build(NULL));
    no_problems();
    put("plugins/empty/readme.txt", "x");
    fc_live_unref(build(NULL));
    told("plugins/empty/plugin.lua", "no plugin.lua");
}

static void a_source_survives_its_dump(void **state)
{
    (void)state;
    put_engine();
    fc_source **list = fc_sources_scan(top, NULL, NULL, problems);
    for (fc_source **s = list; *s; s++) {
        char *text = fc_source_dump(*s);
        fc_source *again = fc_source_load(text, strlen(text), problems);
        assert_non_null(again);
        assert_string_equal(again->hash, (*s)->hash);
        assert_string_equal(again->id, (*s)->id);
        free(text);
        fc_source_unref(again);
    }
    fc_sources_free(list);
    assert_null(fc_source_load("garbage", 7, problems));
    assert_null(fc_source_load("{}", 2, problems));
}

/* ---- live sets */

static void what_did_not_change_is_shared(void **state)
{
    (void)state;
    put_engine();
    manifest("alone", "");
    fc_live *one = build(NULL);
    no_problems();
    assert_string_equal(said(one, "words", "w"), "first");
    fc_live *two = build(one);
    for (size_t i = 0; i < one->n; i++)
        assert_ptr_equal(fc_live_gen(two, one->gens[i]->source->id), one->gens[i]);
    put("plugins/engine/define.lua",
        "local define, M = require 'host.define', {}\nfunction M.word(id) return function(said) return "
        "define.new('words', id, { said = said .. '!' }, 1) end end\nreturn M\n");
    fc_live *three = build(two);
    no_problems();
    assert_ptr_equal(fc_live_gen(three, "alone"), fc_live_gen(one, "alone"));
    assert_ptr_not_equal(fc_live_gen(three, "user"), fc_live_gen(one, "user"));
    assert_string_equal(said(three, "words", "w"), "first!");
    assert_string_equal(said(one, "words", "w"), "first"); /* who began with it still has it */
    fc_live_unref(one);
    fc_live_unref(two);
    fc_live_unref(three);
}

static void a_broken_one_falls_back_alone(void **state)
{
    (void)state;
    put_engine();
    manifest("alone", ", opens = { things = 'things' }");
    put("plugins/alone/things/t.lua",
        "return require('host.define').new('things', 't', { said = 'old' }, 1)");
    fc_live *one = build(NULL);
    no_problems();
    put("plugins/engine/define.lua", "return (");
    put("plugins/alone/things/t.lua",
        "return require('host.define').new('things', 't', { said = 'new' }, 1)");
    fc_live *two = build(one);
    told("plugins/engine/define.lua:1", "unexpected symbol");
    assert_int_equal(json_array_size(problems), 1); /* its user is innocent and not named */
    assert_string_equal(said(two, "words", "w"), "first");
    assert_string_equal(said(two, "things", "t"), "new");
    put("plugins/user/words/w.lua", "return require('engine.define').word 'w' 'second'\n");
    fc_live *three = build(two);
    assert_string_equal(said(three, "words", "w"), "second"); /* on the engine that still stands */
    fc_live_unref(one);
    fc_live_unref(two);
    fc_live_unref(three);
}

static void an_engine_that_breaks_its_user_goes_back(void **state)
{
    (void)state;
    put_engine();
    fc_live *one = build(NULL);
    put("plugins/engine/define.lua", "local M = {}\nfunction M.sentence() end\nreturn M\n");
    fc_live *two = build(one);
    told("plugins/user/words/w.lua:1", "word");
    assert_string_equal(said(two, "words", "w"), "first");
    assert_ptr_equal(fc_live_gen(two, "engine"), fc_live_gen(one, "engine"));
    fc_live_unref(one);
    fc_live_unref(two);
}

static void a_need_is_a_range_of_versions(void **state)
{
    (void)state;
    put_engine();
    manifest("user", ", needs = { engine = '^1.0' }");
    fc_live *one = build(NULL);
    no_problems();
    put("plugins/engine/plugin.lua",
        "return { id = 'engine', version = '2.0.0', opens = { words = 'words' } }");
    fc_live *two = build(one);
    told("plugins/user/plugin.lua", "needs the plugin 'engine' in version ^1.0, and what is there is 2.0.0");
    assert_ptr_equal(fc_live_gen(two, "engine"), fc_live_gen(one, "engine")); /* what changed goes back */
    put("plugins/user/plugin.lua",
        "return { id = 'user', version = '1.0.1', needs = { engine = '>=1.0 <3' } }");
    fc_live *three = build(two);
    no_problems();
    assert_string_equal(fc_source_version(fc_live_gen(three, "engine")->source), "2.0.0");
    fc_live_unref(one);
    fc_live_unref(two);
    fc_live_unref(three);
}

/* ground <- engine <- user: what changed lies two steps below the one that fails. */
static void blame_reaches_the_ground(void **state)
{
    (void)state;
    manifest("ground", "");
    put("plugins/ground/define.lua", "return { sign = '!' }");
    manifest("engine", ", opens = { words = 'words' }, needs = { ground = '1' }");
    put("plugins/engine/define.lua",
        "local define, ground, M = require 'host.define', require 'ground.define', {}\nfunction M.word(id) "
        "return function(said) return define.new('words', id, { said = said .. ground.sign }, 1) end "
        "end\nreturn M\n");
    manifest("user", ", needs = { engine = '1' }");
    put("plugins/user/words/w.lua", "return require('engine.define').word 'w' 'first'\n");
    fc_live *one = build(NULL);
    no_problems();
    put("plugins/ground/define.lua", "return { }");
    fc_live *two = build(one);
    told("plugins/", "");
    assert_string_equal(said(two, "words", "w"), "first!");
    assert_int_equal(two->n, 3);
    fc_live_unref(one);
    fc_live_unref(two);
}

static void circles_twins_and_holes_are_named(void **state)
{
    (void)state;
    manifest("a", ", needs = { b = '1' }");
    manifest("b", ", needs = { c = '1' }");
    manifest("c", ", needs = { a = '1' }");
    manifest("self", ", needs = { self = '1' }");
    manifest("lonely", ", needs = { nobody = '1' }");
    manifest("good", "");
    put("plugins/twin-one/plugin.lua", "return { id = 'twin', version = '1.0.0' }");
    put("plugins/twin-two/plugin.lua", "return { id = 'twin', version = '1.0.0' }");
    fc_live *l = build(NULL);
    for (const char *id = "abc"; *id; id++) {
        char at[64];
        snprintf(at, sizeof at, "plugins/%c/plugin.lua", *id);
        told(at, "circle");
        assert_null(fc_live_gen(l, (char[]){*id, 0}));
    }
    told("plugins/self/plugin.lua", "circle");
    told("plugins/lonely/plugin.lua", "'nobody'");
    told("plugins/twin-two/plugin.lua", "'twin'");
    assert_non_null(fc_live_gen(l, "good"));
    assert_non_null(fc_live_gen(l, "twin"));
    assert_int_equal(l->n, 2);
    fc_live_unref(l);
}

static void one_definition_twice(void **state)
{
    (void)state;
    put_engine();
    fc_live *one = build(NULL);
    manifest("zwei", ", needs = { engine = '1' }");
    put("plugins/zwei/words/w.lua", "return require('engine.define').word 'w' 'thief'\n");
    fc_live *two = build(one);
    told("plugins/zwei/words/w.lua:1", "already defined at plugins/user/words/w.lua:1");
    assert_string_equal(said(two, "words", "w"), "first");
    assert_null(fc_live_gen(two, "zwei"));
    fc_live_unref(one);
    fc_live_unref(two);
}

/* A newcomer whose name sorts before it takes nothing away from who is in force. */
static void who_is_in_force_keeps_what_both_define(void **state)
{
    (void)state;
    put_engine();
    fc_live *one = build(NULL);
    manifest("a-new", ", needs = { engine = '1' }");
    put("plugins/a-new/words/w.lua", "return require('engine.define').word 'w' 'stolen'\n");
    fc_live *two = build(one);
    told("plugins/a-new/words/w.lua:1", "is already defined at plugins/user/words/w.lua:1");
    assert_string_equal(said(two, "words", "w"), "first");
    assert_null(fc_live_gen(two, "a-new"));
    fc_live_unref(one);
    fc_live_unref(two);
}

static void unknown_points_and_modules_are_named(void **state)
{
    (void)state;
    put_engine();
    manifest("x", ", uses = { 'host.db', 'host.nowhere', 'host.core' }");
    put("plugins/x/wordz/w.lua", "return {}");
    put("plugins/x/lib/fine.lua", "return {}");
    put("plugins/x/late.lua", "return function()\n  require 'host.csv'\nend");
    fc_live_unref(build(NULL));
    told("plugins/x/wordz/w.lua", "did you mean 'words'?");
    told("plugins/x/plugin.lua", "'host.nowhere'");
    told("plugins/x/plugin.lua", "'host.core'");
    told("plugins/x/late.lua:2", "host.csv");
}

/* ---- routes */

static void put_page(const char *file, const char *route, const char *who)
{
    char path[200], text[400];
    const char *params = strstr(route, ":id") ? "params = { id = 'id!' }, " : "";
    snprintf(path, sizeof path, "plugins/p/pages/%s.lua", file);
    snprintf(text, sizeof text, "return require 'host.page' '%s' { %s%s function() return {} end }", route,
             params, who);
    put(path, text);
}

static const char *found(const fc_live *l, const char *method, const char *path, int root, const char *id)
{
    int other = 0;
    json_t *params = json_object();
    const fc_route *r = fc_route_find(l, method, path, root, params, &other);
    const char *got = json_string_value(json_object_get(params, "id"));
    if (r && id) assert_string_equal(got ? got : "", id);
    if (r && !id) assert_null(got);
    json_decref(params);
    return r ? r->path : other ? "(other method)" : "(none)";
}

static void routes_match_the_most_literal(void **state)
{
    (void)state;
    manifest("p", "");
    put_page("list", "GET /calls", "who = 'user',");
    put_page("one", "GET /calls/:id", "who = 'user',");
    put_page("next", "GET /calls/next", "who = 'user',");
    put_page("act", "POST /calls/:id/act", "who = 'user',");
    put_page("root", "GET !/sign", "who = 'anyone',");
    put_page("home", "GET /", "who = 'user',");
    put_page("tail", "GET /files/:id/x.csv", "who = 'user',");
    fc_live *l = build(NULL);
    no_problems();
    assert_string_equal(found(l, "GET", "/calls", 0, NULL), "/calls");
    assert_string_equal(found(l, "GET", "/calls/7", 0, "7"), "/calls/:id");
    assert_string_equal(found(l, "GET", "/calls/next", 0, NULL), "/calls/next");
    assert_string_equal(found(l, "GET", "/calls/nextt", 0, "nextt"), "/calls/:id");
    assert_string_equal(found(l, "POST", "/calls/7/act", 0, "7"), "/calls/:id/act");
    assert_string_equal(found(l, "GET", "/calls/7/act", 0, NULL), "(other method)");
    assert_string_equal(found(l, "DELETE", "/calls", 0, NULL), "(other method)");
    assert_string_equal(found(l, "GET", "/files/a%2fb/x.csv", 0, "a%2fb"), "/files/:id/x.csv");
    assert_string_equal(found(l, "GET", "/", 0, NULL), "/");
    assert_string_equal(found(l, "GET", "/sign", 1, NULL), "/sign");
    static const char *const none[] = {
        "/calls/", "/call", "/callss", "/calls//act",   "/calls/7/",       "/calls/7/act/", "/CALLS",
        "",        "//",    "/sign",   "/files//x.csv", "/files/1/x.csvv", "/files/1/x.cs"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_string_equal(found(l, "GET", none[i], 0, NULL), "(none)");
    assert_string_equal(found(l, "GET", "/calls", 1, NULL), "(none)");
    fc_live_unref(l);
}

static void wrong_pages_do_not_load(void **state)
{
    static const char *const bad[][3] = {
        {"GET /a", "", "'who' is missing"},
        {"GET /a", "who = 'boss',", "who is a list of roles"},
        {"GET a", "who = 'user',", "GET /path"},
        {"get /a", "who = 'user',", "GET /path"},
        {"GET /a", "who = 'user', nonsense = 1,", "nonsense"},
        {"GET /a/:other", "who = 'user',", ":other is not declared"},
        {"GET /a", "who = 'user', params = { x = 'strng' },", "strng"},
        {"GET /a", "who = 'user', template = 'none.html',", "no template pages/none.html"}};
    (void)state;
    manifest("p", "");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put_page("x", bad[i][0], bad[i][1]);
        fc_live *l = build(NULL);
        told("plugins/p/pages/x.lua:1", bad[i][2]);
        assert_int_equal(l->nroutes, 0);
        fc_live_unref(l);
    }
}

static void one_route_twice(void **state)
{
    (void)state;
    manifest("p", "");
    manifest("q", "");
    put_page("x", "GET /a/:id", "who = 'user',");
    fc_live *one = build(NULL);
    put("plugins/q/pages/y.lua", "return require 'host.page' 'GET /a/:other' { who = 'anyone', params = { "
                                 "other = 'string' }, function() return {} end }");
    fc_live *two = build(one);
    if (json_array_size(problems) == 0)
        assert_int_equal(two->nroutes, 2); /* two names for one place: the first by order answers */
    put("plugins/q/pages/y.lua", "return require 'host.page' 'GET /a/:id' { who = 'anyone', params = { id = "
                                 "'string' }, function() return {} end }");
    fc_live *three = build(one);
    told("plugins/q/pages/y.lua:1", "already");
    assert_int_equal(three->nroutes, 1);
    assert_string_equal(three->routes[0].gen->source->id, "p");
    fc_live_unref(one);
    fc_live_unref(two);
    fc_live_unref(three);
}

int main(void)
{
#define each(name) cmocka_unit_test_setup_teardown(name, open_top, close_top)
    const struct CMUnitTest tests[] = {
        each(manifests_are_strict),
        each(folders_are_bounded),
        each(a_source_survives_its_dump),
        each(what_did_not_change_is_shared),
        each(a_need_is_a_range_of_versions),
        each(who_is_in_force_keeps_what_both_define),
        each(a_broken_one_falls_back_alone),
        each(an_engine_that_breaks_its_user_goes_back),
        each(blame_reaches_the_ground),
        each(circles_twins_and_holes_are_named),
        each(one_definition_twice),
        each(unknown_points_and_modules_are_named),
        each(routes_match_the_most_literal),
        each(wrong_pages_do_not_load),
        each(one_route_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
