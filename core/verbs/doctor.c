/* Prints what the checks find: one line each, ok, warn or bad, what, and the remedy. */
#include "base/log.h"
#include "plugin/health.h"
#include "verbs/json_line.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#include <stdio.h>

static void print_text(const fc_findings *f)
{
    static const char *const marks[] = {"ok  ", "warn", "bad "};
    for (size_t i = 0; i < f->n; i++) {
        const fc_finding *one = &f->list[i];
        printf("%s  %s%s%s\n", marks[one->mark], one->place, *one->place ? ": " : "",
               fc_err_text(&one->text, fc_process_lang()));
    }
}

static void print_json(const fc_findings *f)
{
    static const char *const marks[] = {"ok", "warn", "bad"};
    json_t *list = json_array();
    for (size_t i = 0; i < f->n; i++) {
        const fc_finding *one = &f->list[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "mark", marks[one->mark], "check",
                                              one->check, "place", one->place, "zh", one->text.text[FC_ZH],
                                              "en", one->text.text[FC_EN]));
    }
    json_t *all = json_pack("{s:b, s:o}", "ok", !f->bad, "findings", list);
    fc_print_json(all);
    json_decref(all);
}

static int doctor(const char *dir, int json)
{
    fc_err err;
    fc_site *site = NULL;
    fc_findings f = {0};
    fc_log_level(FC_SILENT);
    fc_health_program(&f);
    fc_health_files(dir, &f);
    int rc = fc_site_open(dir, FC_SITE_OPEN, &site, &err);
    if (rc) {
        fc_find(&f, FC_BAD, "site", "", "%s%.0s", "%.0s%s", err.text[FC_ZH], err.text[FC_EN]);
    } else {
        rc = fc_site_load(site, NULL, &err);
        if (rc) fc_find(&f, FC_BAD, "site", "", "%s%.0s", "%.0s%s", err.text[FC_ZH], err.text[FC_EN]);
        fc_health(site, !rc, &f);
        fc_site_close(site);
    }
    if (json)
        print_json(&f);
    else
        print_text(&f);
    int bad = f.bad;
    fc_findings_free(&f);
    return bad ? 1 : 0;
}

int fc_verb_doctor(int argc, char **argv)
{
    const char *dir = ".", *json = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {"json", NULL, "结果用 JSON", "results as JSON", &json},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {"doctor",
                            "",
                            "检查站点：数据库、审计日志、备份、密钥、磁盘、插件、邮件；有问题时以 1 结束。",
                            "Checks a site: databases, audit log, backups, key, disk, plugins, mail; exits 1 "
                            "if something is bad.",
                            options,
                            0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (argc > 1) return fc_wrong_use(&usage, "多余的参数 %s", "unexpected argument %s", argv[1]);
    return doctor(dir, json != NULL);
}
