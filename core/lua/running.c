/* The call that runs: host functions find their store, their actor and their live set there. */
#include "lua/internal.h"

static fc_call *current;

fc_call *fc_call_current(void)
{
    return current;
}

fc_call *fc_call_switch(fc_call *c)
{
    fc_call *outer = current;
    current = c;
    return outer;
}

fc_call *fc_call_need(lua_State *L)
{
    if (!current)
        fc_misuse(
            L, "只有在一次调用运行时才能使用：请放进由页面、脚本或测试调用的函数里",
            "only available while a call runs: put it into a function that a page, a script or a test calls");
    return current;
}

fc_call *fc_call_running(lua_State *L, const fc_vm *vm, const char *what)
{
    if (vm->phase == FC_LOADING || !current)
        fc_raise_text(L, "加载时只能声明，不能执行 %s：请放进函数里",
                      "while a plugin loads it may only declare; %s belongs inside a function", what);
    return current;
}

void fc_only_running(lua_State *L, const char *what)
{
    fc_call_running(L, fc_vm_of(L), what);
}
