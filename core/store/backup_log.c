/* The record of backups in the site's store. A row without an end is one that runs, or was killed. */
#include "store/backup.h"

#include "base/clock.h"

#define KEPT_ROWS_MS (400LL * 86400000)

int fc_backup_log_begin(fc_store *site, int64_t *id, fc_err *err)
{
    int64_t now = fc_now();
    fc_value old = fc_int(now - KEPT_ROWS_MS);
    *id = fc_id();
    fc_value v[] = {fc_int(*id), fc_int(now)};
    int rc = fc_run(site, "INSERT INTO site_backup (id, started_at) VALUES (?, ?)", v, 2, NULL, err);
    if (!rc) rc = fc_run(site, "DELETE FROM site_backup WHERE started_at < ?", &old, 1, NULL, err);
    return rc;
}

int fc_backup_log_end(fc_store *site, int64_t id, const fc_backup_result *r, const fc_err *failed,
                      fc_err *err)
{
    const char *none = NULL;
    fc_value v[] = {fc_int(fc_now()),
                    fc_text(failed ? none : r->file),
                    fc_int(r->sum.bytes),
                    fc_text(failed ? none : r->sum.hash),
                    fc_text(failed || !r->keys_file[0] ? none : r->keys_file),
                    fc_int(failed ? 0 : 1),
                    fc_text(failed ? failed->text[FC_ZH] : none),
                    fc_text(failed ? failed->text[FC_EN] : none),
                    fc_int(id)};
    if (failed) v[2].type = FC_NULL;
    return fc_run(
        site,
        "UPDATE site_backup SET ended_at = ?, file = ?, bytes = ?, hash = ?, keys_file = ?, ok = ?, "
        "error_zh = ?, error_en = ? WHERE id = ?",
        v, 9, NULL, err);
}

/* Rows that lie ahead by more than a day are a wrong clock's; they must not hide the ones after them. */
int fc_backup_log_times(fc_store *site, fc_backup_times *t, fc_err *err)
{
    int found;
    fc_value latest = fc_int(fc_now() + 86400000);
    int rc = fc_ask_int(site, "SELECT max(started_at) FROM site_backup WHERE ok = 1 AND started_at <= ?",
                        &latest, 1, &t->last_good, &found, err);
    if (rc) return rc;
    return fc_ask_int(site, "SELECT max(started_at) FROM site_backup WHERE started_at <= ?", &latest, 1,
                      &t->last_tried, &found, err);
}
