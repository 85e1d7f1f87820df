/* What the files of host.db share. */
#ifndef FC_LUA_DB_H
#define FC_LUA_DB_H
#include "lua/internal.h"

#define FC_DB_ROWS 100000 /* most rows of db.all */
#define FC_DB_ARGS 100

/* A statement as a plugin gave it: SQL at 1, parameters behind. Texts stay where they are on the stack. */
typedef struct fc_asked {
    fc_vm *vm;
    fc_call *call;
    fc_store *store;
    const char *sql;
    size_t n;
    fc_near_sql *near; /* where the text is known; NULL for the host's own */
    fc_value args[FC_DB_ARGS];
    int nargs;
} fc_asked;

void fc_db_asked(lua_State *L, fc_asked *a);      /* raises what is wrong with it */
int fc_db_error(lua_State *L, const fc_err *err); /* raises */
void fc_db_push(lua_State *L, const fc_value *v);

/* db_tx.c */
int fc_db_tx(lua_State *L);
/* A statement that writes, outside a transaction, where the call may wait: fn is run again inside one with
 * the first n values of the stack. */
int fc_db_alone(lua_State *L, lua_CFunction fn, int n);
/* Is there no transaction yet, and may the call wait for one? */
int fc_db_can_queue(lua_State *L, const fc_asked *a);

/* db_pool.c: reads that do not run on the loop */
int fc_db_pool_one(lua_State *L, const fc_asked *a);
int fc_db_pool_all(lua_State *L, const fc_asked *a);
int fc_db_stream(lua_State *L, const fc_asked *a); /* what a generic for wants */
#endif
