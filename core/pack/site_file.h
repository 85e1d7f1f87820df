/* The small JSON files that a site keeps about packs: packs.lock, packs.trust, packs.seen. Old or new, never
 * half, also after a power cut. */
#ifndef FC_PACK_SITE_FILE_H
#define FC_PACK_SITE_FILE_H
#include "base/err.h"
#include <jansson.h>

/* An object; a file that is not there is an empty one. */
int fc_site_file_read(const char *site, const char *name, json_t **out, fc_err *err);
int fc_site_file_write(const char *site, const char *name, const json_t *value, fc_err *err);
int fc_sync_names(const char *path, fc_err *err);
/* What root writes about packs is the site's owner's (base/owner.h). Where the folder packs/ is another's
 * than the site, root stays root. Ends with fc_owner_end. */
void fc_packs_owner(const char *site);
#endif
