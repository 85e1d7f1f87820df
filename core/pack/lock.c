#include "pack/lock.h"
#include "base/buf.h"
#include "base/owner.h"
#include "pack/acts.h"
#include "pack/site_file.h"
#include "pack/name.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LOCK "packs.lock"
#define SEEN "packs.seen"

static int is_folder_name(const char *name)
{
    return name && *name && *name != '.' && !strchr(name, '/');
}

static int entry_ok(const char *id, const json_t *e)
{
    static const char *const texts[] = {"version", "hash", "key", "source", NULL};
    for (const char *const *k = texts; *k; k++)
        if (!json_is_string(json_object_get(e, *k))) return 0;
    return fc_pack_id_ok(id) && json_is_integer(json_object_get(e, "seq")) &&
           json_is_array(json_object_get(e, "asks")) &&
           is_folder_name(json_string_value(json_object_get(e, "folder")));
}

int fc_lock_read(const char *site, json_t **out, json_t **acts, fc_err *err)
{
    json_t *whole, *entry;
    const char *id;
    *out = NULL;
    if (acts) *acts = NULL;
    int rc = fc_site_file_read(site, LOCK, &whole, err);
    if (rc) return rc;
    json_t *packs = json_object_get(whole, "packs");
    int ok = !packs || json_is_object(packs);
    json_object_foreach(packs, id, entry)
    {
        json_t *staged = json_object_get(entry, "staged");
        ok &= (entry_ok(id, entry) || (staged && !json_object_get(entry, "folder"))) &&
              (!staged || entry_ok(id, staged));
    }
    if (ok) *out = packs ? json_incref(packs) : json_object();
    if (ok && acts) *acts = fc_acts_of(whole);
    json_decref(whole);
    return ok ? FC_OK
              : fc_fail(err, FC_EINVAL, LOCK ": 内容不对：请从备份恢复它，或删除后重新安装插件包",
                        LOCK ": its content is wrong: put it back from a backup, or delete it and install "
                             "the packs again");
}

int fc_lock_write(const char *site, const json_t *packs, const json_t *acts, fc_err *err)
{
    json_t *whole = json_pack("{s:O, s:O}", "packs", packs, "acts", acts);
    int rc = fc_site_file_write(site, LOCK, whole, err);
    json_decref(whole);
    return rc;
}

void fc_lock_nudge(const char *site)
{
    char path[PATH_MAX];
    static const char text[] =
        "forecourt pack writes this after a change, so that a running server looks again.\n";
    snprintf(path, sizeof path, "%s/packs/changed", site);
    fc_packs_owner(site);
    fc_write_file(path, text, sizeof text - 1, 0644, NULL);
    fc_owner_end();
}

static int open_lock(const char *site, char *path, size_t cap, int *fd, fc_err *err)
{
    snprintf(path, cap, "%s/packs", site);
    int rc = fc_make_dirs(path, 0755, err);
    if (rc) return rc;
    snprintf(path, cap, "%s/packs/.lock", site);
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd >= 0) return FC_OK;
    return fc_fail(err, FC_EIO, "%s: 无法写入：%s", "%s: cannot be written: %s", path, strerror(errno));
}

int fc_lock_take(const char *site, int *fd, fc_err *err)
{
    char path[PATH_MAX];
    fc_packs_owner(site);
    int rc = open_lock(site, path, sizeof path, fd, err);
    fc_owner_end();
    if (rc) return rc;
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0) return FC_OK;
    close(*fd);
    *fd = -1;
    return fc_fail(err, FC_EBUSY, "另一个 forecourt pack 正在更改这个站点的插件包：请稍后再试",
                   "another forecourt pack is changing the packs of this site: try again in a moment");
}

int fc_seen_read(const char *site, json_t **out, fc_err *err)
{
    int rc = fc_site_file_read(site, SEEN, out, err);
    if (rc) return rc;
    if (!json_is_object(json_object_get(*out, "packs"))) json_object_set_new(*out, "packs", json_object());
    if (!json_is_object(json_object_get(*out, "indexes")))
        json_object_set_new(*out, "indexes", json_object());
    return FC_OK;
}

int fc_seen_write(const char *site, const json_t *seen, fc_err *err)
{
    return fc_site_file_write(site, SEEN, seen, err);
}

int fc_seen_pack(const json_t *seen, const char *id, int64_t seq, const char *hash, fc_err *err)
{
    const json_t *e = json_object_get(json_object_get(seen, "packs"), id);
    int64_t had = json_integer_value(json_object_get(e, "seq"));
    const char *same = json_string_value(json_object_get(e, "hash"));
    if (seq < had)
        return fc_fail(err, FC_EDENIED,
                       "%s 的序号 %lld 低于这里见过的 %lld：旧版本不能装回来，请向发布者要更新的版本",
                       "%s has the sequence %lld, and %lld was seen here: an older one does not come back, "
                       "ask the publisher "
                       "for a newer one",
                       id, (long long)seq, (long long)had);
    if (seq == had && same && strcmp(same, hash) != 0)
        return fc_fail(err, FC_EDENIED, "%s 的序号 %lld 已见过，但内容不同：每次发布都要有新的版本或序号",
                       "%s with the sequence %lld was seen here with other content: every release needs a "
                       "new version or "
                       "sequence",
                       id, (long long)seq);
    return FC_OK;
}

void fc_seen_note_pack(json_t *seen, const char *id, int64_t seq, const char *hash)
{
    json_object_set_new(json_object_get(seen, "packs"), id,
                        json_pack("{s:I, s:s}", "seq", (json_int_t)seq, "hash", hash));
}

static void index_key(const char *key, const char *name, char *out, size_t cap)
{
    snprintf(out, cap, "%s/%s", key, name);
}

int fc_seen_index(const json_t *seen, const char *key, const char *name, int64_t number, fc_err *err)
{
    char at[120];
    index_key(key, name, at, sizeof at);
    int64_t had = json_integer_value(json_object_get(json_object_get(seen, "indexes"), at));
    if (number >= had) return FC_OK;
    return fc_fail(
        err, FC_EDENIED, "索引 %s 的编号 %lld 低于这里见过的 %lld：这是旧的副本，请更新它",
        "the index %s has the number %lld, and %lld was seen here: this is an old copy, bring it up to date",
        name, (long long)number, (long long)had);
}

void fc_seen_note_index(json_t *seen, const char *key, const char *name, int64_t number)
{
    char at[120];
    index_key(key, name, at, sizeof at);
    json_object_set_new(json_object_get(seen, "indexes"), at, json_integer(number));
}
