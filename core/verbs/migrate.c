/* What would run, and running it. Opening a site migrates it anyway; this verb is for doing it at a chosen
 * hour, and for looking first. What it says is read from the stores before and after, not remembered. */
#include "base/log.h"
#include "plugin/plan.h"
#include "verbs/json_line.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#include <stdio.h>
#include <string.h>

static void print_file(const json_t *f, const char *state, int json)
{
    if (json) {
        json_t *line = json_copy((json_t *)f);
        json_object_set_new(line, "state", json_string(state));
        fc_print_json(line);
        json_decref(line);
        return;
    }
    const char *word = !strcmp(state, "ran")    ? fc_say("已执行  ", "ran   ")
                       : !strcmp(state, "left") ? fc_say("未执行  ", "left  ")
                                                : "";
    printf("%s%s: %s\n", word, json_string_value(json_object_get(f, "store")),
           json_string_value(json_object_get(f, "file")));
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

static int holds(const json_t *list, const json_t *item)
{
    size_t i;
    json_t *v;
    json_array_foreach((json_t *)list, i, v) if (json_equal(v, item)) return 1;
    return 0;
}

static int concerns(const json_t *plan, const json_t *problem)
{
    size_t i;
    json_t *f;
    json_array_foreach((json_t *)plan, i, f) if (json_equal(json_object_get(f, "plugin"),
                                                            json_object_get(problem, "plugin"))) return 1;
    return 0;
}

static json_t *plan_of(const char *dir, enum fc_site_mode mode, fc_site **site, json_t *problems, fc_err *err)
{
    if (fc_site_open(dir, mode, site, err)) return NULL;
    return fc_site_plan(*site, problems, err);
}

/* Prints what ran and what did not; 1 if something is left. */
static int compare(const json_t *before, const json_t *after, int json)
{
    size_t i;
    json_t *f;
    int left = 0;
    json_array_foreach((json_t *)before, i, f)
    {
        int still = holds(after, f);
        print_file(f, still ? "left" : "ran", json);
        left |= still;
    }
    return left;
}

/* Problems of the migrations themselves, and of plugins whose migrations did not run for other reasons. */
static int tell_problems(fc_site *site, const json_t *left, json_t *problems, int json)
{
    size_t i;
    json_t *p;
    for (size_t d = 0; d < site->ndealerships; d++)
        json_array_foreach(site->dealerships[d].problems, i, p)
        {
            const char *at = json_string_value(json_object_get(p, "at"));
            if (!holds(problems, p) && (concerns(left, p) || strstr(at, "/migrations")))
                json_array_append(problems, p);
        }
    json_array_foreach(problems, i, p) print_problem(p, json);
    return json_array_size(problems) > 0;
}

static int run(const char *dir, const json_t *before, int json)
{
    fc_err err;
    fc_site *site = NULL;
    json_t *problems = json_array(), *after = NULL;
    int rc = fc_site_open(dir, FC_SITE_OPEN, &site, &err);
    if (!rc) rc = fc_site_load(site, NULL, &err);
    if (!rc) after = fc_site_plan(site, problems, &err);
    int code = after ? compare(before, after, json) : fc_failed(&err);
    if (after) code |= tell_problems(site, after, problems, json);
    if (after && !code && json_array_size(before) == 0 && !json)
        printf("%s", fc_say("没有要执行的迁移\n", "nothing to run\n"));
    json_decref(after);
    json_decref(problems);
    fc_site_close(site);
    return code;
}

static int show(const json_t *plan, const json_t *problems, int json)
{
    size_t i;
    json_t *v;
    json_array_foreach((json_t *)plan, i, v) print_file(v, "pending", json);
    json_array_foreach((json_t *)problems, i, v) print_problem(v, json);
    if (json_array_size(plan) + json_array_size(problems) == 0 && !json)
        printf("%s", fc_say("没有要执行的迁移\n", "nothing to run\n"));
    return json_array_size(problems) > 0;
}

int fc_verb_migrate(int argc, char **argv)
{
    const char *dir = NULL, *plan = NULL, *json = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {"plan", NULL, "只列出将要执行的文件，不执行", "only list the files that would run", &plan},
        {"json", NULL, "每个文件、每个问题一行 JSON", "one line of JSON per file and per problem", &json},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {"migrate",
                            "",
                            "执行宿主和插件尚未执行的迁移（数据结构的更改）；不会倒退。",
                            "Runs the migrations (changes of the tables) of the host and the plugins that "
                            "have not run; never backwards.",
                            options,
                            0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (argc > 1) return fc_wrong_use(&usage, "多余的参数 %s", "unexpected argument %s", argv[1]);
    fc_err err;
    fc_site *site = NULL;
    json_t *problems = json_array();
    fc_log_level(FC_SILENT);
    if (!dir) dir = ".";
    json_t *before = plan_of(dir, FC_SITE_LOOK, &site, problems, &err);
    fc_site_close(site);
    if (!before)
        code = fc_failed(&err);
    else
        code = plan ? show(before, problems, json != NULL) : run(dir, before, json != NULL);
    json_decref(before);
    json_decref(problems);
    return code;
}
