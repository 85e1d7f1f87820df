/* The IT man's magnifying glass: a throwaway plugin that may use everything, in the site or, without one, in
 * memory. */
#include "base/buf.h"
#include "plugin/world.h"
#include "verbs/json_line.h"
#include "verbs/loose.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *eval_as, *eval_seconds;

static int print_values(json_t *values)
{
    size_t i;
    json_t *v;
    json_array_foreach(values, i, v) fc_print_json(v);
    json_decref(values);
    return 0;
}

static int run(fc_dealership *d, const char *text, size_t n, const char *chunk)
{
    fc_fault fault;
    fc_loose loose = {d, eval_as};
    fc_vm *vm = fc_loose_vm(&loose, "eval");
    const char *login = getlogin();
    char actor[80];
    snprintf(actor, sizeof actor, "cli:%s", login ? login : "root");
    fc_call *c = fc_world_call(d, FC_BY_CLI, actor, actor, json_pack("[s]", "it"), fc_process_lang(),
                               eval_seconds ? atoll(eval_seconds) * 1000000000LL : FC_JOB_NS);
    json_t *values = fc_call_chunk(c, vm, text, n, chunk, &fault);
    fc_world_call_free(c);
    fc_vm_free(vm);
    return values ? print_values(values) : fc_failed_fault(&fault);
}

int fc_verb_eval(int argc, char **argv)
{
    const char *dir = NULL, *dealership = NULL, *file = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹，若它是站点；否则内存中）",
         "site folder (default: this one if it is a site, else in memory)", &dir},
        {"dealership", "ID", "哪家店", "which dealership", &dealership},
        {"as", "PLUGIN", "以这个插件的许可运行", "with this plugin's permissions", &eval_as},
        {"seconds", "N", "最多可用的 CPU 秒数（默认 30）", "CPU seconds it may use (default 30)",
         &eval_seconds},
        {"file", "F", "从文件读", "read the code from a file", &file},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {"eval",
                            "'CODE'",
                            "运行一段 Lua，把返回值打印成 JSON。",
                            "Runs a piece of Lua and prints what it returns as JSON.",
                            options,
                            0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (!file && argc != 2) return fc_wrong_use(&usage, "需要一段 Lua", "needs a piece of Lua");
    if (eval_seconds && (strspn(eval_seconds, "0123456789") != strlen(eval_seconds) ||
                         strlen(eval_seconds) > 5 || atoi(eval_seconds) == 0))
        return fc_wrong_use(&usage, "--seconds 应为 1 到 99999 的整数",
                            "--seconds should be a whole number from 1 to 99999");
    if (!dir && access("site.lua", F_OK) == 0) dir = ".";
    fc_err err;
    fc_site *site = NULL;
    fc_buf text = {0};
    fc_dealership *d = NULL;
    int rc = file ? fc_read_file(file, 1 << 20, &text, &err) : (fc_buf_adds(&text, argv[1]), 0);
    if (!rc) rc = fc_site_open(dir, dir ? FC_SITE_OPEN : FC_SITE_MEMORY, &site, &err);
    if (!rc) rc = fc_site_load(site, NULL, &err);
    if (!rc && !(d = fc_site_dealership(site, dealership, &err))) rc = 1;
    int exit_code = rc ? fc_failed(&err) : run(d, fc_buf_str(&text), text.len, file ? file : "eval");
    fc_buf_free(&text);
    fc_site_close(site);
    return exit_code;
}
