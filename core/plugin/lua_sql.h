/* The SQL in a plugin's Lua: texts that stand as they are, or as locals and joins of such, where host.db's
 * one, all, each and run get them. What is put together while running is not seen here; it is judged when it
 * runs. */
#ifndef FC_PLUGIN_LUA_SQL_H
#define FC_PLUGIN_LUA_SQL_H
#include "base/buf.h"
#include "text/lua_words.h"

typedef struct fc_lua_piece {
    size_t at; /* where in the text it begins */
    int line;
    bool is_long; /* its line breaks are lines of the file */
} fc_lua_piece;

typedef struct fc_lua_sql {
    const char *file; /* borrowed */
    fc_buf text;
    fc_lua_piece pieces[16];
    int count;
    bool field; /* stands in a table under the key "sql": where it is data, that is its place */
} fc_lua_sql;

int fc_lua_sql_line(const fc_lua_sql *t, size_t at);

typedef void (*fc_lua_sql_fn)(void *ctx, const fc_lua_sql *sql);
typedef struct fc_lua_finder fc_lua_finder;

/* Over the files of one plugin: a text kept in a module's field (M.QUERY = [[...]]) is found where another
 * file uses it. */
fc_lua_finder *fc_lua_finder_new(fc_lua_sql_fn fn, void *ctx);
void fc_lua_finder_file(fc_lua_finder *f, const char *file, const char *text, size_t n);
void fc_lua_finder_end(fc_lua_finder *f); /* tells what is used across files, and frees */
#endif
