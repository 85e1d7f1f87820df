/* host.file and host.csv: only plain names inside the site's folder of files; no path can leave it. */
#include "base/hash.h"
#include "lua/internal.h"
#include "text/csv_writer.h"
#include "text/table_reader.h"

#include <string.h>
#include <unistd.h>

#define MAX_FILE (64u << 20)

static void path_of(lua_State *L, int at, char *out, size_t cap)
{
    size_t n;
    fc_only_running(L, "host.file");
    fc_call *c = fc_call_need(L);
    const char *name = luaL_checklstring(L, at, &n);
    if (!c->files)
        fc_misuse(L, "这次调用没有文件夹：请在某个门店的脚本或测试里使用 host.file",
                  "this call has no files: use host.file in a script or a test of a dealership");
    if (n == 0 || n > 200 || strlen(name) != n || name[0] == '.' || strpbrk(name, "/\\\n\r"))
        fc_raise_text(L, "'%s' 不是文件名（不能含 / 或以点开头）",
                      "'%s' is no file name (no / and no leading dot)", name);
    snprintf(out, cap, "%s/%s", c->files, name);
}

/* nil, sentence, CODE */
static int expected(lua_State *L, const fc_err *err)
{
    lua_pushnil(L);
    lua_pushstring(L, err->text[fc_call_need(L)->lang]);
    lua_pushstring(L, err->code == FC_ENOTFOUND ? "NOTFOUND" : err->code == FC_ELIMIT ? "LIMIT" : "IO");
    return 3;
}

static int read_into(lua_State *L, fc_buf *b, fc_err *err)
{
    char path[4096];
    path_of(L, 1, path, sizeof path);
    return fc_read_file(path, MAX_FILE, b, err);
}

static int file_read(lua_State *L)
{
    fc_err err;
    fc_scratch *s = fc_scratch_push(L);
    if (read_into(L, &s->buf, &err)) return expected(L, &err);
    lua_pushlstring(L, fc_buf_str(&s->buf), s->buf.len);
    return 1;
}

static int file_hash(lua_State *L)
{
    fc_err err;
    char hash[FC_HASH_HEX];
    fc_scratch *s = fc_scratch_push(L);
    if (read_into(L, &s->buf, &err)) return expected(L, &err);
    fc_hash(fc_buf_str(&s->buf), s->buf.len, hash);
    lua_pushstring(L, hash);
    return 1;
}

static int file_write(lua_State *L)
{
    char path[4096];
    fc_err err;
    size_t n;
    fc_not_in_tx(L, "host.file.write");
    path_of(L, 1, path, sizeof path);
    const char *bytes = luaL_checklstring(L, 2, &n);
    if (fc_make_dirs(fc_call_need(L)->files, 0700, &err) || fc_write_file(path, bytes, n, 0600, &err))
        return expected(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}

static int file_remove(lua_State *L)
{
    char path[4096];
    fc_not_in_tx(L, "host.file.remove");
    path_of(L, 1, path, sizeof path);
    lua_pushboolean(L, unlink(path) == 0);
    return 1;
}

static const luaL_Reg file_functions[] = {
    {"read", file_read}, {"write", file_write}, {"hash", file_hash}, {"remove", file_remove}, {NULL, NULL}};

int fc_mod_file(lua_State *L)
{
    luaL_newlib(L, file_functions);
    return 1;
}

/* A table is owned by its userdata, made before the resource. */
typedef struct table_ud {
    fc_table *t;
} table_ud;

static fc_table *table_at(lua_State *L, int at)
{
    table_ud *u = luaL_checkudata(L, at, "fc.table");
    if (!u->t)
        fc_misuse(L, "这个表格已经关闭：请在 close 之前读取", "this table was closed: read it before close");
    return u->t;
}

static int table_close(lua_State *L)
{
    table_ud *u = luaL_checkudata(L, 1, "fc.table");
    if (u->t) fc_table_close(u->t);
    u->t = NULL;
    return 0;
}

static int table_next(lua_State *L)
{
    fc_err err;
    int64_t line;
    int count;
    const char *const *fields;
    fc_table *t = table_at(L, 1);
    fc_raise_if_killed(L);
    if (fc_table_next(t, &line, &fields, &count, &err)) return fc_raise(L, &err);
    if (count == 0) return 0;
    lua_pushinteger(L, line);
    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        lua_pushstring(L, fields[i]);
        lua_rawseti(L, -2, i + 1);
    }
    return 2;
}

static int table_position(lua_State *L)
{
    lua_pushinteger(L, fc_table_position(table_at(L, 1)));
    return 1;
}

static const luaL_Reg table_methods[] = {
    {"next", table_next}, {"position", table_position}, {"close", table_close}, {NULL, NULL}};

static int table_index(lua_State *L)
{
    const char *key = luaL_checkstring(L, 2);
    lua_getfield(L, lua_upvalueindex(1), key);
    if (!lua_isnil(L, -1)) return 1;
    fc_table *t = table_at(L, 1);
    char delimiter[2] = {fc_table_delimiter(t), 0};
    if (strcmp(key, "encoding") == 0)
        lua_pushstring(L, fc_table_encoding(t));
    else if (strcmp(key, "delimiter") == 0)
        lua_pushstring(L, delimiter);
    else if (strcmp(key, "size") == 0)
        lua_pushinteger(L, fc_table_size(t));
    else if (strcmp(key, "hash") == 0)
        lua_pushstring(L, fc_table_hash(t));
    else
        lua_pushnil(L);
    return 1;
}

static int csv_open(lua_State *L)
{
    char path[4096];
    fc_err err;
    path_of(L, 1, path, sizeof path);
    table_ud *u = lua_newuserdatauv(L, sizeof *u, 0);
    u->t = NULL;
    luaL_getmetatable(L, "fc.table");
    lua_setmetatable(L, -2);
    if (fc_table_open(path, &u->t, &err)) return fc_raise(L, &err);
    return 1;
}

static void write_cell(lua_State *L, fc_buf *out, int first)
{
    size_t n;
    if (lua_type(L, -1) == LUA_TNUMBER) {
        fc_csv_raw(out, first, lua_tostring(L, -1));
        return;
    }
    const char *s = lua_isnil(L, -1) ? "" : luaL_tolstring(L, -1, &n);
    if (lua_isnil(L, -1))
        n = 0;
    else
        lua_pop(L, 1);
    fc_csv_text(out, first, s, n);
}

/* Cells are checked before the buffer exists, so that nothing raises while C holds it. */
static void check_rows(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, 1); i <= n; i++) {
        if (lua_rawgeti(L, 1, i) != LUA_TTABLE)
            fc_misuse(L, "第 %d 行不是表：每一行写成 { 单元格, ... }",
                      "row %d is no table: a row is written { cell, ... }", (int)i);
        for (lua_Integer k = 1, m = (lua_Integer)lua_rawlen(L, -1); k <= m; k++) {
            int t = lua_rawgeti(L, -1, k);
            if (t != LUA_TNIL && t != LUA_TSTRING && t != LUA_TNUMBER)
                fc_misuse(L, "第 %d 行第 %d 格是 %s：单元格只能是文字、数字或 nil",
                          "row %d, cell %d is a %s: a cell is a text, a number or nil", (int)i, (int)k,
                          lua_typename(L, t));
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
}

static int csv_write(lua_State *L)
{
    check_rows(L);
    fc_scratch *s = fc_scratch_push(L);
    fc_csv_begin(&s->buf);
    for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, 1); i <= n; i++) {
        lua_rawgeti(L, 1, i);
        for (lua_Integer k = 1, m = (lua_Integer)lua_rawlen(L, -1); k <= m; k++) {
            lua_rawgeti(L, -1, k);
            write_cell(L, &s->buf, k == 1);
            lua_pop(L, 1);
        }
        fc_csv_end_row(&s->buf);
        lua_pop(L, 1);
    }
    lua_pushlstring(L, fc_buf_str(&s->buf), s->buf.len);
    return 1;
}

static const luaL_Reg csv_functions[] = {{"open", csv_open}, {"write", csv_write}, {NULL, NULL}};

int fc_mod_csv(lua_State *L)
{
    luaL_newmetatable(L, "fc.table");
    lua_newtable(L);
    luaL_setfuncs(L, table_methods, 0);
    lua_pushcclosure(L, table_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, table_close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, table_close);
    lua_setfield(L, -2, "__close");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    luaL_newlib(L, csv_functions);
    return 1;
}
