#include "plugin/live.h"
#include "plugin/site.h"
#include "plugin/sql_check.h"
#include "plugin/tx_check.h"
#include "base/log.h"
#include "text/utf8.h"
#include "verbs/json_line.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int wanted(const json_t *p, int n, char **names)
{
    const char *plugin = json_string_value(json_object_get(p, "plugin")),
               *at = json_string_value(json_object_get(p, "at"));
    if (n == 0) return 1;
    for (int i = 0; i < n; i++) {
        size_t len = strlen(names[i]);
        while (len > 1 && names[i][len - 1] == '/')
            len--;
        const char *base = strrchr(names[i], '/');
        if (!strcmp(plugin, names[i]) || !strncmp(at, names[i], len) ||
            (base && base[1] && strstr(at, base + 1)))
            return 1;
        const char *tail = strrchr(plugin, '/');
        if (tail && !strcmp(tail + 1, names[i])) return 1;
    }
    return 0;
}

static void print_problem(const json_t *p, int json)
{
    if (json) {
        fc_print_json(p);
        return;
    }
    const char *at = json_string_value(json_object_get(p, "at"));
    printf("%s%s%s\n", at, *at ? ": " : "",
           json_string_value(json_object_get(p, fc_process_lang() == FC_EN ? "en" : "zh")));
}

static int is_folder_with_plugin(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/plugin.lua", name);
    return strchr(name, '/') != NULL || access(path, F_OK) == 0;
}

static int known(const fc_dealership *d, const char *name)
{
    size_t i;
    json_t *p;
    if (fc_live_gen(d->live, name)) return 1;
    json_array_foreach(d->problems, i, p) if (wanted(p, 1, (char *[]){(char *)name})) return 1;
    return 0;
}

static void print_unknown(const char *name, int json)
{
    if (fc_utf8_check(name, strlen(name)) != strlen(name)) name = "?";
    json_t *p = json_pack("{s:s, s:s, s:s, s:s}", "plugin", name, "at", name, "zh", "没有这个插件", "en",
                          "there is no such plugin");
    print_problem(p, json);
    json_decref(p);
}

int fc_verb_check(int argc, char **argv)
{
    const char *dir = NULL, *json = NULL;
    const fc_option options[] = {{"site", "DIR", "站点文件夹（默认当前文件夹，若它是站点）",
                                  "site folder (default: this one, if it is a site)", &dir},
                                 {"json", NULL, "每个问题一行 JSON", "one line of JSON per problem", &json},
                                 {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {
        "check",
        "[PLUGIN ...]",
        "检查插件（名称或文件夹）：打印 文件:行: 问题 并以 1 结束，或打印 ok。",
        "Checks plugins (names or folders): prints file:line: problem and exits 1, or prints ok.",
        options,
        0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (!dir && access("site.lua", F_OK) == 0) dir = ".";
    fc_err err;
    fc_site *site = NULL;
    fc_log_level(FC_SILENT);
    const char *extra = argc > 1 && is_folder_with_plugin(argv[1]) ? argv[1] : NULL;
    int rc = fc_site_open(dir, FC_SITE_MEMORY, &site, &err);
    if (!rc) rc = fc_site_load(site, extra, &err);
    if (rc) {
        fc_site_close(site);
        return fc_failed(&err);
    }
    int found = 0;
    size_t i;
    json_t *p;
    fc_dealership *d = &site->dealerships[0];
    fc_sql_check_live(d, d->problems);
    fc_tx_check_live(d, d->problems);
    json_array_foreach(d->problems, i, p)
    {
        if (!wanted(p, argc - 1, argv + 1)) continue;
        print_problem(p, json != NULL);
        found++;
    }
    for (int k = 1; k < argc && !found; k++) {
        if (argv[k] == extra || known(d, argv[k])) continue;
        print_unknown(argv[k], json != NULL);
        found++;
    }
    if (!found && !json) printf("ok\n");
    fc_site_close(site);
    return found ? 1 : 0;
}
