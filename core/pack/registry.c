#include "pack/registry.h"
#include "base/clock.h"
#include "pack/fetch.h"
#include "pack/site_file.h"
#include "pack/trust.h"
#include "text/json.h"
#include "text/semver.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDEX_NAME "index.json"
#define LARGEST (16u << 20)
#define MOST_PACKS 10000

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static void comment_of(const json_t *body, fc_buf *out)
{
    fc_buf_addf(out, "index:%s\tnumber:%lld\texpires:%s", text_of(body, "name"),
                (long long)json_integer_value(json_object_get(body, "number")), text_of(body, "expires"));
}

static int needs_ok(const json_t *needs)
{
    const char *id;
    json_t *range;
    if (!needs) return 1;
    json_object_foreach((json_t *)needs, id,
                        range) if (!fc_pack_id_ok(id) ||
                                   fc_semver_range(json_string_value(range), NULL)) return 0;
    return json_is_object(needs);
}

static int entry_ok(const json_t *e)
{
    fc_semver v;
    const char *file = text_of(e, "file"), *hash = text_of(e, "hash");
    return fc_pack_id_ok(text_of(e, "id")) && fc_semver_parse(text_of(e, "version"), &v, NULL) == FC_OK &&
           json_integer_value(json_object_get(e, "seq")) > 0 &&
           json_integer_value(json_object_get(e, "size")) > 0 && strlen(hash) == FC_HASH_HEX - 1 &&
           strspn(hash, "0123456789abcdef") == FC_HASH_HEX - 1 &&
           fc_pack_path_check(file, strlen(file), NULL) == FC_OK && needs_ok(json_object_get(e, "needs"));
}

static int bad_index(fc_err *err, size_t at)
{
    return fc_fail(err, FC_EINVAL, INDEX_NAME " 第 %zu 项不对：请由发布者用 forecourt pack index 重新制作",
                   "entry %zu of " INDEX_NAME
                   " is wrong: the publisher should make it anew with forecourt pack index",
                   at);
}

static int read_body(fc_registry *r, fc_err *err)
{
    size_t i;
    json_t *entry;
    int64_t day;
    int rc = fc_json_parse(fc_buf_str(&r->text), r->text.len, LARGEST, &r->body, err);
    if (rc) return rc;
    r->name = text_of(r->body, "name");
    r->expires = text_of(r->body, "expires");
    r->number = json_integer_value(json_object_get(r->body, "number"));
    r->packs = json_object_get(r->body, "packs");
    if (!fc_pack_id_ok(r->name) || r->number < 1 || fc_day_parse(r->expires, &day) ||
        !json_is_array(r->packs) || json_array_size(r->packs) > MOST_PACKS)
        return bad_index(err, 0);
    json_array_foreach(r->packs, i, entry) if (!entry_ok(entry)) return bad_index(err, i + 1);
    return FC_OK;
}

/* The signature before anything else is believed. */
static int check_signature(fc_registry *r, const json_t *trust, const fc_sign_public *given, fc_err *err)
{
    fc_signature s;
    fc_sign_public key;
    int rc = fc_signature_parse(fc_buf_str(&r->signature), r->signature.len, &s, err);
    if (!rc && trust) rc = fc_trust_key(trust, s.id, &key, err);
    if (!rc && !trust) key = *given;
    if (!rc) rc = fc_sign_verify(&s, &key, fc_buf_str(&r->text), r->text.len, err);
    if (!rc) rc = read_body(r, err);
    if (rc) return rc;
    fc_buf comment = {0};
    comment_of(r->body, &comment);
    int same = strcmp(comment.data, s.comment) == 0;
    fc_buf_free(&comment);
    fc_sign_id(s.id, r->key);
    return same
               ? FC_OK
               : fc_fail(err, FC_EDENIED, "签名是为别的索引做的", "the signature was made for another index");
}

static int read_part(const char *place, const char *name, size_t max, fc_buf *out, fc_err *err)
{
    fc_buf path = {0};
    fc_fetch_join(place, name, &path);
    int rc = fc_fetch(path.data, max, out, err);
    fc_buf_free(&path);
    return rc;
}

static int read_both(fc_registry *r, const json_t *trust, const fc_sign_public *key, fc_err *err)
{
    fc_buf_clear(&r->text);
    fc_buf_clear(&r->signature);
    json_decref(r->body);
    r->body = NULL;
    int rc = read_part(r->place, INDEX_NAME, LARGEST, &r->text, err);
    if (!rc) rc = read_part(r->place, INDEX_NAME ".minisig", 4096, &r->signature, err);
    if (!rc && (rc = check_signature(r, trust, key, err))) {
        fc_buf at = {0};
        fc_fetch_join(r->place, INDEX_NAME, &at);
        fc_wrap(err, at.data);
        fc_buf_free(&at);
    }
    return rc;
}

int fc_registry_open(const char *place, const json_t *trust, const fc_sign_public *key, fc_registry **out,
                     fc_err *err)
{
    fc_registry *r = fc_alloc(sizeof *r);
    size_t n = strlen(place), tail = strlen("/" INDEX_NAME);
    r->place = n > tail && strcmp(place + n - tail, "/" INDEX_NAME) == 0 ? fc_strndup(place, n - tail)
                                                                         : fc_strdup(place);
    int rc = read_both(r, trust, key, err);
    if (rc == FC_EDENIED)
        rc = read_both(r, trust, key, err); /* between two files that are just being replaced */
    if (rc) fc_registry_free(r);
    *out = rc ? NULL : r;
    return rc;
}

void fc_registry_free(fc_registry *r)
{
    if (!r) return;
    free(r->place);
    json_decref(r->body);
    fc_buf_free(&r->text);
    fc_buf_free(&r->signature);
    free(r);
}

int fc_registry_over(const fc_registry *r, const char *today)
{
    return strcmp(today, r->expires) > 0;
}

static int same_pack(const fc_archive *a, const json_t *entry)
{
    return strcmp(a->hash, text_of(entry, "hash")) == 0 && strcmp(a->index->id, text_of(entry, "id")) == 0 &&
           strcmp(a->index->version, text_of(entry, "version")) == 0 &&
           a->index->seq == json_integer_value(json_object_get(entry, "seq"));
}

int fc_registry_fetch(const fc_registry *r, const json_t *entry, fc_archive **out, fc_err *err)
{
    fc_buf data = {0}, at = {0};
    const char *file = text_of(entry, "file");
    *out = NULL;
    fc_fetch_join(r->place, file, &at);
    int rc = fc_fetch(at.data, FC_PACK_ARCHIVE_BYTES, &data, err);
    if (!rc) rc = fc_archive_open(&data, at.data, out, err);
    if (!rc && !same_pack(*out, entry)) {
        fc_archive_free(*out);
        *out = NULL;
        rc = fc_fail(err, FC_EDENIED, "%s: 不是索引所说的那个包：服务器上的文件被换过",
                     "%s: is not the pack that the index names: the file was exchanged", at.data);
    }
    fc_buf_free(&data);
    fc_buf_free(&at);
    return rc;
}

int fc_registry_sign(const json_t *body, const fc_sign_secret *key, fc_buf *text, fc_buf *signature,
                     fc_err *err)
{
    fc_buf comment = {0};
    char *dumped = json_dumps(body, JSON_INDENT(1) | JSON_SORT_KEYS);
    fc_buf_addf(text, "%s\n", dumped);
    free(dumped);
    comment_of(body, &comment);
    int rc = fc_sign(key, text->data, text->len, comment.data, signature, err);
    fc_buf_free(&comment);
    return rc;
}

/* ---- mirror */

static int is_there(const char *path, const json_t *entry)
{
    fc_archive *a;
    if (fc_archive_read(path, &a, NULL)) return 0;
    int same = same_pack(a, entry);
    fc_archive_free(a);
    return same;
}

static int make_parent(const char *path, fc_err *err)
{
    char dir[PATH_MAX];
    snprintf(dir, sizeof dir, "%s", path);
    *strrchr(dir, '/') = 0;
    return *dir ? fc_make_dirs(dir, 0755, err) : FC_OK;
}

static int mirror_one(const fc_registry *r, const json_t *entry, const char *to, int *copied, int *kept,
                      fc_err *err)
{
    fc_archive *a;
    fc_buf path = {0};
    fc_fetch_join(to, text_of(entry, "file"), &path);
    int rc = FC_OK;
    if (is_there(path.data, entry)) {
        ++*kept;
    } else {
        rc = fc_registry_fetch(r, entry, &a, err);
        if (!rc) rc = make_parent(path.data, err);
        if (!rc) rc = fc_write_file(path.data, a->data.data, a->data.len, 0644, err);
        if (!rc) ++*copied;
        if (a) fc_archive_free(a);
    }
    fc_buf_free(&path);
    return rc;
}

static int write_part(const char *to, const char *name, const fc_buf *b, fc_err *err)
{
    fc_buf path = {0};
    fc_fetch_join(to, name, &path);
    int rc = fc_write_file(path.data, b->data, b->len, 0644, err);
    fc_buf_free(&path);
    return rc;
}

int fc_registry_mirror(const fc_registry *r, const char *to, int *copied, int *kept, fc_err *err)
{
    size_t i;
    json_t *entry;
    *copied = *kept = 0;
    int rc = fc_make_dirs(to, 0755, err);
    json_array_foreach(r->packs, i, entry) if (!rc) rc = mirror_one(r, entry, to, copied, kept, err);
    if (!rc) rc = write_part(to, INDEX_NAME ".minisig", &r->signature, err);
    if (!rc) rc = write_part(to, INDEX_NAME, &r->text, err);
    return rc ? rc : fc_sync_names(to, err);
}
