/* Freezing a definition: plain data to JSON, functions to references {"fn":"point/id#path"}; the function
 * itself stays in this state under its reference (registry "fc.functions") and is called there. Metatables
 * (handles, predicates) are ignored: only data is frozen. */
#include "lua/internal.h"

#include <string.h>

#define MAX_DEPTH 64
#define MAX_VALUES 100000

typedef struct freezer {
    lua_State *L;
    const char *name;
    json_t *functions;
    fc_err *err;
    int values;
    char path[512];
} freezer;

static int freeze(freezer *f, int at, int depth, json_t **out);

static int freeze_function(freezer *f, int at, json_t **out)
{
    char ref[1100];
    snprintf(ref, sizeof ref, "%s#%s", f->name, f->path);
    lua_getfield(f->L, LUA_REGISTRYINDEX, "fc.functions");
    lua_pushvalue(f->L, at);
    lua_setfield(f->L, -2, ref);
    lua_pop(f->L, 1);
    json_array_append_new(f->functions, json_string(f->path));
    *out = json_pack("{s:s}", "fn", ref);
    return FC_OK;
}

static int freeze_member(freezer *f, json_t *into, int array, int depth)
{
    lua_State *L = f->L;
    size_t mark = strlen(f->path);
    char key[128];
    json_t *item = NULL;
    if (lua_type(L, -2) == LUA_TSTRING)
        snprintf(key, sizeof key, "%s", lua_tostring(L, -2));
    else if (lua_isinteger(L, -2))
        snprintf(key, sizeof key, "%lld", (long long)lua_tointeger(L, -2));
    else
        return fc_fail(f->err, FC_EINVAL, "%s：键应为文字或整数", "%s: keys should be text or integers",
                       f->path);
    snprintf(f->path + mark, sizeof f->path - mark, "%s%s", mark ? "." : "", key);
    int rc = freeze(f, lua_gettop(L), depth + 1, &item);
    f->path[mark] = 0;
    if (rc) return rc;
    if (array)
        json_array_append_new(into, item);
    else
        json_object_set_new(into, key, item);
    return FC_OK;
}

static int freeze_table(freezer *f, int at, int depth, json_t **out)
{
    lua_State *L = f->L;
    if (depth > MAX_DEPTH || !lua_checkstack(L, 8))
        return fc_fail(f->err, FC_EINVAL, "%s：嵌套超过 %d 层", "%s: nested deeper than %d", f->path,
                       MAX_DEPTH);
    lua_Unsigned n = lua_rawlen(L, at), keys = 0;
    lua_pushnil(L);
    while (lua_next(L, at)) {
        keys++;
        lua_pop(L, 1);
    }
    int array = n > 0 && keys == n, rc = FC_OK;
    json_t *into = array ? json_array() : json_object();
    if (array) {
        for (lua_Unsigned i = 1; i <= n && !rc; i++) {
            lua_pushinteger(L, (lua_Integer)i);
            lua_rawgeti(L, at, (lua_Integer)i);
            rc = freeze_member(f, into, 1, depth);
            lua_pop(L, 2);
        }
    } else {
        lua_pushnil(L);
        while (!rc && lua_next(L, at)) {
            rc = freeze_member(f, into, 0, depth);
            lua_pop(L, 1);
        }
        if (rc) lua_pop(L, 1);
    }
    if (rc) {
        json_decref(into);
        return rc;
    }
    *out = into;
    return FC_OK;
}

static int freeze(freezer *f, int at, int depth, json_t **out)
{
    int type = lua_type(f->L, at);
    if (++f->values > MAX_VALUES)
        return fc_fail(f->err, FC_ELIMIT, "%s：一个定义超过 %d 个值",
                       "%s: a definition of more than %d values", f->path, MAX_VALUES);
    if (type == LUA_TFUNCTION) return freeze_function(f, at, out);
    if (type == LUA_TTABLE) return freeze_table(f, at, depth, out);
    int rc = fc_to_json(f->L, at, FC_EMPTY_OBJECT, out, f->err);
    if (rc) fc_wrap(f->err, f->path);
    return rc;
}

int fc_freeze(lua_State *L, int at, const char *name, json_t **out, json_t *functions, fc_err *err)
{
    freezer f = {.L = L, .name = name, .functions = functions, .err = err};
    return freeze(&f, lua_absindex(L, at), 0, out);
}
