/* What is raised in Lua, read without running any of the script's code (no metamethods): {zh, en} tables,
 * text with "file:line:", or anything else. */
#include "lua/internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void push_pair(lua_State *L, const char *zh, const char *en)
{
    lua_createtable(L, 0, 2);
    lua_pushstring(L, zh);
    lua_setfield(L, -2, "zh");
    lua_pushstring(L, en);
    lua_setfield(L, -2, "en");
}

const char *fc_shown(lua_State *L, int at)
{
    int type = lua_type(L, at);
    if (type != LUA_TSTRING && type != LUA_TNUMBER)
        return type == LUA_TBOOLEAN ? (lua_toboolean(L, at) ? "true" : "false") : lua_typename(L, type);
    lua_pushvalue(L, at);
    return lua_tostring(L, -1);
}

int fc_raise(lua_State *L, const fc_err *err)
{
    push_pair(L, err->text[FC_ZH], err->text[FC_EN]);
    return lua_error(L);
}

/* The line that called: of the plugin, where the Lua half of the API stands between. */
void fc_push_caller(lua_State *L)
{
    lua_Debug ar;
    int level = 1;
    while (lua_getstack(L, level, &ar) && lua_getinfo(L, "S", &ar) && strncmp(ar.source, "@host/", 6) == 0)
        level++;
    luaL_where(L, level);
}

int fc_raise_text(lua_State *L, const char *zh, const char *en, ...)
{
    char text[2][FC_ERR_TEXT];
    const char *formats[2] = {zh, en};
    for (int i = 0; i < 2; i++) {
        va_list args;
        va_start(args, en);
        vsnprintf(text[i], FC_ERR_TEXT, formats[i], args);
        va_end(args);
    }
    push_pair(L, text[0], text[1]);
    fc_push_caller(L);
    if (lua_rawlen(L, -1) > 2) {
        lua_pushlstring(L, lua_tostring(L, -1), lua_rawlen(L, -1) - 2);
        lua_setfield(L, -3, "at");
    }
    lua_pop(L, 1);
    return lua_error(L);
}

/* "file:line" of the nearest Lua function that runs; pushes nothing where there is none. */
static int push_nearest(lua_State *L)
{
    lua_Debug ar;
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline <= 0) continue;
        lua_pushfstring(L, "%s:%d", ar.source[0] == '@' ? ar.source + 1 : ar.short_src, ar.currentline);
        return 1;
    }
    return 0;
}

/* Who was ended, told once: the kill is raised again in each coroutine and state on its way out. */
static struct {
    int told;
    char text[2][FC_ERR_TEXT], place[256];
} ended;

void fc_ended_forget(void)
{
    ended.told = 0;
}

typedef struct running {
    char name[2][80]; /* by language */
    char place[256];
} running;

/* The function as a person knows it: its name, or the line where it is written. `entry` is the name by which
 * the host called the outermost one, or NULL. */
static void name_function(lua_State *L, int level, const lua_Debug *ar, const char *entry, running *r)
{
    lua_Debug below;
    const char *known = ar->name                                                          ? ar->name
                        : entry && !ar->istailcall && !lua_getstack(L, level + 1, &below) ? entry
                                                                                          : NULL;
    for (int k = 0; k < 2; k++)
        if (*ar->what == 'm')
            snprintf(r->name[k], sizeof r->name[k], "%s", k == FC_ZH ? "（文件）" : "(file)");
        else if (known)
            snprintf(r->name[k], sizeof r->name[k], k == FC_ZH ? " %s " : "%s", known);
        else
            snprintf(r->name[k], sizeof r->name[k], k == FC_ZH ? "（第 %d 行）" : "(line %d)",
                     ar->linedefined);
}

/* The innermost function of Lua that runs in this coroutine, and its line. In a hook level 0 is the function
 * that runs; in a C function it is that one, and the line is its nearest Lua caller's. 0: there is none. */
static int find_running(lua_State *L, const char *entry, running *r)
{
    lua_Debug ar;
    *r = (running){{"?", "?"}, ""};
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Slnt", &ar);
        if (ar.currentline <= 0) continue;
        name_function(L, level, &ar, entry, r);
        snprintf(r->place, sizeof r->place, "%s:%d", ar.source[0] == '@' ? ar.source + 1 : ar.short_src,
                 ar.currentline);
        return 1;
    }
    return 0;
}

static void tell_ended(lua_State *L, int in_tx, long long ms)
{
    static const char *const zh[] = {
        "插件 %s%s%s 的函数%s用完了 %lld 毫秒的时间预算，已被终止（是否有死循环？）",
        "插件 %s%s%s 的函数%s在 db.tx 里占用了 %lld 毫秒（时间预算），已被终止：请把计算放到事务之外"};
    static const char *const en[] = {
        "plugin %s%s%s: function %s used up its time budget of %lld ms and was ended (an endless loop?)",
        "plugin %s%s%s: function %s used up the time budget of a db.tx body, %lld ms, and was ended: compute "
        "outside of it"};
    const fc_vm *vm = fc_vm_of(L);
    const char *version = vm->who.version, *space = *version ? " " : "";
    running r;
    ended.told = 1;
    find_running(L, fc_turn_entry(L), &r);
    memcpy(ended.place, r.place, sizeof ended.place);
    snprintf(ended.text[0], FC_ERR_TEXT, zh[in_tx], vm->plugin, space, version, r.name[FC_ZH], ms);
    snprintf(ended.text[1], FC_ERR_TEXT, en[in_tx], vm->plugin, space, version, r.name[FC_EN], ms);
}

int fc_raise_ended(lua_State *L, int in_tx, long long ms)
{
    if (!ended.told) tell_ended(L, in_tx, ms);
    push_pair(L, ended.text[0], ended.text[1]);
    lua_pushstring(L, ended.place);
    lua_setfield(L, -2, "at");
    return lua_error(L);
}

void fc_fault_ended(const fc_vm *vm, fc_fault *fault)
{
    memset(fault, 0, sizeof *fault);
    fault->code = FC_ELIMIT;
    if (ended.told) {
        memcpy(fault->zh, ended.text[0], sizeof fault->zh);
        memcpy(fault->en, ended.text[1], sizeof fault->en);
        memcpy(fault->place, ended.place, sizeof fault->place);
        return;
    }
    snprintf(fault->zh, sizeof fault->zh, "插件 %s 运行超过了时间预算，已被终止", vm->plugin);
    snprintf(fault->en, sizeof fault->en, "plugin %s used up its time budget and was ended", vm->plugin);
}

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
    if (push_nearest(L)) lua_setfield(L, -2, "here");
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
    running r;
    vm->spoiled = 1;
    out->code = FC_ELIMIT;
    if (!find_running(L, entry, &r)) {
        snprintf(out->zh, sizeof out->zh, "内存超过上限（%zu MiB）：请把它变小，或分成几个", vm->limit >> 20);
        snprintf(out->en, sizeof out->en,
                 "needs more memory than its ceiling (%zu MiB): make it smaller, or several of it",
                 vm->limit >> 20);
        return;
    }
    memcpy(out->place, r.place, sizeof out->place);
    int loads = vm->loader == L;
    snprintf(out->zh, sizeof out->zh,
             loads ? "插件 %s%s%s 加载时，函数%s需要的内存超过上限（%zu "
                     "MiB），已被终止（是否有表或文字一直在增加，或函数一直调用自己？）"
                   : "插件 %s%s%s 的函数%s需要的内存超过上限（%zu "
                     "MiB），已被终止（是否有表或文字一直在增加，或函数一直调用自己？）",
             vm->plugin, space, version, r.name[FC_ZH], vm->limit >> 20);
    snprintf(out->en, sizeof out->en,
             loads
                 ? "plugin %s%s%s, while it loads: function %s needs more memory than its ceiling (%zu MiB) "
                   "and was ended (does a list or a text grow, or a function call itself, without end?)"
                 : "plugin %s%s%s: function %s needs more memory than its ceiling (%zu MiB) and was ended "
                   "(does a list or a text grow, or a function call itself, without end?)",
             vm->plugin, space, version, r.name[FC_EN], vm->limit >> 20);
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
