/* Nothing is written before fc_install_commit. There: folders aside, then what was seen, then the lock. A
 * death before the lock's rename leaves the old set, after it the new one; what else is left is swept by the
 * next run. */
#include "plugin/pack_install_internal.h"
#include "base/buf.h"
#include "base/clock.h"
#include "lua/vm.h"
#include "pack/fetch.h"
#include "pack/lock.h"
#include "pack/resolve.h"
#include "pack/trust.h"
#include "pack/unpack.h"
#include "plugin/pack_installed.h"
#include "plugin/site.h"
#include "text/semver.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_files(fc_install *in, fc_err *err)
{
    int rc = fc_lock_read(in->site, &in->lock, &in->acts, err);
    if (!rc) rc = fc_trust_read(in->site, &in->trust, err);
    return rc ? rc : fc_seen_read(in->site, &in->seen, err);
}

static void look_around(fc_install *in, const json_t *config)
{
    json_t *ignored = json_array();
    char *share = fc_share_dir();
    in->present = fc_sources_scan(share, in->site, json_object_get(config, "packs"), ignored);
    for (fc_source **s = in->present; *s; s++) {
        json_t *title = json_object_get((*s)->manifest, "title");
        if (title) json_object_set(in->names, (*s)->id, title);
    }
    free(share);
    json_decref(ignored);
}

int fc_install_open(const char *dir, int dev, fc_install **out, fc_err *err)
{
    char real[PATH_MAX];
    json_t *config = NULL;
    fc_install *in = fc_alloc(sizeof *in);
    *in = (fc_install){
        .dev = dev, .fd = -1, .lua = fc_lua_version(), .asked = json_object(), .names = json_object()};
    in->site = fc_strdup(realpath(dir, real) ? real : dir);
    int rc = fc_site_config(in->site, &config, err);
    if (!rc) rc = fc_lock_take(in->site, &in->fd, err);
    if (!rc) rc = read_files(in, err);
    if (!rc) look_around(in, config);
    in->still = json_is_false(json_object_get(config, "watch"));
    json_decref(config);
    if (rc) fc_install_close(in);
    *out = rc ? NULL : in;
    return rc;
}

void fc_install_close(fc_install *in)
{
    if (!in) return;
    for (size_t i = 0; i < in->n; i++) {
        fc_archive_free(in->items[i].archive);
        fc_source_unref(in->items[i].source);
        free(in->items[i].from);
        json_decref(in->items[i].asks);
        json_decref(in->items[i].more);
    }
    free(in->items);
    fc_sources_free(in->present);
    fc_registry_free(in->registry);
    json_decref(in->lock);
    json_decref(in->acts);
    json_decref(in->trust);
    json_decref(in->seen);
    json_decref(in->asked);
    json_decref(in->names);
    if (in->fd >= 0) close(in->fd);
    free(in->site);
    free(in);
}

int fc_install_from(fc_install *in, const char *place, fc_err *err)
{
    char day[11];
    fc_day_from_now(0, day);
    int rc = fc_registry_open(place, in->trust, NULL, &in->registry, err);
    if (!rc) rc = fc_seen_index(in->seen, in->registry->key, in->registry->name, in->registry->number, err);
    if (!rc && fc_registry_over(in->registry, day))
        rc = fc_fail(err, FC_EDENIED,
                     "%s: 索引在 %s 已到期，不能从它安装新的包（已安装的照常运行）：请更新它或它的副本",
                     "%s: the index ended on %s, so nothing new is installed from it (what is installed runs "
                     "on): bring it or its "
                     "copy up to date",
                     place, in->registry->expires);
    if (rc) return rc;
    /* also where nothing comes of it: an older copy is known from now on */
    fc_seen_note_index(in->seen, in->registry->key, in->registry->name, in->registry->number);
    return fc_seen_write(in->site, in->seen, err);
}

int fc_install_file(fc_install *in, const char *place, fc_err *err)
{
    fc_buf data = {0};
    fc_archive *a = NULL;
    struct stat st;
    if (stat(place, &st) == 0 && S_ISDIR(st.st_mode))
        return fc_fail(
            err, FC_EINVAL,
            "%s: 文件夹里没有索引（index.json）：请写出 .pack 文件，或由发布者用 forecourt pack index 做索引",
            "%s: the folder has no index (index.json): name the .pack files, or let the publisher make an "
            "index with "
            "forecourt pack index",
            place);
    int rc = fc_fetch(place, FC_PACK_ARCHIVE_BYTES, &data, err);
    if (!rc) rc = fc_archive_open(&data, place, &a, err);
    fc_buf_free(&data);
    if (!rc) rc = fc_install_take(in, a, place, err);
    if (rc) return rc;
    const fc_pack_index *x = in->items[in->n - 1].archive->index;
    json_object_set_new(in->asked, x->id, json_string(x->version));
    return FC_OK;
}

int fc_install_name(fc_install *in, const char *wanted, fc_err *err)
{
    char id[FC_PACK_ID + 1];
    const char *at = strchr(wanted, '@'), *range = at ? at + 1 : "*";
    snprintf(id, sizeof id, "%.*s", at ? (int)(at - wanted) : (int)strlen(wanted), wanted);
    if (!fc_pack_id_ok(id) || strlen(id) != (at ? (size_t)(at - wanted) : strlen(wanted)))
        return fc_fail(err, FC_EINVAL, "'%.80s' 不是包的名字（如 acme-x 或 acme-x@^1.2），也没有这个文件",
                       "'%.80s' is no name of a pack (like acme-x or acme-x@^1.2), and there is no such file",
                       wanted);
    int rc = fc_semver_range(range, err);
    if (!rc) json_object_set_new(in->asked, id, json_string(range));
    return rc;
}

static int is_whole(const fc_install *in, const json_t *entry)
{
    char dir[PATH_MAX];
    snprintf(dir, sizeof dir, "%s/packs/%s", in->site, json_string_value(json_object_get(entry, "folder")));
    return fc_installed_whole(dir, json_string_value(json_object_get(entry, "hash")), NULL) == FC_OK;
}

static int take_locked(fc_install *in, const char *id, const json_t *entry, fc_err *err)
{
    const char *source = json_string_value(json_object_get(entry, "source"));
    int rc = fc_install_file(in, source, err);
    if (rc) return rc;
    const fc_archive *a = in->items[in->n - 1].archive;
    if (strcmp(a->index->id, id) == 0 &&
        strcmp(a->hash, json_string_value(json_object_get(entry, "hash"))) == 0)
        return FC_OK;
    return fc_fail(
        err, FC_EDENIED, "%s: 不是 packs.lock 所记的 %s：那里现在是别的内容，请写明要安装哪个",
        "%s: is not the %s that packs.lock names: something else is there now, say which one to install",
        source, id);
}

int fc_install_locked(fc_install *in, fc_err *err)
{
    const char *id;
    json_t *entry;
    int rc = FC_OK;
    json_object_foreach(in->lock, id, entry)
    {
        if (!rc && json_object_get(entry, "folder") && !is_whole(in, entry))
            rc = take_locked(in, id, entry, err);
    }
    return rc;
}

/* ---- which versions */

static int answered(const fc_install *in, const char *id, const char *range)
{
    fc_semver v;
    const fc_source *s = fc_install_present(in, id);
    return s && fc_semver_parse(fc_source_version(s), &v, NULL) == FC_OK && fc_semver_satisfies(&v, range);
}

/* What a plugin of the site needs and has not got already is not made a condition of installing something
 * else. */
static json_t *needs_met(const fc_install *in, const fc_source *s)
{
    const char *id;
    json_t *range, *out = json_object();
    json_object_foreach(json_object_get(s->manifest, "needs"), id, range)
    {
        const char *text = json_string_value(range);
        if (text && answered(in, id, text)) json_object_set(out, id, range);
    }
    return out;
}

static void add_available(json_t *list, const fc_source *s, json_t *needs, const char *kind, size_t at)
{
    json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:b, s:s, s:I}", "id", s->id, "version",
                                          fc_source_version(s), "needs", needs, "here",
                                          strcmp(kind, "present") == 0, "kind", kind, "at", (json_int_t)at));
}

static json_t *all_available(const fc_install *in, json_t *wanted)
{
    json_t *list = json_array(), *entry;
    size_t i;
    for (fc_source **s = in->present; *s; s++) {
        fc_semver v;
        if (fc_semver_parse(fc_source_version(*s), &v, NULL)) continue;
        add_available(list, *s, needs_met(in, *s), "present", 0);
        if (!json_object_get(wanted, (*s)->id)) json_object_set_new(wanted, (*s)->id, json_string("*"));
    }
    for (i = 0; i < in->n; i++) {
        json_t *needs = json_object_get(in->items[i].source->manifest, "needs");
        add_available(list, in->items[i].source, needs ? json_incref(needs) : json_object(), "item", i);
    }
    json_array_foreach(in->registry ? in->registry->packs : NULL, i, entry)
    {
        json_t *one = json_copy(entry);
        json_object_set_new(one, "kind", json_string("entry"));
        json_object_set_new(one, "at", json_integer((json_int_t)i));
        json_array_append_new(list, one);
    }
    return list;
}

/* Of what was given as a file nothing else comes into question, not even the same version that is there: it
 * may be a repair. */
static void drop_others(const fc_install *in, json_t *list)
{
    for (size_t i = json_array_size(list); i-- > 0;) {
        const json_t *one = json_array_get(list, i);
        if (strcmp(json_string_value(json_object_get(one, "kind")), "item") == 0) continue;
        for (size_t k = 0; k < in->n; k++)
            if (strcmp(json_string_value(json_object_get(one, "id")), in->items[k].source->id) == 0) {
                json_array_remove(list, i);
                break;
            }
    }
}

static int take_entry(fc_install *in, const json_t *chosen, fc_err *err)
{
    fc_archive *a;
    fc_buf from = {0};
    const json_t *entry =
        json_array_get(in->registry->packs, (size_t)json_integer_value(json_object_get(chosen, "at")));
    int rc = fc_registry_fetch(in->registry, entry, &a, err);
    fc_fetch_join(in->registry->place, json_string_value(json_object_get(entry, "file")), &from);
    if (!rc) rc = fc_install_take(in, a, from.data, err);
    fc_buf_free(&from);
    return rc;
}

static int take_chosen(fc_install *in, const json_t *list, const json_t *chosen, fc_err *err)
{
    const char *id;
    json_t *at;
    int rc = FC_OK;
    json_object_foreach((json_t *)chosen, id, at)
    {
        const json_t *one = json_array_get(list, (size_t)json_integer_value(at));
        if (!rc && strcmp(json_string_value(json_object_get(one, "kind")), "entry") == 0)
            rc = take_entry(in, one, err);
    }
    return rc;
}

int fc_install_resolve(fc_install *in, fc_err *err)
{
    json_t *wanted = json_deep_copy(in->asked), *chosen = NULL, *list = all_available(in, wanted);
    drop_others(in, list);
    int rc = fc_resolve(wanted, in->asked, list, &chosen, err);
    if (!rc) rc = take_chosen(in, list, chosen, err);
    if (!rc) rc = fc_install_try(in, err);
    json_decref(wanted);
    json_decref(chosen);
    json_decref(list);
    return rc;
}

int fc_install_widens(const fc_install *in)
{
    for (size_t i = 0; i < in->n; i++)
        if (in->items[i].before && json_array_size(in->items[i].more)) return 1;
    return 0;
}

/* ---- putting in force */

static json_t *entry_of(const fc_install *in, const fc_pack_item *item, const char *folder, const char *by)
{
    const json_t *old = json_object_get(in->lock, item->source->id);
    const char *before = json_string_value(json_object_get(old, "folder"));
    json_t *e = json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:O, s:s, s:I}", "version",
                          item->archive->index->version, "hash", item->archive->hash, "key", item->key, "seq",
                          (json_int_t)item->archive->index->seq, "source", item->from, "folder", folder,
                          "asks", item->asks, "by", by, "at", (json_int_t)fc_now());
    if (before) json_object_set_new(e, "before", json_string(before));
    if (in->dev && !*item->key) json_object_set_new(e, "dev", json_true());
    return e;
}

static int put(fc_install *in, const fc_pack_item *item, int staged, const char *by, fc_err *err)
{
    char folder[FC_PACK_FOLDER];
    const fc_pack_index *x = item->archive->index;
    int rc = fc_pack_unpack(item->archive, in->site, folder, err);
    if (rc) return rc;
    json_t *entry = entry_of(in, item, folder, by), *old = json_object_get(in->lock, x->id);
    rc = fc_install_check_folder(in, x->id, entry, NULL, err);
    if (rc) {
        json_decref(entry);
        return rc;
    }
    fc_install_note(in, staged ? "pack.wait" : "pack.install", by, x->id, entry, item->before,
                    json_incref(item->more));
    if (!staged) {
        json_object_set_new(in->lock, x->id, entry);
    } else {
        if (!old) json_object_set_new(in->lock, x->id, old = json_object());
        json_object_set_new(old, "staged", entry);
    }
    if (*item->key && !staged) fc_seen_note_pack(in->seen, x->id, x->seq, item->archive->hash);
    return FC_OK;
}

int fc_install_commit(fc_install *in, int staged, const char *by, fc_err *err)
{
    int rc = FC_OK;
    for (size_t i = 0; i < in->n && !rc; i++)
        rc = put(in, &in->items[i], staged, by, err);
    if (!rc) rc = fc_seen_write(in->site, in->seen, err);
    if (!rc) return fc_install_write(in, err);
    json_t *as_it_is;
    if (!fc_lock_read(in->site, &as_it_is, NULL, NULL)) { /* what was unpacked is nobody's */
        fc_pack_tidy(in->site, as_it_is);
        json_decref(as_it_is);
    }
    return rc;
}
