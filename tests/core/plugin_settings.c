/* Settings: what a manifest may declare, what a form may say, which value is in force. */
#include "plugin_help.h"
#include "plugin/setting_declared.h"
#include "plugin/settings.h"

#include "store/store.h"

static fc_site site;
static fc_dealership dealership;

static json_t *parse(const char *text)
{
    json_error_t e;
    json_t *v = json_loads(text, JSON_DECODE_ANY, &e);
    if (!v) fail_msg("%s: %s", e.text, text);
    return v;
}

static void declarations_are_checked(void **state)
{
    static const char *const bad[][2] = {
        {"days = { title = 'x' }", "settings.days: has no default"},
        {"days = { default = 1, kind = 'day' }", "kind is one of"},
        {"days = { default = 40, max = 30 }", "the default is at most 30"},
        {"days = { default = 'x', kind = 'integer' }", "the default is a whole number"},
        {"days = { default = '25:00', kind = 'time' }", "the default is a time of day"},
        {"days = { default = 'c', choices = { { id = 'a' }, { id = 'b' } } }", "is one of: a, b"},
        {"days = { default = 1, tilte = 'x' }", "unknown key 'tilte'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char more[200];
        snprintf(more, sizeof more, ", settings = { %s }", bad[i][0]);
        manifest("x", more);
        fc_live_unref(build(NULL));
        told("plugins/x/plugin.lua", bad[i][1]);
    }
    manifest("x", ", settings = { a = 1, b = true, c = 'x', e = { 'p' }, f = { default = {}, kind = 'map' }, "
                  "g = { default = { { id = 1 } } }, h = { default = 1.5 } }");
    fc_live_unref(build(NULL));
    no_problems();
}

static void said(const char *declaration, const char *text, const char *json)
{
    fc_err err;
    json_t *d = parse(declaration), *v = fc_setting_read(d, text, &err);
    if (!v) fail_msg("%s: %s", text, err.text[FC_EN]);
    char *is = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(is, json);
    free(is);
    json_decref(v);
    json_decref(d);
}

static void refused(const char *declaration, const char *text, const char *word)
{
    fc_err err;
    json_t *d = parse(declaration);
    assert_null(fc_setting_read(d, text, &err));
    if (!strstr(err.text[FC_EN], word)) fail_msg("'%s' instead of '%s'", err.text[FC_EN], word);
    assert_true(*err.text[FC_ZH] != 0);
    json_decref(d);
}

static void what_is_said_becomes_a_value(void **state)
{
    (void)state;
    said("3", " 12 ", "12");
    said("{\"default\": 1.5}", "2", "2.0");
    said("true", "false", "false");
    said("\"x\"", "", "\"\"");
    said("{\"default\": \"09:00\", \"kind\": \"time\"}", "23:59", "\"23:59\"");
    said("[]", " a b \r\n\n c\n", "[\"a b\",\"c\"]");
    said("{\"default\": {}, \"kind\": \"map\"}", "b = 2\na=x = y\n", "{\"a\":\"x = y\",\"b\":\"2\"}");
    refused("3", "", "whole number");
    refused("3", "1.5", "whole number");
    refused("3", "12x", "whole number");
    refused("3", "99999999999999999999", "whole number");
    refused("{\"default\": 3, \"min\": 1}", "0", "at least 1");
    refused("{\"default\": 1.5}", "nan", "a number");
    refused("{\"default\": 1.5}", "1e999", "a number");
    refused("true", "yes", "true or false");
    refused("{\"default\": \"09:00\", \"kind\": \"time\"}", "9:00", "time of day");
    refused("{\"default\": \"09:00\", \"kind\": \"time\"}", "09:60", "time of day");
    refused("{\"default\": \"a\", \"choices\": [{\"id\": \"a\"}]}", "b", "is one of: a");
    refused("{\"default\": {}, \"kind\": \"map\"}", "only a name", "name = text");
    refused("[{\"id\": 1}]", "[]", "site.lua only");
}

static void in_force(const char *json)
{
    json_t *declared = parse("{\"days\": {\"default\": 3, \"max\": 30}, \"cutoff\": \"17:00\"}");
    json_t *values = fc_settings_values(&dealership, "x", declared);
    char *is = json_dumps(values, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(is, json);
    free(is);
    json_decref(values);
    json_decref(declared);
}

static void form_says(const char *value)
{
    fc_value args[] = {fc_text(value)};
    fc_err err;
    assert_int_equal(fc_run(dealership.store, "DELETE FROM host_setting", NULL, 0, NULL, &err), 0);
    assert_int_equal(fc_run(dealership.store, "INSERT INTO host_setting VALUES ('x', 'days', ?, 'sun', 1)",
                            args, 1, NULL, &err),
                     0);
}

static void site_above_form_above_default(void **state)
{
    (void)state;
    fc_err err;
    assert_int_equal(fc_store_open(":memory:", &dealership.store, &err), 0);
    assert_int_equal(
        fc_run(dealership.store,
               "CREATE TABLE host_setting (plugin TEXT, key TEXT, value TEXT, set_by TEXT, set_at INTEGER)",
               NULL, 0, NULL, &err),
        0);
    dealership.site = &site;
    site.config = json_object();
    in_force("{\"cutoff\":\"17:00\",\"days\":3}");
    form_says("5");
    in_force("{\"cutoff\":\"17:00\",\"days\":5}");
    form_says("31"); /* the plugin's new version allows less */
    in_force("{\"cutoff\":\"17:00\",\"days\":3}");
    form_says("garbage");
    in_force("{\"cutoff\":\"17:00\",\"days\":3}");
    json_decref(site.config);
    site.config = parse("{\"settings\": {\"x\": {\"days\": 7, \"unknown\": 1}}}");
    form_says("5");
    in_force("{\"cutoff\":\"17:00\",\"days\":7}");
    json_decref(site.config);
    fc_store_close(dealership.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(declarations_are_checked, open_top, close_top),
        cmocka_unit_test(what_is_said_becomes_a_value),
        cmocka_unit_test(site_above_form_above_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
