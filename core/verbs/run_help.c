/* What can be run, and what a script wants: read from the declarations, in memory, so that asking changes
 * nothing and needs no site. */
#include "base/buf.h"
#include "base/log.h"
#include "verbs/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *said(const json_t *text)
{
    const char *own = json_string_value(json_object_get(text, fc_process_lang() == FC_EN ? "en" : "zh"));
    if (!own) own = json_string_value(json_object_get(text, "en"));
    if (!own) own = json_string_value(text);
    return own ? own : "";
}

static const json_t *member(const json_t *script, const char *key)
{
    return json_object_get(json_object_get(script, "data"), key);
}

static void list_scripts(FILE *out, fc_dealership *d)
{
    size_t i;
    json_t *env;
    json_array_foreach(fc_live_point(d->live, "scripts"), i, env) fprintf(
        out, "  %-20s %s\n", json_string_value(json_object_get(env, "id")), said(member(env, "title")));
}

int fc_run_unknown(fc_dealership *d, const char *name)
{
    fprintf(stderr,
            fc_say("forecourt run: 没有脚本 '%s'。有：\n",
                   "forecourt run: there is no script '%s'. There are:\n"),
            name);
    list_scripts(stderr, d);
    return 2;
}

/* ---- one script */

static const char *type_of(const json_t *p)
{
    static const char *const names[][3] = {
        {"file", "文件", "FILE"},   {"day", "年-月-日", "YYYY-MM-DD"}, {"month", "年-月", "YYYY-MM"},
        {"string", "文字", "TEXT"}, {"integer", "整数", "INTEGER"},    {"number", "数字", "NUMBER"},
        {"boolean", "1|0", "1|0"},  {"choice", "选项", "CHOICE"},      {NULL, NULL, NULL}};
    const char *type = json_string_value(json_object_get(p, "type"));
    for (int i = 0; type && names[i][0]; i++)
        if (strcmp(type, names[i][0]) == 0) return fc_say(names[i][1], names[i][2]);
    return type ? type : "";
}

/* "required", "default X" or nothing, with its comma */
static void add_need(fc_buf *b, const json_t *p)
{
    const json_t *otherwise = json_object_get(p, "default");
    if (json_is_string(otherwise) && json_string_length(otherwise) == 0) otherwise = NULL;
    if (json_is_true(json_object_get(p, "required")) && !otherwise)
        fc_buf_adds(b, fc_say("（必填）", "(required) "));
    if (!otherwise) return;
    char *text = json_dumps(otherwise, JSON_ENCODE_ANY | JSON_COMPACT);
    fc_buf_addf(b, fc_say("（默认 %s）", "(default %s) "),
                json_is_string(otherwise) ? json_string_value(otherwise)
                : text                    ? text
                                          : "");
    free(text);
}

static void add_choices(fc_buf *b, const json_t *p)
{
    size_t i;
    json_t *choice;
    json_array_foreach(json_object_get(p, "choices"), i, choice)
    {
        const char *value =
            json_string_value(json_is_object(choice) ? json_object_get(choice, "value") : choice);
        fc_buf_addf(b, "%s%s", i ? ", " : "", value ? value : "");
        if (json_is_object(choice) && json_object_get(choice, "title"))
            fc_buf_addf(b, fc_say("（%s）", " (%s)"), said(json_object_get(choice, "title")));
    }
}

static void print_param(const json_t *p)
{
    fc_buf line = {0}, choices = {0};
    char left[96];
    snprintf(left, sizeof left, "--%s %s", json_string_value(json_object_get(p, "name")), type_of(p));
    add_need(&line, p);
    fc_buf_adds(&line, said(json_object_get(p, "title")));
    if (json_object_get(p, "hint"))
        fc_buf_addf(&line, fc_say("：%s", ": %s"), said(json_object_get(p, "hint")));
    printf("  %-28s %s\n", left, fc_buf_str(&line));
    add_choices(&choices, p);
    if (choices.len) printf("  %-28s %s%s\n", "", fc_say("可选：", "one of: "), fc_buf_str(&choices));
    fc_buf_free(&line);
    fc_buf_free(&choices);
}

static int help_of(fc_dealership *d, const char *name)
{
    size_t i;
    json_t *p;
    const json_t *script = fc_live_definition(d->live, "scripts", name), *params = member(script, "params");
    if (!script) return fc_run_unknown(d, name);
    printf("forecourt run %s%s\n%s\n", name,
           json_array_size(params) ? fc_say(" [--名称 值 ...]", " [--NAME VALUE ...]") : "",
           said(member(script, "title")));
    if (member(script, "about")) printf("%s\n", said(member(script, "about")));
    json_array_foreach((json_t *)params, i, p) print_param(p);
    if (!json_array_size(params)) printf("%s\n", fc_say("没有参数", "it takes no parameters"));
    printf("%s\n", fc_say("其余选项见 forecourt run --help", "for the other options: forecourt run --help"));
    return 0;
}

static int help_of_all(fc_dealership *d, const fc_usage *usage)
{
    fc_help(usage);
    printf("%s\n", fc_say("脚本：", "scripts:"));
    list_scripts(stdout, d);
    printf("%s\n", fc_say("一个脚本的参数：forecourt run 脚本 --help",
                          "the parameters of one of them: forecourt run SCRIPT --help"));
    return 0;
}

int fc_run_help(const fc_usage *usage, const char *dir, const char *dealership, const char *script)
{
    fc_err err;
    fc_site *site = NULL;
    fc_dealership *d = NULL;
    if (!dir && access("site.lua", F_OK) == 0) dir = ".";
    fc_log_level(FC_SILENT);
    int rc = fc_site_open(dir, FC_SITE_MEMORY, &site, &err);
    if (!rc) rc = fc_site_load(site, NULL, &err);
    if (!rc && !(d = fc_site_dealership(site, dir ? dealership : NULL, &err))) rc = err.code;
    int code = rc ? fc_failed(&err) : script ? help_of(d, script) : help_of_all(d, usage);
    fc_site_close(site);
    return code;
}
