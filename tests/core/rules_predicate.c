/* Conditions: each operation against known, missing and wrong facts, Kleene's tables, the trace. */
#include "predicate_help.h"

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
