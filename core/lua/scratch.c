/* What C must free, held by a to-be-closed userdata: whatever raises while it is in use (most often a memory
 * error of the plugin's own), it is freed. */
#include "lua/internal.h"

#include <string.h>

static int scratch_free(lua_State *L)
{
    fc_scratch *s = lua_touserdata(L, 1);
    fc_buf_free(&s->buf);
    json_decref(s->json);
    s->json = NULL;
    return 0;
}

fc_scratch *fc_scratch_push(lua_State *L)
{
    fc_scratch *s = lua_newuserdatauv(L, sizeof *s, 0);
    memset(s, 0, sizeof *s);
    if (luaL_newmetatable(L, "fc.scratch")) {
        lua_pushcfunction(L, scratch_free);
        lua_setfield(L, -2, "__close");
        lua_pushcfunction(
            L, scratch_free); /* an error that nobody catches ends a coroutine without closing anything */
        lua_setfield(L, -2, "__gc");
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
    lua_toclose(L, -1);
    return s;
}
