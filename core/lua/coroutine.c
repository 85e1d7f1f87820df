/* The coroutines in which calls and exports run. One that ended well is kept in its vm for the next; one that
 * failed or still waits is never used again. */
#include "lua/internal.h"

#include <string.h>

void fc_co_take(fc_vm *vm, lua_State **co, int *ref)
{
    if (vm->idle) {
        *co = vm->idle;
        *ref = vm->idle_ref;
        vm->idle = NULL;
        return;
    }
    lua_State *made = lua_newthread(vm->L);
    *ref = luaL_ref(vm->L, LUA_REGISTRYINDEX);
    *co = made;
}

void fc_co_leave(fc_vm *vm, lua_State *co, int ref)
{
    if (!co || vm->spoiled) return;
    if (vm->idle || lua_status(co) != LUA_OK) {
        luaL_unref(vm->L, LUA_REGISTRYINDEX, ref);
        return;
    }
    if (lua_gettop(co)) lua_settop(co, 0);
    vm->idle = co;
    vm->idle_ref = ref;
}

/* The coroutine's stack still stands where it failed: the traceback is read from it, without running any of
 * its code. */
void fc_co_fault(lua_State *co, int status, const char *entry, fc_fault *out)
{
    fc_buf trace = {0};
    lua_Debug ar;
    char here[sizeof out->here] = "";
    for (int level = 0; level < 12 && lua_getstack(co, level, &ar); level++) {
        lua_getinfo(co, "Sl", &ar);
        if (ar.currentline <= 0) continue;
        if (!*here)
            snprintf(here, sizeof here, "%s:%d", ar.source[0] == '@' ? ar.source + 1 : ar.short_src,
                     ar.currentline);
        fc_buf_addf(&trace, "%s%s:%d", trace.len ? " < " : "", ar.short_src, ar.currentline);
    }
    fc_fault_in(co, status, entry, out);
    memcpy(out->here, here, sizeof out->here);
    snprintf(out->trace, sizeof out->trace, "%s", fc_buf_str(&trace));
    fc_buf_free(&trace);
}

int fc_protected(lua_State *L, lua_CFunction fn, void *arg, fc_fault *fault)
{
    int top = lua_gettop(L);
    lua_pushcfunction(L, fn);
    lua_pushlightuserdata(L, arg);
    int status = lua_pcall(L, 1, 0, 0);
    if (status != LUA_OK) fc_fault_from(L, status, fault);
    lua_settop(L, top);
    return status;
}
