/* Conditions: each operation against known, missing and wrong facts, Kleene's tables, the trace, and the
 * sentences. */
#include "text/nearest.h"
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
static json_t *json(const char *text)
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

static fc_predicate *compiled(const char *text, const char *schema)
{
    json_t *p = json(text), *facts = schema ? json(schema) : NULL;
    fc_predicate *out = NULL;
    fc_err err = {0};
    if (fc_predicate_compile(p, facts, &out, &err)) fail_msg("%s: %s", text, err.text[FC_EN]);
    json_decref(p); /* the predicate must not live on the caller's data */
    json_decref(facts);
    return out;
}

static int evaluated(const char *text, const char *facts_text, enum fc_truth *is, fc_err *err)
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

static void gives(const char *text, const char *facts, enum fc_truth want)
{
    enum fc_truth is = 77;
    fc_err err = {0};
    if (evaluated(text, facts, &is, &err)) fail_msg("%s on %s: %s", text, facts, err.text[FC_EN]);
    if (is != want) fail_msg("%s on %s is %d, not %d", text, facts, is, want);
}

static void errs(const char *text, const char *facts, const char *part)
{
    enum fc_truth is;
    fc_err err = {0};
    int rc = evaluated(text, facts, &is, &err);
    if (!rc) fail_msg("%s on %s should be an error", text, facts);
    if (!strstr(err.text[FC_EN], part)) fail_msg("\"%s\" does not say \"%s\"", err.text[FC_EN], part);
    assert_true(strlen(err.text[FC_ZH]) > 10);
    assert_int_equal(err.code, rc);
}

static void refused(const char *text, const char *schema, const char *part)
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

static void equality(void **state)
{
    (void)state;
    gives(LEAF("is", "'a'"), "{'f':'a'}", FC_TRUE);
    gives(LEAF("is", "'a'"), "{'f':'A'}", FC_FALSE);
    gives(LEAF("is", "''"), "{'f':''}", FC_TRUE);
    gives(LEAF("is", "'刹车'"), "{'f':'刹车'}", FC_TRUE);
    gives(LEAF("is", "1"), "{'f':1.0}", FC_TRUE);
    gives(LEAF("is", "1.5"), "{'f':1}", FC_FALSE);
    gives(LEAF("is", "true"), "{'f':true}", FC_TRUE);
    gives(LEAF("is", "true"), "{'f':1}", FC_TRUE);
    gives(LEAF("is", "false"), "{'f':0}", FC_TRUE);
    gives(LEAF("is", "true"), "{'f':0}", FC_FALSE);
    gives(LEAF("is", "[1,'a',[true,null]]"), "{'f':[1.0,'a',[true,null]]}", FC_TRUE);
    gives(LEAF("is", "[1,2]"), "{'f':[2,1]}", FC_FALSE);
    gives(LEAF("is", "[1,2]"), "{'f':[1]}", FC_FALSE);
    gives(LEAF("is", "{'a':1,'b':2}"), "{'f':{'b':2.0,'a':1}}", FC_TRUE);
    gives(LEAF("is", "{'a':1}"), "{'f':{'b':1}}", FC_FALSE);
    gives(LEAF("is", "{'a':1}"), "{'f':{'a':'1'}}", FC_FALSE);
    gives(LEAF("isnt", "'a'"), "{'f':'b'}", FC_TRUE);
    gives(LEAF("isnt", "'a'"), "{'f':'a'}", FC_FALSE);
    gives(LEAF("isnt", "'a'"), "{}", FC_UNKNOWN);
    gives(LEAF("is", "'a'"), "{'f':null}", FC_UNKNOWN);
}

static void integers_stay_exact(void **state)
{
    (void)state;
    gives(LEAF("is", "9007199254740993"), "{'f':9007199254740992}", FC_FALSE);
    gives(LEAF("is", "9007199254740993"), "{'f':9007199254740992.0}", FC_FALSE);
    gives(LEAF("gt", "9007199254740992.0"), "{'f':9007199254740993}", FC_TRUE);
    gives(LEAF("lt", "9223372036854775807"), "{'f':9223372036854775806}", FC_TRUE);
    gives(LEAF("lt", "9223372036854775808.0"), "{'f':9223372036854775807}", FC_TRUE);
    gives(LEAF("gt", "-1e300"), "{'f':-9223372036854775807}", FC_TRUE);
    gives(LEAF("lt", "1e300"), "{'f':5}", FC_TRUE);
    gives(LEAF("gt", "2"), "{'f':2.5}", FC_TRUE);
    gives(LEAF("lt", "-2"), "{'f':-2.5}", FC_TRUE);
    gives(LEAF("lt", "2.5"), "{'f':2}", FC_TRUE);
}

static void order(void **state)
{
    (void)state;
    static const char *const ops[] = {"lt", "le", "gt", "ge"};
    static const enum fc_truth want[4][3] = {/* fact 1, 2, 3 against 2 */
                                             {FC_TRUE, FC_FALSE, FC_FALSE},
                                             {FC_TRUE, FC_TRUE, FC_FALSE},
                                             {FC_FALSE, FC_FALSE, FC_TRUE},
                                             {FC_FALSE, FC_TRUE, FC_TRUE}};
    for (int o = 0; o < 4; o++)
        for (int f = 1; f <= 3; f++) {
            char p[100], facts[40];
            snprintf(p, sizeof p, "{'op':'%s','fact':'f','value':2}", ops[o]);
            snprintf(facts, sizeof facts, "{'f':%d}", f);
            gives(p, facts, want[o][f - 1]);
            gives(p, "{}", FC_UNKNOWN);
            snprintf(p, sizeof p, "{'op':'%s','fact':'f','value':'2026-11-02'}", ops[o]);
            snprintf(facts, sizeof facts, "{'f':'2026-11-0%d'}", f);
            gives(p, facts, want[o][f - 1]);
        }
    gives(LEAF("lt", "'ab'"), "{'f':'a'}", FC_TRUE);
    gives(LEAF("lt", "'\xF0\x9F\x98\x80'"), "{'f':'\xEF\xBF\xBD'}", FC_TRUE); /* U+FFFD before U+1F600 */
}

static void membership(void **state)
{
    (void)state;
    gives(LEAF("one_of", "['a','b']"), "{'f':'b'}", FC_TRUE);
    gives(LEAF("one_of", "['a','b']"), "{'f':'c'}", FC_FALSE);
    gives(LEAF("one_of", "[1,2]"), "{'f':2.0}", FC_TRUE);
    gives(LEAF("one_of", "['a']"), "{}", FC_UNKNOWN);
    gives(LEAF("has", "'a'"), "{'f':['b','a']}", FC_TRUE);
    gives(LEAF("has", "'a'"), "{'f':[]}", FC_FALSE);
    gives(LEAF("has", "'a'"), "{'f':{}}", FC_FALSE); /* an empty Lua table may arrive as either */
    gives(LEAF("has", "'a'"), "{'f':[null,'b']}", FC_FALSE);
    gives(LEAF("has", "'a'"), "{'f':null}", FC_UNKNOWN);
    gives(LEAF("has_any", "['a','b']"), "{'f':['x','b']}", FC_TRUE);
    gives(LEAF("has_any", "['a','b']"), "{'f':['x']}", FC_FALSE);
    gives(LEAF("has_all", "['a','b']"), "{'f':['b','x','a']}", FC_TRUE);
    gives(LEAF("has_all", "['a','b']"), "{'f':['b','x']}", FC_FALSE);
    gives(LEAF("has_all", "['a','a']"), "{'f':['a']}", FC_TRUE);
    gives(LEAF("has_all", "['a']"), "{}", FC_UNKNOWN);
}

static void texts_and_presence(void **state)
{
    (void)state;
    gives(LEAF("matches", "'刹车失灵|自燃'"), "{'f':'昨天自燃了'}", FC_TRUE);
    gives(LEAF("matches", "'^自燃'"), "{'f':'昨天自燃了'}", FC_FALSE);
    gives(LEAF("matches", "'a'"), "{}", FC_UNKNOWN);
    gives(BARE("empty"), "{'f':''}", FC_TRUE);
    gives(BARE("empty"), "{'f':' '}", FC_FALSE);
    gives(BARE("empty"), "{'f':[]}", FC_TRUE);
    gives(BARE("empty"), "{'f':[0]}", FC_FALSE);
    gives(BARE("empty"), "{'f':{}}", FC_TRUE);
    gives(BARE("empty"), "{}", FC_UNKNOWN);
    gives(BARE("answered"), "{'f':''}", FC_TRUE);
    gives(BARE("answered"), "{'f':false}", FC_TRUE);
    gives(BARE("answered"), "{'f':null}", FC_FALSE);
    gives(BARE("answered"), "{}", FC_FALSE);
    gives(BARE("true"), "{'f':true}", FC_TRUE);
    gives(BARE("true"), "{'f':1}", FC_TRUE);
    gives(BARE("true"), "{'f':0}", FC_FALSE);
    gives(BARE("true"), "{}", FC_UNKNOWN);
}

static void a_fact_of_the_wrong_kind_is_an_error(void **state)
{
    (void)state;
    errs(LEAF("is", "1"), "{'f':'1'}", "fact 'f' is a text");
    errs(LEAF("is", "'1'"), "{'f':1}", "fact 'f' is a number");
    errs(LEAF("is", "true"), "{'f':2}", "fact 'f' is a number");
    errs(LEAF("isnt", "'a'"), "{'f':['a']}", "fact 'f' is a list");
    errs(LEAF("lt", "1"), "{'f':true}", "fact 'f' is true or false");
    errs(LEAF("lt", "'a'"), "{'f':1}", "'lt' needs a number, a text or a day");
    errs(LEAF("one_of", "[1]"), "{'f':'1'}", "fact 'f' is a text");
    errs(LEAF("has", "'a'"), "{'f':'a'}", "'has' needs a list");
    errs(LEAF("has", "'a'"), "{'f':['b',1]}", "'has' needs a list of what the value is");
    errs(LEAF("has_any", "[1]"), "{'f':['1']}", "'has_any' needs a list");
    errs(LEAF("has_all", "['a']"), "{'f':{'a':1}}", "fact 'f' is a table");
    errs(LEAF("matches", "'a'"), "{'f':1}", "'matches' needs a text");
    errs(BARE("empty"), "{'f':0}", "'empty' needs a text or a list");
    errs(BARE("true"), "{'f':'true'}", "'true' needs true or false");
    errs("{'op':'lt','fact':'f','value':1,'at':'x.lua:7'}", "{'f':'a'}", "x.lua:7: fact 'f' is a text");
}

static void a_pattern_at_its_limit_is_an_error_not_false(void **state)
{
    (void)state;
    static char facts[400100];
    memset(facts, 'a', sizeof facts);
    memcpy(facts, "{'f':'", 6);
    memcpy(facts + sizeof facts - 3, "'}", 3);
    enum fc_truth is;
    fc_err err = {0};
    assert_int_equal(evaluated("{'op':'matches','fact':'f','value':'b','at':'r.lua:3'}", facts, &is, &err),
                     FC_ELIMIT);
    assert_int_equal(strncmp(err.text[FC_EN], "r.lua:3: ", 9), 0);
}

#define T "{'op':'true','fact':'t'}"
#define F "{'op':'true','fact':'n'}"
#define U "{'op':'true','fact':'u'}"
#define FACTS "{'t':true,'n':false}"

static void kleene(void **state)
{
    (void)state;
    static const char *const parts[3] = {F, T, U};
    for (int a = 0; a < 3; a++) {
        char text[400];
        snprintf(text, sizeof text, "{'op':'not','arg':%s}", parts[a]);
        gives(text, FACTS, a == FC_UNKNOWN ? FC_UNKNOWN : !a);
        for (int b = 0; b < 3; b++) {
            enum fc_truth both = a == FC_FALSE || b == FC_FALSE       ? FC_FALSE
                                 : a == FC_UNKNOWN || b == FC_UNKNOWN ? FC_UNKNOWN
                                                                      : FC_TRUE;
            enum fc_truth either = a == FC_TRUE || b == FC_TRUE         ? FC_TRUE
                                   : a == FC_UNKNOWN || b == FC_UNKNOWN ? FC_UNKNOWN
                                                                        : FC_FALSE;
            snprintf(text, sizeof text, "{'op':'and','args':[%s,%s]}", parts[a], parts[b]);
            gives(text, FACTS, both);
            snprintf(text, sizeof text, "{'op':'or','args':[%s,%s]}", parts[a], parts[b]);
            gives(text, FACTS, either);
        }
    }
    gives("{'op':'and','args':[" U "," T "," F "]}", FACTS, FC_FALSE);
    gives("{'op':'or','args':[" U "," F "," T "]}", FACTS, FC_TRUE);
    gives("{'op':'and','args':[" T "]}", FACTS, FC_TRUE);
}

static void the_trace_tells_each_leaf_that_was_looked_at(void **state)
{
    (void)state;
    fc_predicate *p =
        compiled("{'op':'or','args':[{'op':'gt','fact':'amount','value':1000,'at':'r.lua:4'},"
                 "{'op':'not','arg':{'op':'answered','fact':'topic'}},{'op':'true','fact':'never'}]}",
                 NULL);
    json_t *facts = json("{'amount':null,'never':'wrong, but not reached'}"), *trace = json_array();
    enum fc_truth is;
    assert_int_equal(fc_predicate_eval(p, facts, trace, &is, NULL), 0);
    assert_int_equal(is, FC_TRUE);
    json_t *want = json("[{'op':'gt','fact':'amount','want':1000,'got':null,'is':null,'at':'r.lua:4'},"
                        "{'op':'answered','fact':'topic','want':null,'got':null,'is':false,'at':null}]");
    assert_true(json_equal(trace, want));
    json_decref(want);
    json_array_clear(trace);
    json_object_set_new(facts, "amount", json_integer(2000));
    assert_int_equal(fc_predicate_eval(p, facts, trace, &is, NULL), 0);
    assert_int_equal(json_array_size(trace), 1);
    assert_true(json_is_true(json_object_get(json_array_get(trace, 0), "is")));
    assert_int_equal(json_integer_value(json_object_get(json_array_get(trace, 0), "got")), 2000);
    json_decref(facts);
    json_decref(trace);
    fc_predicate_free(p);
}

static size_t allocations;

static void *counting_malloc(size_t n)
{
    allocations++;
    return malloc(n);
}

static void without_a_trace_nothing_is_allocated(void **state)
{
    (void)state;
    fc_predicate *p =
        compiled("{'op':'and','args':[{'op':'gt','fact':'amount','value':10},{'op':'has_all','fact':'why',"
                 "'value':['a','b']},{'op':'one_of','fact':'topic','value':['x','y']}]}",
                 NULL);
    json_t *facts = json("{'amount':11,'why':['b','a'],'topic':'y'}"), *trace = json_array();
    enum fc_truth is;
    allocations = 0;
    json_set_alloc_funcs(counting_malloc, free);
    assert_int_equal(fc_predicate_eval(p, facts, NULL, &is, NULL), 0);
    size_t plain = allocations;
    assert_int_equal(fc_predicate_eval(p, facts, trace, &is, NULL), 0);
    size_t traced = allocations;
    json_set_alloc_funcs(malloc, free);
    assert_int_equal(is, FC_TRUE);
    assert_int_equal(plain, 0);
    assert_true(traced > 0);
    json_decref(facts);
    json_decref(trace);
    fc_predicate_free(p);
}

static void reads_are_named_once(void **state)
{
    (void)state;
    fc_predicate *p =
        compiled("{'op':'and','args':[{'op':'gt','fact':'b','value':1},{'op':'not','arg':{'op':'answered',"
                 "'fact':'a'}},{'op':'lt','fact':'b','value':9}]}",
                 NULL);
    json_t *names = fc_predicate_reads(p), *want = json("['b','a']");
    assert_true(json_equal(names, want));
    json_decref(names);
    json_decref(want);
    fc_predicate_free(p);
}

static void shapes_are_checked(void **state)
{
    (void)state;
    refused("null", NULL, "a condition is expected");
    refused("true", NULL, "a condition is expected");
    refused("[]", NULL, "a condition is expected");
    refused("{'op':1}", NULL, "a condition is expected");
    refused("{'op':'iz','fact':'f','value':1}", NULL, "unknown operation 'iz' (did you mean 'is'?)");
    refused("{'op':'quite else','fact':'f'}", NULL, "unknown operation 'quite else'");
    refused("{'op':'is','value':1}", NULL, "does not name its fact");
    refused("{'op':'is','fact':'f','valeu':1}", NULL, "unknown key 'valeu'");
    refused("{'op':'and','args':[]}", NULL, "at least one condition");
    refused("{'op':'and','arg':{}}", NULL, "unknown key 'arg'");
    refused("{'op':'or','args':[3]}", NULL, "a condition is expected");
    refused("{'op':'not'}", NULL, "a condition is expected");
    refused("{'op':'not','args':[]}", NULL, "unknown key 'args'");
    refused(LEAF("is", "null"), NULL, "'is' of fact 'f' takes a value, not null");
    refused(BARE("is"), NULL, "takes a value, not nothing");
    refused(LEAF("lt", "true"), NULL, "a number or a text, not true or false");
    refused(LEAF("one_of", "[]"), NULL, "a list that is not empty");
    refused(LEAF("one_of", "'a'"), NULL, "a list that is not empty");
    refused(LEAF("one_of", "['a',1]"), NULL, "all texts or all numbers");
    refused(LEAF("has", "['a']"), NULL, "one number or text");
    refused(LEAF("has_any", "[[1]]"), NULL, "all texts or all numbers");
    refused(LEAF("matches", "1"), NULL, "a regular expression as text");
    refused(LEAF("matches", "'('"), NULL, "'matches' of fact 'f': ");
    refused(LEAF("empty", "1"), NULL, "takes no value");
    refused(LEAF("true", "true"), NULL, "takes no value");
    refused("{'op':'and','args':[" T ",{'op':'is','fact':'f','at':'x.lua:9'}]}", NULL, "x.lua:9: ");
}

#define SCHEMA                                                                                               \
    "{'amount':{'type':'number'},'topic':{'type':'text'},'why':{'type':'list'},'safe':{'type':'bool'},"      \
    "'sent':{'type':'day'},'raw':{'type':'json'},'odd':{'type':'float'}}"

static void names_and_types_are_checked_against_the_schema(void **state)
{
    (void)state;
    refused("{'op':'gt','fact':'ammount','value':1,'at':'c.lua:6'}", SCHEMA,
            "c.lua:6: unknown fact 'ammount' (did you mean 'amount'?)");
    refused("{'op':'gt','fact':'zebra','value':1}", SCHEMA, "unknown fact 'zebra'");
    refused("{'op':'gt','fact':'odd','value':1}", SCHEMA, "the type of fact 'odd' must be text");
    refused("{'op':'is','fact':'amount','value':'1'}", SCHEMA,
            "fact 'amount' is a number, so the value of 'is'");
    refused("{'op':'gt','fact':'amount','value':'1'}", SCHEMA, "fact 'amount' is a number");
    refused("{'op':'gt','fact':'safe','value':1}", SCHEMA,
            "fact 'safe' is true or false and cannot be asked 'gt'");
    refused("{'op':'gt','fact':'sent','value':'2026-2-30'}", SCHEMA, "YYYY-MM-DD");
    refused("{'op':'is','fact':'sent','value':'2026-02-30'}", SCHEMA, "YYYY-MM-DD");
    refused("{'op':'one_of','fact':'amount','value':['a']}", SCHEMA, "fact 'amount' is a number");
    refused("{'op':'one_of','fact':'why','value':['a']}", SCHEMA,
            "fact 'why' is a list and cannot be asked 'one_of'");
    refused("{'op':'has','fact':'topic','value':'a'}", SCHEMA,
            "fact 'topic' is a text and cannot be asked 'has'");
    refused("{'op':'is','fact':'why','value':'a'}", SCHEMA, "fact 'why' is a list");
    refused("{'op':'matches','fact':'amount','value':'a'}", SCHEMA, "cannot be asked 'matches'");
    refused("{'op':'empty','fact':'amount'}", SCHEMA, "cannot be asked 'empty'");
    refused("{'op':'true','fact':'topic'}", SCHEMA, "cannot be asked 'true'");
    static const char *const good[] = {
        "{'op':'gt','fact':'amount','value':1.5}",    "{'op':'is','fact':'why','value':['a']}",
        "{'op':'has','fact':'why','value':'a'}",      "{'op':'has_all','fact':'why','value':[1,2]}",
        "{'op':'is','fact':'safe','value':false}",    "{'op':'ge','fact':'sent','value':'2026-02-28'}",
        "{'op':'one_of','fact':'raw','value':['a']}", "{'op':'is','fact':'raw','value':{'a':[1]}}",
        "{'op':'has','fact':'raw','value':1}",        "{'op':'answered','fact':'amount'}",
        "{'op':'lt','fact':'topic','value':'b'}",     "{'op':'empty','fact':'sent'}",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        fc_predicate_free(compiled(good[i], SCHEMA));
}

static void a_day_must_be_one_when_it_is_compared(void **state)
{
    (void)state;
    fc_predicate *p = compiled("{'op':'lt','fact':'sent','value':'2026-11-20','at':'c.lua:8'}", SCHEMA);
    json_t *bad = json("{'sent':'2026-1-5'}"), *good = json("{'sent':'2026-01-05'}");
    enum fc_truth is;
    fc_err err = {0};
    assert_int_equal(fc_predicate_eval(p, bad, NULL, &is, &err), FC_EINVAL);
    assert_string_equal(err.text[FC_EN], "c.lua:8: fact 'sent' must be a valid day \"YYYY-MM-DD\"");
    assert_int_equal(fc_predicate_eval(p, good, NULL, &is, NULL), 0);
    assert_int_equal(is, FC_TRUE);
    json_decref(bad);
    json_decref(good);
    fc_predicate_free(p);
}

static json_t *nested(int depth)
{
    json_t *p = json(T);
    for (int i = 1; i < depth; i++)
        p = json_pack("{ss so}", "op", "not", "arg", p);
    return p;
}

static void depth_is_bounded(void **state)
{
    (void)state;
    fc_predicate *out = NULL;
    fc_err err = {0};
    json_t *deep = nested(64), *deeper = nested(65);
    assert_int_equal(fc_predicate_compile(deep, NULL, &out, NULL), 0);
    fc_predicate_free(out);
    assert_int_equal(fc_predicate_compile(deeper, NULL, &out, &err), FC_ELIMIT);
    assert_null(out);
    assert_non_null(strstr(err.text[FC_EN], "nested deeper than 64"));
    json_decref(deep);
    json_decref(deeper);
}

static void facts_must_be_a_table(void **state)
{
    (void)state;
    fc_predicate *p = compiled(T, NULL);
    enum fc_truth is;
    assert_int_equal(fc_predicate_eval(p, NULL, NULL, &is, NULL), FC_EINVAL);
    fc_predicate_free(p);
    fc_predicate_free(NULL);
}

static void nearest(const char *name, const char *want)
{
    json_t *names =
        json("{'amount':0,'tier':0,'topic':0,'to':0,'days_since_last_visit':0,'投诉金额':0,'bat':0,'cat':0}");
    const char *got = fc_nearest(name, names);
    if (want)
        assert_string_equal(got, want);
    else
        assert_null(got);
    json_decref(names);
}

static void did_you_mean(void **state)
{
    (void)state;
    nearest("ammount", "amount");
    nearest("Amount", "amount");
    nearest("teir", "tier");
    nearest("topics", "topic");
    nearest("投诉金颚", "投诉金额");
    nearest("days_since_visit", "days_since_last_visit");
    nearest("hat", "bat"); /* as near as cat: the first in the alphabet, so that the answer does not change */
    nearest("at", "bat");
    nearest("xyz", NULL);
    nearest("q", NULL);
    nearest("", NULL);
    nearest("something entirely different, much longer than any name that is known to these tests", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality),
        cmocka_unit_test(integers_stay_exact),
        cmocka_unit_test(order),
        cmocka_unit_test(membership),
        cmocka_unit_test(texts_and_presence),
        cmocka_unit_test(a_fact_of_the_wrong_kind_is_an_error),
        cmocka_unit_test(a_pattern_at_its_limit_is_an_error_not_false),
        cmocka_unit_test(kleene),
        cmocka_unit_test(the_trace_tells_each_leaf_that_was_looked_at),
        cmocka_unit_test(without_a_trace_nothing_is_allocated),
        cmocka_unit_test(reads_are_named_once),
        cmocka_unit_test(shapes_are_checked),
        cmocka_unit_test(names_and_types_are_checked_against_the_schema),
        cmocka_unit_test(a_day_must_be_one_when_it_is_compared),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(facts_must_be_a_table),
        cmocka_unit_test(did_you_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
