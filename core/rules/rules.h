/* Predicates and rule sets: evaluates data, explains itself, knows no Lua.
 *
 * Predicate (JSON):  {"op":"and"|"or","args":[P...]}  {"op":"not","arg":P}
 *   leaf {"op":OP,"fact":NAME,"value":V?,"at":"file:line"?}
 *   OP: is, isnt (any type) · lt le gt ge (number, or text in code-point order for ISO dates) · one_of
 * (value: array) · has (fact: array or text list; value: element) · has_any, has_all (value: array) · matches
 * (fact: text; value: PCRE2 text) · empty (fact known and "" or []) · answered (fact known: never unknown) ·
 * true (bool fact; no value) Three-valued: a missing or null fact makes a leaf unknown, never false;
 * and/or/not after Kleene. A fact of the wrong type is an error.
 *
 * Rule set (JSON): {"hit":"first"|"all", "rules":[{"id","when":P?,"outcome":{...},"because":TEXT?,"at"?}...],
 * "otherwise":{...}?, "if_unknown":{...}?}. hit=first: the first rule whose predicate is true wins; if none
 * and a rule was unknown, if_unknown (when given), else otherwise. hit=all: every true rule, in order. A rule
 * without "when" is always true. */
#ifndef FC_RULES_RULES_H
#define FC_RULES_RULES_H
#include "base/err.h"
#include <jansson.h>

enum fc_truth { FC_FALSE = 0, FC_TRUE = 1, FC_UNKNOWN = 2 };

typedef struct fc_rule_set fc_rule_set;
typedef struct fc_predicate fc_predicate;

/* Compiles (patterns, shape checks). `facts`: object fact name -> {"type":"text|number|bool|day|list|json"};
 * a fact that is not in it is an error with the nearest name ("did you mean"); NULL = not checked. Each error
 * carries the leaf's own "at". */
int fc_predicate_compile(const json_t *p, const json_t *facts, fc_predicate **out, fc_err *err);
void fc_predicate_free(fc_predicate *p);
/* trace (may be NULL): array that gets one {"op","fact","want","got","is":true|false|null,"at"} per leaf
 * evaluated. */
int fc_predicate_eval(const fc_predicate *p, const json_t *facts, json_t *trace, enum fc_truth *out,
                      fc_err *err);
/* Names of all facts read, new array. */
json_t *fc_predicate_reads(const fc_predicate *p);

int fc_rule_set_compile(const json_t *set, const json_t *facts, fc_rule_set **out, fc_err *err);
void fc_rule_set_free(fc_rule_set *s);
/* Names of all facts that its rules read, new array. */
json_t *fc_rule_set_reads(const fc_rule_set *s);
/* New object {"rule":id|"otherwise"|"if_unknown"|null, "outcome":{...}|null, "because":TEXT|null, "at":...,
 * "rules":[{id,outcome}...] (hit=all), "trace":[{"rule":id,"is":true|false|null,"leaves":[...]}...]}; rules
 * after the first hit are not evaluated and not in the trace. */
int fc_rule_set_eval(const fc_rule_set *s, const json_t *facts, json_t **out, fc_err *err);
/* All problems that can be seen without facts, as "at: sentence" pairs {"at","zh","en"} appended to
 * `problems`: duplicate ids, a rule after one without "when" (never reached), no otherwise with hit=first. */
void fc_rule_set_lint(const json_t *set, json_t *problems);
/* Everything at once, for a check before rules are let in: each problem that compiling with `facts` would
 * stop at, one per leaf, and those of lint. Nothing appended: the set compiles. */
void fc_rule_set_check(const json_t *set, const json_t *facts, json_t *problems);
#endif
