/* The folder is believed no more than the archive was: somebody may have written into it since. */
#include "plugin/pack_installed.h"
#include "base/buf.h"
#include "pack/stranger.h"
#include "pack/trust.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int read_part(const char *dir, const char *name, size_t max, fc_buf *out, fc_err *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return fc_read_file(path, max, out, err);
}

static int read_index(const char *dir, const char *hash, fc_archive *a, fc_buf *text, fc_err *err)
{
    int rc = read_part(dir, "INDEX", FC_PACK_INDEX_BYTES, text, err);
    if (!rc) rc = fc_pack_index_parse(fc_buf_str(text), text->len, &a->index, err);
    if (rc) return rc;
    fc_hash(fc_buf_str(text), text->len, a->hash);
    a->index_text = text->data;
    a->index_len = text->len;
    if (strcmp(a->hash, hash) == 0) return FC_OK;
    return fc_fail(err, FC_EDENIED, "INDEX 不是 packs.lock 所记的：请重新安装这个包",
                   "INDEX is not the one that packs.lock names: install the pack again");
}

static int changed(const char *path, fc_err *err)
{
    return fc_fail(
        err, FC_EDENIED,
        "%s 在安装之后被改过：请重新安装这个包；自己的改动请放进站点 plugins/ 里的插件（用 amend）",
        "%s was changed after it was installed: install the pack again, and put changes of your own into a "
        "plugin "
        "in the site's plugins/ (with amend)",
        path);
}

static int check_sources(const fc_source *s, const fc_pack_index *x, fc_err *err)
{
    const char *path;
    json_t *text;
    char hash[FC_HASH_HEX];
    json_object_foreach(s->files, path, text)
    {
        const fc_pack_file *f = fc_pack_index_file(x, path);
        fc_hash(json_string_value(text), json_string_length(text), hash);
        if (!f || strcmp(hash, f->hash) != 0) return changed(path, err);
    }
    return FC_OK;
}

static int check_there(const char *dir, const fc_pack_index *x, fc_err *err)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < x->n; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, x->files[i].path);
        if (access(path, R_OK) != 0)
            return fc_fail(err, FC_ENOTFOUND, "%s 不见了：请重新安装这个包",
                           "%s is gone: install the pack again", x->files[i].path);
    }
    return FC_OK;
}

static int check_signature(fc_archive *a, const char *dir, const json_t *entry, const json_t *trust,
                           const char *lua, fc_buf *text, fc_err *err)
{
    char key[FC_SIGN_ID_HEX];
    if (!*json_string_value(json_object_get(entry, "key")))
        return fc_stranger_runs(lua, json_is_true(json_object_get(entry, "dev")), err);
    int rc = read_part(dir, "INDEX.minisig", 4096, text, err);
    a->signature = fc_buf_str(text);
    a->signature_len = text->len;
    return rc ? rc : fc_trust_verify(trust, a, key, NULL, err);
}

int fc_installed_check(const fc_source *s, const char *dir, const json_t *entry, const json_t *trust,
                       const char *lua, fc_err *err)
{
    fc_archive a = {0};
    fc_buf index = {0}, signature = {0};
    int rc = read_index(dir, json_string_value(json_object_get(entry, "hash")), &a, &index, err);
    if (!rc && strcmp(a.index->id, s->id) != 0)
        rc = fc_fail(err, FC_EDENIED, "里面是另一个插件（%s）", "another plugin is in it (%s)", s->id);
    if (!rc) rc = check_sources(s, a.index, err);
    if (!rc) rc = check_there(dir, a.index, err);
    if (!rc) rc = check_signature(&a, dir, entry, trust, lua, &signature, err);
    fc_pack_index_free(a.index);
    fc_buf_free(&index);
    fc_buf_free(&signature);
    return rc;
}

int fc_installed_whole(const char *dir, const char *hash, fc_err *err)
{
    fc_archive a = {0};
    fc_buf index = {0};
    int rc = read_index(dir, hash, &a, &index, err);
    for (size_t i = 0; !rc && i < a.index->n; i++) {
        const fc_pack_file *f = &a.index->files[i];
        fc_buf body = {0};
        char got[FC_HASH_HEX];
        rc = read_part(dir, f->path, FC_PACK_FILE_BYTES, &body, err);
        fc_hash(fc_buf_str(&body), body.len, got);
        if (!rc && strcmp(got, f->hash) != 0) rc = changed(f->path, err);
        fc_buf_free(&body);
    }
    fc_pack_index_free(a.index);
    fc_buf_free(&index);
    return rc;
}
