/* A compiled rule set; shared by the files that make, evaluate and check it, and by nobody else. */
#ifndef FC_RULES_RULE_SET_H
#define FC_RULES_RULE_SET_H
#include "rules/predicate.h"

typedef struct rule {
    const char *name;               /* its id, "otherwise" or "if_unknown": borrowed from id or static */
    json_t *id;                     /* owned; NULL for the two fallbacks */
    fc_predicate *when;             /* NULL: always */
    json_t *outcome, *because, *at; /* owned; NULL where not given (outcome always is) */
} rule;

struct fc_rule_set {
    bool all; /* hit = all */
    rule *rules;
    size_t count;
    rule *otherwise, *if_unknown; /* owned; NULL where not given */
};

/* Compiles; with c->problems given, goes on after each problem. NULL when anything failed. */
fc_rule_set *compile_rule_set(compiler *c, const json_t *set);
#endif
