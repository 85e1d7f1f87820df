/* Conditions before they are evaluated: their shape, the names and types of their facts, and the sentences.
 */
#include "predicate_help.h"
#include "text/nearest.h"

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
        cmocka_unit_test(shapes_are_checked),
        cmocka_unit_test(names_and_types_are_checked_against_the_schema),
        cmocka_unit_test(a_day_must_be_one_when_it_is_compared),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(facts_must_be_a_table),
        cmocka_unit_test(did_you_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
