/* May this archive come into this site? Asked before anything is unpacked. */
#include "plugin/pack_install_internal.h"
#include "base/buf.h"
#include "base/clock.h"
#include "pack/fetch.h"
#include "pack/lock.h"
#include "pack/stranger.h"
#include "pack/trust.h"
#include "plugin/pack_asks.h"
#include "plugin/pack_build.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ASKS 200
#define LONGEST_ASK 200

const fc_source *fc_install_present(const fc_install *in, const char *id)
{
    for (fc_source **s = in->present; *s; s++)
        if (strcmp((*s)->id, id) == 0) return *s;
    return NULL;
}

/* What is there under this id and is no installed pack. A shipped pack gives way. */
static int check_place(const fc_install *in, const char *id, fc_err *err)
{
    const fc_source *s = fc_install_present(in, id);
    if (!s || json_object_get(json_object_get(in->lock, id), "folder")) return FC_OK;
    int copied = strcmp(s->origin, "pack") == 0 && strncmp(s->dir, in->site, strlen(in->site)) == 0;
    if (strcmp(s->origin, "pack") == 0 && !copied) return FC_OK;
    return fc_fail(err, FC_ECONFLICT,
                   "这里已有插件 %s（%s），它不是安装的包：请先移走那个文件夹，或改用别的 id",
                   "there is a plugin %s already (%s), and it is no installed pack: move that folder away, "
                   "or use another id",
                   id, s->dir);
}

/* Not signed, or by a key nobody named here: only where the namespace has no owner, what is in force has no
 * signature either, and the Lua is fit for it. */
static int check_stranger(const fc_install *in, const fc_archive *a, const fc_err *why, fc_err *err)
{
    const char *key = json_string_value(json_object_get(json_object_get(in->lock, a->index->id), "key"));
    int owned = (key && *key) || fc_trust_owned(in->trust, a->index->id);
    return fc_stranger_enters(in->lua, in->dev, owned, a->index->id, why, err);
}

static int check_signature(fc_install *in, const fc_archive *a, char key[FC_SIGN_ID_HEX], fc_err *err)
{
    fc_claims claims = {0};
    fc_signature s;
    fc_sign_public public_key;
    fc_err why;
    char day[11];
    int known =
        fc_archive_signer(a, &s, &why) == FC_OK && fc_trust_key(in->trust, s.id, &public_key, &why) == FC_OK;
    *key = 0;
    if (!known && why.code == FC_EINVAL) return *err = why, why.code;
    if (!known) return check_stranger(in, a, &why, err);
    int rc = fc_trust_verify(in->trust, a, key, &claims, err);
    fc_day_from_now(0, day);
    if (!rc && *claims.expires && strcmp(day, claims.expires) > 0)
        rc = fc_fail(err, FC_EDENIED, "签名在 %s 已到期：请向发布者要新的",
                     "the signature ended on %s: ask the publisher for a new one", claims.expires);
    return rc;
}

/* Somebody who tries out builds the same version again and again: for him the same number is no news. */
static int check_sequence(const fc_install *in, const fc_archive *a, const char *key, fc_err *err)
{
    const json_t *had = json_object_get(json_object_get(in->seen, "packs"), a->index->id);
    int trying = in->dev && !*key && json_integer_value(json_object_get(had, "seq")) == a->index->seq;
    return trying ? FC_OK : fc_seen_pack(in->seen, a->index->id, a->index->seq, a->hash, err);
}

static int check_once(const fc_install *in, const char *id, fc_err *err)
{
    for (size_t i = 0; i < in->n; i++)
        if (strcmp(in->items[i].archive->index->id, id) == 0)
            return fc_fail(err, FC_EINVAL, "%s 给出了两次：%s", "%s was given twice: %s", id,
                           in->items[i].from);
    return FC_OK;
}

/* What nobody can read nobody agrees to. */
static int check_asks(fc_source *s, fc_err *err)
{
    json_t *asks = fc_asks_of(s), *ask;
    size_t i, longest = 0;
    json_array_foreach(asks, i, ask) if (json_string_length(ask) > longest) longest = json_string_length(ask);
    size_t n = json_array_size(asks);
    json_decref(asks);
    if (n <= MOST_ASKS && longest <= LONGEST_ASK) return FC_OK;
    return fc_fail(err, FC_ELIMIT, "要求 %zu 项权限，最长的有 %zu 个字节：最多 %d 项，每项 %d 个字节",
                   "asks for %zu things, the longest of %zu bytes: a pack may ask for %d, of %d bytes each",
                   n, longest, MOST_ASKS, LONGEST_ASK);
}

static void fill(fc_install *in, fc_pack_item *item)
{
    const char *id = item->source->id;
    const json_t *running = json_object_get(in->lock, id);
    if (!json_object_get(running, "folder")) running = NULL;
    item->asks = fc_asks_of(item->source);
    item->more = fc_asks_more(item->asks, json_object_get(running, "asks"));
    item->before = json_string_value(json_object_get(running, "version"));
    json_t *title = json_object_get(item->source->manifest, "title");
    if (title) json_object_set(in->names, id, title);
}

int fc_install_take(fc_install *in, fc_archive *a, const char *from, fc_err *err)
{
    fc_pack_item item = {.archive = a};
    int rc = check_once(in, a->index->id, err);
    if (!rc) rc = check_signature(in, a, item.key, err);
    if (!rc) rc = check_sequence(in, a, item.key, err);
    if (!rc) rc = fc_pack_source(a, &item.source, err);
    if (!rc) rc = check_place(in, a->index->id, err);
    if (!rc) rc = check_asks(item.source, err);
    if (rc) {
        fc_source_unref(item.source);
        fc_archive_free(a);
        return fc_wrap(err, from);
    }
    char real[PATH_MAX];
    item.from = fc_strdup(!fc_fetch_is_url(from) && realpath(from, real) ? real : from);
    fill(in, &item);
    in->items = fc_realloc(in->items, (in->n + 1) * sizeof *in->items);
    in->items[in->n++] = item;
    return FC_OK;
}
