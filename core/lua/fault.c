/* What is raised in Lua, read without running any of the script's code (no metamethods): {zh, en} tables,
 * text with "file:line:", or anything else. */
#include "lua/internal.h"

#include <string.h>

/* Message handler: keeps {zh,en} as it is, adds place and traceback beside it. Runs no Lua code. */
int fc_traceback(lua_State *L)
{
    if (fc_turn_killed()) return 1;
    lua_settop(L, 1);
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "error");
    luaL_traceback(L, L, NULL, 1);
    lua_setfield(L, -2, "trace");
    if (fc_push_nearest(L)) lua_setfield(L, -2, "here");
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, "fc_fault");
    return 1;
}

static void cut(char *out, size_t cap, const char *s, size_t n)
{
    if (n >= cap) n = cap - 1;
    memcpy(out, s, n);
    out[n] = 0;
}

static int raw_text(lua_State *L, int at, const char *key, char *out, size_t cap)
{
    lua_pushstring(L, key);
    lua_rawget(L, at);
    size_t n;
    const char *s = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;
    if (s) cut(out, cap, s, n);
    lua_pop(L, 1);
    return s != NULL;
}

/* "file.lua:12: text" -> place and text */
static void split_place(fc_fault *f)
{
    const char *p = strstr(f->en, ".lua:");
    if (!p || strchr(f->en, ' ') == NULL || p > strchr(f->en, ' ')) return;
    const char *end = p + 5;
    while (*end >= '0' && *end <= '9')
        end++;
    if (*end != ':' || end == p + 5) return;
    cut(f->place, sizeof f->place, f->en, (size_t)(end - f->en));
    const char *rest = *(end + 1) == ' ' ? end + 2 : end + 1;
    memmove(f->en, rest, strlen(rest) + 1);
    memcpy(f->zh, f->en, sizeof f->zh);
}

/* What Lua itself said is put into both languages. */
static void say(fc_fault *f)
{
    fc_buf zh = {0}, en = {0};
    if (fc_lua_says(f->en, &zh, &en)) {
        cut(f->zh, sizeof f->zh, fc_buf_str(&zh), zh.len);
        cut(f->en, sizeof f->en, fc_buf_str(&en), en.len);
    }
    fc_buf_free(&zh);
    fc_buf_free(&en);
}

/* A limit is of the plugin in whose code it was met, whoever called it: its place and its sentence alone. */
static void to_innermost(fc_fault *f)
{
    for (size_t n; (n = fc_lua_in_front(f->en)) > 0;) {
        if (strncmp(f->zh, f->en, n) != 0) break;
        if (n > 2 && memchr(f->en, '/', n)) cut(f->place, sizeof f->place, f->en, n - 2);
        memmove(f->en, f->en + n, strlen(f->en + n) + 1);
        memmove(f->zh, f->zh + n, strlen(f->zh + n) + 1);
    }
}

static void read_value(lua_State *L, int at, fc_fault *out)
{
    if (lua_type(L, at) == LUA_TSTRING) {
        size_t n;
        const char *s = lua_tolstring(L, at, &n);
        cut(out->en, sizeof out->en, s, n);
        memcpy(out->zh, out->en, sizeof out->zh);
        if (fc_trouble_of(out->en)) out->code = fc_trouble_of(out->en);
        split_place(out);
        say(out);
        if (out->code == FC_ELIMIT) to_innermost(out);
        return;
    }
    if (lua_type(L, at) == LUA_TTABLE && raw_text(L, at, "zh", out->zh, sizeof out->zh)) {
        out->code = FC_EINVAL;
        if (!raw_text(L, at, "en", out->en, sizeof out->en)) memcpy(out->en, out->zh, sizeof out->en);
        raw_text(L, at, "at", out->place, sizeof out->place);
        return;
    }
    snprintf(out->zh, sizeof out->zh, "抛出了一个不是文字的错误（%s）", luaL_typename(L, at));
    snprintf(out->en, sizeof out->en, "raised an error that is not text (%s)", luaL_typename(L, at));
}

/* The stack, if it is a coroutine's, still stands where there was no more. */
static void out_of_memory(lua_State *L, fc_vm *vm, const char *entry, fc_fault *out)
{
    const char *version = vm->who.version, *space = *version ? " " : "";
    fc_where w;
    vm->spoiled = 1;
    out->code = FC_ELIMIT;
    if (!fc_where_runs(L, entry, &w)) {
        snprintf(out->zh, sizeof out->zh, "内存超过上限（%zu MiB）：请把它变小，或分成几个", vm->limit >> 20);
        snprintf(out->en, sizeof out->en,
                 "needs more memory than its ceiling (%zu MiB): make it smaller, or several of it",
                 vm->limit >> 20);
        return;
    }
    memcpy(out->place, w.place, sizeof out->place);
    int loads = vm->loader == L;
    snprintf(out->zh, sizeof out->zh,
             loads ? "插件 %s%s%s 加载时，函数%s需要的内存超过上限（%zu "
                     "MiB），已被终止（是否有表或文字一直在增加，或函数一直调用自己？）"
                   : "插件 %s%s%s 的函数%s需要的内存超过上限（%zu "
                     "MiB），已被终止（是否有表或文字一直在增加，或函数一直调用自己？）",
             vm->plugin, space, version, w.name[FC_ZH], vm->limit >> 20);
    snprintf(out->en, sizeof out->en,
             loads
                 ? "plugin %s%s%s, while it loads: function %s needs more memory than its ceiling (%zu MiB) "
                   "and was ended (does a list or a text grow, or a function call itself, without end?)"
                 : "plugin %s%s%s: function %s needs more memory than its ceiling (%zu MiB) and was ended "
                   "(does a list or a text grow, or a function call itself, without end?)",
             vm->plugin, space, version, w.name[FC_EN], vm->limit >> 20);
}

void fc_fault_in(lua_State *L, int status, const char *entry, fc_fault *out)
{
    memset(out, 0, sizeof *out);
    out->code = FC_EINTERNAL;
    int at = lua_gettop(L);
    fc_vm *vm = fc_vm_of(L);
    int wrapped = 0;
    if (status == LUA_ERRMEM) {
        out_of_memory(L, vm, entry, out);
        lua_pop(L, 1);
        return;
    }
    size_t limit =
        vm->limit; /* reading the error makes a few short strings: not the moment to meet the ceiling */
    vm->limit += 1 << 20;
    if (lua_type(L, at) == LUA_TTABLE) {
        lua_pushliteral(L, "fc_fault");
        lua_rawget(L, at);
        wrapped = lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
    if (wrapped) {
        raw_text(L, at, "trace", out->trace, sizeof out->trace);
        raw_text(L, at, "here", out->here, sizeof out->here);
        lua_pushliteral(L, "error");
        lua_rawget(L, at);
        read_value(L, lua_gettop(L), out);
        lua_pop(L, 1);
    } else {
        read_value(L, at, out);
    }
    vm->limit = limit;
    if (vm->spoiled) out->code = FC_ELIMIT;
    lua_pop(L, 1);
}

void fc_fault_from(lua_State *L, int status, fc_fault *out)
{
    fc_fault_in(L, status, NULL, out);
}
