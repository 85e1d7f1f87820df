/* What host.db is asked, and how it says that something is wrong. */
#include "lua/db.h"

FC_SELDOM int fc_db_error(lua_State *L, const fc_err *err)
{
    fc_call *c = fc_call_current();
    fc_raise_if_killed(L);
    /* A page's goes into the log only; a script's is read by who started it. */
    enum fc_lang lang = c && c->kind != FC_BY_USER ? c->lang : FC_EN;
    fc_trouble_note(err, err->text[lang]);
    return fc_misuse_err(L, err, lang);
}

/* SQLite keeps NULL for NaN, without a word. */
static fc_value real_of(lua_State *L, int at)
{
    double d = lua_tonumber(L, at);
    if (d != d)
        fc_misuse_arg(L, at, "不是数字（0/0）的值不能保存：请给 nil",
                      "not a number (0/0) cannot be kept: give nil");
    return (fc_value){.type = FC_REAL, .d = d};
}

static void bind_one(lua_State *L, int at, fc_value *v)
{
    size_t n;
    switch (lua_type(L, at)) {
    case LUA_TNIL:
        *v = (fc_value){.type = FC_NULL};
        break;
    case LUA_TBOOLEAN:
        *v = fc_int(lua_toboolean(L, at));
        break;
    case LUA_TNUMBER:
        if (lua_isinteger(L, at))
            *v = fc_int(lua_tointeger(L, at));
        else
            *v = real_of(L, at);
        break;
    case LUA_TSTRING:
        *v = (fc_value){.type = FC_TEXT, .s = lua_tolstring(L, at, &n)};
        v->n = n;
        break;
    case LUA_TUSERDATA:
        luaL_checkudata(L, at, "fc.blob");
        lua_getiuservalue(L, at, 1);
        *v = (fc_value){.type = FC_BLOB, .s = lua_tolstring(L, -1, &n)};
        v->n = n;
        lua_pop(L, 1); /* the userdata keeps the string alive */
        break;
    default:
        fc_misuse_arg(L, at, "参数只能是 nil、布尔值、数字、文字或 db.blob：表请先用 host.json 编码",
                      "a parameter is nil, a boolean, a number, a string or a blob: a table is encoded with "
                      "host.json first");
    }
}

static int bind(lua_State *L, fc_value *values)
{
    int n = lua_gettop(L) - 1;
    if (n > FC_DB_ARGS)
        fc_misuse(L, "参数超过 %d 个：请分几次执行", "more than %d parameters: ask in several steps",
                  FC_DB_ARGS);
    for (int i = 0; i < n; i++)
        bind_one(L, i + 2, &values[i]);
    return n;
}

void fc_db_asked(lua_State *L, fc_asked *a)
{
    a->vm = fc_vm_of(L);
    a->call = fc_call_running(L, a->vm, "host.db");
    a->store = a->call->store;
    if (!a->store)
        fc_misuse(L, "这次调用没有数据库：请在某个门店的页面、脚本或测试里使用 host.db",
                  "this call has no store: use host.db in a page, a script or a test of a dealership");
    a->sql = luaL_checklstring(L, 1, &a->n);
    fc_err err;
    if (fc_sql_allowed(L, a->vm, 1, a->sql, a->n, &a->near, &err)) fc_db_error(L, &err);
    a->nargs = bind(L, a->args);
}

void fc_db_push(lua_State *L, const fc_value *v)
{
    if (v->type == FC_INT)
        lua_pushinteger(L, v->i);
    else if (v->type == FC_REAL)
        lua_pushnumber(L, v->d);
    else
        lua_pushlstring(L, v->s, v->n);
}
