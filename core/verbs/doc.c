#include "verbs/doc.h"
#include "base/buf.h"
#include "plugin/site.h"
#include "text/nearest.h"
#include "verbs/json_line.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- which files there are */

static int is_annotation(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 6 && e->d_name[0] != '.' && strcmp(e->d_name + n - 6, ".d.lua") == 0;
}

static void add_folder(json_t *files, const char *dir)
{
    struct dirent **list;
    int n = scandir(dir, &list, is_annotation, alphasort);
    for (int i = 0; i < n; i++) {
        fc_buf path = {0};
        fc_buf_addf(&path, "%s/%s", dir, list[i]->d_name);
        json_array_append_new(files, json_string(fc_buf_str(&path)));
        fc_buf_free(&path);
        free(list[i]);
    }
    if (n >= 0) free(list);
}

static void add_plugins(json_t *files, const char *root, const char *below)
{
    fc_buf dir = {0}, api = {0};
    struct dirent **list;
    fc_buf_addf(&dir, "%s/%s", root, below);
    int n = scandir(fc_buf_str(&dir), &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        fc_buf_clear(&api);
        fc_buf_addf(&api, "%s/%s/api", fc_buf_str(&dir), list[i]->d_name);
        if (list[i]->d_name[0] != '.') add_folder(files, fc_buf_str(&api));
        free(list[i]);
    }
    if (n >= 0) free(list);
    fc_buf_free(&dir);
    fc_buf_free(&api);
}

static json_t *all_files(const char *share, const char *site)
{
    json_t *files = json_array();
    fc_buf api = {0};
    fc_buf_addf(&api, "%s/api", share);
    add_folder(files, fc_buf_str(&api));
    add_plugins(files, share, "plugins");
    if (site) add_plugins(files, site, "packs");
    if (site) add_plugins(files, site, "plugins");
    fc_buf_free(&api);
    return files;
}

static json_t *read_all(const json_t *files, const char *share)
{
    json_t *entries = json_array(), *path;
    size_t i, n = strlen(share);
    json_array_foreach((json_t *)files, i, path)
    {
        fc_buf text = {0};
        const char *name = json_string_value(path);
        if (!fc_read_file(name, 1 << 20, &text, NULL))
            fc_doc_read(fc_buf_str(&text), strncmp(name, share, n) == 0 ? name + n + 1 : name, entries);
        fc_buf_free(&text);
    }
    return entries;
}

/* ---- showing */

static const char *field(const json_t *e, const char *key)
{
    const char *s = json_string_value(json_object_get(e, key));
    return s ? s : "";
}

static const char *prose(const json_t *e)
{
    const char *mine = field(e, fc_process_lang() == FC_EN ? "en" : "zh");
    return *mine ? mine : field(e, "en");
}

static void print_indented(const char *text, const char *margin)
{
    for (const char *end; *text; text = *end ? end + 1 : end) {
        end = strchrnul(text, '\n');
        printf("%s%.*s\n", margin, (int)(end - text), text);
    }
}

static void print_entry(const json_t *e)
{
    size_t i;
    json_t *note;
    printf("%s\n", field(e, "signature"));
    print_indented(prose(e), "    ");
    json_array_foreach(json_object_get(e, "notes"), i, note) printf("    %s\n", json_string_value(note));
}

/* A line for each module and point; what belongs to a module comes with it. */
static void print_list(const json_t *entries)
{
    static const char *const kinds[] = {"module", "point", NULL};
    for (const char *const *kind = kinds; *kind; kind++) {
        size_t i;
        json_t *e;
        printf("%s\n", (*kind)[0] == 'p' ? fc_say("扩展点：", "points:") : fc_say("模块：", "modules:"));
        json_array_foreach((json_t *)entries, i, e)
        {
            const char *name = field(e, "name"), *text = prose(e);
            int alone =
                !strcmp(field(e, "kind"), "function") && !strncmp(field(e, "signature"), "require", 7);
            if (strcmp(field(e, "kind"), *kind) != 0 && !(alone && (*kind)[0] == 'm')) continue;
            printf("  %-18s %.*s\n", name, (int)strcspn(text, "\n"), text);
        }
    }
    printf("%s\n",
           fc_say("测试里的词：forecourt doc test、forecourt doc assert。详细：forecourt doc 名称",
                  "words of tests: forecourt doc test, forecourt doc assert. More: forecourt doc NAME"));
}

static int belongs(const char *name, const char *to)
{
    size_t n = strlen(to);
    return strncmp(name, to, n) == 0 && (name[n] == 0 || name[n] == '.');
}

static int print_named(const json_t *entries, const char *name, int json)
{
    size_t i;
    json_t *e, *names = json_object();
    int found = 0;
    json_array_foreach((json_t *)entries, i, e)
    {
        const char *full = field(e, "name"), *dot = strrchr(full, '.');
        json_object_set_new(names, full, json_true());
        if (name && !belongs(full, name) && !(dot && strcmp(dot + 1, name) == 0) &&
            !(strncmp(full, "host.", 5) == 0 && belongs(full + 5, name)))
            continue;
        if (json) {
            fc_print_json(e);
        } else {
            if (found) printf("\n");
            print_entry(e);
        }
        found++;
    }
    const char *near = found ? NULL : fc_nearest(name, names);
    if (!found)
        fprintf(stderr,
                fc_say("forecourt doc: 没有 '%s'%s%s%s。全部：forecourt doc\n",
                       "forecourt doc: there is no '%s'%s%s%s. All of it: forecourt doc\n"),
                name, near ? fc_say("（是不是 ", " (did you mean ") : "", near ? near : "",
                near ? fc_say("？）", "?)") : "");
    json_decref(names);
    return found ? 0 : 1;
}

int fc_verb_doc(int argc, char **argv)
{
    const char *dir = NULL, *json = NULL, *luals = NULL;
    const fc_option options[] = {{"site", "DIR", "站点文件夹（默认当前文件夹，若它是站点）：也列出它的插件",
                                  "site folder (default: this one if it is a site): its plugins, too", &dir},
                                 {"json", NULL, "每项一行 JSON", "one line of JSON per entry", &json},
                                 {"luals", "DIR", "给编辑器的 Lua language server 写补全文件和 .luarc.json",
                                  "write completion for the Lua language server and .luarc.json", &luals},
                                 {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {
        "doc",
        "[NAME]",
        "说明宿主的模块、函数和扩展点，例如 host.db、pages。",
        "Tells what the host's modules, functions and points are, for example host.db, pages.",
        options,
        0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (argc > 2) return fc_wrong_use(&usage, "只能写一个名称", "takes one name");
    if (!dir && access("site.lua", F_OK) == 0) dir = ".";
    char *share = fc_share_dir();
    json_t *files = all_files(share, dir), *entries = read_all(files, share);
    if (luals)
        code = fc_doc_luals(luals, files);
    else if (argc == 1 && !json)
        print_list(entries), code = 0;
    else
        code = print_named(entries, argc > 1 ? argv[1] : NULL, json != NULL);
    json_decref(entries);
    json_decref(files);
    free(share);
    return code;
}
