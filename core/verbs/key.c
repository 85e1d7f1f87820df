/* The keys: what the master key is, changing it, and changing a dealership's own. Never prints a key. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/folder.h"
#include "base/log.h"
#include "loop/progress.h"
#include "plugin/site_keys.h"
#include "store/change_pair.h"
#include "store/rotate.h"
#include "verbs/options.h"
#include "verbs/session.h"
#include "verbs/verbs.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *source_of(const fc_master *m)
{
    switch (m->source) {
    case FC_MASTER_FILE:
        return fc_say("文件", "file");
    case FC_MASTER_CREDENTIAL:
        return fc_say("systemd 凭据", "systemd credential");
    default:
        return fc_say("环境变量", "environment");
    }
}

static int show_one(const fc_site *s, const char *id, const fc_master *m, fc_err *err)
{
    char path[PATH_MAX], schema[PATH_MAX];
    fc_keys *k = NULL;
    int64_t count, since;
    fc_site_keys_path(s, id, path, sizeof path);
    fc_site_keys_schema(s, schema, sizeof schema);
    int rc = fc_keys_open(path, schema, id, &k, err);
    if (!rc && !(rc = fc_keys_wrappings(k, m, &count, &since, err))) {
        long long days = (long long)((fc_now() - since) / 86400000);
        if (!since)
            printf(fc_say("%s: 这把主密钥打不开 %s\n", "%s: this master key does not open %s\n"), id, path);
        else
            printf(fc_say("%s: 使用了 %lld 天%s\n", "%s: in use for %lld days%s\n"), id, days,
                   count > 1 ? fc_say("；一次更换没有完成，请再运行 forecourt key rotate",
                                      "; a change was not finished, run forecourt key rotate again")
                             : "");
    }
    fc_keys_close(k);
    return rc;
}

static int show(fc_site *s, fc_err *err)
{
    char secrets[PATH_MAX];
    fc_master *m = NULL;
    snprintf(secrets, sizeof secrets, "%s/secrets", s->dir);
    int rc = fc_master_read(secrets, 0, &m, err);
    if (rc) return rc;
    printf(fc_say("主密钥：指纹 %s，来源 %s（%s）\n", "master key: fingerprint %s, from %s (%s)\n"), m->print,
           source_of(m), m->place);
    for (size_t i = 0; i < s->ndealerships && !rc; i++)
        rc = show_one(s, s->dealerships[i].id, m, err);
    fc_master_free(m);
    return rc;
}

static void audit(fc_site *s, const char *before, const char *after)
{
    char detail[64];
    snprintf(detail, sizeof detail, "%s -> %s", before, after);
    for (size_t i = 0; i < s->ndealerships; i++) {
        fc_value v[] = {fc_int(fc_id()),       fc_int(fc_now()),  fc_text(fc_cli_login()),
                        fc_text("key.rotate"), fc_text("master"), fc_text(detail)};
        fc_run(s->dealerships[i].store,
               "INSERT INTO host_audit (id, at, actor, what, subject, detail) VALUES (?, ?, ?, ?, ?, ?)", v,
               6, NULL, NULL);
    }
}

static void say_rotated(const fc_site *s, enum fc_rotated result, const char *before, const char *after)
{
    if (result == FC_ROTATED_WAITS) {
        printf(
            fc_say(
                "新的主密钥（指纹 %s）在 %s/secrets/master.key.next。主密钥不是文件：请把它放到原来的来源"
                "（凭据或变量）里，再运行一次 forecourt key rotate；在那之前旧的和新的都能打开站点\n",
                "the new master key (fingerprint %s) is in %s/secrets/master.key.next. The key does not come "
                "from a file: put the new one where the old one comes from (credential or variable) and run "
                "forecourt key rotate again; until then both open the site\n"),
            after, s->dir);
        return;
    }
    printf(result == FC_ROTATED_RESUME
               ? fc_say("已完成先前中断的更换：%s -> %s\n",
                        "the change that had been interrupted is finished: %s -> %s\n")
               : fc_say("主密钥已更换：%s -> %s\n", "the master key is changed: %s -> %s\n"),
           before, after);
    printf(
        "%s",
        fc_say("旧密钥没有留下：之前的备份只能用它的副本打开，请把副本和那些备份一起保存\n"
               "现在请另外保管新的主密钥，并做一次备份（forecourt backup）\n",
               "the old key is not kept: backups made before open only with a copy of it, which must be kept "
               "as long as they are\nnow keep a copy of the new master key elsewhere and make a backup "
               "(forecourt backup)\n"));
}

typedef struct key_stores {
    char **paths, **ids; /* owned */
    size_t n;
} key_stores;

static void add_store(key_stores *k, const char *path, const char *id)
{
    for (size_t i = 0; i < k->n; i++)
        if (strcmp(k->paths[i], path) == 0) return;
    k->paths = fc_realloc(k->paths, (k->n + 1) * sizeof *k->paths);
    k->ids = fc_realloc(k->ids, (k->n + 1) * sizeof *k->ids);
    k->paths[k->n] = fc_strdup(path);
    k->ids[k->n++] = fc_strdup(id);
}

/* Also those of dealerships that left site.lua: under the old master key alone they would never open again.
 */
static void find_stores(const fc_site *s, key_stores *k)
{
    static const char ending[] = ".keys.db";
    char path[PATH_MAX], id[PATH_MAX];
    fc_names files;
    for (size_t i = 0; i < s->ndealerships; i++) {
        fc_site_keys_path(s, s->dealerships[i].id, path, sizeof path);
        add_store(k, path, s->dealerships[i].id);
    }
    snprintf(path, sizeof path, "%s/data", s->dir);
    fc_names_read(path, ending, &files);
    for (size_t i = 0; i < files.n; i++) {
        snprintf(id, sizeof id, "%.*s", (int)(strlen(files.names[i]) + 1 - sizeof ending), files.names[i]);
        fc_site_keys_path(s, id, path, sizeof path);
        add_store(k, path, id);
    }
    fc_names_free(&files);
}

static void free_stores(key_stores *k)
{
    for (size_t i = 0; i < k->n; i++) {
        free(k->paths[i]);
        free(k->ids[i]);
    }
    free(k->paths);
    free(k->ids);
}

static int rotate(fc_site *s, fc_err *err)
{
    char secrets[PATH_MAX], schema[PATH_MAX], before[FC_PRINT_CAP], after[FC_PRINT_CAP];
    enum fc_rotated result;
    key_stores k = {0};
    find_stores(s, &k);
    snprintf(secrets, sizeof secrets, "%s/secrets", s->dir);
    fc_site_keys_schema(s, schema, sizeof schema);
    const fc_rotation r = {secrets, schema, (const char *const *)k.paths, (const char *const *)k.ids, k.n,
                           NULL,    NULL};
    int rc = fc_rotate(&r, &result, before, after, err);
    if (!rc) audit(s, before, after);
    if (!rc) say_rotated(s, result, before, after);
    free_stores(&k);
    return rc;
}

static void show_step(void *ctx, enum fc_pair_stage stage, int64_t done, int64_t total)
{
    static const char *const zh[] = {"换上新密钥", "重新包装个人密钥", "重新加密和索引", "记录"};
    static const char *const en[] = {"the new key is in place", "persons' keys", "sealed values and indexes",
                                     "the record"};
    fc_progress_show(ctx, done, total, fc_say(zh[stage], en[stage]));
}

/* A call that asked for an index just before the step has used it by then. */
#define PAUSE_MS 1000

static int rotate_pair(fc_site *s, fc_dealership *d, fc_err *err)
{
    char secrets[PATH_MAX], before[FC_PRINT_CAP], after[FC_PRINT_CAP];
    enum fc_rotated result;
    fc_progress bar = {0};
    snprintf(secrets, sizeof secrets, "%s/secrets", s->dir);
    const fc_pair_change c = {secrets, fc_cli_login(), d->vault, d->store, PAUSE_MS, show_step, &bar};
    int rc = fc_change_pair(&c, &result, before, after, err);
    if (rc) return rc;
    printf(result == FC_ROTATED_RESUME
               ? fc_say("%s: 已完成先前中断的门店密钥更换：%s -> %s\n",
                        "%s: the change of the dealership's key that had been interrupted is finished: %s -> "
                        "%s\n")
               : fc_say("%s: 门店密钥已更换：%s -> %s\n", "%s: the dealership's key is changed: %s -> %s\n"),
           d->id, before, after);
    return FC_OK;
}

/* Of one dealership, or of all. */
static int rotate_pairs(fc_site *s, const char *id, fc_err *err)
{
    fc_dealership *one = id ? fc_site_dealership(s, id, err) : NULL;
    if (id && !one) return err->code;
    int rc = FC_OK;
    for (size_t i = 0; i < s->ndealerships && !rc; i++)
        if (!one || one == &s->dealerships[i]) rc = rotate_pair(s, &s->dealerships[i], err);
    return rc;
}

int fc_verb_key(int argc, char **argv)
{
    const char *dir = NULL, *own = NULL, *id = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {"dealership-key", NULL, "更换门店自己的密钥，而不是主密钥",
         "change the dealership's own key instead of the master key", &own},
        {"dealership", "ID", "哪家门店（默认全部；与 --dealership-key 一起用）",
         "which dealership (default: all; with --dealership-key)", &id},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {
        "key",
        "show|rotate",
        "主密钥和门店的密钥：查看指纹、来源和使用时间，或在站点运行时更换（rotate）。旧的主密钥不会留下，而之"
        "前的备份"
        "只能用它打开：更换前先另存一份 secrets/master.key。",
        "The master key and the dealerships' keys: fingerprint, source and age, or a new one while the site "
        "runs "
        "(rotate). The old master key is not kept, and backups made before open with it only: first copy "
        "secrets/master.key elsewhere.",
        options,
        0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    int rotating = argc == 2 && strcmp(argv[1], "rotate") == 0;
    if (argc != 2 || (!rotating && strcmp(argv[1], "show") != 0))
        return fc_wrong_use(&usage, "需要 show 或 rotate", "needs show or rotate");
    if ((own && !rotating) || (id && !own))
        return fc_wrong_use(&usage, "--dealership-key 只用于 rotate，--dealership 只与它一起用",
                            "--dealership-key is for rotate only, --dealership goes with it only");
    fc_err err;
    fc_site *site = NULL;
    fc_log_level(FC_WARN);
    int rc = fc_site_open(dir ? dir : ".", FC_SITE_OPEN, &site, &err);
    if (!rc) rc = own ? rotate_pairs(site, id, &err) : rotating ? rotate(site, &err) : show(site, &err);
    fc_site_close(site);
    return rc ? fc_failed(&err) : 0;
}
