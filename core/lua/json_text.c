/* Lua data straight to JSON text for a browser: what a page without template answers. It writes what
 * fc_to_json and fc_json_for_browser write together, byte for byte, without the values in between, which cost
 * more than all else of a small answer. It knows the usual shapes only: for any other (keys that are no text,
 * text that is no UTF-8, deep tables) it declines, and the caller goes the long way, where the sentences of
 * the errors stand.
 *
 * Reading is raw. A key lives as long as its table, which nobody changes meanwhile; the list of keys is a
 * userdata, so what raises here loses nothing. */
#include "lua/internal.h"
#include "text/json.h"
#include "text/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 32
#define FEW_KEYS 24
#define MAX_BYTES (4u << 20) /* beyond, the long way counts what it makes */

typedef struct key {
    const char *s;
    size_t n;
    int value; /* where it stands on the stack; 0: it is in the table only */
} key;

static int write_value(lua_State *L, int at, int depth, fc_buf *out);

static int by_bytes(const void *left, const void *right)
{
    const key *a = left, *b = right;
    int order = memcmp(a->s, b->s, a->n < b->n ? a->n : b->n);
    return order ? order : (a->n > b->n) - (a->n < b->n);
}

static void sort_keys(key *all, size_t n)
{
    if (n > FEW_KEYS) {
        qsort(all, n, sizeof *all, by_bytes);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        key k = all[i];
        size_t at = i;
        for (; at > 0 && by_bytes(&all[at - 1], &k) > 0; at--)
            all[at] = all[at - 1];
        all[at] = k;
    }
}

/* The keys of the table: `few` where they fit, else the userdata at `base`. The first values stay on the
 * stack above it, which saves looking them up again. */
static key *keys_of(lua_State *L, int at, key *few, size_t *n)
{
    size_t cap = FEW_KEYS;
    key *all = few;
    int base = lua_gettop(L) + 1;
    *n = 0;
    lua_pushnil(L); /* the userdata's place */
    lua_pushnil(L);
    while (lua_next(L, at)) {
        if (lua_type(L, -2) != LUA_TSTRING) return NULL;
        if (*n == cap) {
            cap *= 4;
            key *more = lua_newuserdatauv(L, cap * sizeof *more, 0);
            memcpy(more, all, *n * sizeof *more);
            lua_replace(L, base);
            all = more;
        }
        key *k = &all[(*n)++];
        k->s = lua_tolstring(L, -2, &k->n);
        if (fc_utf8_check(k->s, k->n) != k->n) return NULL;
        k->value = *n <= FEW_KEYS ? lua_gettop(L) - 1 : 0;
        if (k->value)
            lua_insert(L, -2);
        else
            lua_pop(L, 1);
    }
    sort_keys(all, *n);
    return all;
}

static int write_member(lua_State *L, int at, const key *k, int depth, fc_buf *out)
{
    fc_json_text(k->s, k->n, out);
    fc_buf_addc(out, ':');
    if (k->value) return write_value(L, k->value, depth + 1, out);
    lua_pushlstring(L, k->s, k->n);
    lua_rawget(L, at);
    int done = write_value(L, lua_gettop(L), depth + 1, out);
    lua_pop(L, 1);
    return done;
}

static int write_object(lua_State *L, int at, int depth, fc_buf *out)
{
    key few[FEW_KEYS];
    size_t n;
    int top = lua_gettop(L);
    const key *keys = keys_of(L, at, few, &n);
    if (!keys) return 0;
    fc_buf_addc(out, '{');
    for (size_t i = 0; i < n; i++) {
        if (i) fc_buf_addc(out, ',');
        if (!write_member(L, at, &keys[i], depth, out)) return 0;
    }
    fc_buf_addc(out, '}');
    lua_settop(L, top);
    return 1;
}

static int write_array(lua_State *L, int at, lua_Unsigned n, int depth, fc_buf *out)
{
    fc_buf_addc(out, '[');
    for (lua_Unsigned i = 1; i <= n; i++) {
        if (i > 1) fc_buf_addc(out, ',');
        lua_rawgeti(L, at, (lua_Integer)i);
        if (!write_value(L, lua_gettop(L), depth + 1, out)) return 0;
        lua_pop(L, 1);
    }
    fc_buf_addc(out, ']');
    return 1;
}

static int write_table(lua_State *L, int at, int depth, fc_buf *out)
{
    lua_Unsigned n;
    if (depth > MAX_DEPTH || !lua_checkstack(L, FEW_KEYS + 8)) return 0;
    return fc_is_array(L, at, FC_EMPTY_ARRAY, &n) ? write_array(L, at, n, depth, out)
                                                  : write_object(L, at, depth, out);
}

static int write_number(lua_State *L, int at, fc_buf *out)
{
    if (lua_isinteger(L, at)) {
        fc_json_integer(lua_tointeger(L, at), 1, out);
        return 1;
    }
    double d = lua_tonumber(L, at);
    if (!isfinite(d)) return 0;
    fc_json_real(d, out);
    return 1;
}

static int write_string(lua_State *L, int at, fc_buf *out)
{
    size_t n;
    const char *s = lua_tolstring(L, at, &n);
    if (fc_utf8_check(s, n) != n) return 0;
    fc_json_text(s, n, out);
    return 1;
}

static int write_value(lua_State *L, int at, int depth, fc_buf *out)
{
    if (out->len > MAX_BYTES) return 0;
    switch (lua_type(L, at)) {
    case LUA_TTABLE:
        return write_table(L, at, depth, out);
    case LUA_TSTRING:
        return write_string(L, at, out);
    case LUA_TNUMBER:
        return write_number(L, at, out);
    case LUA_TBOOLEAN:
        fc_buf_adds(out, lua_toboolean(L, at) ? "true" : "false");
        return 1;
    case LUA_TNIL: /* a hole in an array */
        fc_buf_adds(out, "null");
        return 1;
    default:
        return 0;
    }
}

int fc_to_text(lua_State *L, int at, fc_buf *out)
{
    int top = lua_gettop(L);
    size_t len = out->len;
    int done = write_value(L, lua_absindex(L, at), 0, out);
    lua_settop(L, top);
    if (!done && out->data) out->data[out->len = len] = 0;
    return done;
}
