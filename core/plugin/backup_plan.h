/* What site.lua says about backups:
 *   backup = { at = "02:30", to = "...", keep_days = 14, keep_weeks = 8, keys_to = "...",
 *              keys_retention_days = 30 }
 * Relative folders are the site's. Without the table nothing is scheduled and nothing is deleted. */
#ifndef FC_PLUGIN_BACKUP_PLAN_H
#define FC_PLUGIN_BACKUP_PLAN_H
#include "base/buf.h"
#include "store/backup.h"
#include <jansson.h>

typedef struct fc_backup_plan {
    int scheduled, prunes;
    int at_minute; /* of the day, in the site's zone */
    fc_backup_keep keep, keys_keep;
    char to[PATH_MAX], keys_to[PATH_MAX], folder[64], site[256];
} fc_backup_plan;

/* config may be NULL. A wrong setting is a sentence that names it. */
int fc_backup_plan_of(const char *dir, const json_t *config, fc_backup_plan *p, fc_err *err);
/* Reads site.lua; to and keys_to (or NULL) come from the command line and go before it. */
int fc_backup_plan_read(const char *dir, const char *to, const char *keys_to, fc_backup_plan *p, fc_err *err);
int fc_backup_plan_prune(const fc_backup_plan *p, const fc_backup_result *r, int64_t now, int *removed,
                         fc_err *err);
/* The site's store, migrated. */
int fc_backup_plan_store(const char *dir, fc_store **out, fc_err *err);
#endif
