/* Reads plugin folders. A folder that cannot be used becomes a problem with its place, never a half source.
 */
#include "plugin/source.h"
#include "plugin/hosts.h"
#include "plugin/problem.h"
#include "plugin/setting_declared.h"
#include "text/semver.h"
#include "plugin/table_prefix.h"
#include "base/buf.h"
#include "lua/vm.h"
#include "text/json.h"
#include "text/nearest.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_FILES 2000

static void problem_of(json_t *problems, const char *plugin, const char *at, const fc_err *err)
{
    fc_problem(problems, plugin, at, err->text[FC_ZH], err->text[FC_EN]);
}

static int wanted(const char *below, const char *name)
{
    size_t n = strlen(name);
    if (strcmp(below, "migrations") == 0) return n > 4 && name[0] != '.' && strcmp(name + n - 4, ".sql") == 0;
    return n > 4 && name[0] != '.' &&
           (strcmp(name + n - 4, ".lua") == 0 || (n > 5 && strcmp(name + n - 5, ".html") == 0));
}

static int skipped(const char *below, const char *name)
{
    /* what authors read, not the host: beginnings for `forecourt new`, annotations for `forecourt doc` */
    if (!*below && (!strcmp(name, "new") || !strcmp(name, "api"))) return 1;
    return name[0] == '.' || !strcmp(name, "assets") || !strcmp(name, "tests") ||
           !strcmp(name, "node_modules") || !strcmp(name, "dev") || !strcmp(name, "data");
}

int fc_source_wants(const char *path)
{
    char below[1024] = "", name[256];
    const char *slash;
    for (const char *p = path; (slash = strchr(p, '/')); p = slash + 1) {
        snprintf(name, sizeof name, "%.*s", (int)(slash - p), p);
        if (skipped(below, name)) return 0;
        snprintf(below, sizeof below, "%.*s", (int)(slash - path), path);
    }
    const char *last = *below ? path + strlen(below) + 1 : path;
    return !skipped(below, last) && wanted(below, last);
}

static void read_text(const char *path, const char *relative, const char *label, json_t *files,
                      json_t *problems, int *bad)
{
    fc_buf b = {0};
    fc_err err;
    char at[2048];
    snprintf(at, sizeof at, "%s/%s", label, relative);
    if (fc_read_file(path, FC_SOURCE_TEXT, &b, &err)) {
        problem_of(problems, label, at, &err);
        *bad = 1;
    } else {
        json_t *text = json_stringn(fc_buf_str(&b), b.len);
        if (text) {
            json_object_set_new(files, relative, text);
        } else {
            fc_problem(problems, label, at, "不是 UTF-8 文字：请以 UTF-8 保存",
                       "is not UTF-8 text: save it as UTF-8");
            *bad = 1;
        }
    }
    fc_buf_free(&b);
}

static void read_folder(const char *dir, const char *below, const char *label, int depth, json_t *files,
                        json_t *problems, int *bad)
{
    char path[4096];
    struct dirent **list;
    snprintf(path, sizeof path, "%s/%s", dir, below);
    int n = scandir(path, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char relative[1024], full[8192];
        struct stat st;
        const char *name = list[i]->d_name;
        snprintf(relative, sizeof relative, "%s%s%s", below, *below ? "/" : "", name);
        snprintf(full, sizeof full, "%s/%s", dir, relative);
        if (!skipped(below, name) && stat(full, &st) == 0 && json_object_size(files) < MAX_FILES) {
            if (S_ISDIR(st.st_mode) && depth < 4)
                read_folder(dir, relative, label, depth + 1, files, problems, bad);
            else if (S_ISREG(st.st_mode) && wanted(below, name))
                read_text(full, relative, label, files, problems, bad);
        }
        free(list[i]);
    }
    if (n >= 0) free(list);
}

static const char *near_key(const char *key, const char *const *known)
{
    fc_guess g;
    fc_guess_begin(&g, key, strlen(key));
    for (; *known; known++)
        fc_guess_offer(&g, *known);
    return g.best;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void unknown_key(const char *key, const char *near, const json_t *files, const char *label,
                        json_t *problems)
{
    char zh[256], en[256], place[600];
    fc_manifest_place(files, label, key, place, sizeof place);
    snprintf(zh, sizeof zh, "清单里有不认识的键 '%.60s'%s%s%s", key, near ? "（是不是 '" : "",
             near ? near : "", near ? "'？）" : "");
    snprintf(en, sizeof en, "unknown key '%.60s' in the manifest%s%s%s", key, near ? " (did you mean '" : "",
             near ? near : "", near ? "'?)" : "");
    fc_problem(problems, label, place, zh, en);
}

/* By name, so that what is wrong is told in the same order each time. */
static int unknown_keys(const json_t *m, const json_t *files, const char *label, json_t *problems)
{
    static const char *const known[] = {"id",      "version", "title",  "about",    "uses",          "needs",
                                        "opens",   "point",   "tables", "settings", "requires_host", "hosts",
                                        "secrets", NULL};
    const char *key, **keys = fc_alloc((json_object_size(m) + 1) * sizeof *keys);
    json_t *v;
    size_t n = 0;
    int bad = 0;
    json_object_foreach((json_t *)m, key, v) keys[n++] = key;
    qsort(keys, n, sizeof *keys, by_name);
    for (size_t i = 0; i < n; i++) {
        int ok = 0;
        for (const char *const *k = known; *k; k++)
            ok |= strcmp(*k, keys[i]) == 0;
        if (ok) continue;
        unknown_key(keys[i], near_key(keys[i], known), files, label, problems);
        bad = 1;
    }
    free(keys);
    return bad;
}

static int manifest_keys(const json_t *m, const json_t *files, const char *label, json_t *problems)
{
    int bad = unknown_keys(m, files, label, problems);
    char at[512];
    snprintf(at, sizeof at, "%s/plugin.lua", label);
    const char *id = json_string_value(json_object_get(m, "id")),
               *version = json_string_value(json_object_get(m, "version"));
    if (!id || !*id || strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(id) || strlen(id) > 60) {
        fc_problem(problems, label, at, "清单缺少 id（小写字母、数字和 -）",
                   "the manifest has no id (lower-case letters, digits and -)");
        bad = 1;
    }
    if (!version || !*version) {
        fc_problem(problems, label, at, "清单缺少 version（如 \"1.0.0\"）",
                   "the manifest has no version (like \"1.0.0\")");
        bad = 1;
    }
    return bad;
}

/* A version and what others ask of it are compared, so both are held to one form. */
static int manifest_versions(const json_t *m, const json_t *files, const char *label, json_t *problems)
{
    char at[512], zh[FC_ERR_TEXT + 200], en[FC_ERR_TEXT + 200];
    const char *name, *version = json_string_value(json_object_get(m, "version"));
    json_t *range;
    fc_semver v;
    fc_err err;
    int bad = 0;
    fc_manifest_place(files, label, "version", at, sizeof at);
    if (version && *version && fc_semver_parse(version, &v, &err)) {
        fc_problem(problems, label, at, err.text[FC_ZH], err.text[FC_EN]);
        bad = 1;
    }
    json_object_foreach(json_object_get(m, "needs"), name, range)
    {
        const char *text = json_string_value(range);
        if (text && fc_semver_range(text, &err) == FC_OK) continue;
        if (!text)
            fc_fail(&err, FC_EINVAL, "应写成 { 插件 = \"版本范围\" }，如 \">=1.0\"",
                    "is written { plugin = \"range\" }, like \">=1.0\"");
        fc_manifest_place(files, label, name, at, sizeof at);
        snprintf(zh, sizeof zh, "needs.%.60s：%s", name, err.text[FC_ZH]);
        snprintf(en, sizeof en, "needs.%.60s: %s", name, err.text[FC_EN]);
        fc_problem(problems, label, at, zh, en);
        bad = 1;
    }
    return bad;
}

static int list_shapes(const json_t *m, const json_t *files, const char *label, json_t *problems)
{
    static const char *const lists[] = {"uses", "tables", NULL}, *const objects[] = {"needs", "opens",
                                                                                     "settings", NULL};
    char at[600], zh[256], en[256];
    int bad = 0;
    for (int i = 0; lists[i]; i++) {
        json_t *v = json_object_get(m, lists[i]);
        if (!v || json_is_array(v) || (json_is_object(v) && json_object_size(v) == 0)) continue;
        fc_manifest_place(files, label, lists[i], at, sizeof at);
        snprintf(zh, sizeof zh, "%s 应是列表，例如 %s", lists[i], i ? "{ \"x_\" }" : "{ \"host.db\" }");
        snprintf(en, sizeof en, "%s should be a list, like %s", lists[i],
                 i ? "{ \"x_\" }" : "{ \"host.db\" }");
        fc_problem(problems, label, at, zh, en);
        bad = 1;
    }
    for (int i = 0; objects[i]; i++) {
        json_t *v = json_object_get(m, objects[i]);
        if (!v || json_is_object(v)) continue;
        fc_manifest_place(files, label, objects[i], at, sizeof at);
        snprintf(zh, sizeof zh, "%s 应写成 { 名称 = 值 }", objects[i]);
        snprintf(en, sizeof en, "%s should be written { name = value }", objects[i]);
        fc_problem(problems, label, at, zh, en);
        bad = 1;
    }
    return bad;
}

static fc_source *make(const char *dir, const char *label, const char *origin, json_t *files,
                       json_t *problems)
{
    fc_fault fault;
    json_t *manifest = NULL;
    char chunk[512];
    size_t n;
    fc_source *s = fc_alloc(sizeof *s);
    s->refs = 1;
    s->dir = fc_strdup(dir);
    s->label = fc_strdup(label);
    s->origin = fc_strdup(origin);
    s->files = json_incref(files);
    const char *text = fc_source_file(s, "plugin.lua", &n);
    snprintf(chunk, sizeof chunk, "%s/plugin.lua", label);
    if (!text) {
        fc_problem(problems, label, chunk, "文件夹里没有 plugin.lua", "the folder has no plugin.lua");
    } else if (fc_lua_data(text, n, chunk, &manifest, &fault)) {
        fc_problem(problems, label, fault.place, fault.zh, fault.en);
    } else if (manifest_keys(manifest, files, label, problems) +
                   list_shapes(manifest, files, label, problems) +
                   manifest_versions(manifest, files, label, problems) +
                   fc_tables_manifest(manifest, label, problems) +
                   fc_hosts_manifest(manifest, files, label, problems) +
                   fc_settings_manifest(manifest, label, problems) ==
               0) {
        s->manifest = manifest;
        s->id = fc_strdup(json_string_value(json_object_get(manifest, "id")));
        fc_json_hash(files, s->hash);
        return s;
    }
    json_decref(manifest);
    fc_source_unref(s);
    return NULL;
}

/* A site's scripts folder needs no manifest: it is the plugin "site-scripts". */
static void default_manifest(json_t *files, const char *label)
{
    size_t n = strlen(label);
    if (json_object_get(files, "plugin.lua") || n < 7 || strcmp(label + n - 7, "scripts") != 0) return;
    json_object_set_new(files, "plugin.lua",
                        json_string("return { id = \"site-scripts\", version = \"1.0.0\", point = "
                                    "\"scripts\", uses = { \"host.db\", \"host.csv\", "
                                    "\"host.file\", \"host.progress\", \"host.rules\" } }"));
}

fc_source *fc_source_read(const char *dir, const char *label, const char *origin, json_t *problems)
{
    json_t *files = json_object();
    int bad = 0;
    read_folder(dir, "", label, 0, files, problems, &bad);
    if (json_object_size(files)) default_manifest(files, label);
    fc_source *s = bad ? NULL : make(dir, label, origin, files, problems);
    json_decref(files);
    return s;
}

fc_source *fc_source_load(const char *text, size_t n, json_t *problems)
{
    json_t *v = NULL;
    fc_err err;
    if (fc_json_parse(text, n, 64u << 20, &v, &err)) return NULL;
    const char *dir = json_string_value(json_object_get(v, "dir")),
               *label = json_string_value(json_object_get(v, "label"));
    const char *origin = json_string_value(json_object_get(v, "origin"));
    fc_source *s =
        dir && label && origin ? make(dir, label, origin, json_object_get(v, "files"), problems) : NULL;
    json_decref(v);
    return s;
}

char *fc_source_dump(const fc_source *s)
{
    fc_buf b = {0};
    json_t *v = json_pack("{s:s, s:s, s:s, s:O}", "dir", s->dir, "label", s->label, "origin", s->origin,
                          "files", s->files);
    fc_json_canonical(v, &b);
    json_decref(v);
    return b.data;
}

fc_source *fc_source_ref(fc_source *s)
{
    s->refs++;
    return s;
}

void fc_source_unref(fc_source *s)
{
    if (!s || --s->refs > 0) return;
    free(s->id);
    free(s->dir);
    free(s->label);
    free(s->origin);
    json_decref(s->files);
    json_decref(s->manifest);
    json_decref(s->tables);
    free(s);
}

const char *fc_source_file(const fc_source *s, const char *path, size_t *n)
{
    json_t *text = json_object_get(s->files, path);
    if (!text) return NULL;
    *n = json_string_length(text);
    return json_string_value(text);
}

const char *fc_source_version(const fc_source *s)
{
    return json_string_value(json_object_get(s->manifest, "version"));
}

int fc_source_needs(const fc_source *s, const char *plugin)
{
    return json_object_get(json_object_get(s->manifest, "needs"), plugin) != NULL;
}

int fc_source_uses(const fc_source *s, const char *module)
{
    size_t i;
    json_t *v;
    json_array_foreach(json_object_get(s->manifest, "uses"), i,
                       v) if (json_is_string(v) && strcmp(json_string_value(v), module) == 0) return 1;
    return 0;
}
