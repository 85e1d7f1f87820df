/* What the files of the backup share; not for others. */
#ifndef FC_STORE_BACKUP_INTERNAL_H
#define FC_STORE_BACKUP_INTERNAL_H
#include "store/backup.h"
#include <stdbool.h>
#include <sys/types.h>

#define FC_BACKUP_STAGE ".backup" /* below data/: copies of databases on their way into the file */

typedef struct fc_part {
    char *name; /* in the backup; the same below the site */
    int64_t size;
    bool database, keys;
} fc_part;

typedef struct fc_parts {
    fc_part *list;
    size_t n, cap;
    int64_t work; /* bytes to be handled for site and keys together; a database counts twice */
    int skipped;
    char first_skipped[FC_FCB_NAME];
} fc_parts;

/* backup_parts.c: what there is, in the order in which it is to be copied. */
extern const char *const fc_parts_folders[]; /* taken whole; ends with NULL */
int fc_parts_collect(const char *dir, fc_parts *p, fc_err *err);
void fc_parts_free(fc_parts *p);
int fc_sync_folder(const char *path, fc_err *err);

/* backup_copy.c: one consistent copy of a database that others write. */
int fc_database_copy(const char *from, const char *to, int (*step)(void *ctx, int64_t bytes), void *ctx,
                     fc_err *err);
int fc_backup_interrupted(fc_err *err); /* a step said no */

/* restore_check.c: is this a sound database that this program knows? */
int fc_restore_check(const char *path, const char *schema_dir, fc_err *err);

/* backup_keep.c: forecourt-FOLDER-20261125T174000Z[-keys].fcb of exactly this folder; *at in ms. */
bool fc_backup_name(const char *name, const char *folder, bool *keys, int64_t *at);
#endif
