#include "verbs/verbs.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int, char **);
    const char *zh, *en;
} verbs[] = {
    {"init", fc_verb_init, "新建一个站点", "make a new site"},
    {"new", fc_verb_new, "新建插件", "make a plugin"},
    {"serve", fc_verb_serve, "运行工作台", "run the console"},
    {"check", fc_verb_check, "检查插件，指出每个问题", "check plugins and name every problem"},
    {"test", fc_verb_test, "运行插件的测试", "run plugins' tests"},
    {"doc", fc_verb_doc, "说明模块、函数和扩展点", "tell what modules, functions and points are"},
    {"eval", fc_verb_eval, "运行一段 Lua，打印结果", "run a piece of Lua and print what it returns"},
    {"repl", fc_verb_repl, "一行一行地试 Lua", "try Lua line by line"},
    {"tail", fc_verb_tail, "跟看一个插件", "follow a plugin on a running site"},
    {"run", fc_verb_run, "运行脚本", "run a script"},
    {"report", fc_verb_report, "打印报表", "print a report"},
    {"plugin", fc_verb_plugin, "插件：列出、历史、退回、停用", "plugins: list, history, back, off, on"},
    {"user", fc_verb_user, "管理用户和角色", "manage users and roles"},
    {"pack", fc_verb_pack, "插件包：制作、签名、安装", "packs: build, sign, install"},
    {"key", fc_verb_key, "主密钥：查看、更换", "the master key: show, change"},
    {"migrate", fc_verb_migrate, "执行数据结构的更改", "run the changes of the tables"},
    {"backup", fc_verb_backup, "备份站点", "back a site up"},
    {"restore", fc_verb_restore, "从备份恢复站点", "restore a site from a backup"},
    {"doctor", fc_verb_doctor, "检查站点是否健康", "tell whether a site is healthy"},
};

static void usage(FILE *out)
{
    fprintf(out, "forecourt %s\n%s\n", FORECOURT_VERSION,
            fc_say("用法：forecourt 命令 [选项]；每个命令都有 --help",
                   "usage: forecourt VERB [OPTIONS]; each verb has --help"));
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        fprintf(out, "  %-8s %s\n", verbs[i].name, fc_say(verbs[i].zh, verbs[i].en));
}

int fc_verb_main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return 2;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        usage(stdout);
        return 0;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("forecourt %s\n", FORECOURT_VERSION);
        return 0;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(argv[1], verbs[i].name) == 0) return verbs[i].run(argc - 1, argv + 1);
    fprintf(stderr,
            fc_say("forecourt: 没有命令 '%s'。用法：forecourt --help\n",
                   "forecourt: there is no verb '%s'. Usage: forecourt --help\n"),
            argv[1]);
    return 2;
}
