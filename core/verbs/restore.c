/* forecourt restore: a backup into a new folder, or only its verification. */
#include "loop/progress.h"
#include "plugin/site.h"
#include "store/backup.h"
#include "verbs/json_line.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct wanted {
    const char *file, *to, *keys, *key, *verify, *json;
    fc_progress bar;
} wanted;

static int show(void *ctx, int64_t done, int64_t total, const char *what)
{
    wanted *w = ctx;
    fc_progress_show(&w->bar, done, total, what);
    return fc_progress_stopped();
}

static void print_json(const wanted *w, const fc_restore_result *r)
{
    json_t *v = json_pack("{s:s, s:s, s:s, s:i, s:i, s:I}", "site", r->head.site, "made", r->head.made,
                          "program", r->head.program, "members", r->members, "databases", r->databases,
                          "plain", (json_int_t)r->plain);
    if (w->to) json_object_set_new(v, "to", json_string(w->to));
    fc_print_json(v);
    json_decref(v);
}

static void print_text(const wanted *w, const fc_restore_result *r)
{
    if (!w->to)
        printf(fc_say("完好：%s，%s 备份，%d 个文件，其中 %d 个数据库\n",
                      "sound: %s, made %s, %d members, %d of them databases\n"),
               r->head.site, r->head.made, r->members, r->databases);
    else
        printf(fc_say("已恢复到 %s：%s，%s 备份，%d 个文件，其中 %d 个数据库，均完好\n",
                      "restored to %s: %s, made %s, %d members, %d of them databases, all sound\n"),
               w->to, r->head.site, r->head.made, r->members, r->databases);
    if (w->to && w->keys)
        printf(fc_say("下一步：forecourt doctor --site %s\n", "next: forecourt doctor --site %s\n"), w->to);
    else if (w->to)
        printf("%s",
               fc_say("没有 --keys：个人密钥没有恢复，这个站点打不开；请加上 --keys ...-keys.fcb 再恢复一次，"
                      "到另一个新文件夹\n",
                      "no --keys: the persons' keys were not restored, and this site does not open; restore "
                      "once more with --keys ...-keys.fcb, to another new folder\n"));
}

static int read_key(const char *path, unsigned char master[FC_KEY_BYTES], fc_err *err)
{
    int rc = fc_key_read(path, 0, master, NULL, err);
    if (rc != FC_ENOTFOUND) return rc;
    return fc_fail(err, rc, "%s: 没有这个密钥文件；请用 --key 指定备份时的 master.key",
                   "%s: there is no such key file; name the master.key of the backup's time with --key",
                   path);
}

static int restore(wanted *w)
{
    fc_err err;
    fc_restore_result r;
    unsigned char master[FC_KEY_BYTES];
    char schema[4096], *share = fc_share_dir();
    snprintf(schema, sizeof schema, "%s/schema", share);
    free(share);
    fc_fcb_head head;
    int rc = fc_fcb_peek(w->file, &head, &err); /* what is no backup is told before the key is asked for */
    if (!rc) rc = read_key(w->key, master, &err);
    if (rc) return fc_failed(&err);
    fc_restore_order o = {w->file, w->to, w->keys, master, schema, {show, w}};
    fc_progress_catch();
    rc = fc_restore(&o, &r, &err);
    sodium_memzero(master, sizeof master);
    if (rc) return fc_failed(&err);
    if (w->json)
        print_json(w, &r);
    else
        print_text(w, &r);
    return 0;
}

int fc_verb_restore(int argc, char **argv)
{
    wanted w = {.key = "secrets/master.key"};
    const fc_option options[] = {
        {"to", "NEWFOLDER", "恢复到这个新文件夹", "the new folder to restore to", &w.to},
        {"keys", "FILE", "个人密钥的备份（...-keys.fcb）；没有它，恢复的站点打不开",
         "the backup of persons' keys (...-keys.fcb); without it the restored site does not open", &w.keys},
        {"key", "FILE", "备份时的 master.key（默认 secrets/master.key）",
         "the master.key of that time (default secrets/master.key)", &w.key},
        {"verify", NULL, "只检查，不恢复", "only verify, restore nothing", &w.verify},
        {"json", NULL, "最后一行是 JSON", "the last line is JSON", &w.json},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {"restore",
                            "FILE",
                            "把备份恢复到新文件夹，并检查其中的数据库；损坏的备份会说明哪里损坏。",
                            "Restores a backup to a new folder and checks its databases; of a damaged one it "
                            "says what is damaged.",
                            options,
                            0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (argc > 2)
        return fc_wrong_use(&usage, "一次恢复一个备份文件，%s 是多余的",
                            "restores one backup at a time, %s is one too many", argv[2]);
    if (argc != 2) return fc_wrong_use(&usage, "需要一个备份文件", "needs the file of a backup");
    if (!w.to == !w.verify) return fc_wrong_use(&usage, "需要 --to 或 --verify", "needs --to or --verify");
    w.file = argv[1];
    return restore(&w);
}
