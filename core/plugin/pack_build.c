/* Files are read in the order in which scandir gives them and sorted by INDEX: nothing of the builder's
 * machine is in the result. */
#include "plugin/pack_build.h"
#include "text/json.h"
#include "text/semver.h"
#include "text/utf8.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct body {
    char *path, *text;
    size_t n;
} body;

typedef struct gather {
    const char *dir;
    body *list;
    size_t n, cap;
    int64_t total;
} gather;

static int ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), k = strlen(end);
    return n >= k && strcmp(name + n - k, end) == 0;
}

static int left_out(const char *name, int is_dir)
{
    if (*name == '.' || ends_with(name, "~") || ends_with(name, ".swp") || ends_with(name, ".tmp")) return 1;
    return is_dir && (!strcmp(name, "node_modules") || !strcmp(name, "dev") || !strcmp(name, "data"));
}

static int add_file(gather *g, const char *full, const char *path, fc_err *err)
{
    fc_buf b = {0};
    int rc = fc_pack_path_check(path, strlen(path), err);
    if (!rc && g->n >= FC_PACK_FILES)
        rc = fc_fail(err, FC_ELIMIT, "文件太多：一个包最多 %d 个", "too many files: a pack may have %d",
                     FC_PACK_FILES);
    if (!rc) rc = fc_read_file(full, FC_PACK_FILE_BYTES, &b, err);
    g->total += (int64_t)b.len;
    if (!rc && g->total > FC_PACK_BYTES)
        rc = fc_fail(err, FC_ELIMIT, "内容超过 64 MiB", "the content is larger than 64 MiB");
    if (rc) {
        fc_buf_free(&b);
        return rc;
    }
    if (g->n == g->cap) g->list = fc_realloc(g->list, (g->cap = g->cap ? g->cap * 2 : 32) * sizeof *g->list);
    g->list[g->n++] = (body){fc_strdup(path), b.data, b.len};
    return FC_OK;
}

static int walk(gather *g, const char *below, int depth, fc_err *err);

static int take(gather *g, const char *below, const char *name, int depth, fc_err *err)
{
    char path[1024], full[PATH_MAX];
    struct stat st;
    snprintf(path, sizeof path, "%s%s%s", below, *below ? "/" : "", name);
    snprintf(full, sizeof full, "%s/%s", g->dir, path);
    if (lstat(full, &st) != 0 || left_out(name, S_ISDIR(st.st_mode))) return FC_OK;
    if (S_ISDIR(st.st_mode) && depth < 16) return walk(g, path, depth + 1, err);
    if (S_ISREG(st.st_mode)) return add_file(g, full, path, err);
    return fc_fail(
        err, FC_EINVAL, "%s 不是普通文件（链接、设备或太深的文件夹）：包里只能有普通文件",
        "%s is no plain file (a link, a device, or too deep a folder): a pack holds plain files only", full);
}

static int walk(gather *g, const char *below, int depth, fc_err *err)
{
    char path[PATH_MAX];
    struct dirent **list;
    snprintf(path, sizeof path, "%s/%s", g->dir, below);
    int n = scandir(path, &list, NULL, alphasort), rc = FC_OK;
    if (n < 0) return fc_fail(err, FC_EIO, "%s: 无法读取：%m", "%s: cannot be read: %m", path);
    for (int i = 0; i < n; i++) {
        if (!rc && strcmp(list[i]->d_name, ".") != 0 && strcmp(list[i]->d_name, "..") != 0)
            rc = take(g, below, list[i]->d_name, depth, err);
        free(list[i]);
    }
    free(list);
    return rc;
}

static const body *body_of(const gather *g, const char *path)
{
    for (size_t i = 0; i < g->n; i++)
        if (strcmp(g->list[i].path, path) == 0) return &g->list[i];
    return NULL;
}

static int make_index(const gather *g, const fc_source *s, int64_t seq, fc_pack_index *x, fc_err *err)
{
    const char *version = fc_source_version(s);
    int rc = seq ? FC_OK : fc_pack_seq_of(version, &seq, err);
    if (rc) return rc;
    snprintf(x->id, sizeof x->id, "%s", s->id);
    snprintf(x->version, sizeof x->version, "%s", version);
    x->seq = seq;
    x->files = fc_alloc((g->n + 1) * sizeof *x->files);
    for (x->n = 0; x->n < g->n; x->n++) {
        fc_pack_file *f = &x->files[x->n];
        snprintf(f->path, sizeof f->path, "%s", g->list[x->n].path);
        f->size = (int64_t)g->list[x->n].n;
        fc_hash(g->list[x->n].text ? g->list[x->n].text : "", g->list[x->n].n, f->hash);
    }
    return fc_pack_index_settle(x, err);
}

static int write_archive(const gather *g, const fc_pack_index *x, fc_archive **out, fc_err *err)
{
    fc_buf data = {0};
    const char **bodies = fc_alloc((x->n + 1) * sizeof *bodies);
    for (size_t i = 0; i < x->n; i++)
        bodies[i] = body_of(g, x->files[i].path)->text;
    fc_archive_write(x, bodies, NULL, &data);
    free(bodies);
    return fc_archive_open(&data, x->id, out, err); /* what we write we must be able to read */
}

int fc_pack_problem(const json_t *problems, fc_err *err)
{
    const json_t *p = json_array_get(problems, 0);
    const char *at = json_string_value(json_object_get(p, "at"));
    if (!p) return fc_fail(err, FC_EINVAL, "插件不能用", "the plugin cannot be used");
    return fc_fail(err, FC_EINVAL, "%s: %s%.0s", "%s: %.0s%s", at,
                   json_string_value(json_object_get(p, "zh")), json_string_value(json_object_get(p, "en")));
}

int fc_pack_build(const char *dir, int64_t seq, fc_archive **out, fc_err *err)
{
    gather g = {.dir = dir};
    fc_pack_index x = {0};
    json_t *problems = json_array();
    fc_source *s = fc_source_read(dir, dir, "pack", problems);
    *out = NULL;
    int rc = s ? walk(&g, "", 0, err) : fc_pack_problem(problems, err);
    if (!rc) rc = make_index(&g, s, seq, &x, err);
    if (!rc) rc = write_archive(&g, &x, out, err);
    for (size_t i = 0; i < g.n; i++)
        free(g.list[i].path), free(g.list[i].text);
    free(g.list);
    free(x.files);
    fc_source_unref(s);
    json_decref(problems);
    return rc;
}

/* ---- the other way */

#define SOURCES (16ll << 20)

/* What no folder could hold, or no store: before anything is made of it. Assets are no source. */
static int check_texts(const fc_archive *a, fc_err *err)
{
    int64_t total = 0;
    for (size_t i = 0; i < a->index->n; i++) {
        const fc_pack_file *f = &a->index->files[i];
        if (!fc_source_wants(f->path)) continue;
        if (f->size > FC_SOURCE_TEXT)
            return fc_fail(err, FC_ELIMIT, "%s: 超过 %u 字节的上限", "%s: larger than the limit of %u bytes",
                           f->path, FC_SOURCE_TEXT);
        if (fc_utf8_check(a->bodies[i], (size_t)f->size) != (size_t)f->size)
            return fc_fail(err, FC_EINVAL, "%s: 不是 UTF-8 文字：请以 UTF-8 保存",
                           "%s: is not UTF-8 text: save it as UTF-8", f->path);
        total += f->size;
    }
    if (total <= SOURCES) return FC_OK;
    return fc_fail(err, FC_ELIMIT, "源代码共 %lld 字节：最多 16 MiB",
                   "its sources have %lld bytes: they may have 16 MiB", (long long)total);
}

static char *as_source(const fc_archive *a)
{
    json_t *files = json_object();
    fc_buf text = {0};
    char label[100];
    for (size_t i = 0; i < a->index->n; i++)
        if (fc_source_wants(a->index->files[i].path))
            json_object_set_new(files, a->index->files[i].path,
                                json_stringn(a->bodies[i], (size_t)a->index->files[i].size));
    snprintf(label, sizeof label, "packs/%s", a->index->id);
    json_t *v =
        json_pack("{s:s, s:s, s:s, s:o}", "dir", "", "label", label, "origin", "pack", "files", files);
    fc_json_canonical(v, &text);
    json_decref(v);
    return text.data;
}

static int check_manifest(const fc_source *s, const fc_archive *a, fc_err *err)
{
    fc_semver host;
    const char *range = json_string_value(json_object_get(s->manifest, "requires_host"));
    if (strcmp(s->id, a->index->id) != 0 || strcmp(fc_source_version(s), a->index->version) != 0)
        return fc_fail(err, FC_EDENIED, "plugin.lua 是 %s %s，INDEX 却说是 %s %s",
                       "plugin.lua is %s %s, and INDEX says %s %s", s->id, fc_source_version(s), a->index->id,
                       a->index->version);
    if (!range) return FC_OK;
    int rc = fc_semver_range(range, err);
    if (rc) return rc;
    if (!fc_semver_parse(FORECOURT_VERSION, &host, err) && fc_semver_satisfies(&host, range)) return FC_OK;
    return fc_fail(err, FC_EVERSION, "%s 需要 forecourt %s，这里是 %s：请先升级，或安装它较早的版本",
                   "%s needs forecourt %s, and this is %s: update first, or install an earlier version of it",
                   s->id, range, FORECOURT_VERSION);
}

int fc_pack_source(const fc_archive *a, fc_source **out, fc_err *err)
{
    *out = NULL;
    int rc = check_texts(a, err);
    if (rc) return rc;
    json_t *problems = json_array();
    char *text = as_source(a);
    fc_source *s = fc_source_load(text, strlen(text), problems);
    free(text);
    rc = s ? check_manifest(s, a, err) : fc_pack_problem(problems, err);
    json_decref(problems);
    if (rc) fc_source_unref(s), s = NULL;
    *out = s;
    return rc;
}
