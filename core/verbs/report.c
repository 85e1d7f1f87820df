/* A report from the command line: the plugin `report` runs the layout, this prints it. */
#include "plugin/live.h"
#include "plugin/params.h"
#include "verbs/json_line.h"
#include "verbs/options.h"
#include "verbs/session.h"
#include "verbs/verbs.h"

#include <stdio.h>
#include <string.h>

static json_t *call_report(fc_call *c, const char *export, json_t *args, fc_fault *fault)
{
    fc_gen *g = fc_live_gen(c->live, "report");
    json_t *values = g ? fc_call_now(c, g->vm, export, args, fault) : NULL;
    if (!g) {
        memset(fault, 0, sizeof *fault);
        fault->code = FC_EINVAL;
        snprintf(fault->zh, sizeof fault->zh, "插件 report 不在用");
        snprintf(fault->en, sizeof fault->en, "the plugin report is not in force");
    }
    json_decref(args);
    if (!values) return NULL;
    json_t *first = json_incref(json_array_get(values, 0));
    json_decref(values);
    return first ? first : json_null();
}

static int print(fc_dealership *d, const char *as, const char *id, json_t *params, int json, int csv)
{
    fc_err err;
    fc_fault fault;
    fc_call *c = fc_verb_call(d, as, FC_JOB_NS, &err);
    if (!c) return fc_failed(&err);
    const char *lang = fc_process_lang() == FC_EN ? "en" : "zh";
    json_t *out = json || csv ? call_report(c, "run", json_pack("[s, O]", id, params), &fault)
                              : call_report(c, "text", json_pack("[s, O, s]", id, params, lang), &fault);
    if (out && csv) {
        fputs(json_string_value(json_object_get(out, "csv")) ? json_string_value(json_object_get(out, "csv"))
                                                             : "",
              stdout);
    } else if (out && json) {
        fc_print_json(out);
    } else if (out) {
        const char *text = json_string_value(out);
        printf("%s%s", text ? text : "", text && *text && text[strlen(text) - 1] == '\n' ? "" : "\n");
    }
    fc_world_call_free(c);
    int code = out ? 0 : fc_failed_fault(&fault);
    json_decref(out);
    return code;
}

/* Days and months have the same names in every layout. */
static int add_param(const fc_usage *usage, json_t *params, const char *name, const char *text)
{
    fc_err err;
    json_t *value = NULL;
    const char *type = strcmp(name, "month") == 0 || strcmp(name, "day") == 0 ? name : "string";
    if (fc_param_value(name, type, text, strlen(text), &value, &err))
        return fc_wrong_use(usage, "%s%.0s", "%.0s%s", err.text[FC_ZH], err.text[FC_EN]);
    json_object_set_new(params, name, value);
    return 0;
}

static int read_params(const fc_usage *usage, int argc, char **argv, json_t *params)
{
    for (int i = 2; i < argc; i += 2) {
        if (strncmp(argv[i], "--", 2) != 0)
            return fc_wrong_use(usage, "多余的参数 %s", "unexpected argument %s", argv[i]);
        char *equals = strchr(argv[i], '=');
        if (equals) *equals = 0;
        const char *text = equals ? equals + 1 : i + 1 < argc ? argv[i + 1] : NULL;
        if (!text) return fc_wrong_use(usage, "参数 %s 后面要有值", "parameter %s needs a value", argv[i]);
        int code = add_param(usage, params, argv[i] + 2, text);
        if (code) return code;
        if (equals) i--;
    }
    return 0;
}

int fc_verb_report(int argc, char **argv)
{
    const char *dir = NULL, *dealership = NULL, *json = NULL, *csv = NULL, *as = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {"dealership", "ID", "哪家店", "which dealership", &dealership},
        {"as", "USER", "以这个用户的权限（记入审计）", "with this user's rights (audited)", &as},
        {"json", NULL, "输出 JSON", "print JSON", &json},
        {"csv", NULL, "输出 CSV（Excel 可直接打开）", "print CSV (opens in Excel)", &csv},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {"report",
                            "LAYOUT [--month YYYY-MM]",
                            "打印一份报表，例如 month-service。",
                            "Prints a report, for example month-service.",
                            options,
                            1};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (argc < 2 || argv[1][0] == '-')
        return fc_wrong_use(&usage, "需要报表的名称，例如 month-service",
                            "needs the name of a layout, for example month-service");
    json_t *params = json_object();
    code = read_params(&usage, argc, argv, params);
    fc_err err;
    fc_site *site = NULL;
    fc_dealership *d = NULL;
    if (code == 0) {
        if (fc_verb_site(dir, dealership, &site, &d, &err))
            code = fc_failed(&err);
        else
            code = print(d, as, argv[1], params, json != NULL, csv != NULL);
    }
    json_decref(params);
    fc_site_close(site);
    return code;
}
