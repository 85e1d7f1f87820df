/* Reads that do not run on the loop: the call yields while the pool fetches rows, and takes them when it goes
 * on. The read belongs to a userdata, so that it is closed whatever happens; `each` closes it when its loop
 * is left. While the pool has it nobody else may touch it, though another call of the same state can reach
 * it: one that asks for a row is refused, one that closes it only cancels it. */
#include "lua/db.h"

#define ONE_MS 20000     /* how long a query may take */
#define STREAM_MS 600000 /* how long one that is read row by row may stay open */
#define STREAM_ROWS 500

typedef struct box {
    fc_read *read;
    fc_vm *vm;     /* in which it counts as an open read, or NULL */
    bool fetching; /* the pool has it */
} box;

static void close_box(box *b)
{
    fc_read_close(b->read);
    b->read = NULL;
    if (b->vm) b->vm->open_reads--;
    b->vm = NULL;
}

static int box_close(lua_State *L)
{
    box *b = luaL_checkudata(L, 1, "fc.read");
    if (b->fetching)
        fc_read_cancel(b->read);
    else
        close_box(b);
    return 0;
}

static box *open_read(lua_State *L, const fc_asked *a, int64_t ms)
{
    fc_err err;
    box *b = lua_newuserdatauv(L, sizeof *b, 0);
    *b = (box){0};
    if (luaL_newmetatable(L, "fc.read")) {
        lua_pushcfunction(L, box_close);
        lua_setfield(L, -2, "__close");
        lua_pushcfunction(L, box_close);
        lua_setfield(L, -2, "__gc");
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
    if (fc_read_open(a->store, a->sql, a->n, a->args, a->nargs, ms, &b->read, &err)) fc_db_error(L, &err);
    return b;
}

static void push_row(lua_State *L, const fc_read *r)
{
    int n = fc_read_columns(r);
    lua_createtable(L, 0, n);
    for (int i = 0; i < n; i++) {
        fc_value v;
        fc_read_value(r, i, &v);
        if (v.type == FC_NULL) continue;
        lua_pushstring(L, fc_read_name(r, i));
        fc_db_push(L, &v);
        lua_rawset(L, -3);
    }
}

static void fetch_one(void *r)
{
    fc_read_fetch(r, 1);
}

static void fetch_all(void *r)
{
    fc_read_fetch(r, INT64_MAX);
}

static void fetch_some(void *r)
{
    fc_read_fetch(r, STREAM_ROWS);
}

static int fetch(lua_State *L, box *b, void (*work)(void *), lua_KFunction go_on)
{
    struct fc_call_state *s = fc_call_need(L)->state;
    s->reading = b->read;
    b->fetching = true;
    if (s->cancelled) fc_read_cancel(b->read);
    return fc_wait_for(L, (fc_wait){.work = work, .ctx = b->read}, go_on, (lua_KContext)b);
}

/* Rows were fetched; an error is raised, and the read closed. */
static void check(lua_State *L, box *b)
{
    fc_call_need(L)->state->reading = NULL;
    b->fetching = false;
    const fc_err *failed = fc_read_error(b->read);
    if (!failed) return;
    fc_err err = *failed;
    close_box(b);
    fc_db_error(L, &err);
}

static int got_one(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    box *b = (box *)ctx;
    check(L, b);
    if (fc_read_row(b->read))
        push_row(L, b->read);
    else
        lua_pushnil(L);
    close_box(b);
    return 1;
}

FC_SELDOM int fc_db_pool_one(lua_State *L, const fc_asked *a)
{
    return fetch(L, open_read(L, a, ONE_MS), fetch_one, got_one);
}

static int got_all(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    box *b = (box *)ctx;
    fc_read *r = b->read;
    check(L, b);
    lua_newtable(L);
    fc_array_mark(L);
    lua_Integer i = 0;
    while (i < FC_DB_ROWS && fc_read_row(r)) {
        push_row(L, r);
        lua_rawseti(L, -2, ++i);
    }
    bool more = fc_read_row(r);
    close_box(b);
    return more ? fc_misuse(L, "结果超过 %d 行：请用 db.each 逐行读取，或加上 LIMIT",
                            "more than %d rows: use db.each, or a LIMIT", FC_DB_ROWS)
                : 1;
}

FC_SELDOM int fc_db_pool_all(lua_State *L, const fc_asked *a)
{
    return fetch(L, open_read(L, a, ONE_MS), fetch_all, got_all);
}

static int stream_next(lua_State *L);

static int got_some(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    check(L, (box *)ctx);
    return stream_next(L);
}

static int stream_next(lua_State *L)
{
    box *b = lua_touserdata(L, lua_upvalueindex(1));
    fc_read *r = b->read;
    if (!r) return 0;
    if (b->fetching)
        return fc_misuse(
            L, "这个 db.each 的行正由另一个调用读取：每次调用请各自执行 db.each",
            "the rows of this db.each are being read by another call: each call needs a db.each of its own");
    if (fc_read_row(r)) {
        push_row(L, r);
        return 1;
    }
    if (fc_read_ended(r)) {
        close_box(b);
        return 0;
    }
    if (fc_may_wait(L)) return fetch(L, b, fetch_some, got_some);
    fc_read_fetch_here(
        r, STREAM_ROWS); /* in a coroutine of the plugin's own, or inside a transaction begun meanwhile */
    check(L, b);
    return stream_next(L);
}

int fc_db_stream(lua_State *L, const fc_asked *a)
{
    box *b = open_read(L, a, STREAM_MS);
    b->vm = a->vm;
    b->vm->open_reads++;
    int ud = lua_gettop(L);
    lua_pushvalue(L, ud);
    lua_pushcclosure(L, stream_next, 1);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, ud);
    return 4;
}
