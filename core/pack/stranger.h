/* Code that nobody vouches for: not signed, or by a key that the site does not know. Lua before 5.4.8 has
 * memory faults that a script can reach, so there it runs only for who tries something out himself (--dev).
 * Decisions from what is given and nothing else: no file, no variable of the environment. */
#ifndef FC_PACK_STRANGER_H
#define FC_PACK_STRANGER_H
#include "base/err.h"

/* lua: "Lua 5.4.8" or "5.4.8". 1 if it is 5.4.8 or newer; a word that is no version is not. */
int fc_lua_fit(const char *lua);
/* May it run? FC_EDENIED with what to do. */
int fc_stranger_runs(const char *lua, int dev, fc_err *err);
/* May it come in? owned: its id belongs to a trusted publisher, or what is in force of it is signed. why:
 * what is wrong with its signature, the answer where the id's owner or a key would help. */
int fc_stranger_enters(const char *lua, int dev, int owned, const char *id, const fc_err *why, fc_err *err);
#endif
