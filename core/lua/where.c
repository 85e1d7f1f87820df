/* Where in its code a plugin is: the line that called, the function that runs. */
#include "lua/internal.h"

#include <string.h>

/* The line that called: of the plugin, where the Lua half of the API stands between. Level 0 is the function
 * of C that asks, or in a hook the plugin's function itself. */
void fc_push_caller(lua_State *L)
{
    lua_Debug ar;
    int level = 0;
    while (lua_getstack(L, level, &ar) && lua_getinfo(L, "S", &ar) &&
           ((level == 0 && *ar.what == 'C') || strncmp(ar.source, "@host/", 6) == 0))
        level++;
    luaL_where(L, level);
}

int fc_push_nearest(lua_State *L)
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

/* The function as a person knows it: its name, or the line where it is written. */
static void name_function(lua_State *L, int level, const lua_Debug *ar, const char *entry, fc_where *w)
{
    lua_Debug below;
    const char *known = ar->name                                                          ? ar->name
                        : entry && !ar->istailcall && !lua_getstack(L, level + 1, &below) ? entry
                                                                                          : NULL;
    for (int k = 0; k < 2; k++)
        if (*ar->what == 'm')
            snprintf(w->name[k], sizeof w->name[k], "%s", k == FC_ZH ? "（文件）" : "(file)");
        else if (known)
            snprintf(w->name[k], sizeof w->name[k], k == FC_ZH ? " %s " : "%s", known);
        else
            snprintf(w->name[k], sizeof w->name[k], k == FC_ZH ? "（第 %d 行）" : "(line %d)",
                     ar->linedefined);
}

/* In a hook level 0 is the function that runs; in a C function it is that one, and the line is its nearest
 * Lua caller's. */
int fc_where_runs(lua_State *L, const char *entry, fc_where *w)
{
    lua_Debug ar;
    *w = (fc_where){{"?", "?"}, ""};
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Slnt", &ar);
        if (ar.currentline <= 0) continue;
        name_function(L, level, &ar, entry, w);
        snprintf(w->place, sizeof w->place, "%s:%d", ar.source[0] == '@' ? ar.source + 1 : ar.short_src,
                 ar.currentline);
        return 1;
    }
    return 0;
}
