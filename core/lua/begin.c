/* What a call begins with: its function, by its name or as a text, and its arguments. */
#include "lua/internal.h"

/* How many values it leaves below the function. */
static int push_function(lua_State *L, const fc_begin *b)
{
    fc_vm *vm = b->c->state->vm;
    if (b->text) {
        if (fc_load_chunk(L, vm->plugin, b->text, b->n, b->chunk) != LUA_OK) lua_error(L);
        return 0;
    }
    fc_push_entry(L, vm, b->ref);
    return 1;
}

static void push_members(lua_State *L, const fc_member *m)
{
    lua_createtable(L, 0, 12);
    for (; m->key; m++) {
        lua_pushstring(L, m->key);
        if (m->text)
            lua_pushstring(L, m->text);
        else if (m->json)
            fc_push_json(L, m->json);
        else
            lua_pushboolean(L, m->flag);
        lua_rawset(L, -3);
    }
}

static int push_args(lua_State *L, const fc_begin *b)
{
    if (b->table) {
        push_members(L, b->table);
        return 1;
    }
    int n = (int)json_array_size(b->args);
    if (n > 4) luaL_checkstack(L, n + 8, "too many arguments");
    for (int i = 0; i < n; i++)
        fc_push_json(L, json_array_get(b->args, (size_t)i));
    return n;
}

/* Takes a coroutine and puts function and arguments on it. */
int fc_begin_prepare(lua_State *L)
{
    fc_begin *b = lua_touserdata(L, 1);
    struct fc_call_state *s = b->c->state;
    fc_co_take(s->vm, &s->co, &s->co_ref);
    push_function(L, b);
    int n = 1 + push_args(L, b);
    if (!lua_checkstack(s->co, n + 8))
        return fc_misuse(L, "一次调用的参数太多：请把它们放进一个表",
                         "too many arguments for one call: give them in a table");
    lua_xmove(L, s->co, n);
    return 0;
}

/* What enter is to begin: it takes it up at once, so one is enough. */
static const fc_begin *beginning;

static int returned(lua_State *L, int status, lua_KContext below)
{
    (void)status;
    return lua_gettop(L) - (int)below;
}

/* In the call's own coroutine: its function, its arguments, and off. */
FC_OFTEN static int enter(lua_State *L)
{
    const fc_begin *b = beginning;
    int below = push_function(L, b);
    lua_callk(L, push_args(L, b), LUA_MULTRET, below, returned);
    return returned(L, LUA_OK, below);
}

void fc_begin_push(lua_State *co, const fc_begin *b)
{
    lua_pushcfunction(co, enter);
    beginning = b;
}
