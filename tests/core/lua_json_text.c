/* The short way from Lua data to a browser's JSON writes what the long way writes, or declines and leaves
 * nothing. */
#include "lua/internal.h"
#include "text/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int mark(lua_State *L)
{
    lua_settop(L, 1);
    fc_array_mark(L);
    return 1;
}

static lua_State *state_with(const char *expression)
{
    lua_State *L = luaL_newstate();
    fc_buf code = {0};
    luaL_openlibs(L);
    lua_register(L, "array", mark);
    fc_buf_addf(&code, "return %s", expression);
    if (luaL_dostring(L, fc_buf_str(&code))) fail_msg("%s: %s", expression, lua_tostring(L, -1));
    fc_buf_free(&code);
    return L;
}

static void same(const char *expression, const char *expected)
{
    lua_State *L = state_with(expression);
    fc_buf quick = {0}, slow = {0};
    fc_err err;
    json_t *v = NULL;
    int top = lua_gettop(L);
    assert_int_equal(fc_to_json(L, top, FC_EMPTY_ARRAY, &v, &err), FC_OK);
    fc_json_for_browser(v, &slow);
    fc_buf_adds(&quick, "before ");
    assert_int_equal(fc_to_text(L, top, &quick), 1);
    assert_int_equal(lua_gettop(L), top);
    assert_string_equal(fc_buf_str(&quick) + strlen("before "), fc_buf_str(&slow));
    if (expected) assert_string_equal(fc_buf_str(&slow), expected);
    json_decref(v);
    fc_buf_free(&quick);
    fc_buf_free(&slow);
    lua_close(L);
}

static void declined(const char *expression)
{
    lua_State *L = state_with(expression);
    fc_buf out = {0};
    fc_buf_adds(&out, "before");
    int top = lua_gettop(L);
    assert_int_equal(fc_to_text(L, top, &out), 0);
    assert_int_equal(lua_gettop(L), top);
    assert_string_equal(fc_buf_str(&out), "before");
    fc_buf_free(&out);
    lua_close(L);
}

static void test_scalars(void **unused)
{
    (void)unused;
    same("{a=true, b=false, c=1, d=-7, e=1.5, f='x', g=0}",
         "{\"a\":true,\"b\":false,\"c\":1,\"d\":-7,\"e\":1.5,\"f\":\"x\",\"g\":0}");
    same("{a=9007199254740992, b=9007199254740993, c=-9007199254740993}",
         "{\"a\":9007199254740992,\"b\":\"9007199254740993\",\"c\":\"-9007199254740993\"}");
    same("{a=math.maxinteger, b=math.mininteger}", NULL);
    same("{a=1.0, b=0.1, c=1e300, d=-0.0, e=1/3, f=123456789.125}", NULL);
    same("'text'", "\"text\"");
    same("12", "12");
}

static void test_text(void **unused)
{
    (void)unused;
    same("{a='张\"三\"\\\\ \\n\\t\\r\\b\\f\\1\\127 </script>'}", NULL);
    same("{a='\\0x', ['k\\0']=1, ['']=2}", NULL);
    same("{a='\\u{10FFFF}\\u{800}\\u{7FF}'}", NULL);
    same("string.rep('长', 5000)", NULL);
}

static void test_tables(void **unused)
{
    (void)unused;
    same("{}", "[]");
    same("array{}", "[]");
    same("{1,2,3}", "[1,2,3]");
    same("array{1,nil,3}", NULL);
    same("{a={b={c={1,{d=2},{}}}}}", "{\"a\":{\"b\":{\"c\":[1,{\"d\":2},[]]}}}");
    same("{b=1, a=2, aa=3, A=4, ['é']=5, a1=6, _=7}", NULL);
    same("setmetatable({x=1}, {__index={y=2}, __pairs=error})", "{\"x\":1}");
}

static void test_many_keys(void **unused)
{
    (void)unused;
    for (int n = 20; n < 400; n += 19) {
        char expression[200];
        snprintf(expression, sizeof expression,
                 "(function() local t = {} for i = 1, %d do t['k' .. i * 7919 %% 1009] = {id = i, v = 'v' .. "
                 "i} end "
                 "return {t, t, more = nil} end)()",
                 n);
        same(expression, NULL);
        snprintf(expression, sizeof expression,
                 "(function() local t = {} for i = 1, %d do t['k' .. i * 7919 %% 1009] = 'v' .. i end return "
                 "t end)()",
                 n);
        same(expression, NULL);
    }
}

/* Two keys that are one in JSON, keys that are no text, what is no data: the long way knows what to say. */
static void test_declines(void **unused)
{
    (void)unused;
    declined("{[1]='a', ['1']='b', [5]='c'}");
    declined("{1,2,n=2}");
    declined("{[2]='a'}");
    declined("{[1.5]='a'}");
    declined("{[true]='a'}");
    declined("{a={b='\\xff'}}");
    declined("{['\\xff']=1}");
    declined("{a='\\u{D800}'}");
    declined("{a=print}");
    declined("{a=coroutine.create(print)}");
    declined("{a=0/0}");
    declined("{a=1/0}");
    declined("(function() local t = {} t.t = t return t end)()");
    declined("(function() local t = {1} t[2] = t return t end)()");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_scalars), cmocka_unit_test(test_text),
                                       cmocka_unit_test(test_tables), cmocka_unit_test(test_many_keys),
                                       cmocka_unit_test(test_declines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
