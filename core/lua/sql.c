/* Which SQL a plugin's code may run: one statement of the common subset (store/subset.h) that writes no table
 * but the plugin's own. A text is judged once in each state; afterwards the place where it lies is known, or
 * else it is found in a table. The right belongs to the state and not to the statement, which the store keeps
 * for everybody: an export runs in its own plugin's state, so it writes its own tables whoever calls. */
#include "lua/internal.h"
#include "store/look.h"
#include "store/subset.h"

#include <stdio.h>
#include <string.h>

#define KNOWN_TEXTS 512 /* texts made at run time (IN with a list) must not fill the state */

typedef struct writer {
    fc_call *c;
    const char *plugin, *owner;
    char table[80]; /* the first that is not the plugin's; "" none */
} writer;

static void told(void *ctx, const char *table)
{
    writer *w = ctx;
    const char *owner = w->c->world->table_owner(w->c, table);
    if (*w->table || (owner && strcmp(owner, w->plugin) == 0)) return;
    snprintf(w->table, sizeof w->table, "%s", table);
    w->owner = owner;
}

static void not_yours(const writer *w, fc_err *err)
{
    if (!w->owner)
        fc_fail(err, FC_EDENIED,
                "表 %s 不属于任何在用的插件，插件 %s 不能写它：自己的表请在 plugin.lua 的 tables 中声明前缀",
                "the table %s belongs to no plugin in force, so the plugin %s may not write it: if it is its "
                "own, declare the prefix "
                "in tables in plugin.lua",
                w->table, w->plugin);
    else if (!*w->owner)
        fc_fail(err, FC_EDENIED,
                "表 %s 是宿主的，插件 %s 不能写它：请用 host.audit、host.mail、host.jobs 等模块",
                "the table %s is the host's, the plugin %s may not write it: use host.audit, host.mail, "
                "host.jobs and the like",
                w->table, w->plugin);
    else
        fc_fail(err, FC_EDENIED,
                "表 %s 只由插件 %s 写，插件 %s 不能写它：请调用 require \"%s\" 的导出函数，或写自己的表",
                "the table %s is written by the plugin %s alone, not by %s: call an export of require "
                "\"%s\", or keep a table of your own",
                w->table, w->owner, w->plugin, w->owner);
}

/* From the place that is refused on, cut on a character's border. */
static size_t excerpt(const char *from, size_t n)
{
    if (n <= 60) return n;
    n = 60;
    while (n && ((unsigned char)from[n] & 0xC0) == 0x80)
        n--;
    return n;
}

FC_SELDOM static int judge(fc_vm *vm, fc_call *c, const char *sql, size_t n, fc_err *err)
{
    fc_sql_problem p;
    if (fc_sql_subset(sql, n, FC_SQL_ROWS, &p)) {
        int shown = (int)excerpt(sql + p.at, n - p.at);
        return fc_fail(err, FC_EINVAL, "%s%.0s; SQL: %.*s", "%.0s%s; SQL: %.*s", p.text[FC_ZH], p.text[FC_EN],
                       shown, sql + p.at);
    }
    if (vm->any_table || !c->world->table_owner || fc_sql_reads(sql, n)) return FC_OK;
    writer w = {.c = c, .plugin = vm->plugin};
    int rc = fc_store_look(c->store, sql, n, told, &w, NULL, err);
    if (!rc && *w.table) not_yours(&w, err);
    return rc ? rc : *w.table ? FC_EDENIED : FC_OK;
}

static void push_known(lua_State *L, fc_vm *vm)
{
    static const char key = 'k';
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) == LUA_TTABLE && vm->known_sql < KNOWN_TEXTS) return;
    lua_pop(L, 1);
    vm->known_sql = 0;
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
}

static bool known(lua_State *L, fc_vm *vm, int at)
{
    push_known(L, vm);
    lua_pushvalue(L, at);
    bool found = lua_rawget(L, -2) != LUA_TNIL;
    lua_pop(L, 2);
    return found;
}

static void remember(lua_State *L, fc_vm *vm, int at)
{
    push_known(L, vm);
    lua_pushvalue(L, at);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    vm->known_sql++;
}

static fc_near_sql *near_of(fc_vm *vm, const char *sql)
{
    uintptr_t p = (uintptr_t)sql;
    return &vm->near[(p >> 4 ^ p >> 10) & (FC_NEAR_SQL - 1)];
}

/* A place stands for its text only as long as the text is held: the table and the places change together. */
FC_SELDOM static void hold(lua_State *L, fc_vm *vm, int at, const char *sql, fc_near_sql *near)
{
    if (!vm->near_ref) {
        lua_createtable(L, FC_NEAR_SQL, 0);
        vm->near_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    near->sql = NULL;
    near->shape = 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->near_ref);
    lua_pushvalue(L, at);
    lua_rawseti(L, -2, near - vm->near + 1);
    near->sql = sql;
    lua_pop(L, 1);
}

int fc_sql_allowed(lua_State *L, fc_vm *vm, int at, const char *sql, size_t n, fc_near_sql **near,
                   fc_err *err)
{
    *near = near_of(vm, sql);
    if ((*near)->sql == sql) return FC_OK;
    if (lua_toboolean(L, lua_upvalueindex(1))) { /* the host's own (mod_db.c) */
        *near = NULL;
        return FC_OK;
    }
    if (!known(L, vm, at)) {
        int rc = judge(vm, fc_call_need(L), sql, n, err);
        if (rc) return rc;
        remember(L, vm, at);
    }
    hold(L, vm, at, sql, *near);
    return FC_OK;
}

static void push_names(lua_State *L, const fc_cursor *c)
{
    int n = fc_cursor_columns(c);
    lua_createtable(L, n, 0);
    for (int i = 0; i < n; i++) {
        lua_pushstring(L, fc_cursor_name(c, i));
        lua_rawseti(L, -2, i + 1);
    }
}

FC_SELDOM static void hold_names(lua_State *L, fc_near_sql *near, const fc_cursor *c)
{
    near->shape = 0;
    push_names(L, c);
    if (near->names)
        lua_rawseti(L, LUA_REGISTRYINDEX, near->names);
    else
        near->names = luaL_ref(L, LUA_REGISTRYINDEX);
    near->shape = fc_cursor_shape(c);
}

void fc_sql_names(lua_State *L, fc_near_sql *near, const fc_cursor *c)
{
    if (!near) {
        push_names(L, c);
        return;
    }
    if (near->shape != fc_cursor_shape(c)) hold_names(L, near, c);
    lua_rawgeti(L, LUA_REGISTRYINDEX, near->names);
}
