/* forecourt backup: works without plugins, and with --to also where site.lua does not load. What it did is
 * recorded in the site's store, good or not; old ones go only after a good one, and only from the folders
 * that site.lua names. */
#include "base/clock.h"
#include "base/folder.h"
#include "loop/progress.h"
#include "plugin/backup_plan.h"
#include "plugin/site.h"
#include "store/keys.h"
#include "store/master.h"
#include "verbs/json_line.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct backing {
    const char *dir, *to, *keys_to, *json, *if_due;
    fc_backup_plan plan;
    fc_store *site;
    fc_progress bar;
} backing;

static int show(void *ctx, int64_t done, int64_t total, const char *what)
{
    backing *b = ctx;
    if (!b->if_due) /* nobody watches the clock's own backup: its steps would stand in the server's log */
        fc_progress_show(&b->bar, done, total, what);
    return fc_progress_stopped();
}

static void print_json(const fc_backup_result *r, int removed)
{
    json_t *v = json_pack("{s:s, s:I, s:s, s:i, s:I, s:i, s:i}", "file", r->file, "bytes",
                          (json_int_t)r->sum.bytes, "hash", r->sum.hash, "members", r->sum.members, "plain",
                          (json_int_t)r->sum.plain, "skipped", r->skipped, "removed", removed);
    if (r->keys_file[0]) json_object_set_new(v, "keys_file", json_string(r->keys_file));
    fc_print_json(v);
    json_decref(v);
}

static void print_text(const backing *b, const fc_backup_result *r, int removed)
{
    if (b->if_due) printf("%s", fc_say("定时备份：", "scheduled backup: "));
    printf(fc_say("%s（%.1f MiB，%d 个文件）\n", "%s (%.1f MiB, %d members)\n"), r->file,
           (double)r->sum.bytes / 1048576, r->sum.members);
    if (r->keys_file[0]) printf(fc_say("密钥：%s\n", "keys: %s\n"), r->keys_file);
    if (removed) printf(fc_say("删除了 %d 份过期的备份\n", "%d old backups deleted\n"), removed);
}

static void warn_skipped(const fc_backup_result *r)
{
    if (r->skipped)
        fprintf(stderr,
                fc_say("注意：%d 个链接或特殊文件没有备份，例如 %s\n",
                       "note: %d links or special files were not backed up, for example %s\n"),
                r->skipped, r->first_skipped);
}

/* A backup that was made stays good if an old one could not be deleted. */
static int tidy(backing *b, const fc_backup_result *r)
{
    fc_err err;
    int removed = 0;
    if (!b->plan.prunes) return 0;
    if (fc_backup_plan_prune(&b->plan, r, fc_now(), &removed, &err)) fc_failed(&err);
    return removed;
}

static int opens(const char *path, const fc_master *m, fc_err *err)
{
    char schema[PATH_MAX], id[PATH_MAX], *share = fc_share_dir();
    fc_keys *k = NULL;
    snprintf(schema, sizeof schema, "%s/schema/keys", share);
    free(share);
    snprintf(id, sizeof id, "%s", strrchr(path, '/') + 1);
    id[strlen(id) - strlen(".keys.db")] = 0;
    int made = 0, rc = fc_keys_open(path, schema, id, &k, err);
    if (!rc) rc = fc_keys_made(k, &made, err);
    if (!rc && made) rc = fc_keys_unlock(k, m, err);
    fc_keys_close(k);
    return rc;
}

/* Sealed with a key that does not open the site's keys, a backup would count as good, and restoring it would
 * need a second key that nobody keeps for it. */
static int check_key(const backing *b, fc_err *err)
{
    char path[PATH_MAX];
    fc_names stores;
    fc_master *m = NULL;
    snprintf(path, sizeof path, "%s/secrets", b->dir);
    int rc = fc_master_read(path, 0, &m, err);
    if (rc) return rc;
    snprintf(path, sizeof path, "%s/data", b->dir);
    fc_names_read(path, ".keys.db", &stores);
    for (size_t i = 0; i < stores.n && !rc; i++) {
        snprintf(path, sizeof path, "%s/data/%s", b->dir, stores.names[i]);
        rc = opens(path, m, err);
    }
    fc_names_free(&stores);
    fc_master_free(m);
    return rc;
}

static int make(backing *b, fc_backup_result *r, fc_err *err)
{
    int64_t id = 0;
    fc_err own;
    fc_backup_order o = {b->dir, b->plan.folder, b->plan.site, b->plan.to, b->plan.keys_to, {show, b}};
    int recorded = b->site && fc_backup_log_begin(b->site, &id, &own) == FC_OK;
    int rc = check_key(b, err);
    if (!rc) rc = fc_backup(&o, r, err);
    if (recorded && fc_backup_log_end(b->site, id, r, rc ? err : NULL, &own) && !rc)
        fprintf(stderr, "forecourt: %s\n", fc_err_text(&own, fc_process_lang()));
    return rc;
}

/* Another process may have made the due one while this one was started. */
static int is_due(backing *b)
{
    fc_err err;
    fc_backup_times t;
    if (!b->if_due || !b->site || fc_backup_log_times(b->site, &t, &err)) return 1;
    return fc_backup_due(b->plan.at_minute, &t, fc_now(), strcmp(b->if_due, "start") == 0);
}

static int backup(backing *b)
{
    fc_err err;
    fc_backup_result r;
    int lock = -1, rc = fc_backup_lock(b->dir, &lock, &err);
    if (rc) return fc_failed(&err);
    if (fc_backup_plan_store(b->dir, &b->site, &err))
        fprintf(stderr, fc_say("注意：备份不会被记录：%s\n", "note: the backup will not be recorded: %s\n"),
                fc_err_text(&err, fc_process_lang()));
    if (is_due(b)) {
        fc_progress_catch();
        rc = make(b, &r, &err);
        if (rc) {
            fc_failed(&err);
        } else {
            int removed = tidy(b, &r);
            warn_skipped(&r);
            if (b->json)
                print_json(&r, removed);
            else
                print_text(b, &r, removed);
        }
    }
    fc_store_close(b->site);
    close(lock);
    return rc ? 1 : 0;
}

int fc_verb_backup(int argc, char **argv)
{
    backing b = {.dir = "."};
    const char *master = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &b.dir},
        {"to", "FOLDER", "备份放在哪里（默认见 site.lua 的 backup，否则站点的 backups/）",
         "where to put it (default: backup in site.lua, else the site's backups/)", &b.to},
        {"keys-to", "FOLDER", "密钥备份放在哪里（默认 backups-keys/）",
         "where to put the keys' own file (default: backups-keys/)", &b.keys_to},
        {"if-due", "WHY", "只在到期时备份（clock 或 start；由 serve 使用）",
         "only if one is due (clock or start; serve uses it)", &b.if_due},
        {"master-from", "FD", NULL, NULL, &master}, /* the master key comes from this descriptor */
        {"json", NULL, "最后一行是 JSON", "the last line is JSON", &b.json},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {
        "backup",
        "",
        "备份站点（运行中也可以）：压缩、加密；需要主密钥（通常是 "
        "secrets/master.key）才能恢复，请另外保管它。",
        "Backs a site up, also a live one: compressed and sealed. Restoring needs the master key "
        "(mostly secrets/master.key): keep that elsewhere.",
        options,
        0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (argc > 1) return fc_wrong_use(&usage, "多余的参数 %s", "unexpected argument %s", argv[1]);
    fc_err err;
    if (master) fc_master_take_fd(atoi(master));
    if (fc_backup_plan_read(b.dir, b.to, b.keys_to, &b.plan, &err)) return fc_failed(&err);
    code = backup(&b);
    return code;
}
