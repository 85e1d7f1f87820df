/* What a pack asks for, and what an update asks for beyond it. */
#include "plugin/pack_asks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static fc_source *source(const char *manifest, const char *file)
{
    json_t *problems = json_array();
    json_t *v = json_pack("{s:s, s:s, s:s, s:{s:s, s:s}}", "dir", "", "label", "packs/acme-x", "origin",
                          "pack", "files", "plugin.lua", manifest, file, "-- x\n");
    char *text = json_dumps(v, 0);
    fc_source *s = fc_source_load(text, strlen(text), problems);
    if (!s) {
        char *why = json_dumps(problems, 0);
        fail_msg("%s", why);
    }
    free(text);
    json_decref(v);
    json_decref(problems);
    return s;
}

static void expect(const json_t *list, const char *want)
{
    char *got = json_dumps(list, JSON_COMPACT);
    assert_string_equal(got, want);
    free(got);
}

static void what_a_manifest_asks_for(void **state)
{
    (void)state;
    fc_source *s = source("return { id = \"acme-x\", version = \"1.0.0\", uses = { \"host.vault\", "
                          "\"host.db\", \"host.page\", \"host.db\" }, "
                          "needs = { survey = \">=1.0\" } }",
                          "migrations/0001_a.sql");
    json_t *asks = fc_asks_of(s), *none = fc_asks_more(asks, asks), *all = fc_asks_more(asks, NULL);
    /* host.page is free for everybody; migrations make tables of its own */
    expect(asks, "[\"needs:survey\",\"tables:acme_x_\",\"uses:host.db\",\"uses:host.vault\"]");
    expect(none, "[]");
    assert_int_equal(json_array_size(all), 4);
    json_decref(asks);
    json_decref(none);
    json_decref(all);
    fc_source_unref(s);
    s = source("return { id = \"acme-x\", version = \"1.0.0\", tables = { \"b_\", \"a_\" } }", "amend/x.lua");
    asks = fc_asks_of(s);
    expect(asks, "[\"amends:\",\"tables:a_\",\"tables:b_\"]");
    json_decref(asks);
    fc_source_unref(s);
}

/* A secret that is to go to another server is something new to be agreed to. */
static void servers_and_secrets(void **state)
{
    (void)state;
#define HEAD "return { id = \"acme-x\", version = \"1.0.0\", uses = { \"host.http\" }, "
    fc_source *old =
                  source(HEAD "hosts = { \"a.cn\", \"b.cn:81\" }, secrets = { token = \"a.cn\" } }", "x.lua"),
              *now = source(HEAD "hosts = { \"a.cn\", \"b.cn:81\" }, secrets = { token = \"b.cn:81\" } }",
                            "x.lua");
    json_t *before = fc_asks_of(old), *asks = fc_asks_of(now), *more = fc_asks_more(asks, before);
    expect(before, "[\"hosts:a.cn\",\"hosts:b.cn:81\",\"secrets:token (a.cn)\",\"uses:host.http\"]");
    expect(more, "[\"secrets:token (b.cn:81)\"]");
    json_decref(before);
    json_decref(asks);
    json_decref(more);
    fc_source_unref(old);
    fc_source_unref(now);
}

static void more_is_a_difference(void **state)
{
    (void)state;
    json_t *old = json_pack("[s, s, s]", "needs:a", "uses:host.db", "uses:host.mail"),
           *now = json_pack("[s, s, s]", "hosts:erp.example", "needs:a", "uses:host.db"),
           *more = fc_asks_more(now, old);
    expect(more, "[\"hosts:erp.example\"]");
    json_decref(old);
    json_decref(now);
    json_decref(more);
}

static void in_words(void **state)
{
    (void)state;
    json_t *names =
        json_pack("{s:{s:s, s:s}, s:s}", "survey", "zh", "问卷", "en", "Questionnaires", "plain", "Plain");
    static const struct {
        const char *ask, *zh, *en;
    } rows[] = {
        {"needs:survey", "“问卷 (survey)”", "\"Questionnaires (survey)\""},
        {"needs:plain", "“Plain (plain)”", "\"Plain (plain)\""},
        {"needs:nobody", "“nobody”", "\"nobody\""},
        {"uses:host.mail", "发邮件", "sends mails"},
        {"uses:host.new", "host.new", "host.new"},
        {"hosts:erp.example", "erp.example", "erp.example"},
        {"uses:host.http", "只能发给这里写明的服务器", "to the servers named here and to no others"},
        {"secrets:token (erp.example)", "密钥 token (erp.example)", "secret token (erp.example)"},
        {"tables:acme_", "acme_ 开头", "begin with acme_"},
        {"strange:thing", "strange:thing", "strange:thing"},
        {"amends:", "其他插件", "other plugins"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *zh = fc_ask_text(rows[i].ask, names, FC_ZH), *en = fc_ask_text(rows[i].ask, names, FC_EN);
        if (!strstr(zh, rows[i].zh) || !strstr(en, rows[i].en)) fail_msg("%s: %s / %s", rows[i].ask, zh, en);
        free(zh);
        free(en);
    }
    json_decref(names);
}

/* What the author of a pack writes is shown where a person decides: it may not move the cursor, turn the line
 * round, begin a line of its own, or pose as another plugin. */
static void what_an_author_wrote_stays_in_its_place(void **state)
{
    (void)state;
    static const char *const titles[] = {"\x1b[1A\x1b[2KA",
                                         "A\n  - asks for nothing",
                                         "\xc2\x9b"
                                         "2KA",
                                         "\xe2\x80\xae"
                                         "A",
                                         "\xe2\x80\x8b",
                                         "\x7f\r\tA"};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        json_t *names = json_pack("{s:s}", "acme-lib", titles[i]);
        char *text = fc_ask_text("needs:acme-lib", names, FC_EN);
        if (strstr(text, titles[i]) || strpbrk(text, "\x1b\n\r\t\x7f") || strstr(text, "\xc2\x9b") ||
            strstr(text, "\xe2\x80"))
            fail_msg("%zu: %s", i, text);
        if (!strstr(text, "(acme-lib)")) fail_msg("%zu: %s", i, text);
        free(text);
        json_decref(names);
    }
    char *text = fc_ask_text("strange:\x1b[2J", NULL, FC_ZH);
    assert_null(strchr(text, '\x1b'));
    free(text);
    char longest[2000];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    json_t *names = json_pack("{s:s}", "acme-lib", longest);
    text = fc_ask_text("needs:acme-lib", names, FC_EN);
    assert_true(strlen(text) < 400);
    free(text);
    json_decref(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_manifest_asks_for),
        cmocka_unit_test(servers_and_secrets),
        cmocka_unit_test(more_is_a_difference),
        cmocka_unit_test(in_words),
        cmocka_unit_test(what_an_author_wrote_stays_in_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
