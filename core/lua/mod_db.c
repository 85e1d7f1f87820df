/* host.db: bound parameters only. Every failure raises text with the SQL's place; a row is a table column ->
 * value without its NULLs.
 *
 * Where the call may wait (a page in a served site) a write goes into the next common commit, and a read that
 * takes long goes to the pool; everywhere else, and inside a transaction, it happens on the spot with the
 * same results. `each` streams from a connection of its own: what is read inside the loop is not as old as
 * the loop. Inside a transaction, which ends it, and in memory it runs on the common one. */
#include "lua/db.h"

/* blob(s) marks bytes as BLOB: a userdata holding the string */
static int db_blob(lua_State *L)
{
    luaL_checkstring(L, 1);
    lua_newuserdatauv(L, 0, 1);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    if (luaL_newmetatable(L, "fc.blob")) {
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
    return 1;
}

/* The names lie at `names`. */
static void push_row(lua_State *L, const fc_cursor *c, int names)
{
    int n;
    const fc_value *row = fc_cursor_row(c, &n);
    lua_createtable(L, 0, n);
    for (int i = 0; i < n; i++) {
        if (row[i].type == FC_NULL) continue;
        lua_rawgeti(L, names, i + 1);
        fc_db_push(L, &row[i]);
        lua_rawset(L, -3);
    }
}

/* A cursor is owned by a userdata: whatever raises, it is closed. */
typedef struct fc_db_cursor {
    fc_cursor *c;
    fc_vm *vm; /* in which it counts as an open read, or NULL */
} cursor_ud;

static void close_cursor(cursor_ud *u)
{
    fc_cursor_close(u->c);
    u->c = NULL;
    if (u->vm) u->vm->open_reads--;
    u->vm = NULL;
}

static int cursor_close(lua_State *L)
{
    close_cursor(luaL_checkudata(L, 1, "fc.cursor"));
    return 0;
}

static cursor_ud *push_cursor(lua_State *L, int values)
{
    cursor_ud *u = lua_newuserdatauv(L, sizeof *u, values);
    *u = (cursor_ud){0};
    if (luaL_newmetatable(L, "fc.cursor")) {
        lua_pushcfunction(L, cursor_close);
        lua_setfield(L, -2, "__close");
        lua_pushcfunction(L, cursor_close);
        lua_setfield(L, -2, "__gc");
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
    return u;
}

/* One userdata for all queries that end before they return: making one each time, with its finalizer, costs
 * more than the query. No Lua code runs while it is in use; what raises for lack of memory leaves its cursor
 * to the next one. */
static cursor_ud *scratch(lua_State *L, fc_vm *vm)
{
    static const char key = 's';
    if (!vm->cursor) {
        vm->cursor = push_cursor(L, 0);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
    }
    if (vm->cursor->c) fc_cursor_close(vm->cursor->c);
    vm->cursor->c = NULL;
    return vm->cursor;
}

static int end_with(lua_State *L, cursor_ud *u, const fc_err *err)
{
    fc_cursor_close(u->c);
    u->c = NULL;
    return err ? fc_db_error(L, err) : 1;
}

/* Opens a cursor in the userdata, or says where else the statement belongs. */
static enum fc_kind open_cursor(lua_State *L, const fc_asked *a, cursor_ud *u)
{
    fc_err err;
    enum fc_kind kind = FC_QUICK;
    int rc = fc_db_can_queue(L, a)
                 ? fc_query_quick(a->store, a->sql, a->n, a->args, a->nargs, &kind, &u->c, &err)
                 : fc_query(a->store, a->sql, a->n, a->args, a->nargs, &u->c, &err);
    if (rc) fc_db_error(L, &err);
    return kind;
}

FC_OFTEN static int db_one(lua_State *L)
{
    fc_asked a;
    fc_err err;
    int row;
    fc_db_asked(L, &a);
    cursor_ud *u = scratch(L, a.vm);
    enum fc_kind kind = open_cursor(L, &a, u);
    if (kind == FC_WRITES) return fc_db_alone(L, db_one, a.nargs + 1);
    if (kind == FC_SLOW) return fc_db_pool_one(L, &a);
    if (fc_cursor_next(u->c, &row, &err)) return end_with(L, u, &err);
    if (row) {
        fc_sql_names(L, a.near, u->c);
        push_row(L, u->c, lua_gettop(L));
    } else {
        lua_pushnil(L);
    }
    return end_with(L, u, fc_cursor_end(u->c, &err) ? &err : NULL);
}

static int db_all(lua_State *L)
{
    fc_asked a;
    fc_err err;
    int row;
    fc_db_asked(L, &a);
    cursor_ud *u = scratch(L, a.vm);
    enum fc_kind kind = open_cursor(L, &a, u);
    if (kind == FC_WRITES) return fc_db_alone(L, db_all, a.nargs + 1);
    if (kind == FC_SLOW) return fc_db_pool_all(L, &a);
    int rows = lua_gettop(L) + 2, names = rows - 1;
    lua_pushnil(L);
    lua_newtable(L);
    fc_array_mark(L);
    for (lua_Integer i = 1;; i++) {
        if (fc_cursor_next(u->c, &row, &err)) return end_with(L, u, &err);
        if (!row) break;
        if (i > FC_DB_ROWS) {
            end_with(L, u, NULL);
            return fc_misuse(L, "结果超过 %d 行：请用 db.each 逐行读取，或加上 LIMIT",
                             "more than %d rows: use db.each, or a LIMIT", FC_DB_ROWS);
        }
        if (i == 1) {
            fc_sql_names(L, a.near, u->c);
            lua_replace(L, names);
        }
        push_row(L, u->c, names);
        lua_rawseti(L, rows, i);
    }
    return end_with(L, u, NULL);
}

static int each_next(lua_State *L)
{
    fc_err err;
    int row;
    cursor_ud *u = lua_touserdata(L, lua_upvalueindex(1));
    if (!u->c) return 0;
    if (fc_cursor_next(u->c, &row, &err)) return fc_db_error(L, &err);
    if (!row) {
        close_cursor(u);
        return 0;
    }
    if (lua_isnil(L, lua_upvalueindex(2))) {
        fc_sql_names(L, NULL, u->c);
        lua_replace(L, lua_upvalueindex(2));
    }
    push_row(L, u->c, lua_upvalueindex(2));
    return 1;
}

static int db_each(lua_State *L)
{
    fc_asked a;
    fc_err err;
    fc_db_asked(L, &a);
    if (fc_store_streams(a.store)) return fc_db_stream(L, &a);
    cursor_ud *u = push_cursor(L, a.nargs);
    int ud = lua_gettop(L);
    for (int i = 1; i <= a.nargs; i++) { /* bound without a copy: they must live as long as the loop */
        lua_pushvalue(L, i + 1);
        lua_setiuservalue(L, ud, i);
    }
    if (fc_query(a.store, a.sql, a.n, a.args, a.nargs, &u->c, &err)) fc_db_error(L, &err);
    if (fc_cursor_only_reads(u->c, &err)) return end_with(L, u, &err);
    u->vm = a.vm;
    u->vm->open_reads++;
    lua_pushvalue(L, ud);
    lua_pushnil(L); /* the names, with the first row */
    lua_pushcclosure(L, each_next, 2);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, ud);
    return 4;
}

static int db_run(lua_State *L)
{
    fc_asked a;
    fc_err err;
    int64_t changed = 0;
    fc_db_asked(L, &a);
    if (fc_db_can_queue(L, &a)) return fc_db_alone(L, db_run, a.nargs + 1);
    if (fc_run(a.store, a.sql, a.args, a.nargs, &changed, &err)) return fc_db_error(L, &err);
    lua_pushinteger(L, changed);
    return 1;
}

/* trouble(e): "disk" or "busy" when e, caught, is the store's failure and no mistake; else nil */
static int db_trouble(lua_State *L)
{
    int code = lua_type(L, 1) == LUA_TSTRING ? fc_trouble_of(lua_tostring(L, 1)) : 0;
    if (code != FC_EBUSY && code != FC_EIO) return 0;
    lua_pushstring(L, code == FC_EBUSY ? "busy" : "disk");
    return 1;
}

static int db_id(lua_State *L)
{
    lua_pushinteger(L, fc_id());
    return 1;
}

static const luaL_Reg functions[] = {{"one", db_one},   {"all", db_all},         {"each", db_each},
                                     {"run", db_run},   {"tx", fc_db_tx},        {"id", db_id},
                                     {"blob", db_blob}, {"trouble", db_trouble}, {NULL, NULL}};

int fc_mod_db(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}

/* The same for the Lua half of the host, which writes the host's own tables: fc_sql_allowed sees the mark. */
int fc_mod_own_db(lua_State *L)
{
    luaL_newlibtable(L, functions);
    lua_pushboolean(L, 1);
    luaL_setfuncs(L, functions, 1);
    return 1;
}
