/* Packs that wait for a person, and packs that go. */
#include "plugin/pack_install_internal.h"
#include "base/buf.h"
#include "base/clock.h"
#include "pack/lock.h"
#include "plugin/pack_asks.h"

json_t *fc_install_staged(const fc_install *in)
{
    json_t *out = json_array(), *entry;
    const char *id;
    json_object_foreach(in->lock, id, entry)
    {
        json_t *staged = json_object_get(entry, "staged");
        const char *before = json_string_value(json_object_get(entry, "version"));
        if (!staged) continue;
        json_t *asks = json_object_get(staged, "asks");
        json_array_append_new(out, json_pack("{s:s, s:O, s:s*, s:O, s:O, s:o}", "id", id, "version",
                                             json_object_get(staged, "version"), "before", before, "key",
                                             json_object_get(staged, "key"), "asks", asks, "more",
                                             fc_asks_more(asks, json_object_get(entry, "asks"))));
    }
    return out;
}

static void note_answer(fc_install *in, const char *what, const char *id, const json_t *entry, const char *by)
{
    const json_t *staged = json_object_get(entry, "staged");
    fc_install_note(in, what, by, id, staged, json_string_value(json_object_get(entry, "version")),
                    fc_asks_more(json_object_get(staged, "asks"), json_object_get(entry, "asks")));
}

static void put_in_force(fc_install *in, const char *id, json_t *entry, const char *by)
{
    json_t *staged = json_incref(json_object_get(entry, "staged"));
    json_t *folder = json_object_get(entry, "folder");
    json_object_del(staged, "before");
    if (folder) json_object_set(staged, "before", folder);
    json_object_set_new(staged, "by", json_string(by));
    json_object_set_new(staged, "at", json_integer((json_int_t)fc_now()));
    note_answer(in, "pack.accept", id, entry, by);
    json_object_set_new(in->lock, id, staged);
}

static void note_seen(fc_install *in, const char *id, const json_t *entry)
{
    if (*json_string_value(json_object_get(entry, "key")))
        fc_seen_note_pack(in->seen, id, json_integer_value(json_object_get(entry, "seq")),
                          json_string_value(json_object_get(entry, "hash")));
}

/* It may have waited for long: the folder and what stands around it are looked at as if it came today. */
static int try_staged(fc_install *in, fc_err *err)
{
    const char *id;
    json_t *entry;
    int rc = FC_OK;
    json_object_foreach(in->lock, id, entry)
    {
        const json_t *staged = json_object_get(entry, "staged");
        fc_pack_item item = {0};
        if (!staged || rc) continue;
        rc = fc_install_check_folder(in, id, staged, &item.source, err);
        if (rc) continue;
        item.from = fc_strdup(id);
        in->items = fc_realloc(in->items, (in->n + 1) * sizeof *in->items);
        in->items[in->n++] = item;
    }
    return rc ? rc : fc_install_try(in, err);
}

int fc_install_accept(fc_install *in, const char *by, fc_err *err)
{
    const char *id;
    json_t *entry, *all = json_copy(in->lock);
    int rc = try_staged(in, err);
    json_object_foreach(all, id, entry)
    {
        if (rc || !json_object_get(entry, "staged")) continue;
        put_in_force(in, id, entry, by);
        note_seen(in, id, json_object_get(in->lock, id));
    }
    json_decref(all);
    if (!rc) rc = fc_seen_write(in->site, in->seen, err);
    return rc ? rc : fc_install_write(in, err);
}

int fc_install_refuse(fc_install *in, const char *by, fc_err *err)
{
    const char *id;
    json_t *entry, *all = json_copy(in->lock);
    json_object_foreach(all, id, entry)
    {
        if (!json_object_get(entry, "staged")) continue;
        note_answer(in, "pack.refuse", id, entry, by);
        json_object_del(entry, "staged");
        if (json_object_size(entry) == 0) json_object_del(in->lock, id);
    }
    json_decref(all);
    return fc_install_write(in, err);
}

int fc_install_remove(fc_install *in, const char *id, const char *by, fc_err *err)
{
    fc_buf users = {0};
    if (!json_object_get(in->lock, id))
        return fc_fail(err, FC_ENOTFOUND, "没有安装 %.60s（forecourt pack list 列出已安装的）",
                       "%.60s is not installed (forecourt pack list shows what is)", id);
    for (fc_source **s = in->present; *s; s++)
        if (fc_source_needs(*s, id)) fc_buf_addf(&users, "%s%s", users.len ? ", " : "", (*s)->id);
    int rc = users.len ? fc_fail(err, FC_ECONFLICT, "%s 还需要 %s：请先移除它们",
                                 "%s still need %s: remove them first", users.data, id)
                       : FC_OK;
    fc_buf_free(&users);
    if (rc) return rc;
    fc_install_note(in, "pack.remove", by, id, json_object_get(in->lock, id), NULL, NULL);
    json_object_del(in->lock, id);
    return fc_install_write(in, err);
}
