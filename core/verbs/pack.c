/* forecourt pack SUB ...: finds the sub-verb. */
#include "verbs/pack.h"
#include "verbs/verbs.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int, char **);
    const char *zh, *en;
} subs[] = {
    {"key", fc_pack_verb_key, "发布者：新建签名密钥", "publishers: make a signing key"},
    {"build", fc_pack_verb_build, "发布者：把插件文件夹做成包",
     "publishers: make a pack of a plugin's folder"},
    {"sign", fc_pack_verb_sign, "发布者：给包签名", "publishers: sign a pack"},
    {"index", fc_pack_verb_index, "发布者：为一个文件夹的包做签名的索引",
     "publishers: make a signed index of a folder of packs"},
    {"verify", fc_pack_verb_verify, "检查包和签名，或已安装的包",
     "check a pack and its signature, or what is installed"},
    {"trust", fc_pack_verb_trust, "信任发布者的公钥；不带参数则列出",
     "trust a publisher's key; without arguments show them"},
    {"untrust", fc_pack_verb_untrust, "不再信任一把公钥", "trust a key no more"},
    {"install", fc_pack_verb_install, "安装或更新包", "install or update packs"},
    {"accept", fc_pack_verb_accept, "接受等待确认的更新", "accept updates that wait for a person"},
    {"remove", fc_pack_verb_remove, "移除包", "remove a pack"},
    {"list", fc_pack_verb_list, "列出已安装的包，或索引里的包", "show installed packs, or those of an index"},
    {"mirror", fc_pack_verb_mirror, "把索引和它的包复制到文件夹",
     "copy an index and its packs into a folder"},
};

static void usage(FILE *out)
{
    fprintf(out, "%s\n",
            fc_say("用法：forecourt pack 命令 [选项]；每个命令都有 --help",
                   "usage: forecourt pack VERB [OPTIONS]; each verb has --help"));
    for (size_t i = 0; i < sizeof subs / sizeof *subs; i++)
        fprintf(out, "  %-8s %s\n", subs[i].name, fc_say(subs[i].zh, subs[i].en));
}

int fc_verb_pack(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) return usage(stdout), 0;
    for (size_t i = 0; i < sizeof subs / sizeof *subs; i++)
        if (strcmp(name, subs[i].name) == 0) return subs[i].run(argc - 1, argv + 1);
    if (*name)
        fprintf(stderr, fc_say("forecourt pack: 没有命令 '%s'\n", "forecourt pack: there is no verb '%s'\n"),
                name);
    usage(stderr);
    return 2;
}
