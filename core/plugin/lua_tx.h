/* What a body of host.db.tx does that the runtime refuses there: calls of host functions that work outside
 * the database, where they stand in a function literal given to tx. A function that the body keeps (returns,
 * assigns, names) may run after it, and one that it calls by name may be anywhere: those are not judged. */
#ifndef FC_PLUGIN_LUA_TX_H
#define FC_PLUGIN_LUA_TX_H
#include <stddef.h>

typedef void (*fc_lua_tx_fn)(void *ctx, int line, const char *what); /* "host.file.write" */
void fc_lua_tx(const char *text, size_t n, fc_lua_tx_fn fn, void *ctx);
#endif
