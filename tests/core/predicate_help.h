/* For the tests of conditions: what they give, what is an error and what is refused. */
#ifndef PREDICATE_HELP_H
#define PREDICATE_HELP_H
#include "rules/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Tests write JSON with ' for ". */
static inline json_t *json(const char *text)
{
    char *copy = strdup(text);
    for (char *p = copy; *p; p++)
        if (*p == '\'') *p = '"';
    json_error_t why;
    json_t *v = json_loads(copy, JSON_DECODE_ANY, &why);
    if (!v) fail_msg("%s: %s", copy, why.text);
    free(copy);
    return v;
}

static inline fc_predicate *compiled(const char *text, const char *schema)
{
    json_t *p = json(text), *facts = schema ? json(schema) : NULL;
    fc_predicate *out = NULL;
    fc_err err = {0};
    if (fc_predicate_compile(p, facts, &out, &err)) fail_msg("%s: %s", text, err.text[FC_EN]);
    json_decref(p); /* the predicate must not live on the caller's data */
    json_decref(facts);
    return out;
}

static inline int evaluated(const char *text, const char *facts_text, enum fc_truth *is, fc_err *err)
{
    fc_predicate *p = compiled(text, NULL);
    json_t *facts = json(facts_text), *trace = json_array();
    enum fc_truth plain = 77;
    int rc = fc_predicate_eval(p, facts, NULL, &plain, err);
    assert_int_equal(fc_predicate_eval(p, facts, trace, is, NULL), rc);
    if (!rc) assert_int_equal(plain, *is);
    json_decref(facts);
    json_decref(trace);
    fc_predicate_free(p);
    return rc;
}

static inline void gives(const char *text, const char *facts, enum fc_truth want)
{
    enum fc_truth is = 77;
    fc_err err = {0};
    if (evaluated(text, facts, &is, &err)) fail_msg("%s on %s: %s", text, facts, err.text[FC_EN]);
    if (is != want) fail_msg("%s on %s is %d, not %d", text, facts, is, want);
}

static inline void errs(const char *text, const char *facts, const char *part)
{
    enum fc_truth is;
    fc_err err = {0};
    int rc = evaluated(text, facts, &is, &err);
    if (!rc) fail_msg("%s on %s should be an error", text, facts);
    if (!strstr(err.text[FC_EN], part)) fail_msg("\"%s\" does not say \"%s\"", err.text[FC_EN], part);
    assert_true(strlen(err.text[FC_ZH]) > 10);
    assert_int_equal(err.code, rc);
}

static inline void refused(const char *text, const char *schema, const char *part)
{
    json_t *p = json(text), *facts = schema ? json(schema) : NULL;
    fc_predicate *out = (fc_predicate *)1;
    fc_err err = {0};
    int rc = fc_predicate_compile(p, facts, &out, &err);
    if (!rc) fail_msg("%s should be refused", text);
    assert_null(out);
    assert_int_equal(err.code, rc);
    if (!strstr(err.text[FC_EN], part)) fail_msg("\"%s\" does not say \"%s\"", err.text[FC_EN], part);
    assert_true(strlen(err.text[FC_ZH]) > 10);
    json_decref(p);
    json_decref(facts);
}

#define LEAF(op, value) "{'op':'" op "','fact':'f','value':" value "}"
#define BARE(op) "{'op':'" op "','fact':'f'}"
#define T "{'op':'true','fact':'t'}"
#endif
