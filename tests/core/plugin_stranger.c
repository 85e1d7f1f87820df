/* An unsigned pack from its folder into a site, on a Lua that is fit for it and on one that is not. */
#include "plugin_help.h"
#include "pack/lock.h"
#include "plugin/pack_build.h"
#include "plugin/pack_install.h"
#include "plugin/pack_installed.h"

static char pack[200], dir[200];

static int make(void **state)
{
    char folder[200];
    fc_archive *a;
    if (open_top(state)) return -1;
    put("source/plugin.lua",
        "return { id = 'acme-x', version = '1.0.0', title = { zh = '甲', en = 'A' } }\n");
    put("site/site.lua", "return { name = { zh = '甲', en = 'A' }, dealerships = { { id = 'one', name = { zh "
                         "= '一', en = 'One' } } } }\n");
    snprintf(folder, sizeof folder, "%s/source", top);
    snprintf(pack, sizeof pack, "%s/x.pack", top);
    snprintf(dir, sizeof dir, "%s/site", top);
    if (fc_pack_build(folder, 0, &a, NULL)) return -1;
    put_bytes("x.pack", a->data.data, a->data.len);
    fc_archive_free(a);
    return 0;
}

/* What `forecourt pack install` does, as if it ran on this Lua. */
static int install(const char *lua, int dev, fc_err *err)
{
    fc_install *in;
    assert_int_equal(fc_install_open(dir, dev, &in, err), 0);
    in->lua = lua;
    int rc = fc_install_file(in, pack, err);
    if (!rc) rc = fc_install_resolve(in, err);
    if (!rc) rc = fc_install_commit(in, 0, "cli:li", err);
    fc_install_close(in);
    return rc;
}

/* What a server does each time it looks at the folders. */
static int looks(const char *lua, fc_err *err)
{
    char folder[400];
    json_t *lock;
    assert_int_equal(fc_lock_read(dir, &lock, NULL, err), 0);
    const json_t *entry = json_object_get(lock, "acme-x");
    if (!entry) {
        json_decref(lock);
        return FC_ENOTFOUND;
    }
    json_t *trust = json_pack("{s:{}}", "keys");
    snprintf(folder, sizeof folder, "%s/packs/%s", dir, json_string_value(json_object_get(entry, "folder")));
    fc_source *s = fc_source_read(folder, "packs/acme-x", "pack", problems);
    assert_non_null(s);
    int rc = fc_installed_check(s, folder, entry, trust, lua, err);
    fc_source_unref(s);
    json_decref(trust);
    json_decref(lock);
    return rc;
}

static void an_old_lua_takes_none(void **state)
{
    (void)state;
    fc_err err;
    assert_int_equal(install("Lua 5.4.7", 0, &err), FC_EDENIED);
    assert_non_null(strstr(err.text[FC_EN], "this is Lua 5.4.7"));
    assert_int_equal(looks("Lua 5.4.7", &err), FC_ENOTFOUND);
}

static void a_new_one_takes_it_and_an_old_one_runs_it_no_more(void **state)
{
    (void)state;
    fc_err err;
    if (install("Lua 5.4.8", 0, &err)) fail_msg("%s", err.text[FC_EN]);
    assert_int_equal(looks("Lua 5.4.8", &err), FC_OK);
    assert_int_equal(looks("Lua 5.4.10", &err), FC_OK);
    assert_int_equal(looks("Lua 5.5.0", &err), FC_OK);
    assert_int_equal(looks("Lua 5.4.4", &err), FC_EDENIED); /* the site moved to another machine */
}

static void who_tries_out_takes_it_anywhere(void **state)
{
    (void)state;
    fc_err err;
    if (install("Lua 5.4.4", 1, &err)) fail_msg("%s", err.text[FC_EN]);
    assert_int_equal(looks("Lua 5.4.4", &err), FC_OK);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make, close_top)
    const struct CMUnitTest tests[] = {
        T(an_old_lua_takes_none),
        T(a_new_one_takes_it_and_an_old_one_runs_it_no_more),
        T(who_tries_out_takes_it_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
