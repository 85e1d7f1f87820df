/* What people did about packs and keys. It stands in the file that the act changed (packs.lock, packs.trust:
 * "acts"), so that act and record are one replacement, and nothing has to be open but that file. The process
 * that puts plugins in force copies it into each dealership's audit log (plugin/pack_audit.h).
 *
 *   {"id" (random), "what": "pack.install", "by", "at", "subject" (pack or key id), and what belongs to
 * it: "version", "hash", "key", "asks" ...} */
#ifndef FC_PACK_ACTS_H
#define FC_PACK_ACTS_H
#include "base/err.h"
#include <jansson.h>

#define FC_PACK_ACTS 200              /* a file keeps the latest, */
#define FC_PACK_ACTS_BYTES (1u << 20) /* and of them so much: what packs ask for is theirs */

/* Appends to the array `acts`; `more` (may be NULL) is taken over, its keys become the act's. */
void fc_act_note(json_t *acts, const char *what, const char *by, const char *subject, json_t *more);
/* Those of one file, already read: a new array without what is no act. */
json_t *fc_acts_of(const json_t *file);
/* Of both files of the site, the oldest first; a file that cannot be read has none. New array. */
json_t *fc_acts_read(const char *site);
/* The latest of a subject, borrowed; NULL: none. */
const json_t *fc_acts_last(const json_t *acts, const char *subject);
#endif
