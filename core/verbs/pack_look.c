/* What changes nothing in a site: verify, list, mirror. */
#include "lua/vm.h"
#include "pack/fetch.h"
#include "pack/lock.h"
#include "pack/trust.h"
#include "plugin/pack_installed.h"
#include "plugin/site.h"
#include "verbs/json_line.h"
#include "verbs/pack.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Whose signature counts: a key that was given, else those of the site. */
typedef struct judge {
    fc_sign_public key;
    json_t *trust; /* NULL: key */
} judge;

static int open_judge(const char *site, const char *pub, judge *j, fc_err *err)
{
    json_t *config;
    j->trust = NULL;
    if (pub) return fc_pack_public(pub, &j->key, err);
    int rc = fc_site_config(site, &config, err);
    if (rc) {
        return fc_fail(err, FC_EINVAL, "谁的签名算数？请用 --pub 公钥，或用 --site 指定有受信任公钥的站点",
                       "whose signature counts? Give --pub KEY, or --site with a site that trusts some");
    }
    json_decref(config);
    return fc_trust_read(site, &j->trust, err);
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* ---- verify */

static int verify_one(const char *place, const judge *j, int json, fc_err *err)
{
    fc_buf data = {0};
    fc_archive *a = NULL;
    fc_claims c = {0};
    char key[FC_SIGN_ID_HEX] = "";
    int rc = fc_fetch(place, FC_PACK_ARCHIVE_BYTES, &data, err);
    if (!rc) rc = fc_archive_open(&data, place, &a, err);
    fc_buf_free(&data);
    if (rc) return rc;
    rc = j->trust ? fc_trust_verify(j->trust, a, key, &c, err) : fc_archive_verify(a, &j->key, &c, err);
    if (!j->trust) fc_sign_id(j->key.id, key);
    if (rc) {
        fc_wrap(err, place);
    } else if (json) {
        json_t *v = json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:I}", "id", a->index->id, "version",
                              a->index->version, "seq", (json_int_t)a->index->seq, "hash", a->hash, "key",
                              key, "expires", c.expires, "files", (json_int_t)a->index->n);
        fc_print_json(v);
        json_decref(v);
    } else {
        printf(fc_say("%s: 完好，%s %s，序号 %lld，%zu 个文件，由 %s 签名%s%s\n",
                      "%s: good, %s %s, seq %lld, %zu files, signed by %s%s%s\n"),
               place, a->index->id, a->index->version, (long long)a->index->seq, a->index->n, key,
               *c.expires ? fc_say("，有效至 ", ", good until ") : "", c.expires);
    }
    fc_archive_free(a);
    return rc;
}

/* Every file of every installed pack. */
static int verify_installed(const char *site, const judge *j, fc_err *err)
{
    json_t *lock, *entry, *problems = json_array();
    const char *id;
    int rc = fc_lock_read(site, &lock, NULL, err);
    json_object_foreach(lock, id, entry)
    {
        char dir[PATH_MAX], label[100];
        if (rc || !json_object_get(entry, "folder")) continue;
        snprintf(dir, sizeof dir, "%s/packs/%s", site, text_of(entry, "folder"));
        snprintf(label, sizeof label, "packs/%s", id);
        fc_source *s = fc_source_read(dir, label, "pack", problems);
        rc = s ? fc_installed_check(s, dir, entry, j->trust, fc_lua_version(), err)
               : fc_fail(err, FC_EINVAL, "不能读取：请重新安装这个包",
                         "cannot be read: install the pack again");
        if (!rc) rc = fc_installed_whole(dir, text_of(entry, "hash"), err);
        fc_source_unref(s);
        if (rc)
            fc_wrap(err, label);
        else
            printf(fc_say("%s: 完好，%s%s\n", "%s: good, %s%s\n"), label, text_of(entry, "version"),
                   *text_of(entry, "key") ? "" : fc_say("（没有签名）", " (not signed)"));
    }
    json_decref(lock);
    json_decref(problems);
    return rc;
}

int fc_pack_verb_verify(int argc, char **argv)
{
    const char *dir = ".", *pub = NULL, *json = NULL;
    const fc_option options[] = {
        {"pub", "KEY", "公钥（RW… 或 .pub 文件）", "public key (RW... or a .pub file)", &pub},
        {"site", "DIR", "用这个站点信任的公钥（默认当前文件夹）",
         "with the keys this site trusts (default: this folder)", &dir},
        {"json", NULL, "每个包一行 JSON", "one line of JSON per pack", &json},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage u = {"pack verify",
                        "[FILE|ADDRESS ...]",
                        "检查包的每个字节和签名；不带参数则检查站点已安装的包。不需要网络。",
                        "Checks every byte of packs and their signatures; without arguments the installed "
                        "packs of the site. Needs no network.",
                        options,
                        0};
    judge j;
    fc_err err;
    int code = fc_options(&u, &argc, argv);
    if (code >= 0) return code;
    if (argc == 1 && pub) return fc_wrong_use(&u, "需要 .pack 文件", "needs .pack files");
    int rc = open_judge(dir, pub, &j, &err);
    if (!rc && argc == 1) rc = verify_installed(dir, &j, &err);
    for (int i = 1; i < argc && !rc; i++)
        rc = verify_one(argv[i], &j, json != NULL, &err);
    json_decref(j.trust);
    return rc ? fc_failed(&err) : 0;
}

/* ---- list */

static void print_entry(const char *id, const json_t *e, int json)
{
    const json_t *staged = json_object_get(e, "staged");
    if (json) {
        json_t *v = json_copy((json_t *)e);
        json_object_set_new(v, "id", json_string(id));
        fc_print_json(v);
        json_decref(v);
        return;
    }
    if (json_object_get(e, "version"))
        printf("%-24s %-12s %s  %s\n", id, text_of(e, "version"),
               *text_of(e, "key") ? text_of(e, "key") : fc_say("(没有签名)", "(not signed)"),
               text_of(e, "source"));
    if (staged)
        printf(fc_say("%-24s %-12s 等待确认：forecourt pack accept\n",
                      "%-24s %-12s waits for a person: forecourt pack accept\n"),
               id, text_of(staged, "version"));
}

static int list_site(const char *dir, int json, fc_err *err)
{
    json_t *config, *lock, *entry;
    const char *id;
    int rc = fc_site_config(dir, &config, err);
    if (rc) return rc;
    json_decref(config);
    rc = fc_lock_read(dir, &lock, NULL, err);
    if (!rc && !json && json_object_size(lock) == 0)
        printf("%s\n", fc_say("没有安装的包", "no pack is installed"));
    json_object_foreach(lock, id, entry) print_entry(id, entry, json);
    json_decref(lock);
    return rc;
}

static int list_index(const char *place, const judge *j, int json, fc_err *err)
{
    fc_registry *r;
    size_t i;
    json_t *e;
    int rc = fc_registry_open(place, j->trust, j->trust ? NULL : &j->key, &r, err);
    if (rc) return rc;
    json_array_foreach(r->packs, i, e)
    {
        if (json)
            fc_print_json(e);
        else
            printf("%-24s %-12s %s\n", text_of(e, "id"), text_of(e, "version"), text_of(e, "file"));
    }
    fc_registry_free(r);
    return rc;
}

int fc_pack_verb_list(int argc, char **argv)
{
    const char *dir = ".", *from = NULL, *pub = NULL, *json = NULL;
    const fc_option options[] = {
        {"from", "INDEX", "列出这个索引里的包", "show the packs of this index", &from},
        {"pub", "KEY", "索引的公钥（默认站点信任的）", "the index's key (default: those the site trusts)",
         &pub},
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {"json", NULL, "每个包一行 JSON", "one line of JSON per pack", &json},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage u = {"pack list",
                        "",
                        "列出已安装的包：版本、签名者、来源；或索引里的包。",
                        "Shows the installed packs: version, signer, source; or those of an index.",
                        options,
                        0};
    judge j = {.trust = NULL};
    fc_err err;
    int code = fc_options(&u, &argc, argv), rc;
    if (code >= 0) return code;
    if (argc > 1) return fc_wrong_use(&u, "多余的参数 %s", "unexpected argument %s", argv[1]);
    rc = from ? open_judge(dir, pub, &j, &err) : list_site(dir, json != NULL, &err);
    if (!rc && from) rc = list_index(from, &j, json != NULL, &err);
    json_decref(j.trust);
    return rc ? fc_failed(&err) : 0;
}

/* ---- mirror */

/* A copy never goes back to an older index than it has. */
static int check_newer(const fc_registry *r, const char *to, const judge *j, fc_err *err)
{
    fc_registry *old;
    if (fc_registry_open(to, j->trust, j->trust ? NULL : &j->key, &old, NULL)) return FC_OK;
    int64_t had = strcmp(old->name, r->name) == 0 ? old->number : 0;
    fc_registry_free(old);
    if (r->number >= had) return FC_OK;
    return fc_fail(err, FC_EDENIED, "%s: 已有第 %lld 号索引，来源只有第 %lld 号：来源是旧的",
                   "%s: has index number %lld, and the source only %lld: the source is old", to,
                   (long long)had, (long long)r->number);
}

int fc_pack_verb_mirror(int argc, char **argv)
{
    const char *dir = ".", *pub = NULL;
    const fc_option options[] = {{"pub", "KEY", "索引的公钥（默认站点信任的）",
                                  "the index's key (default: those the site trusts)", &pub},
                                 {"site", "DIR", "用这个站点信任的公钥（默认当前文件夹）",
                                  "with the keys this site trusts (default: this folder)", &dir},
                                 {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage u = {"pack mirror",
                        "INDEX FOLDER",
                        "把索引和它的所有包复制到文件夹（共享、U 盘），供没有网络的店安装。",
                        "Copies an index and all its packs into a folder (share, USB stick), to install from "
                        "where there is no network.",
                        options,
                        0};
    judge j;
    fc_registry *r = NULL;
    fc_err err;
    int copied = 0, kept = 0, code = fc_options(&u, &argc, argv);
    if (code >= 0) return code;
    if (argc != 3) return fc_wrong_use(&u, "需要索引和文件夹", "needs an index and a folder");
    int rc = open_judge(dir, pub, &j, &err);
    if (!rc) rc = fc_registry_open(argv[1], j.trust, j.trust ? NULL : &j.key, &r, &err);
    if (!rc) rc = check_newer(r, argv[2], &j, &err);
    if (!rc) rc = fc_registry_mirror(r, argv[2], &copied, &kept, &err);
    if (!rc)
        printf(fc_say("%s: 索引 %s 第 %lld 号；新复制 %d 个包，已有 %d 个\n",
                      "%s: index %s number %lld; %d packs copied, %d were there\n"),
               argv[2], r->name, (long long)r->number, copied, kept);
    fc_registry_free(r);
    json_decref(j.trust);
    return rc ? fc_failed(&err) : 0;
}
