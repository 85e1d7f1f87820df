/* What a dealer does: install, accept, remove. What a pack may do is shown before anything changes. */
#include "pack/fetch.h"
#include "plugin/pack_asks.h"
#include "verbs/json_line.h"
#include "verbs/pack.h"
#include "verbs/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void print_asks(const json_t *asks, const json_t *more, const json_t *names)
{
    size_t i, k;
    json_t *ask, *other;
    json_array_foreach((json_t *)asks, i, ask)
    {
        int fresh = 0;
        json_array_foreach((json_t *)more, k, other) fresh |= json_equal(ask, other);
        char *text = fc_ask_text(json_string_value(ask), names, fc_process_lang());
        printf("  %s %s\n", fresh ? fc_say("新：", "new:") : "-", text);
        free(text);
    }
    if (json_array_size(asks) == 0) printf("  %s\n", fc_say("- 不要求任何权限", "- asks for nothing"));
}

static void print_head(const char *id, const char *version, const char *before, const char *key)
{
    printf("%s %s", id, version);
    if (before) printf(fc_say("（现在是 %s）", " (now %s)"), before);
    if (*key)
        printf(fc_say("，由 %s 签名\n", ", signed by %s\n"), key);
    else
        printf("%s\n",
               fc_say("，没有受信任的签名：无人为它担保", ", no trusted signature: nobody vouches for it"));
}

/* For an update only what is new is marked; of a new pack everything is. */
static void print_items(const fc_install *in)
{
    for (size_t i = 0; i < in->n; i++) {
        const fc_pack_item *item = &in->items[i];
        print_head(item->source->id, fc_source_version(item->source), item->before, item->key);
        print_asks(item->asks, item->before ? item->more : NULL, in->names);
    }
}

static int is_yes(const char *zh, const char *en)
{
    char line[16] = "";
    printf("%s", fc_say(zh, en));
    fflush(stdout);
    return fgets(line, sizeof line, stdin) && (*line == 'y' || *line == 'Y');
}

static int any_new(const fc_install *in)
{
    for (size_t i = 0; i < in->n; i++)
        if (!in->items[i].before) return 1;
    return 0;
}

static json_t *as_json(const fc_install *in, const char *state)
{
    json_t *list = json_array();
    for (size_t i = 0; i < in->n; i++) {
        const fc_pack_item *item = &in->items[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s*, s:s, s:I, s:s, s:s, s:O, s:O}", "id",
                                              item->source->id, "version", fc_source_version(item->source),
                                              "before", item->before, "hash", item->archive->hash, "seq",
                                              (json_int_t)item->archive->index->seq, "key", item->key,
                                              "source", item->from, "asks", item->asks, "more", item->more));
    }
    return json_pack("{s:s, s:o}", "state", state, "packs", list);
}

static int ends_with_pack(const char *word)
{
    size_t n = strlen(word);
    return n > 5 && strcmp(word + n - 5, ".pack") == 0;
}

static int is_index(const char *word)
{
    if (fc_fetch_is_url(word)) return !ends_with_pack(word);
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/index.json", word);
    return stat(path, &st) == 0;
}

/* Where an index was named a bare word is a name in it, also beside a folder that is called the same. */
static int is_pack_place(const char *word, const char *from)
{
    return strchr(word, '/') || ends_with_pack(word) || (!from && access(word, F_OK) == 0);
}

/* Everything an index has: a folder that is an index was named, and nothing of it. */
static int whole_index(fc_install *in, fc_err *err)
{
    size_t i;
    json_t *entry;
    int rc = FC_OK;
    json_array_foreach(in->registry->packs, i, entry) if (!rc) rc =
        fc_install_name(in, json_string_value(json_object_get(entry, "id")), err);
    return rc;
}

static int gather(fc_install *in, int argc, char **argv, const char *from, fc_err *err)
{
    int rc = from ? fc_install_from(in, from, err) : FC_OK;
    if (argc == 1 && !rc) rc = fc_install_locked(in, err);
    for (int i = 1; i < argc && !rc; i++) {
        if (!from && argc == 2 && is_index(argv[i])) {
            rc = fc_install_from(in, argv[i], err);
            if (!rc) rc = whole_index(in, err);
        } else {
            rc = is_pack_place(argv[i], from) ? fc_install_file(in, argv[i], err)
                                              : fc_install_name(in, argv[i], err);
        }
    }
    return rc ? rc : fc_install_resolve(in, err);
}

enum answer { PUT, STAGE, LEAVE, ASK_BY_OPTION };

/* --yes answers for new packs. That an update may do more than before is for a person to say, not for a
 * script. */
static enum answer decide(const fc_install *in, int yes, int json)
{
    int widens = fc_install_widens(in), terminal = isatty(0) && isatty(1) && !json;
    if (!widens && (yes || !any_new(in))) return PUT;
    if (terminal) return is_yes("安装？[y/N] ", "Install? [y/N] ") ? PUT : LEAVE;
    return widens ? STAGE : ASK_BY_OPTION;
}

/* Where site.lua says watch = false a change of the folders is none yet. */
static void say_when(const fc_install *in)
{
    if (in->still)
        printf("%s", fc_say("这个站点不监视文件夹（watch = false）：运行 forecourt plugin reload 后生效\n",
                            "this site does not watch its folders (watch = false): forecourt plugin reload "
                            "puts it in force\n"));
}

static int say_done(const fc_install *in, enum answer what, int json)
{
    if (json) {
        json_t *v = as_json(in, what == PUT ? "installed" : "staged");
        fc_print_json(v);
        json_decref(v);
    } else if (what == PUT) {
        for (size_t i = 0; i < in->n; i++)
            printf(fc_say("已安装 %s %s\n", "installed %s %s\n"), in->items[i].source->id,
                   fc_source_version(in->items[i].source));
        say_when(in);
    } else {
        printf("%s",
               fc_say("更新要求更多权限，已放在一边；现在的版本继续使用。同意请运行 forecourt pack accept\n",
                      "the update asks for more than what runs, so it waits and the version that runs stays "
                      "in force. To agree: "
                      "forecourt pack accept\n"));
    }
    return 0;
}

static int finish(fc_install *in, int yes, int json, fc_err *err)
{
    if (in->n == 0) {
        json_t *v = as_json(in, "unchanged");
        if (json)
            fc_print_json(v);
        else
            printf("%s\n", fc_say("没有要做的：已是最新", "nothing to do: all is up to date"));
        json_decref(v);
        return 0;
    }
    if (!json) print_items(in);
    enum answer what = decide(in, yes, json);
    if (what == LEAVE) return printf("%s\n", fc_say("没有改变任何东西", "nothing was changed")), 1;
    if (what == ASK_BY_OPTION) {
        fc_fail(err, FC_EDENIED, "没有终端可以询问：看过上面的权限后，加 --yes 再运行一次",
                "there is no terminal to ask on: look at what it may do "
                "and run it again with --yes");
        return fc_failed(err);
    }
    if (fc_install_commit(in, what == STAGE, fc_cli_login(), err)) return fc_failed(err);
    return say_done(in, what, json);
}

int fc_pack_verb_install(int argc, char **argv)
{
    const char *dir = ".", *from = NULL, *yes = NULL, *dev = NULL, *json = NULL;
    const fc_option options[] = {
        {"from", "INDEX", "索引所在的文件夹或网址", "folder or address of an index", &from},
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {"yes", NULL, "同意新包的权限，不询问（更新要求更多时仍会等人确认）",
         "agrees to what new packs ask for (an update that asks for more waits for a person all the same)",
         &yes},
        {"dev", NULL, "自己试用：接受没有受信任签名的包",
         "to try it yourself: takes packs without a trusted signature", &dev},
        {"json", NULL, "结果为一行 JSON", "the result as one line of JSON", &json},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage u = {
        "pack install",
        "[FILE|ADDRESS|FOLDER|ID[@RANGE] ...]",
        "安装或更新包及其依赖：.pack "
        "文件或网址，有索引的文件夹，或索引中的名字。先显示它能做什么。运行中的站点随即采用。不带参数则把 "
        "packs.lock 所记而缺失或损坏的重新装好。",
        "Installs or updates packs and what they need: .pack files or addresses, a folder with an index, or "
        "names out of an index. First shows what they may do. A site that runs takes them up at once. "
        "Without arguments puts back what packs.lock names and is missing or damaged.",
        options,
        0};
    fc_install *in = NULL;
    fc_err err;
    int code = fc_options(&u, &argc, argv);
    if (code >= 0) return code;
    int rc = fc_install_open(dir, dev != NULL, &in, &err);
    if (!rc) rc = gather(in, argc, argv, from, &err);
    code = rc ? fc_failed(&err) : finish(in, yes != NULL, json != NULL, &err);
    fc_install_close(in);
    return code;
}

/* ---- accept */

static int accept_staged(fc_install *in, const json_t *staged, int yes, int refuse, fc_err *err)
{
    size_t i;
    json_t *one;
    if (json_array_size(staged) == 0)
        return printf("%s\n", fc_say("没有等待确认的包", "no pack waits for a person")), 0;
    json_array_foreach((json_t *)staged, i, one)
    {
        print_head(json_string_value(json_object_get(one, "id")),
                   json_string_value(json_object_get(one, "version")),
                   json_string_value(json_object_get(one, "before")),
                   json_string_value(json_object_get(one, "key")));
        print_asks(json_object_get(one, "asks"), json_object_get(one, "more"), in->names);
    }
    if (refuse) {
        if (fc_install_refuse(in, fc_cli_login(), err)) return fc_failed(err);
        return printf("%s\n", fc_say("已拒绝，现在的版本继续使用", "refused: the version that runs stays")),
               0;
    }
    if (!yes && !isatty(0)) {
        fc_fail(err, FC_EDENIED, "没有终端可以询问：同意请加 --yes",
                "there is no terminal to ask on: to agree add --yes");
        return fc_failed(err);
    }
    if (!yes && !is_yes("同意？[y/N] ", "Agree? [y/N] "))
        return printf("%s\n", fc_say("没有改变任何东西", "nothing was changed")), 1;
    if (fc_install_accept(in, fc_cli_login(), err)) return fc_failed(err);
    printf("%s\n", fc_say("已采用", "in force"));
    say_when(in);
    return 0;
}

int fc_pack_verb_accept(int argc, char **argv)
{
    const char *dir = ".", *yes = NULL, *refuse = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {"yes", NULL, "同意，不询问", "agrees without asking", &yes},
        {"refuse", NULL, "拒绝：丢弃等待的更新", "refuses: the waiting updates are dropped", &refuse},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage u = {"pack accept",
                        "",
                        "显示等待确认的更新要求什么，同意后采用。",
                        "Shows what waiting updates ask for, and puts them in force if you agree.",
                        options,
                        0};
    fc_install *in = NULL;
    fc_err err;
    int code = fc_options(&u, &argc, argv);
    if (code >= 0) return code;
    if (argc > 1) return fc_wrong_use(&u, "多余的参数 %s", "unexpected argument %s", argv[1]);
    if (fc_install_open(dir, 0, &in, &err)) return fc_failed(&err);
    json_t *staged = fc_install_staged(in);
    code = accept_staged(in, staged, yes != NULL, refuse != NULL, &err);
    json_decref(staged);
    fc_install_close(in);
    return code;
}

int fc_pack_verb_remove(int argc, char **argv)
{
    const char *dir = ".";
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage u = {"pack remove",
                        "ID",
                        "移除一个包。它的表和数据保留；重新安装时还在。",
                        "Removes a pack. Its tables and data stay, and are there again when it comes back.",
                        options,
                        0};
    fc_install *in = NULL;
    fc_err err;
    int code = fc_options(&u, &argc, argv);
    if (code >= 0) return code;
    if (argc != 2) return fc_wrong_use(&u, "需要一个 id", "needs one id");
    int rc = fc_install_open(dir, 0, &in, &err);
    if (!rc) rc = fc_install_remove(in, argv[1], fc_cli_login(), &err);
    if (!rc) printf(fc_say("已移除 %s\n", "removed %s\n"), argv[1]);
    if (!rc) say_when(in);
    fc_install_close(in);
    return rc ? fc_failed(&err) : 0;
}
