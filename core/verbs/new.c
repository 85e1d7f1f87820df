/* Makes a plugin that passes check and test as it is. What is made lies as files in new/KIND/ of a plugin's
 * folder, so whoever opens a point brings its beginning along; new/KIND/new.lua says in one line what it is.
 * Built beside and renamed: a running site sees all of it or nothing, and nothing is ever written over. */
#include "base/buf.h"
#include "plugin/site.h"
#include "text/nearest.h"
#include "verbs/new_in.h"
#include "verbs/new_pattern.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct making {
    const char *name;
    char *from, *to; /* folders: the pattern, and where it is built */
    json_t *files;   /* array of relative paths as made */
} making;

/* ---- the patterns there are */

static void add_kinds(json_t *kinds, const char *plugin)
{
    char root[PATH_MAX], path[PATH_MAX];
    struct dirent **list;
    fc_new_path(root, "%s/new", plugin);
    int n = scandir(root, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        fc_buf text = {0};
        fc_fault fault;
        json_t *about = NULL;
        const char *kind = list[i]->d_name;
        fc_new_path(path, "%s/%s/new.lua", root, kind);
        if (kind[0] != '.' && !json_object_get(kinds, kind) && !fc_read_file(path, 1 << 16, &text, NULL) &&
            !fc_lua_data(fc_buf_str(&text), text.len, path, &about, &fault)) {
            path[strlen(path) - strlen("/new.lua")] = 0;
            json_object_set_new(kinds, kind, json_pack("{s:s, s:o}", "dir", path, "about", about));
        }
        fc_buf_free(&text);
        free(list[i]);
    }
    if (n >= 0) free(list);
}

static void add_folder(json_t *kinds, const char *root, const char *below)
{
    char dir[PATH_MAX], plugin[PATH_MAX];
    struct dirent **list;
    fc_new_path(dir, "%s/%s", root, below);
    int n = scandir(dir, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        fc_new_path(plugin, "%s/%s", dir, list[i]->d_name);
        if (list[i]->d_name[0] != '.') add_kinds(kinds, plugin);
        free(list[i]);
    }
    if (n >= 0) free(list);
}

static json_t *kinds_of(const char *share, const char *site)
{
    json_t *kinds = json_object();
    add_folder(kinds, share, "plugins");
    add_folder(kinds, share, "packs");
    if (site) add_folder(kinds, site, "plugins");
    if (site) add_folder(kinds, site, "packs");
    return kinds;
}

static void print_kinds(FILE *out, json_t *kinds)
{
    const char *kind;
    json_t *k;
    json_object_foreach(kinds, kind, k)
    {
        const char *about = json_string_value(
            json_object_get(json_object_get(k, "about"), fc_process_lang() == FC_EN ? "en" : "zh"));
        fprintf(out, "  %-14s %s\n", kind, about ? about : "");
    }
}

/* ---- the name */

static void suggest(const char *name, const char *kind, char *out, size_t cap)
{
    size_t n = 0;
    for (const char *p = name; *p && n + 1 < cap && n < 40; p++) {
        if (isalnum((unsigned char)*p) && (n || !isdigit((unsigned char)*p)))
            out[n++] = (char)tolower((unsigned char)*p);
        else if (n && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n && out[n - 1] == '-')
        n--;
    out[n] = 0;
    if (n < 2) snprintf(out, cap, "my-%s", kind);
}

static int is_reserved(const char *name)
{
    static const char *const words[] = {"host", "site", "fc", "eval", "scripts", "site-scripts", NULL};
    for (const char *const *w = words; *w; w++)
        if (strcmp(*w, name) == 0) return 1;
    return 0;
}

static int check_name(const char *name, const char *kind, fc_err *err)
{
    char better[64];
    size_t n = strlen(name);
    if (n > 1 && n <= 40 && islower((unsigned char)name[0]) && name[n - 1] != '-' && !is_reserved(name) &&
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n)
        return FC_OK;
    suggest(name, kind, better, sizeof better);
    if (is_reserved(better)) snprintf(better, sizeof better, "my-%s", kind);
    return fc_fail(
        err, FC_EINVAL,
        "名称 '%s' 不能用：以小写字母开头，只用小写字母、数字和 -，2 到 40 个字符，不用宿主自己的名字；例如 "
        "%s",
        "'%s' is no good name: begin with a lower-case letter, use lower-case letters, digits and -, 2 to 40 "
        "characters, no name of the host's own; for example %s",
        name, better);
}

static int check_taken(const char *share, const char *site, const char *name, fc_err *err)
{
    json_t *problems = json_array(), *config = NULL;
    int rc = site ? fc_site_config(site, &config, err) : FC_OK;
    fc_source **all = rc ? NULL : fc_sources_scan(share, site, json_object_get(config, "packs"), problems);
    for (fc_source **s = all; s && *s && !rc; s++)
        if (strcmp((*s)->id, name) == 0)
            rc = fc_fail(err, FC_ECONFLICT, "已经有名为 %s 的插件（%s）：请换一个名称",
                         "there is a plugin %s already (%s): take another name", name, (*s)->label);
    fc_sources_free(all);
    json_decref(problems);
    json_decref(config);
    return rc;
}

/* ---- the making */

static int copy_file(making *m, const char *relative, fc_err *err)
{
    char from[PATH_MAX], to[PATH_MAX];
    fc_buf text = {0}, path = {0}, filled = {0};
    fc_new_fill(relative, strlen(relative), m->name, &path);
    fc_new_path(from, "%s/%s", m->from, relative);
    fc_new_path(to, "%s/%s", m->to, fc_buf_str(&path));
    int rc = fc_read_file(from, 1 << 20, &text, err);
    char *slash = strrchr(to, '/');
    *slash = 0;
    if (!rc) rc = fc_make_dirs(to, 0777, err);
    *slash = '/';
    if (!rc) {
        fc_new_fill(fc_buf_str(&text), text.len, m->name, &filled);
        rc = fc_write_file(to, fc_buf_str(&filled), filled.len, 0644, err);
    }
    if (!rc) json_array_append_new(m->files, json_string(fc_buf_str(&path)));
    fc_buf_free(&text);
    fc_buf_free(&path);
    fc_buf_free(&filled);
    return rc;
}

static int copy_all(making *m, fc_err *err)
{
    size_t i;
    json_t *file, *all = fc_new_files(m->from);
    int rc = FC_OK;
    json_array_foreach(all, i, file)
    {
        if (!rc) rc = copy_file(m, json_string_value(file), err);
    }
    json_decref(all);
    return rc;
}

static int make(making *m, const char *target, fc_err *err)
{
    struct stat st;
    if (lstat(target, &st) == 0) return fc_new_exists(target, err);
    int rc = fc_make_dirs(m->to, 0777, err);
    if (!rc) rc = copy_all(m, err);
    if (!rc && renameat2(AT_FDCWD, m->to, AT_FDCWD, target, RENAME_NOREPLACE) != 0)
        rc = errno == EEXIST ? fc_new_exists(target, err)
                             : fc_fail(err, FC_EIO, "%s: 无法创建：%s", "%s: cannot be made: %s", target,
                                       strerror(errno));
    if (rc) fc_remove_tree(m->to, NULL);
    return rc;
}

static void say_made(const making *m, const char *target, const char *site)
{
    size_t i;
    json_t *file;
    printf(fc_say("已创建 %s：\n", "made %s:\n"), target);
    json_array_foreach(m->files, i, file) printf("  %s\n", json_string_value(file));
    fc_new_say_next(site, site ? m->name : target);
}

static int make_kind(const char *dir, const char *kind_dir, const char *name, fc_err *err)
{
    making m = {.name = name, .from = fc_strdup(kind_dir), .files = json_array()};
    char target[PATH_MAX], beside[PATH_MAX];
    fc_new_path(target, "%s%s%s", dir ? dir : "", dir ? "/plugins/" : "", name);
    fc_new_path(beside, "%s%s.%s.new-%d", dir ? dir : "", dir ? "/plugins/" : "", name, (int)getpid());
    m.to = fc_strdup(beside);
    int rc = make(&m, target, err);
    if (!rc) say_made(&m, target, dir);
    free(m.from);
    free(m.to);
    json_decref(m.files);
    return rc;
}

static int unknown_kind(const fc_usage *usage, json_t *kinds, const char *kind)
{
    const char *near = fc_nearest(kind, kinds);
    fc_wrong_use(usage, "没有 '%s' 这一种%s%s%s", "there is no kind '%s'%s%s%s", kind,
                 near ? fc_say("（是不是 ", " (did you mean ") : "", near ? near : "",
                 near ? fc_say("？）", "?)") : "");
    print_kinds(stderr, kinds);
    return 2;
}

int fc_verb_new(int argc, char **argv)
{
    const char *dir = NULL, *in = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹，若它是站点；否则建在当前文件夹）",
         "site folder (default: this one if it is a site, else made right here)", &dir},
        {"in", "PLUGIN", "加进已有的插件（站点自己的；没有站点时写文件夹），不新建插件",
         "adds to a plugin that is there (a site's own; outside a site its folder) instead of making one",
         &in},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {
        "new",
        "KIND NAME",
        "新建一个插件，或用 --in 给已有的插件加一样东西：带双语文字、测试和示例，原样即可通过 check 和 test。"
        "不带参数则列出种类。",
        "Makes a plugin, or with --in one thing more in a plugin that is there: with texts in both "
        "languages, a "
        "test and example data; it passes check and test as it is. "
        "Without arguments it lists the kinds.",
        options,
        0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (!dir && access("site.lua", F_OK) == 0) dir = ".";
    fc_err err;
    char *share = fc_share_dir();
    json_t *kinds = kinds_of(share, dir);
    const char *kind_dir =
        argc > 1 ? json_string_value(json_object_get(json_object_get(kinds, argv[1]), "dir")) : NULL;
    if (argc == 1) {
        fputs(fc_say("forecourt new 种类 名称\n", "forecourt new KIND NAME\n"), stdout);
        print_kinds(stdout, kinds);
        code = 0;
    } else if (!kind_dir) {
        code = unknown_kind(&usage, kinds, argv[1]);
    } else if (argc != 3) {
        code =
            fc_wrong_use(&usage, "要写种类和一个名称，例如 forecourt new %s my-%s",
                         "needs a kind and one name, for example forecourt new %s my-%s", argv[1], argv[1]);
    } else {
        int rc = check_name(argv[2], argv[1], &err);
        if (!rc && in) rc = fc_new_in(dir, in, argv[1], kind_dir, argv[2], &err);
        if (!rc && !in) rc = check_taken(share, dir, argv[2], &err);
        if (!rc && !in) rc = make_kind(dir, kind_dir, argv[2], &err);
        code = rc ? fc_failed(&err) : 0;
    }
    json_decref(kinds);
    free(share);
    return code;
}
