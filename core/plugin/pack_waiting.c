/* A lock that cannot be read is a problem of the plugins already (scan.c); here it shows nothing. */
#include "plugin/pack_waiting.h"
#include "pack/lock.h"
#include "plugin/live.h"
#include "plugin/pack_asks.h"

#include <string.h>

static json_t *titles(const fc_live *l)
{
    json_t *names = json_object();
    for (size_t i = 0; i < l->n; i++) {
        json_t *title = json_object_get(l->gens[i]->source->manifest, "title");
        if (title) json_object_set(names, l->gens[i]->source->id, title);
    }
    return names;
}

static void wait_in_row(const fc_dealership *d, json_t *rows, const char *id, const json_t *entry)
{
    size_t i;
    json_t *row;
    const json_t *staged = json_object_get(entry, "staged");
    json_array_foreach(rows, i, row)
    {
        if (!staged || strcmp(json_string_value(json_object_get(row, "id")), id) != 0) continue;
        json_t *names = titles(d->live),
               *more = fc_asks_more(json_object_get(staged, "asks"), json_object_get(entry, "asks"));
        json_object_set_new(row, "waits",
                            json_pack("{s:O, s:o}", "version", json_object_get(staged, "version"), "asks",
                                      fc_asks_words(more, names)));
        json_decref(names);
        json_decref(more);
    }
}

void fc_pack_waiting(const fc_dealership *d, json_t *rows)
{
    json_t *lock, *entry;
    const char *id;
    if (!d->site->dir || fc_lock_read(d->site->dir, &lock, NULL, NULL)) return;
    json_object_foreach(lock, id, entry) wait_in_row(d, rows, id, entry);
    json_decref(lock);
}

void fc_health_packs(const fc_site *s, fc_findings *f)
{
    json_t *lock, *entry;
    const char *id;
    fc_err err;
    if (!s->dir) return;
    if (fc_lock_read(s->dir, &lock, NULL, &err)) {
        fc_find(f, FC_BAD, "packs", "site", "%s%.0s", "%.0s%s", err.text[FC_ZH], err.text[FC_EN]);
        return;
    }
    json_object_foreach(lock, id, entry)
    {
        const char *key = json_string_value(json_object_get(entry, "key"));
        if (key && !*key)
            fc_find(f, FC_WARNING, "packs", id, "没有受信任的签名，只适合试用：请向发布者要签名的包",
                    "has no trusted signature and is fit for trying out only: ask the publisher for the "
                    "signed pack");
        if (json_object_get(entry, "staged"))
            fc_find(f, FC_WARNING, "packs", id, "更新 %s 要求更多权限，等待确认：forecourt pack accept",
                    "the update %s asks for more and waits for a person: forecourt pack accept",
                    json_string_value(json_object_get(json_object_get(entry, "staged"), "version")));
    }
    if (json_object_size(lock))
        fc_find(f, FC_GOOD, "packs", "site", "%zu 个已安装的包", "%zu packs installed",
                json_object_size(lock));
    json_decref(lock);
}
