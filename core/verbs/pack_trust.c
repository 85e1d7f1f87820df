/* Whose packs a site takes. */
#include "pack/trust.h"
#include "pack/lock.h"
#include "plugin/site.h"
#include "verbs/json_line.h"
#include "verbs/pack.h"
#include "verbs/session.h"

#include <stdio.h>
#include <unistd.h>

int fc_pack_public(const char *word, fc_sign_public *out, fc_err *err)
{
    fc_buf text = {0};
    int file = access(word, R_OK) == 0;
    int rc = file ? fc_read_file(word, 4096, &text, err) : FC_OK;
    if (!rc) rc = fc_sign_public_parse(file ? fc_buf_str(&text) : word, out, err);
    fc_buf_free(&text);
    return rc;
}

static void show(const json_t *trust, int json)
{
    const char *id;
    json_t *entry, *space, *keys = json_object_get(trust, "keys");
    size_t i;
    if (json) {
        fc_print_json(keys);
        return;
    }
    if (json_object_size(keys) == 0) printf("%s\n", fc_say("没有受信任的公钥", "no key is trusted"));
    json_object_foreach(keys, id, entry)
    {
        printf("%s  %s ", id, json_string_value(json_object_get(entry, "key")));
        json_array_foreach(json_object_get(entry, "namespaces"), i, space)
            printf(" %s", json_string_value(space));
        printf("\n");
    }
}

/* A site, and nobody else changing its packs. */
static int open_site(const char *dir, int *fd, json_t **trust, fc_err *err)
{
    json_t *config;
    *fd = -1;
    *trust = NULL;
    int rc = fc_site_config(dir, &config, err);
    if (rc) return rc;
    json_decref(config);
    rc = fc_lock_take(dir, fd, err);
    return rc ? rc : fc_trust_read(dir, trust, err);
}

static int save(const char *dir, json_t *trust, const char *what, const char *key_id, const char *space,
                fc_err *err)
{
    fc_trust_note(trust, what, fc_cli_login(), key_id, space);
    int rc = fc_trust_write(dir, trust, err);
    if (!rc) fc_lock_nudge(dir);
    return rc;
}

static int add(const char *dir, json_t *trust, const char *word, const char *space, fc_err *err)
{
    fc_sign_public key;
    char id[FC_SIGN_ID_HEX];
    int rc = fc_pack_public(word, &key, err);
    if (!rc) rc = fc_trust_add(trust, &key, space, err);
    if (rc) return rc;
    fc_sign_id(key.id, id);
    rc = save(dir, trust, "pack.trust", id, space, err);
    if (rc) return rc;
    printf(fc_say("已信任密钥 %s：它可以为 %s 和 %s-… 签名\n",
                  "the key %s is trusted: it may sign %s and %s-...\n"),
           id, space, space);
    return FC_OK;
}

int fc_pack_verb_trust(int argc, char **argv)
{
    const char *dir = ".", *space = NULL, *json = NULL;
    const fc_option options[] = {
        {"namespace", "NAME", "它可以签名的 id：NAME 和以 NAME- 开头的",
         "ids it may sign: NAME and those that begin with NAME-", &space},
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {"json", NULL, "以 JSON 列出", "show as JSON", &json},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage u = {"pack trust",
                        "[KEY]",
                        "信任发布者的公钥（RW… 或 .pub 文件）；先在别的途径核对它。不带参数则列出。",
                        "Trusts a publisher's public key (RW... or a .pub file); compare it first by another "
                        "way. Without a key shows "
                        "those that are trusted.",
                        options,
                        0};
    json_t *trust;
    fc_err err;
    int fd, code = fc_options(&u, &argc, argv);
    if (code >= 0) return code;
    if (argc > 2) return fc_wrong_use(&u, "多余的参数 %s", "unexpected argument %s", argv[2]);
    if (argc == 2 && !space) return fc_wrong_use(&u, "需要 --namespace", "needs --namespace");
    int rc = open_site(dir, &fd, &trust, &err);
    if (!rc && argc == 1) show(trust, json != NULL);
    if (!rc && argc == 2) rc = add(dir, trust, argv[1], space, &err);
    json_decref(trust);
    if (fd >= 0) close(fd);
    return rc ? fc_failed(&err) : 0;
}

int fc_pack_verb_untrust(int argc, char **argv)
{
    const char *dir = ".";
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage u = {"pack untrust",
                        "KEY-ID",
                        "不再信任一把公钥：它签名的包不能再安装或更新；正在用的继续用，但会指出。",
                        "Trusts a key no more: what it signed is not installed or updated any more; what is "
                        "in force stays, and is "
                        "named as a problem.",
                        options,
                        0};
    json_t *trust;
    fc_err err;
    int fd, code = fc_options(&u, &argc, argv);
    if (code >= 0) return code;
    if (argc != 2) return fc_wrong_use(&u, "需要一个密钥编号", "needs one key id");
    int rc = open_site(dir, &fd, &trust, &err);
    if (!rc) rc = fc_trust_remove(trust, argv[1], &err);
    if (!rc) rc = save(dir, trust, "pack.untrust", argv[1], NULL, &err);
    if (!rc) printf(fc_say("不再信任密钥 %s\n", "the key %s is trusted no more\n"), argv[1]);
    json_decref(trust);
    if (fd >= 0) close(fd);
    return rc ? fc_failed(&err) : 0;
}
