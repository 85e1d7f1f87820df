/* Which SQL a plugin's code may run: one statement of the common subset (store/subset.h) that writes no table
 * but the plugin's own. A text is judged once in each state; afterwards it costs one look into a table. The
 * right belongs to the state and not to the statement, which the store keeps for everybody: an export runs in
 * its own plugin's state, so it writes its own tables whoever calls. */
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

static int judge(fc_vm *vm, fc_call *c, const char *sql, size_t n, fc_err *err)
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

int fc_sql_allowed(lua_State *L, int at, fc_err *err)
{
    size_t n;
    fc_vm *vm = fc_vm_of(L);
    if (lua_toboolean(L, lua_upvalueindex(1))) return FC_OK; /* the host's own (mod_db.c) */
    push_known(L, vm);
    lua_pushvalue(L, at);
    if (lua_rawget(L, -2) != LUA_TNIL) {
        lua_pop(L, 2);
        return FC_OK;
    }
    const char *sql = lua_tolstring(L, at, &n);
    int rc = judge(vm, fc_call_need(L), sql, n, err);
    if (!rc) {
        lua_pushvalue(L, at);
        lua_pushboolean(L, 1);
        lua_rawset(L, -4);
        vm->known_sql++;
    }
    lua_pop(L, 2);
    return rc;
}
