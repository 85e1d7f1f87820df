/* What a run of the compiler found wrong: the first problem into its error, all of them into its list. */
#include "rules/predicate.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void name_rule(fc_err *err, const char *rule)
{
    fc_err inner = *err;
    snprintf(err->text[FC_ZH], FC_ERR_TEXT, "规则 \"%.64s\"：%.800s", rule, inner.text[FC_ZH]);
    snprintf(err->text[FC_EN], FC_ERR_TEXT, "rule \"%.64s\": %.800s", rule, inner.text[FC_EN]);
}

int place_error(fc_err *err, const char *at, const char *rule)
{
    if (!err) return FC_EINVAL;
    if (rule) name_rule(err, rule);
    return at ? fc_wrap(err, at) : err->code;
}

void compiler_problem(compiler *c, const char *at, const fc_err *problem)
{
    fc_err p = *problem;
    if (!at) at = c->at;
    place_error(&p, NULL, c->rule);
    if (c->problems)
        json_array_append_new(c->problems, json_pack("{ss ss ss}", "at", at ? at : "", "zh", p.text[FC_ZH],
                                                     "en", p.text[FC_EN]));
    if (c->failed) return;
    c->failed = p.code;
    if (at) fc_wrap(&p, at);
    if (c->err) *c->err = p;
}

void compiler_fail(compiler *c, const char *at, int code, const char *zh, const char *en, ...)
{
    fc_err problem = {.code = code};
    const char *formats[2] = {zh, en};
    for (int lang = 0; lang < 2; lang++) {
        va_list args;
        va_start(args, en);
        vsnprintf(problem.text[lang], FC_ERR_TEXT, formats[lang], args);
        va_end(args);
    }
    compiler_problem(c, at, &problem);
}

bool compile_keys(compiler *c, const json_t *v, const char *at, const char *const *known)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)v, key, value)
    {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0)
            i++;
        if (known[i]) continue;
        compiler_fail(c, at, FC_EINVAL, "不认识的键 '%.64s'", "unknown key '%.64s'", key);
        return false;
    }
    return true;
}
