/* Several scripts in one process, a line of a file each. */
#include "base/clock.h"
#include "verbs/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_WORDS 32

/* "[@2026-11-20T09:30:00] LOGIN SCRIPT [--NAME VALUE ...]", words parted by blanks. */
static int run_step(fc_dealership *d, char *line, int json, const fc_usage *usage)
{
    char *argv[STEP_WORDS + 1] = {"run"}, *as = NULL, *rest = NULL;
    int argc = 1;
    for (char *word = strtok_r(line, " \t\r\n", &rest); word; word = strtok_r(NULL, " \t\r\n", &rest)) {
        if (word[0] == '#' && !as) return 0;
        if (word[0] == '@' && !as) {
            int rc = fc_clock_move(word + 1);
            if (rc == FC_EDENIED)
                return fc_wrong_use(usage, "只有设置了 FORECOURT_NOW 才能用 %s 拨动时钟",
                                    "%s moves the clock, which needs FORECOURT_NOW to be set", word);
            if (rc)
                return fc_wrong_use(usage, "%s 不是时间（应为 @2026-11-20T09:30:00）",
                                    "%s is no time (@2026-11-20T09:30:00 is expected)", word);
        } else if (!as) {
            as = word;
        } else if (argc < STEP_WORDS) {
            argv[argc++] = word;
        } else {
            return fc_wrong_use(usage, "一行最多 %d 个词", "at most %d words on a line", STEP_WORDS);
        }
    }
    if (!as) return 0;
    if (argc < 2) return fc_wrong_use(usage, "%s 后面要有脚本的名称", "%s is not followed by a script", as);
    return fc_run_by_hand(d, as, argc, argv, json, usage);
}

/* The first step that fails ends it; what the ones before did stays done. */
int fc_run_steps(fc_dealership *d, const char *path, int json, const fc_usage *usage)
{
    char *line = NULL;
    size_t cap = 0;
    int code = 0, n = 0;
    fc_err err;
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!in) {
        fc_fail(&err, FC_ENOTFOUND, "%s: 无法打开：%m", "%s: cannot be opened: %m", path);
        return fc_failed(&err);
    }
    while (!code && getline(&line, &cap, in) >= 0) {
        n++;
        code = run_step(d, line, json, usage);
    }
    if (code) fprintf(stderr, fc_say("%s:%d: 到这一步停止\n", "%s:%d: stopped at this step\n"), path, n);
    free(line);
    if (in != stdin) fclose(in);
    return code;
}
