/* A backup of a site: every database as it was at one moment, site.lua, plugins, scripts, packs, files, in
 * one sealed file (backup_file.h); the databases with persons' keys in a file of their own, because an
 * erasure must outlive backups. Writers go on meanwhile. secrets/ never goes in. Knows the layout of a site's
 * folder and no more. */
#ifndef FC_STORE_BACKUP_H
#define FC_STORE_BACKUP_H
#include "store/backup_file.h"
#include "store/store.h"
#include <limits.h>

/* Called between two steps with KiB done and to do; non-zero ends the work, with nothing left behind. */
typedef struct fc_backup_watch {
    int (*step)(void *ctx, int64_t done, int64_t total, const char *what);
    void *ctx;
} fc_backup_watch;

typedef struct fc_backup_order {
    const char *dir;    /* of the site */
    const char *folder; /* its short name, part of the file's name: [A-Za-z0-9._-] */
    const char *site;   /* its name for people */
    const char *to, *keys_to;
    fc_backup_watch watch;
} fc_backup_order;

typedef struct fc_backup_result {
    char file[PATH_MAX], keys_file[PATH_MAX]; /* keys_file is empty where the site has no keys yet */
    fc_fcb_sum sum, keys_sum;
    int skipped; /* links and the like in the site's folders, which are not followed */
    char first_skipped[FC_FCB_NAME];
} fc_backup_result;

/* One backup of a site at a time: *lock is closed to end it. FC_ECONFLICT: another process makes one. */
int fc_backup_lock(const char *dir, int *lock, fc_err *err);
/* With the lock held. On failure neither file is there. */
int fc_backup(const fc_backup_order *o, fc_backup_result *r, fc_err *err);
/* Letters of `name` that may stand in a file's name. */
void fc_backup_folder_name(const char *dir, char out[64]);

/* ---- restore */
typedef struct fc_restore_order {
    const char *file, *to;       /* to NULL: only verifies */
    const char *keys_file;       /* or NULL */
    const unsigned char *master; /* FC_KEY_BYTES */
    const char *schema;          /* folder with site/ and dealership/, the versions this program knows */
    fc_backup_watch watch;
} fc_restore_order;

typedef struct fc_restore_result {
    fc_fcb_head head;
    int members, databases;
    int64_t plain;
} fc_restore_result;

int fc_restore(const fc_restore_order *o, fc_restore_result *r, fc_err *err);

/* ---- which to keep (backup_keep.c) */
typedef struct fc_backup_keep {
    int days, weeks; /* all of `days`, then the last of each week for `weeks` */
} fc_backup_keep;

/* Deletes backups of this site in `to` that are too old; never `last_good` and never one of the three newest.
 * For key files (keys = 1) weeks do not count and only last_good is spared: what was erased must go. */
int fc_backup_prune(const char *to, const char *folder, int keys, const fc_backup_keep *keep,
                    const char *last_good, int64_t now, int *removed, fc_err *err);

/* ---- when (backup_keep.c) */
typedef struct fc_backup_times {
    int64_t last_good, last_tried; /* ms, 0 = never; when they were started */
} fc_backup_times;
/* at_minute: minute of the day in the site's zone; starting: at a start also a last one older than a day. */
int fc_backup_due(int at_minute, const fc_backup_times *t, int64_t now, int starting);

/* ---- the record of them in the site's store (backup_log.c) */
int fc_backup_log_begin(fc_store *site, int64_t *id, fc_err *err);
int fc_backup_log_end(fc_store *site, int64_t id, const fc_backup_result *r, const fc_err *failed,
                      fc_err *err);
int fc_backup_log_times(fc_store *site, fc_backup_times *t, fc_err *err);
#endif
