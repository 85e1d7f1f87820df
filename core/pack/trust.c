#include "pack/trust.h"
#include "pack/acts.h"
#include "pack/site_file.h"

#include <string.h>

#define FILE_NAME "packs.trust"

static int bad_file(fc_err *err)
{
    return fc_fail(
        err, FC_EINVAL, FILE_NAME ": 内容不对：请修正，或删除后用 forecourt pack trust 重新登记公钥",
        FILE_NAME ": its content is wrong: mend it, or delete it and name the keys again with forecourt pack "
                  "trust");
}

static json_t *keys_of(const json_t *trust)
{
    return json_object_get(trust, "keys");
}

static int shape_ok(const char *id, json_t *entry)
{
    size_t i;
    json_t *space, *list = json_object_get(entry, "namespaces");
    const char *line = json_string_value(json_object_get(entry, "key"));
    fc_sign_public key;
    char hex[FC_SIGN_ID_HEX];
    if (!line || !json_is_array(list) || fc_sign_public_parse(line, &key, NULL)) return 0;
    json_array_foreach(list, i, space) if (!fc_pack_id_ok(json_string_value(space))) return 0;
    fc_sign_id(key.id, hex);
    return strcmp(hex, id) == 0;
}

int fc_trust_read(const char *site, json_t **out, fc_err *err)
{
    const char *id;
    json_t *entry;
    int rc = fc_site_file_read(site, FILE_NAME, out, err);
    if (rc) return rc;
    if (!keys_of(*out)) json_object_set_new(*out, "keys", json_object());
    int ok = json_is_object(keys_of(*out));
    json_object_foreach(keys_of(*out), id, entry) ok &= shape_ok(id, entry);
    if (ok) return FC_OK;
    json_decref(*out);
    *out = NULL;
    return bad_file(err);
}

int fc_trust_write(const char *site, const json_t *trust, fc_err *err)
{
    return fc_site_file_write(site, FILE_NAME, trust, err);
}

int fc_trust_add(json_t *trust, const fc_sign_public *key, const char *space, fc_err *err)
{
    char id[FC_SIGN_ID_HEX];
    fc_buf line = {0};
    size_t i;
    json_t *have;
    if (!fc_pack_id_ok(space))
        return fc_fail(err, FC_EINVAL, "命名空间 '%.60s' 应由小写字母、数字和 - 组成：它是插件 id 的开头",
                       "the namespace '%.60s' should be lower-case letters, digits and -: it is what "
                       "plugins' ids begin with",
                       space);
    fc_sign_id(key->id, id);
    fc_sign_public_line(key, &line);
    json_t *entry = json_object_get(keys_of(trust), id);
    if (entry && strcmp(json_string_value(json_object_get(entry, "key")), line.data) != 0) {
        fc_buf_free(&line);
        return fc_fail(err, FC_ECONFLICT,
                       "已信任另一把编号同为 %s 的公钥：先用 forecourt pack untrust %s 去掉它",
                       "another key with the id %s is trusted already: take it away first with forecourt "
                       "pack untrust %s",
                       id, id);
    }
    if (!entry)
        json_object_set_new(keys_of(trust), id,
                            entry = json_pack("{s:s, s:[]}", "key", line.data, "namespaces"));
    fc_buf_free(&line);
    json_t *list = json_object_get(entry, "namespaces");
    json_array_foreach(list, i, have) if (strcmp(json_string_value(have), space) == 0) return FC_OK;
    json_array_append_new(list, json_string(space));
    return FC_OK;
}

int fc_trust_remove(json_t *trust, const char *key_id, fc_err *err)
{
    if (json_object_del(keys_of(trust), key_id) == 0) return FC_OK;
    return fc_fail(err, FC_ENOTFOUND, "没有信任编号为 %.40s 的公钥（forecourt pack trust 列出全部）",
                   "no key with the id %.40s is trusted (forecourt pack trust lists them)", key_id);
}

void fc_trust_note(json_t *trust, const char *what, const char *by, const char *key_id, const char *space)
{
    json_t *acts = fc_acts_of(trust);
    fc_act_note(acts, what, by, key_id, space ? json_pack("{s:s}", "namespace", space) : NULL);
    json_object_set_new(trust, "acts", acts);
}

int fc_trust_key(const json_t *trust, const unsigned char id[8], fc_sign_public *out, fc_err *err)
{
    char hex[FC_SIGN_ID_HEX];
    fc_sign_id(id, hex);
    const char *line = json_string_value(json_object_get(json_object_get(keys_of(trust), hex), "key"));
    if (line) return fc_sign_public_parse(line, out, err);
    return fc_fail(err, FC_EDENIED,
                   "由密钥 %s 签名，但这个站点不信任它：向发布者核对公钥后，用 forecourt pack trust 公钥 "
                   "--namespace 名称",
                   "signed by the key %s, which this site does not trust: ask the publisher for his key and "
                   "name it with "
                   "forecourt pack trust KEY --namespace NAME",
                   hex);
}

/* The longest namespace of all keys that is around the id; "" if none. */
static const char *space_around(const json_t *trust, const char *pack)
{
    const char *id, *best = "";
    json_t *entry, *space;
    size_t i;
    json_object_foreach(keys_of(trust), id, entry)
        json_array_foreach(json_object_get(entry, "namespaces"), i, space)
    {
        const char *s = json_string_value(space);
        if (fc_pack_in_namespace(pack, s) && strlen(s) > strlen(best)) best = s;
    }
    return best;
}

int fc_trust_owned(const json_t *trust, const char *pack)
{
    return *space_around(trust, pack) != 0;
}

int fc_trust_may_sign(const json_t *trust, const char *key_id, const char *pack, fc_err *err)
{
    size_t i;
    json_t *space;
    const char *around = space_around(trust, pack);
    json_array_foreach(json_object_get(json_object_get(keys_of(trust), key_id), "namespaces"), i,
                       space) if (*around && strcmp(json_string_value(space), around) == 0) return FC_OK;
    if (*around)
        return fc_fail(err, FC_EDENIED, "%s 属于命名空间 %s，密钥 %s 不能为它签名",
                       "%s belongs to the namespace %s, for which the key %s may not sign", pack, around,
                       key_id);
    return fc_fail(
        err, FC_EDENIED,
        "%s 不在任何受信任的命名空间中（签名密钥 %s）：用 forecourt pack trust 公钥 --namespace 名称",
        "%s is in no trusted namespace (signed by the key %s): use forecourt pack trust KEY --namespace NAME",
        pack, key_id);
}

int fc_trust_verify(const json_t *trust, const fc_archive *a, char key_id[FC_SIGN_ID_HEX], fc_claims *claims,
                    fc_err *err)
{
    fc_signature s;
    fc_sign_public key;
    *key_id = 0;
    int rc = fc_archive_signer(a, &s, err);
    if (!rc) rc = fc_trust_key(trust, s.id, &key, err);
    if (!rc) rc = fc_archive_verify(a, &key, claims, err);
    if (rc) return rc;
    fc_sign_id(s.id, key_id);
    return fc_trust_may_sign(trust, key_id, a->index->id, err);
}
