/* Rule sets: who wins, what the result tells, what is refused, what lint sees. */
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

static json_t *decide(const char *text, const char *facts_text)
{
    json_t *set = json(text), *facts = json(facts_text), *out = NULL;
    fc_rule_set *s = NULL;
    fc_err err = {0};
    if (fc_rule_set_compile(set, NULL, &s, &err)) fail_msg("%s", err.text[FC_EN]);
    json_decref(set); /* the set must not live on the caller's data */
    if (fc_rule_set_eval(s, facts, &out, &err)) fail_msg("%s", err.text[FC_EN]);
    json_decref(facts);
    fc_rule_set_free(s); /* nor the result on the set */
    return out;
}

static void decides(const char *set, const char *facts, const char *want_text)
{
    json_t *got = decide(set, facts), *want = json(want_text);
    if (!json_equal(got, want)) fail_msg("got %s", json_dumps(got, JSON_SORT_KEYS));
    json_decref(got);
    json_decref(want);
}

#define FEES                                                                                                 \
    "{'id':'fees','when':{'op':'gt','fact':'amount','value':1000,'at':'c.lua:5'},"                           \
    "'outcome':{'to':'manager'},'because':{'zh':'费用','en':'Fees'},'at':'c.lua:4'}"
#define SAFE "{'id':'safety','when':{'op':'true','fact':'unsafe'},'outcome':{'to':'director'},'at':'c.lua:2'}"

static void the_first_true_rule_wins_and_ends_the_evaluation(void **state)
{
    (void)state;
    decides("{'hit':'first','rules':[" SAFE "," FEES ",{'id':'rest','outcome':{'to':'anyone'}}]}",
            "{'unsafe':false,'amount':2000}",
            "{'rule':'fees','outcome':{'to':'manager'},'because':{'zh':'费用','en':'Fees'},'at':'c.lua:4','"
            "trace':["
            "{'rule':'safety','is':false,'leaves':[{'op':'true','fact':'unsafe','want':null,'got':false,'is':"
            "false,"
            "'at':null}]},"
            "{'rule':'fees','is':true,'leaves':[{'op':'gt','fact':'amount','want':1000,'got':2000,'is':true,"
            "'at':'c.lua:5'}]}]}");
    decides("{'hit':'first','rules':[{'id':'rest','outcome':{'to':'anyone'}}]}", "{}",
            "{'rule':'rest','outcome':{'to':'anyone'},'because':null,'at':null,'trace':["
            "{'rule':'rest','is':true,'leaves':[]}]}");
}

static const char *winner(const char *set, const char *facts)
{
    static char name[64];
    json_t *got = decide(set, facts);
    const char *rule = json_string_value(json_object_get(got, "rule"));
    snprintf(name, sizeof name, "%s", rule ? rule : "nothing");
    if (!rule) assert_true(json_is_null(json_object_get(got, "outcome")));
    json_decref(got);
    return name;
}

static void the_fallbacks(void **state)
{
    (void)state;
#define WITH(more) "{'hit':'first','rules':[" SAFE "," FEES "]" more "}"
#define BOTH ",'otherwise':{'to':'advisor'},'if_unknown':{'to':'ask'}"
    assert_string_equal(winner(WITH(BOTH), "{'unsafe':false,'amount':1}"), "otherwise");
    assert_string_equal(winner(WITH(BOTH), "{'amount':1}"), "if_unknown");
    assert_string_equal(winner(WITH(BOTH), "{'amount':1001}"),
                        "fees"); /* a true rule beats an unknown one before it */
    assert_string_equal(winner(WITH(",'otherwise':{}"), "{'amount':1}"), "otherwise");
    assert_string_equal(winner(WITH(""), "{'amount':1}"), "nothing");
    assert_string_equal(winner(WITH(",'if_unknown':{}"), "{'unsafe':false,'amount':1}"), "nothing");
    assert_string_equal(winner("{'hit':'first','rules':[]}", "{}"), "nothing");
}

static void a_fallback_is_an_outcome_or_holds_one(void **state)
{
    (void)state;
    decides("{'hit':'first','rules':[],'otherwise':{'outcome':{'to':'x'},'because':'why','at':'c.lua:9'}}",
            "{}", "{'rule':'otherwise','outcome':{'to':'x'},'because':'why','at':'c.lua:9','trace':[]}");
    decides("{'hit':'first','rules':[],'otherwise':{'to':'x'}}", "{}",
            "{'rule':'otherwise','outcome':{'to':'x'},'because':null,'at':null,'trace':[]}");
}

static void hit_all_collects_every_true_rule_in_order(void **state)
{
    (void)state;
    const char *set =
        "{'hit':'all','rules':[{'id':'a','outcome':{'n':1}}," FEES ",{'id':'b','when':{'op':'true',"
        "'fact':'unsafe'},'outcome':{'n':2},'because':'B'}],'otherwise':{'n':0}}";
    json_t *got = decide(set, "{'amount':5,'unsafe':true}");
    json_t *want = json("[{'id':'a','outcome':{'n':1},'because':null,'at':null},"
                        "{'id':'b','outcome':{'n':2},'because':'B','at':null}]");
    assert_true(json_equal(json_object_get(got, "rules"), want));
    assert_string_equal(json_string_value(json_object_get(got, "rule")), "a");
    assert_int_equal(json_array_size(json_object_get(got, "trace")), 3);
    json_decref(got);
    json_decref(want);
    got = decide("{'hit':'all','rules':[" FEES "],'otherwise':{'n':0}}", "{'amount':5}");
    assert_string_equal(json_string_value(json_object_get(got, "rule")), "otherwise");
    assert_int_equal(json_array_size(json_object_get(got, "rules")), 0);
    json_decref(got);
}

static void an_error_names_place_and_rule(void **state)
{
    (void)state;
    json_t *set = json("{'hit':'first','rules':[" SAFE "," FEES "],'otherwise':{}}"), *out = (json_t *)1;
    json_t *facts = json("{'amount':'1000'}"), *facts2 = json("{'unsafe':'no'}");
    fc_rule_set *s = NULL;
    fc_err err = {0};
    assert_int_equal(fc_rule_set_compile(set, NULL, &s, NULL), 0);
    assert_int_equal(fc_rule_set_eval(s, facts, &out, &err), FC_EINVAL);
    assert_null(out);
    assert_string_equal(
        err.text[FC_EN],
        "c.lua:5: rule \"fees\": fact 'amount' is a text, and 'gt' needs a number, a text or a day");
    assert_non_null(strstr(err.text[FC_ZH], "c.lua:5: 规则 \"fees\"：数据项 'amount'"));
    assert_int_equal(fc_rule_set_eval(s, facts2, &out, &err), FC_EINVAL);
    assert_non_null(
        strstr(err.text[FC_EN], "c.lua:2: rule \"safety\": ")); /* the leaf has no place: the rule's */
    assert_int_equal(fc_rule_set_eval(s, NULL, &out, &err), FC_EINVAL);
    json_decref(set);
    json_decref(facts);
    json_decref(facts2);
    fc_rule_set_free(s);
}

static void refused(const char *text, const char *part)
{
    json_t *set = json(text), *facts = json("{'amount':{'type':'number'}}");
    fc_rule_set *s = (fc_rule_set *)1;
    fc_err err = {0};
    int rc = fc_rule_set_compile(set, facts, &s, &err);
    if (!rc) fail_msg("%s should be refused", text);
    assert_null(s);
    assert_int_equal(rc, err.code);
    if (!strstr(err.text[FC_EN], part)) fail_msg("\"%s\" does not say \"%s\"", err.text[FC_EN], part);
    json_decref(set);
    json_decref(facts);
}

static void bad_sets_are_refused_with_a_sentence(void **state)
{
    (void)state;
    refused("{'rules':[]}", "hit must be");
    refused("{'hit':'best','rules':[]}", "hit must be");
    refused("[]", "hit must be");
    refused("{'hit':'first','ruels':[]}", "rules must be a list");
    refused("{'hit':'first','rules':'x'}", "rules must be a list");
    refused("{'hit':'first','rules':{'a':1}}", "rules must be a list");
    refused("{'hit':'first','rules':[1]}", "rule number 1 has no id");
    refused("{'hit':'first','rules':[{'id':'a','outcome':{}},{'id':'','outcome':{}}]}",
            "rule number 2 has no id");
    refused("{'hit':'first','rules':[{'id':'a'}]}", "rule \"a\": no outcome");
    refused("{'hit':'first','rules':[{'id':'a','outcome':[1]}]}", "rule \"a\": no outcome");
    refused("{'hit':'first','rules':[{'id':'a','wehn':{},'outcome':{}}]}", "rule \"a\": unknown key 'wehn'");
    refused("{'hit':'first','rules':[{'id':'a','when':null,'outcome':{}}]}", "a condition is expected");
    refused("{'hit':'first','rules':[{'id':'a','when':true,'outcome':{}}]}", "a condition is expected");
    refused("{'hit':'first','rules':[{'id':'a','outcome':{},'because':3}]}", "because must be");
    refused("{'hit':'first','rules':[],'otherwise':3}", "otherwise must be a table");
    refused("{'hit':'first','rules':[],'if_unknown':'x'}", "if_unknown must be a table");
    refused("{'hit':'first','rules':[{'id':'fees','at':'c.lua:5','outcome':{},"
            "'when':{'op':'gt','fact':'ammount','value':1,'at':'c.lua:6'}}]}",
            "c.lua:6: rule \"fees\": unknown fact 'ammount' (did you mean 'amount'?)");
    refused("{'hit':'first','rules':[{'id':'fees','at':'c.lua:5','outcome':{},"
            "'when':{'op':'gt','fact':'ammount','value':1}}]}",
            "c.lua:5: rule \"fees\": ");
}

static void facts_read_by_a_set(void **state)
{
    (void)state;
    json_t *set = json("{'hit':'first','rules':[" SAFE "," FEES "," FEES ",{'id':'z','outcome':{}}]}");
    json_t *want = json("['unsafe','amount']");
    fc_rule_set *s = NULL;
    assert_int_equal(fc_rule_set_compile(set, NULL, &s, NULL), 0);
    json_t *names = fc_rule_set_reads(s);
    assert_true(json_equal(names, want));
    json_decref(names);
    json_decref(want);
    json_decref(set);
    fc_rule_set_free(s);
}

static void linted(const char *text, const char *const *want)
{
    json_t *set = json(text), *problems = json_array();
    fc_rule_set_lint(set, problems);
    size_t n = 0;
    for (; want[n]; n++) {
        char line[600] = "nothing";
        const json_t *p = json_array_get(problems, n);
        if (p)
            snprintf(line, sizeof line, "%s: %s", json_string_value(json_object_get(p, "at")),
                     json_string_value(json_object_get(p, "en")));
        assert_string_equal(line, want[n]);
        assert_true(json_string_length(json_object_get(p, "zh")) > 10);
    }
    assert_int_equal(json_array_size(problems), n);
    json_decref(set);
    json_decref(problems);
}

#define PROBLEMS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void lint(void **state)
{
    (void)state;
    linted("{'hit':'first','rules':[" SAFE "," FEES "],'otherwise':{}}", (const char *const[]){NULL});
    linted("{'hit':'all','rules':[{'id':'a','outcome':{}},{'id':'b','outcome':{}}]}",
           (const char *const[]){NULL});
    linted("{'hit':'first','rules':[" SAFE ",{'id':'rest','outcome':{}}]}", (const char *const[]){NULL});
    linted("{'hit':'first','rules':[" FEES "," SAFE "," FEES "],'otherwise':{}}",
           PROBLEMS("c.lua:4: rule \"fees\": this id is used before (c.lua:4); rename one"));
    linted("{'hit':'all','rules':[{'id':'a'},{'id':'a'},{'id':'a'}]}",
           PROBLEMS(": rule \"a\": this id is used before; rename one",
                    ": rule \"a\": this id is used before; rename one"));
    linted("{'hit':'first','rules':[{'id':'all','outcome':{}}," FEES "]}",
           PROBLEMS(
               "c.lua:4: rule \"fees\": is never reached, because rule \"all\" before it has no condition"));
    linted("{'at':'c.lua:1','hit':'first','rules':[" FEES "]}",
           PROBLEMS("c.lua:1: there is no otherwise: when no rule applies there is no conclusion; add one"));
    linted("{'hit':'first','rules':[1,null,{}],'otherwise':{}}", (const char *const[]){NULL});
    linted("{'hit':3,'rules':'x'}", (const char *const[]){NULL});
    linted("null", (const char *const[]){NULL});
}

static void the_check_reports_everything_at_once(void **state)
{
    (void)state;
    json_t *set = json("{'hit':'first','at':'c.lua:1','rules':["
                       "{'id':'a','at':'c.lua:2','outcome':{},'when':{'op':'and','args':["
                       "{'op':'gt','fact':'ammount','value':1,'at':'c.lua:3'},"
                       "{'op':'gt','fact':'amount','value':'x','at':'c.lua:4'},"
                       "{'op':'gt','fact':'amount','value':1,'at':'c.lua:5'}]}},"
                       "{'id':'a','at':'c.lua:6','when':{'op':'matches','fact':'text','value':'('}}]}");
    json_t *facts = json("{'amount':{'type':'number'},'text':{'type':'text'}}"), *problems = json_array();
    fc_rule_set_check(set, facts, problems);
    static const char *const want[] = {"c.lua:3", "c.lua:4", "c.lua:6", "c.lua:6", "c.lua:6", "c.lua:1"};
    assert_int_equal(json_array_size(problems), 6);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(json_string_value(json_object_get(json_array_get(problems, i), "at")), want[i]);
    assert_string_equal(json_string_value(json_object_get(json_array_get(problems, 0), "en")),
                        "rule \"a\": unknown fact 'ammount' (did you mean 'amount'?)");
    assert_string_equal(json_string_value(json_object_get(json_array_get(problems, 0), "zh")),
                        "规则 \"a\"：没有名为 'ammount' 的数据项（是不是 'amount'？）");
    json_decref(problems);
    json_decref(set);
    set = json("{'hit':'first','rules':[" FEES "],'otherwise':{},'version':'1.0.0','examples':[1]}");
    problems = json_array();
    fc_rule_set_check(set, facts, problems);
    assert_int_equal(json_array_size(problems), 0);
    json_decref(problems);
    json_decref(set);
    json_decref(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_true_rule_wins_and_ends_the_evaluation),
        cmocka_unit_test(the_fallbacks),
        cmocka_unit_test(a_fallback_is_an_outcome_or_holds_one),
        cmocka_unit_test(hit_all_collects_every_true_rule_in_order),
        cmocka_unit_test(an_error_names_place_and_rule),
        cmocka_unit_test(bad_sets_are_refused_with_a_sentence),
        cmocka_unit_test(facts_read_by_a_set),
        cmocka_unit_test(lint),
        cmocka_unit_test(the_check_reports_everything_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
