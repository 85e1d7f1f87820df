/* Which Lua is fit for strangers' code, and whose code that is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pack/stranger.h"

#include <stdlib.h>
#include <string.h>

static void versions_are_numbers(void **state)
{
    (void)state;
    static const char *const old[] = {"Lua 5.4.4", "5.4.7", "Lua 5.4.0", "5.3.6",        "5.4.8-rc1",
                                      "",          "Lua",   "5.4",       "LuaJIT 2.1.0", "5.4.8x"};
    static const char *const fit[] = {"Lua 5.4.8", "5.4.10", "Lua 5.5.0", "5.10.0", "6.0.0"};
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        if (fc_lua_fit(old[i])) fail_msg("fit: %s", old[i]);
    for (size_t i = 0; i < sizeof fit / sizeof *fit; i++)
        if (!fc_lua_fit(fit[i])) fail_msg("not fit: %s", fit[i]);
}

static void who_runs(void **state)
{
    (void)state;
    fc_err err;
    assert_int_equal(fc_stranger_runs("Lua 5.4.8", 0, &err), FC_OK);
    assert_int_equal(fc_stranger_runs("Lua 5.4.4", 1, &err), FC_OK);
    assert_int_equal(fc_stranger_runs("Lua 5.4.4", 0, &err), FC_EDENIED);
    assert_non_null(strstr(err.text[FC_EN], "this is Lua 5.4.4"));
    assert_non_null(strstr(err.text[FC_ZH], "--dev"));
}

static void who_comes_in(void **state)
{
    (void)state;
    fc_err unsigned_, unknown, err;
    fc_fail(&unsigned_, FC_ENOTFOUND, "没有签名", "is not signed");
    fc_fail(&unknown, FC_EDENIED, "由密钥 X 签名", "signed by the key X");
    struct {
        const char *lua;
        int dev, owned;
        const fc_err *why;
        int code;
        const char *said;
    } cases[] = {
        {"5.4.8", 0, 0, &unsigned_, FC_OK, ""},
        {"5.4.8", 0, 0, &unknown, FC_OK, ""},
        {"5.4.8", 0, 1, &unsigned_, FC_EDENIED, "acme-x is to be signed"},
        {"5.4.8", 0, 1, &unknown, FC_EDENIED, "signed by the key X"},
        {"5.4.4", 0, 0, &unsigned_, FC_EDENIED, "before 5.4.8"},
        {"5.4.4", 0, 0, &unknown, FC_EDENIED, "signed by the key X"},
        {"5.4.4", 0, 1, &unsigned_, FC_EDENIED, "acme-x is to be signed"},
        {"5.4.4", 1, 1, &unknown, FC_OK, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int rc = fc_stranger_enters(cases[i].lua, cases[i].dev, cases[i].owned, "acme-x", cases[i].why, &err);
        if (rc != cases[i].code || (rc && !strstr(err.text[FC_EN], cases[i].said)))
            fail_msg("case %zu: %d %s", i, rc, rc ? err.text[FC_EN] : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_numbers),
        cmocka_unit_test(who_runs),
        cmocka_unit_test(who_comes_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
