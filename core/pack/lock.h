/* packs.lock: which packs are installed; its replacement is what puts a set of packs in force, all at once.
 *
 *   {"packs": {"acme-x": {"version", "hash" (of INDEX), "key" ("" not signed), "seq", "source", "folder"
 * (below packs/), "before" (folder of the version before, kept until the next one), "asks": [...], "by",
 * "at", "dev": true, "staged": {the same, waiting for a person}}}, "acts": [...]}
 *
 * packs.seen: the largest sequence ever seen of each pack and each index. It is kept when a pack is removed,
 * and is no part of a lock, so an older lock does not lower it. */
#ifndef FC_PACK_LOCK_H
#define FC_PACK_LOCK_H
#include "base/err.h"
#include <jansson.h>
#include <stdint.h>

/* The object "packs", the caller's; also `acts` where it is asked for (else NULL). */
int fc_lock_read(const char *site, json_t **out, json_t **acts, fc_err *err);
/* acts: what was done about them (pack/acts.h), the whole list. */
int fc_lock_write(const char *site, const json_t *packs, const json_t *acts, fc_err *err);
/* A running server looks again: a folder watch sees names come and go below packs/, and the lock does not
 * stand there. */
void fc_lock_nudge(const char *site);
/* One process at a time changes packs. *fd is closed by the caller. FC_EBUSY: somebody else does. */
int fc_lock_take(const char *site, int *fd, fc_err *err);

int fc_seen_read(const char *site, json_t **out, fc_err *err);
int fc_seen_write(const char *site, const json_t *seen, fc_err *err);
/* FC_EDENIED for a lower sequence than ever, or the same one with another hash. */
int fc_seen_pack(const json_t *seen, const char *id, int64_t seq, const char *hash, fc_err *err);
void fc_seen_note_pack(json_t *seen, const char *id, int64_t seq, const char *hash);
int fc_seen_index(const json_t *seen, const char *key, const char *name, int64_t number, fc_err *err);
void fc_seen_note_index(json_t *seen, const char *key, const char *name, int64_t number);
#endif
