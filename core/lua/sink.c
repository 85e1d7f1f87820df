/* Text that grows. A luaL_Buffer lives in the frame of its C function and is lost when that yields; this one
 * is a userdata at a fixed place on the Lua stack, so it also counts as the plugin's memory. */
#include "lua/internal.h"

#include <string.h>

#define FIRST (240 - sizeof(fc_sink)) /* with its head a small block (memory.c) */

static fc_sink *make(lua_State *L, size_t cap)
{
    fc_sink *s = lua_newuserdatauv(L, sizeof *s + cap, 0);
    s->n = 0;
    s->cap = cap;
    return s;
}

void fc_sink_push(lua_State *L, size_t cap)
{
    make(L, cap > FIRST ? cap : FIRST);
}

static fc_sink *grown(lua_State *L, int at, const fc_sink *old, size_t n)
{
    size_t cap = old->cap * 2;
    if (n > SIZE_MAX / 4 - old->n)
        fc_misuse(L, "得到的文字太长：请分段写入，或缩短",
                  "resulting string too large: write it in parts, or shorten it");
    if (cap < old->n + n) cap = old->n + n;
    fc_sink *s = make(L, cap);
    memcpy(s->text, old->text, old->n);
    s->n = old->n;
    lua_replace(L, at);
    return s;
}

char *fc_sink_room(lua_State *L, int at, size_t n)
{
    fc_sink *s = lua_touserdata(L, at);
    if (n > s->cap - s->n) s = grown(L, at, s, n);
    s->n += n;
    return s->text + s->n - n;
}

void fc_sink_add(lua_State *L, int at, const char *text, size_t n)
{
    if (n) memcpy(fc_sink_room(L, at, n), text, n);
}

void fc_sink_result(lua_State *L, int at)
{
    const fc_sink *s = lua_touserdata(L, at);
    lua_pushlstring(L, s->text, s->n);
}
