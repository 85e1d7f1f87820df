/* table.sort: a merge of ever longer runs in two tables of its own. An order that contradicts itself gives
 * some order and never leaves the list, and equal elements stay as they stood. Where it is stands in a
 * userdata, so that it can step aside between two elements, and the order given may wait or be preempted
 * itself.
 *
 *     IN: list -> first table    MERGE: one table -> the other, run after run    OUT: table -> list */
#include "lua/internal.h"

enum { LIST = 1, ORDER = 2, ONE = 3, OTHER = 4, WHERE = 5 }; /* on the stack */

typedef struct sorting {
    enum { IN, MERGE, OUT } phase;
    int asking; /* the order was called: its answer is on the stack when it goes on */
    int from, into;
    lua_Integer n, i;        /* i: next element, of the phase */
    lua_Integer run, low;    /* merging [low, low + run) and [low + run, low + 2 run) */
    lua_Integer left, right; /* next of each */
} sorting;

static int go_on(lua_State *L, int status, lua_KContext ctx);

static void poll(lua_State *L, const sorting *s)
{
    if ((s->i & 255) == 0 && fc_late(L)) fc_step_aside(L, go_on, (lua_KContext)s);
}

static lua_Integer within(const sorting *s, lua_Integer i)
{
    return i <= s->n + 1 ? i : s->n + 1;
}

static int answer(lua_State *L, sorting *s)
{
    int before = lua_toboolean(L, -1);
    s->asking = 0;
    lua_settop(L, WHERE);
    return before;
}

/* Does the next of the right run come before the next of the left? */
static int right_first(lua_State *L, sorting *s)
{
    if (lua_isnil(L, ORDER)) {
        lua_rawgeti(L, s->from, s->right);
        lua_rawgeti(L, s->from, s->left);
        int before = lua_compare(L, -2, -1, LUA_OPLT);
        lua_settop(L, WHERE);
        return before;
    }
    lua_pushvalue(L, ORDER);
    lua_rawgeti(L, s->from, s->right);
    lua_rawgeti(L, s->from, s->left);
    s->asking = 1;
    lua_callk(L, 2, 1, (lua_KContext)s, go_on);
    return answer(L, s);
}

static void take(lua_State *L, sorting *s, int right)
{
    lua_rawgeti(L, s->from, right ? s->right++ : s->left++);
    lua_rawseti(L, s->into, s->i++);
}

/* The rest of the two runs. */
static void merge(lua_State *L, sorting *s)
{
    lua_Integer middle = within(s, s->low + s->run), high = within(s, s->low + 2 * s->run);
    while (s->i < high) {
        poll(L, s);
        take(L, s, s->left >= middle || (s->right < high && right_first(L, s)));
    }
}

static void next_pair(sorting *s, lua_Integer low)
{
    s->low = s->i = s->left = low;
    s->right = within(s, low + s->run);
}

static void merge_all(lua_State *L, sorting *s)
{
    while (s->run < s->n) {
        merge(L, s);
        if (s->low + 2 * s->run <= s->n) {
            next_pair(s, s->low + 2 * s->run);
            continue;
        }
        int swap = s->from;
        s->from = s->into;
        s->into = swap;
        s->run *= 2;
        next_pair(s, 1);
    }
}

static void copy_in(lua_State *L, sorting *s)
{
    for (; s->i <= s->n; s->i++) {
        poll(L, s);
        lua_geti(L, LIST, s->i);
        lua_rawseti(L, ONE, s->i);
    }
}

static void copy_out(lua_State *L, sorting *s)
{
    for (; s->i <= s->n; s->i++) {
        poll(L, s);
        lua_rawgeti(L, s->from, s->i);
        lua_seti(L, LIST, s->i);
    }
}

static int go(lua_State *L, sorting *s)
{
    if (s->phase == IN) {
        copy_in(L, s);
        s->phase = MERGE;
        next_pair(s, 1);
    }
    if (s->phase == MERGE) {
        merge_all(L, s);
        s->phase = OUT;
        s->i = 1;
    }
    copy_out(L, s);
    return 0;
}

static int go_on(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    sorting *s = (sorting *)ctx;
    if (s->asking) take(L, s, answer(L, s));
    return go(L, s);
}

int fc_sort(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer n = luaL_len(L, 1);
    if (n < 2) return 0;
    if (n >= INT32_MAX)
        fc_misuse_arg(L, 1, "表太大，不能排序：请在 SQL 里用 ORDER BY",
                      "array too big: let SQL sort with ORDER BY");
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    lua_createtable(L, n < 100000 ? (int)n : 0, 0);
    lua_createtable(L, n < 100000 ? (int)n : 0, 0);
    sorting *s = lua_newuserdatauv(L, sizeof *s, 0);
    *s = (sorting){.phase = IN, .n = n, .i = 1, .run = 1, .from = ONE, .into = OTHER};
    return go(L, s);
}
