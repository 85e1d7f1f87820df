/* What people ask of plugins: which are in force, what was, and to switch one off, on, or back. Needs no Lua:
 * it is rows, and a server that runs sees them within 20 ms. */
#ifndef FC_PLUGIN_LEDGER_H
#define FC_PLUGIN_LEDGER_H
#include "plugin/site.h"

/* disable | enable | rollback. to: for rollback a version or the beginning of a hash; NULL: the last other
 * one that nobody holds. from: for rollback the beginning of the hash that whoever asks saw in force, so that
 * two who press the same button go back once; NULL: whatever is in force. One transaction with its audit row;
 * what is impossible is a sentence. */
int fc_plugin_act(fc_dealership *d, const char *what, const char *plugin, const char *to, const char *from,
                  const char *actor, fc_err *err);
/* New array of {"plugin","version","hash","origin","since","state","problems"...}; state: live, trial,
 * broken, staged, held, off. NULL and err where the store cannot be read. */
json_t *fc_plugin_list(fc_dealership *d, fc_err *err);
/* New array, the newest first; "kept" 0: its source is gone (old_sources.h). plugin NULL: of all. */
json_t *fc_plugin_history(fc_dealership *d, const char *plugin, int64_t most, fc_err *err);
/* What changed between two versions that were in force (versions or beginnings of hashes; from NULL: the one
 * before `to`; to NULL: the present one): {"plugin","from":{...},"to":{...},"files":[{"path","hunks"}]}. New.
 */
json_t *fc_plugin_changes(fc_dealership *d, const char *plugin, const char *from, const char *to,
                          fc_err *err);

/* A look at the folders is asked for; *n is its number. */
int fc_reload_ask(fc_dealership *d, const char *actor, int64_t *n, fc_err *err);
/* By the server: is one asked for (1), and by whom? fc_reload_answer says that it was done. */
int fc_reload_asked(fc_dealership *d, int64_t *n, char *actor, size_t cap);
void fc_reload_answer(fc_dealership *d, int64_t n);
int fc_reload_answered(fc_dealership *d, int64_t n);

/* Problems and what is staged, for other processes: written where it changed (1), and read. */
int fc_ledger_say(fc_dealership *d);
void fc_ledger_hear(fc_dealership *d);
#endif
