/* Problems of a rule set that need no facts. Lint looks at the order of the rules and takes any shape without
 * finding, since shapes are the compiler's; the full check is the compiler going on after each problem,
 * then lint. */
#include "rules/rule_set.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *v, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(v, key));
    return text ? text : otherwise;
}

static void report(json_t *problems, const char *at, const char *zh, const char *en)
{
    json_array_append_new(problems, json_pack("{ss ss ss}", "at", at, "zh", zh, "en", en));
}

/* Where an earlier rule stands, for a sentence: "(file:line)" or nothing. */
struct earlier {
    char zh[200], en[200];
};

static struct earlier place_of(const json_t *it)
{
    struct earlier e = {"", ""};
    const char *at = text_of(it, "at", NULL);
    if (!at) return e;
    snprintf(e.zh, sizeof e.zh, "（%.150s）", at);
    snprintf(e.en, sizeof e.en, " (%.150s)", at);
    return e;
}

static void report_duplicate(json_t *problems, const json_t *it, const json_t *first, const char *at)
{
    char zh[512], en[512];
    struct earlier e = place_of(first);
    const char *id = text_of(it, "id", "");
    snprintf(zh, sizeof zh, "规则 \"%.64s\"：这个 id 已经用过%s，请改名", id, e.zh);
    snprintf(en, sizeof en, "rule \"%.64s\": this id is used before%s; rename one", id, e.en);
    report(problems, at, zh, en);
}

static void report_unreachable(json_t *problems, const json_t *it, const json_t *always, const char *at)
{
    char zh[512], en[512];
    struct earlier e = place_of(always);
    const char *id = text_of(it, "id", "?"), *before = text_of(always, "id", "?");
    snprintf(zh, sizeof zh, "规则 \"%.64s\"：永远轮不到，因为前面的规则 \"%.64s\"%s没有条件", id, before,
             e.zh);
    snprintf(en, sizeof en,
             "rule \"%.64s\": is never reached, because rule \"%.64s\"%s before it has no condition", id,
             before, e.en);
    report(problems, at, zh, en);
}

static const json_t *same_id_before(const json_t *rules, size_t i)
{
    const char *id = text_of(json_array_get(rules, i), "id", NULL);
    for (size_t j = 0; id && j < i; j++)
        if (strcmp(text_of(json_array_get(rules, j), "id", ""), id) == 0) return json_array_get(rules, j);
    return NULL;
}

void fc_rule_set_lint(const json_t *set, json_t *problems)
{
    const json_t *rules = json_object_get(set, "rules"), *always = NULL;
    const char *set_at = text_of(set, "at", "");
    bool first = strcmp(text_of(set, "hit", ""), "first") == 0;
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const json_t *it = json_array_get(rules, i), *twin = same_id_before(rules, i);
        const char *at = text_of(it, "at", set_at);
        if (twin) report_duplicate(problems, it, twin, at);
        if (first && always) report_unreachable(problems, it, always, at);
        if (json_is_object(it) && !always && !json_object_get(it, "when")) always = it;
    }
    if (first && !always && !json_object_get(set, "otherwise"))
        report(problems, set_at, "没有 otherwise：所有规则都不符合时没有结论，请补上",
               "there is no otherwise: when no rule applies there is no conclusion; add one");
}

void fc_rule_set_check(const json_t *set, const json_t *facts, json_t *problems)
{
    compiler c = {.facts = facts, .problems = problems};
    fc_rule_set_free(compile_rule_set(&c, set));
    fc_rule_set_lint(set, problems);
}
