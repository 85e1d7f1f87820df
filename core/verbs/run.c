/* forecourt run SCRIPT --NAME VALUE ...: a script from the command line, or (--job N) one that the console
 * queued. */
#include "loop/heart.h"
#include "plugin/copies.h"
#include "plugin/site_keys.h"
#include "verbs/run.h"
#include "verbs/verbs.h"

#include <stdlib.h>
#include <string.h>

/* --help is the script's own where one is named: it is taken out before the options are read. */
static int takes_help(int *argc, char **argv)
{
    int kept = 1;
    for (int i = 1; i < *argc; i++)
        if (strcmp(argv[i], "--help") != 0 && strcmp(argv[i], "-h") != 0) argv[kept++] = argv[i];
    int found = kept < *argc;
    *argc = kept;
    return found;
}

int fc_verb_run(int argc, char **argv)
{
    const char *dir = NULL, *dealership = NULL, *json = NULL, *as = NULL, *job = NULL, *steps = NULL,
               *keys = NULL, *heart = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {"dealership", "ID", "哪家店", "which dealership", &dealership},
        {"as", "USER", "以这个用户的权限（记入审计）", "with this user's rights (audited)", &as},
        {"json", NULL, "结果用 JSON，最后一行是汇总", "results as JSON, the last line is the summary", &json},
        {"keys-from", "FD", NULL, NULL, &keys},   /* the keys come from this descriptor */
        {"heart-from", "FD", NULL, NULL, &heart}, /* the call that runs is noted in this one */
        {"job", "N", NULL, NULL, &job},           /* one that the console queued */
        {"steps", "FILE", "依次运行文件里的脚本，每行：用户 脚本 [--名称 值 ...]",
         "run the scripts of a file one after the other, a line each: USER SCRIPT [--NAME VALUE ...]",
         &steps},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {"run",
                            "SCRIPT [--NAME VALUE ...]",
                            "运行一个脚本；脚本的参数写作 --名称 值。",
                            "Runs a script; its parameters are given as --NAME VALUE.",
                            options,
                            1};
    int help = takes_help(&argc, argv), code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (help) return fc_run_help(&usage, dir, dealership, argc > 1 && argv[1][0] != '-' ? argv[1] : NULL);
    if (!job && !steps && (argc < 2 || argv[1][0] == '-'))
        return fc_wrong_use(&usage, "需要脚本的名称", "needs the name of a script");
    fc_err err;
    fc_site *site = NULL;
    fc_dealership *d = NULL;
    if (keys) fc_site_keys_inherit(atoi(keys));
    if (heart) fc_heart_use_fd(atoi(heart));
    if (fc_verb_site(dir, dealership, &site, &d, &err))
        code = fc_failed(&err);
    else if (fc_copies_sweep(site->files), steps)
        code = fc_run_steps(d, steps, json != NULL, &usage);
    else
        code = job ? fc_run_job(d, atoll(job)) : fc_run_by_hand(d, as, argc, argv, json != NULL, &usage);
    fc_site_close(site);
    return code;
}
