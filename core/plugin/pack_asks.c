/* Lists of the manifest become one flat set, so that "asks for more" is a difference of sets, whatever keys
 * manifests get: a key that is not known here is shown with its name instead of being passed over. */
#include "plugin/pack_asks.h"
#include "plugin/tables.h"
#include "base/buf.h"
#include "lua/vm.h"
#include "text/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add(json_t *out, const char *kind, const char *what)
{
    fc_buf b = {0};
    size_t i;
    json_t *have;
    int known = 0;
    fc_buf_addf(&b, "%s:%s", kind, what);
    json_array_foreach(out, i, have) known |= strcmp(json_string_value(have), b.data) == 0;
    if (!known) json_array_append_new(out, json_string(b.data));
    fc_buf_free(&b);
}

/* { "a", "b" } and { a = ..., b = ... } */
static void add_all(json_t *out, const char *kind, const json_t *value)
{
    size_t i;
    json_t *v;
    const char *key;
    if (json_is_string(value)) add(out, kind, json_string_value(value));
    json_array_foreach((json_t *)value, i, v) if (json_is_string(v)) add(out, kind, json_string_value(v));
    json_object_foreach((json_t *)value, key, v) add(out, kind, key);
}

static int says_nothing_of_rights(const char *key)
{
    static const char *const keys[] = {"id",       "version",       "title",  "about",   "uses", "opens",
                                       "settings", "requires_host", "tables", "secrets", NULL};
    for (const char *const *k = keys; *k; k++)
        if (strcmp(*k, key) == 0) return 1;
    return 0;
}

static void add_modules(json_t *out, const json_t *uses)
{
    size_t i;
    json_t *v;
    json_array_foreach((json_t *)uses, i, v)
    {
        const char *name = json_is_string(v) ? json_string_value(v) : "";
        if (strncmp(name, "host.", 5) != 0 || !fc_module_is_free(name + 5)) add(out, "uses", name);
    }
}

/* With its server: a secret that goes to another one is another right. */
static void add_secrets(json_t *out, const json_t *secrets)
{
    const char *name;
    json_t *host;
    json_object_foreach((json_t *)secrets, name, host)
    {
        char text[400];
        snprintf(text, sizeof text, "%s (%s)", name, json_string_value(host) ? json_string_value(host) : "?");
        add(out, "secrets", text);
    }
}

static json_t *sorted(json_t *list)
{
    size_t n = json_array_size(list);
    const char **texts = fc_alloc((n + 1) * sizeof *texts);
    for (size_t i = 0; i < n; i++)
        texts[i] = json_string_value(json_array_get(list, i));
    qsort(texts, n, sizeof *texts, by_text);
    json_t *out = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(out, json_string(texts[i]));
    free(texts);
    json_decref(list);
    return out;
}

json_t *fc_asks_of(fc_source *s)
{
    json_t *out = json_array(), *value;
    const char *key;
    add_modules(out, json_object_get(s->manifest, "uses"));
    add_secrets(out, json_object_get(s->manifest, "secrets"));
    const char **prefixes = fc_table_prefixes(s);
    for (const char **p = prefixes; *p; p++)
        add(out, "tables", *p);
    free(prefixes);
    json_object_foreach(s->manifest, key, value) if (!says_nothing_of_rights(key)) add_all(out, key, value);
    json_object_foreach(s->files, key, value)
    {
        if (strncmp(key, "amend/", 6) == 0) add(out, "amends", "");
        if (strncmp(key, "scripts/", 8) == 0) add(out, "scripts", "");
    }
    return sorted(out);
}

json_t *fc_asks_more(const json_t *now, const json_t *before)
{
    size_t i, k;
    json_t *ask, *old, *more = json_array();
    json_array_foreach((json_t *)now, i, ask)
    {
        int had = 0;
        json_array_foreach((json_t *)before, k, old) had |= json_equal(ask, old);
        if (!had) json_array_append(more, ask);
    }
    return more;
}

/* %s is what stands behind the colon. */
static const struct {
    const char *ask, *zh, *en;
} effects[] = {
    {"uses:host.db", "读取本店数据库中的数据（所有插件的表），写自己的表",
     "reads the data in the store's database (tables of all plugins) and writes its own tables"},
    {"uses:host.vault", "解开加密的个人数据（姓名、电话等）：只在使用它的人有权看时",
     "opens sealed personal data (names, phone numbers), where the person at work may see them"},
    {"uses:host.file", "读写站点 data/files 中的文件", "reads and writes files in the site's data/files"},
    {"uses:host.csv", "读取和生成 CSV、Excel 表格文件", "reads and makes CSV and Excel files"},
    {"uses:host.mail", "以本店的名义发邮件", "sends mails in the store's name"},
    {"uses:host.http", "通过网络发请求：只能发给这里写明的服务器",
     "sends requests over the network, to the servers named here and to no others"},
    {"uses:host.jobs", "启动、查看和停止后台任务", "starts, shows and stops jobs"},
    {"uses:host.session", "登录、注销用户，更改密码", "signs people in and out and changes passwords"},
    {"uses:host.plugins", "查看有哪些插件以及它们的问题",
     "sees which plugins there are and what is wrong with them"},
    {"uses:host.call", "运行其他插件的定义里的函数", "runs functions in the definitions of other plugins"},
    {"uses:host.audit", "写审计日志", "writes into the audit log"},
    {"uses:host.counter", "发放连续编号（如单据号）", "gives out running numbers (of forms, for example)"},
    {"uses:host.rules", "运行规则并记录每个决定", "runs rules and records each decision"},
    {"uses:host.progress", "在任务中显示进度", "shows the progress of jobs"},
    {"uses:", "使用宿主的功能 %s", "uses %s of the host"},
    {"tables:", "拥有以 %s 开头的表，只有它能写",
     "owns the tables that begin with %s, which it alone writes"},
    {"hosts:", "与服务器 %s 通信", "talks to the server %s"},
    {"secrets:", "使用本站的密钥 %s：只能发给括号中的服务器，插件看不到它的内容",
     "uses the site's secret %s: it goes to the server in brackets only, and the plugin cannot see it"},
    {"reads:", "读取 %s 中的数据", "reads the data in %s"},
    {"writes:", "更改 %s 中的数据", "changes the data in %s"},
    {"needs:", "使用“%s”提供的功能，并为它增加内容",
     "works with \"%s\": calls what it offers and adds to what it shows"},
    {"amends:", "更改其他插件的内容（问题、规则、报表等）",
     "changes what other plugins define (questions, rules, reports and so on)"},
    {"scripts:", "为操作人员增加可运行的脚本", "adds scripts that operators can run"},
    {"point:", "把自己的文件加入 %s", "adds its files to %s"},
};

#define LONGEST_WORD 120

/* The title is its author's; the id is checked, and nobody else's. */
static void add_title(fc_buf *out, const char *id, const json_t *names, enum fc_lang lang)
{
    const json_t *t = json_object_get(names, id);
    const char *s = json_is_string(t) ? json_string_value(t)
                                      : json_string_value(json_object_get(t, lang == FC_EN ? "en" : "zh"));
    if (s) fc_utf8_tame(s, LONGEST_WORD, out);
    if (s) fc_buf_adds(out, " (");
    fc_utf8_tame(id, LONGEST_WORD, out);
    if (s) fc_buf_addc(out, ')');
}

static int has_effect(const char *ask, const char *effect)
{
    size_t n = strlen(effect);
    return effect[n - 1] == ':' ? strncmp(ask, effect, n) == 0 : strcmp(ask, effect) == 0;
}

char *fc_ask_text(const char *ask, const json_t *names, enum fc_lang lang)
{
    fc_buf out = {0};
    const char *colon = strchr(ask, ':'), *what = colon ? colon + 1 : "";
    for (size_t i = 0; i < sizeof effects / sizeof *effects; i++) {
        if (!has_effect(ask, effects[i].ask)) continue;
        const char *text = lang == FC_EN ? effects[i].en : effects[i].zh, *at = strstr(text, "%s");
        if (!at) return fc_buf_adds(&out, text), out.data;
        fc_buf_add(&out, text, (size_t)(at - text));
        if (strncmp(ask, "needs:", 6) == 0)
            add_title(&out, what, names, lang);
        else
            fc_utf8_tame(what, LONGEST_WORD, &out);
        return fc_buf_adds(&out, at + 2), out.data;
    }
    fc_buf_adds(&out, lang == FC_EN ? "asks for " : "要求 ");
    fc_utf8_tame(ask, LONGEST_WORD, &out);
    return out.data;
}

json_t *fc_asks_words(const json_t *asks, const json_t *names)
{
    size_t i;
    json_t *ask, *out = json_array();
    json_array_foreach((json_t *)asks, i, ask)
    {
        char *zh = fc_ask_text(json_string_value(ask), names, FC_ZH),
             *en = fc_ask_text(json_string_value(ask), names, FC_EN);
        json_array_append_new(out, json_pack("{s:s, s:s}", "zh", zh, "en", en));
        free(zh);
        free(en);
    }
    return out;
}
