/* From an archive that was found whole to a folder below the site's packs/. */
#ifndef FC_PACK_UNPACK_H
#define FC_PACK_UNPACK_H
#include "pack/archive.h"
#include <jansson.h>

#define FC_PACK_FOLDER 200

/* Writes everything aside, to disk, then renames: the folder is there whole or not at all. `folder`: its name
 * below packs/, "ID@VERSION-HASH12", with a number behind where that exists. It is nobody's until packs.lock
 * names it. */
int fc_pack_unpack(const fc_archive *a, const char *site, char folder[FC_PACK_FOLDER], fc_err *err);
/* Removes what no entry of the lock names: leftovers of killed runs and versions before the last. */
void fc_pack_tidy(const char *site, const json_t *packs);
#endif
