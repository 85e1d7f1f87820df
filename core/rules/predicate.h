/* A compiled condition and what its files share; nobody outside this room includes it.
 *
 * A condition is a tree of nodes. Everything that can be settled before facts are known is settled when it is
 * compiled: shape, names, kinds of values, patterns. What is left for evaluation is a look-up and a
 * comparison per leaf, without allocation unless a trace is wanted. */
#ifndef FC_RULES_PREDICATE_H
#define FC_RULES_PREDICATE_H
#include "rules/rules.h"
#include "text/pattern.h"
#include <stdbool.h>

enum kind { KIND_NULL, KIND_BOOL, KIND_NUMBER, KIND_TEXT, KIND_LIST, KIND_TABLE };

/* What a fact was declared to be; bits, so that an operation can name all it may be asked of. */
enum fact_type {
    TYPE_UNDECLARED = 0,
    TYPE_TEXT = 1,
    TYPE_NUMBER = 2,
    TYPE_BOOL = 4,
    TYPE_DAY = 8,
    TYPE_LIST = 16,
    TYPE_JSON = 32,
    TYPE_EVERY = 63,
};

/* What stands beside an operation: conditions, or a value of some form. */
enum shape {
    SHAPE_AND,
    SHAPE_OR,
    SHAPE_NOT,
    SHAPE_NONE,
    SHAPE_ANY,
    SHAPE_ORDERED,
    SHAPE_SCALAR,
    SHAPE_SCALARS,
    SHAPE_PATTERN
};

typedef struct op op;

struct fc_predicate {
    const op *op;
    enum fact_type type;
    json_t *at; /* owned; text or NULL */
    /* a leaf */
    char *fact;
    json_t *value; /* owned; NULL where the operation takes none */
    fc_pattern *pattern;
    /* and, or, not */
    fc_predicate **args;
    size_t count;
};

#define WRONG_KIND (-1)
/* Whether a known fact satisfies a leaf. 0; WRONG_KIND (no sentence) when the fact is of a kind that cannot
 * be asked this; other codes come with their sentence. */
typedef int leaf_test(const fc_predicate *leaf, const json_t *got, bool *yes, fc_err *err);

struct op {
    const char *name;
    enum shape shape;    /* of the value */
    int types;           /* fact types it may be asked of */
    leaf_test *test;     /* NULL for and, or, not, answered */
    const char *zh, *en; /* what kind of fact it needs, for sentences */
};

static inline bool op_is_leaf(const op *o)
{
    return o->shape > SHAPE_NOT;
}
const op *op_by_name(const char *name);
const char *op_nearest(const char *name); /* for "did you mean", or NULL */

enum kind value_kind(const json_t *v);
const char *kind_name(enum kind kind, enum fc_lang lang);
bool value_equal(const json_t *a, const json_t *b);
/* Both numbers or both texts: negative, 0, positive. */
int value_order(const json_t *a, const json_t *b);
/* True for true, false, 1 and 0: a database without a boolean type hands out the latter. */
bool value_as_bool(const json_t *v, bool *out);

/* One run of the compiler. The first problem goes to err; where `problems` is given the run goes on after
 * each and appends {"at","zh","en"}. */
typedef struct compiler {
    const json_t *facts; /* NULL: names and types are not checked */
    const char *rule;    /* id of the rule being compiled, or NULL */
    const char *at;      /* its place, for nodes that have none */
    fc_err *err;
    json_t *problems;
    int failed; /* code of the first problem */
} compiler;

/* A problem made elsewhere; its sentences carry no place yet. */
void compiler_problem(compiler *c, const char *at, const fc_err *problem);
void compiler_fail(compiler *c, const char *at, int code, const char *zh, const char *en, ...)
    __attribute__((format(printf, 4, 6), format(printf, 5, 6)));
/* NULL when anything in it failed. */
fc_predicate *compile_condition(compiler *c, const json_t *p);
/* Whether `value` fits what the operation takes and the fact is; complains if not. */
bool compile_value(compiler *c, fc_predicate *leaf, const char *at, const json_t *value);
/* Complains about the first key of v that is not in `known` (NULL-terminated). */
bool compile_keys(compiler *c, const json_t *v, const char *at, const char *const *known);

/* Puts "at: rule "x": " in front of the sentences in err; either may be NULL. Returns err's code. */
int place_error(fc_err *err, const char *at, const char *rule);

typedef struct evaluation {
    const json_t *facts;
    const char *rule; /* for sentences; NULL outside a set */
    const char *at;   /* place of a leaf that has none, or NULL */
    json_t *trace;    /* array, or NULL */
    fc_err *err;
} evaluation;

int evaluate(const evaluation *e, const fc_predicate *p, enum fc_truth *out);
void predicate_collect_reads(const fc_predicate *p, json_t *names);
#endif
