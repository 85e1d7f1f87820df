/* forecourt new KIND NAME --in PLUGIN: one thing more in a plugin that is there. All is looked at first: what
 * is in the way, what the manifest lacks. Then the manifest, where that can be done safely (new_manifest.c),
 * and the files, each complete when it appears and none over another; if one fails, those before it go again
 * and the manifest is what it was. */
#include "lua/vm.h"
#include "verbs/new_in.h"
#include "verbs/new_manifest.h"
#include "verbs/new_pattern.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct adding {
    const char *site, *plugin, *pattern, *name;
    char dir[PATH_MAX];
    fc_buf text, before;      /* of the manifest, to be and as it was */
    json_t *manifest, *lacks; /* what it says, and has not */
    json_t *files, *made;     /* of the pattern; paths in the plugin */
    json_t *by_hand;          /* lines that a person has to add */
    int changed;              /* text is to be written */
} adding;

static int find_plugin(adding *a, fc_err *err)
{
    char path[PATH_MAX];
    fc_new_path(a->dir, a->site ? "%s/plugins/%s" : "%s%s", a->site ? a->site : "", a->plugin);
    fc_new_path(path, "%s/plugin.lua", a->dir);
    if (!(a->site && strchr(a->plugin, '/')) && access(path, F_OK) == 0) return FC_OK;
    return fc_fail(
        err, FC_ENOTFOUND,
        "%s: 这里没有插件。--in 写站点自己的插件（plugins/ 里的名称）；随带的和包里的插件不能改，"
        "请建自己的插件",
        "%s: there is no plugin. --in names a site's own one (in plugins/); what came with the program "
        "or in a pack is not changed, make a plugin of your own",
        a->dir);
}

static int read_data(const char *path, fc_buf *text, json_t **out, fc_err *err)
{
    fc_fault fault;
    int rc = fc_read_file(path, 1 << 20, text, err);
    if (rc || !fc_lua_data(fc_buf_str(text), text->len, path, out, &fault)) return rc;
    fc_fail(err, FC_EINVAL, "%s%.0s", "%.0s%s", fault.zh, fault.en);
    return fc_wrap(err, fault.place[0] ? fault.place : path);
}

/* A pattern whose files would be the plugin's only ones, or whose manifest says more than what it needs, is a
 * plugin's beginning and nothing to add. */
static int can_be_added(const adding *a, const json_t *asked, const char *kind, fc_err *err)
{
    static const char *const known[] = {"id", "version", "title", "needs", "uses"};
    const char *key;
    json_t *v;
    size_t i;
    int good = 1;
    json_array_foreach(a->files, i, v)
    {
        const char *file = json_string_value(v);
        good &= strcmp(file, "plugin.lua") == 0 || strstr(file, "@NAME") != NULL;
    }
    json_object_foreach((json_t *)asked, key, v)
    {
        int one = 0;
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            one |= strcmp(key, known[k]) == 0;
        good &= one;
    }
    if (good) return FC_OK;
    return fc_fail(err, FC_EINVAL, "'%s' 是一整个插件，不能加进别的插件：请去掉 --in",
                   "'%s' is a whole plugin and cannot be added to another: leave --in away", kind);
}

static int look(adding *a, const char *kind, fc_err *err)
{
    char path[PATH_MAX];
    fc_buf text = {0};
    json_t *asked = NULL;
    fc_new_path(path, "%s/plugin.lua", a->pattern);
    int rc = read_data(path, &text, &asked, err);
    fc_buf_free(&text);
    if (!rc) rc = can_be_added(a, asked, kind, err);
    fc_new_path(path, "%s/plugin.lua", a->dir);
    if (!rc) rc = read_data(path, &a->text, &a->manifest, err);
    fc_buf_add(&a->before, fc_buf_str(&a->text), a->text.len);
    const char *id = json_string_value(json_object_get(a->manifest, "id"));
    if (!rc) a->lacks = fc_manifest_lacks(a->manifest, asked, id ? id : "");
    json_decref(asked);
    return rc;
}

static void target_of(const adding *a, const char *file, fc_buf *below, char out[PATH_MAX])
{
    fc_new_fill(file, strlen(file), a->name, below);
    fc_new_path(out, "%s/%s", a->dir, fc_buf_str(below));
}

static int nothing_in_the_way(const adding *a, fc_err *err)
{
    size_t i;
    json_t *file;
    int rc = FC_OK;
    json_array_foreach(a->files, i, file)
    {
        char path[PATH_MAX];
        struct stat st;
        fc_buf below = {0};
        if (rc || strcmp(json_string_value(file), "plugin.lua") == 0) continue;
        target_of(a, json_string_value(file), &below, path);
        fc_buf_free(&below);
        if (lstat(path, &st) == 0) rc = fc_new_exists(path, err);
    }
    return rc;
}

static void complete_manifest(adding *a)
{
    size_t i;
    json_t *lack;
    json_array_foreach(a->lacks, i, lack)
    {
        fc_buf line = {0};
        if (fc_manifest_add(&a->text, &a->manifest, lack)) {
            a->changed = 1;
        } else {
            fc_manifest_line(lack, &line);
            json_array_append_new(a->by_hand, json_string(fc_buf_str(&line)));
            fc_buf_free(&line);
        }
    }
}

/* Complete when it appears, and over nothing. */
static int put(const char *path, fc_buf *text, fc_err *err)
{
    char beside[PATH_MAX];
    fc_new_path(beside, "%s.new-%d~", path, (int)getpid());
    int rc = fc_write_file(beside, fc_buf_str(text), text->len, 0644, err);
    if (!rc && renameat2(AT_FDCWD, beside, AT_FDCWD, path, RENAME_NOREPLACE) != 0)
        rc = errno == EEXIST
                 ? fc_new_exists(path, err)
                 : fc_fail(err, FC_EIO, "%s: 无法创建：%s", "%s: cannot be made: %s", path, strerror(errno));
    if (rc) unlink(beside);
    return rc;
}

static int add_file(adding *a, const char *file, fc_err *err)
{
    char from[PATH_MAX], to[PATH_MAX];
    fc_buf text = {0}, below = {0}, filled = {0};
    fc_new_path(from, "%s/%s", a->pattern, file);
    target_of(a, file, &below, to);
    int rc = fc_read_file(from, 1 << 20, &text, err);
    char *slash = strrchr(to, '/');
    *slash = 0;
    if (!rc) rc = fc_make_dirs(to, 0777, err);
    *slash = '/';
    fc_new_fill(fc_buf_str(&text), text.len, a->name, &filled);
    if (!rc) rc = put(to, &filled, err);
    if (!rc) json_array_append_new(a->made, json_string(fc_buf_str(&below)));
    fc_buf_free(&text);
    fc_buf_free(&below);
    fc_buf_free(&filled);
    return rc;
}

static void take_away(const adding *a)
{
    size_t i;
    json_t *file;
    json_array_foreach(a->made, i, file)
    {
        char path[PATH_MAX];
        fc_new_path(path, "%s/%s", a->dir, json_string_value(file));
        unlink(path);
    }
}

/* The file that is there, also behind a link, with its rights and its owner. */
static int write_manifest(const adding *a, fc_buf *text, fc_err *err)
{
    char path[PATH_MAX], real[PATH_MAX];
    struct stat st;
    fc_new_path(path, "%s/plugin.lua", a->dir);
    if (!realpath(path, real) || stat(real, &st) != 0 || access(real, W_OK) != 0)
        return fc_fail(err, FC_EIO, "%s: 无法写入：%s", "%s: cannot be written: %s", path, strerror(errno));
    int rc = fc_write_file(real, fc_buf_str(text), text->len, 0600, err);
    if (!rc && geteuid() == 0 && chown(real, st.st_uid, st.st_gid) != 0)
        rc = fc_fail(err, FC_EIO, "%s: 无法恢复所有者：%s", "%s: its owner cannot be kept: %s", path,
                     strerror(errno));
    if (!rc) chmod(real, st.st_mode & 07777);
    return rc;
}

static int add(adding *a, fc_err *err)
{
    size_t i;
    json_t *file;
    int rc = a->changed ? write_manifest(a, &a->text, err) : FC_OK, written = a->changed && !rc;
    json_array_foreach(a->files, i, file)
    {
        if (!rc && strcmp(json_string_value(file), "plugin.lua") != 0)
            rc = add_file(a, json_string_value(file), err);
    }
    if (rc) take_away(a);
    if (rc && written) write_manifest(a, &a->before, NULL);
    return rc;
}

static void say(const adding *a)
{
    size_t i;
    json_t *v;
    printf(fc_say("已加进 %s：\n", "added to %s:\n"), a->dir);
    json_array_foreach(a->made, i, v) printf("  %s\n", json_string_value(v));
    if (a->changed)
        fputs(fc_say("  plugin.lua（补上了它需要的 needs 或 uses）\n",
                     "  plugin.lua (what it needs was added to needs or uses)\n"),
              stdout);
    if (json_array_size(a->by_hand))
        printf(fc_say("请在 %s/plugin.lua 里加上：\n", "add to %s/plugin.lua:\n"), a->dir);
    json_array_foreach(a->by_hand, i, v) printf("  %s\n", json_string_value(v));
    fc_new_say_next(a->site, a->site ? a->plugin : a->dir);
}

int fc_new_in(const char *site, const char *plugin, const char *kind, const char *pattern, const char *name,
              fc_err *err)
{
    adding a = {.site = site, .plugin = plugin, .pattern = pattern, .name = name};
    a.files = fc_new_files(pattern);
    a.made = json_array();
    a.by_hand = json_array();
    int rc = find_plugin(&a, err);
    if (!rc) rc = look(&a, kind, err);
    if (!rc) rc = nothing_in_the_way(&a, err);
    if (!rc) complete_manifest(&a);
    if (!rc) rc = add(&a, err);
    if (!rc) say(&a);
    fc_buf_free(&a.text);
    fc_buf_free(&a.before);
    json_decref(a.manifest);
    json_decref(a.lacks);
    json_decref(a.files);
    json_decref(a.made);
    json_decref(a.by_hand);
    return rc;
}
