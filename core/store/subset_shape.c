/* Rules that look further than a word's neighbours: what stands behind IS and LIKE, how LIMIT is written,
 * conditions that are only a column, columns beside an aggregate. */
#include "store/subset_rules.h"

#include <ctype.h>

static int bad_is(const fc_look *l, int i)
{
    static const char *const values[] = {"NULL", "TRUE", "FALSE", NULL};
    const fc_words *w = l->w;
    int not = fc_word_is(w, i + 1, "NOT");
    if (fc_word_any(w, i + 1 + not, values)) return 0;
    if (fc_word_is(w, i + 1 + not, "DISTINCT") && fc_word_is(w, i + 2 + not, "FROM")) return 0;
    if (not )
        return fc_refuse(
            l, i, "IS NOT 后面只能是 NULL、TRUE、FALSE；比较可空的值请写 IS DISTINCT FROM",
            "behind IS NOT stands NULL, TRUE or FALSE; to compare what may be NULL write IS DISTINCT FROM");
    return fc_refuse(
        l, i, "IS 后面只能是 NULL、TRUE、FALSE；比较可空的值请写 IS NOT DISTINCT FROM",
        "behind IS stands NULL, TRUE or FALSE; to compare what may be NULL write IS NOT DISTINCT FROM");
}

/* What stands before LIKE is lower(...): SQLite's LIKE looks over the case of a-z, PostgreSQL's does not. */
static bool is_lowered(const fc_words *w, int i)
{
    i -= fc_word_is(w, i - 1, "NOT");
    if (!fc_word_sign(w, i - 1, ")")) return false;
    int open = i - 2;
    while (open >= 0 && w->list[open].pair != i - 1)
        open--;
    return fc_word_is(w, open - 1, "LOWER");
}

static int bad_like(const fc_look *l, int i)
{
    const fc_word *text = &l->w->list[i + 1];
    bool lowered = is_lowered(l->w, i);
    if (text->kind != FC_WORD_STRING) return 0;
    for (size_t k = 0; k < text->n; k++) {
        if (!isalpha((unsigned char)text->s[k]) || (lowered && islower((unsigned char)text->s[k]))) continue;
        if (lowered)
            return fc_refuse(l, i + 1, "lower(x) LIKE 后面的文字要写成小写，否则永远不相符",
                             "behind lower(x) LIKE the text must be in lower case, or it never matches");
        return fc_refuse(l, i, "SQLite 的 LIKE 不分英文大小写，PostgreSQL 的分；请写 lower(x) LIKE '小写'",
                         "SQLite's LIKE looks over the case of a-z, PostgreSQL's does not; write lower(x) "
                         "LIKE 'lower case'");
    }
    return 0;
}

static int bad_limit(const fc_look *l, int i)
{
    static const char *const behind[] = {"OFFSET", "ON", "RETURNING", "UNION", "EXCEPT", "INTERSECT", NULL};
    const fc_words *w = l->w;
    for (int k = i + 1; k < w->count && w->list[k].outer >= w->list[i].outer; k++) {
        if (w->list[k].outer != w->list[i].outer) continue;
        if (fc_word_any(w, k, behind) || fc_word_sign(w, k, ")")) return 0;
        if (fc_word_sign(w, k, ","))
            return fc_refuse(l, i, "LIMIT a, b 只有 SQLite 认；请写 LIMIT b OFFSET a",
                             "LIMIT a, b is SQLite's own; write LIMIT b OFFSET a");
    }
    return 0;
}

/* FROM (SELECT ...) needs a name in PostgreSQL 15. */
static int unnamed_query(const fc_look *l, int i)
{
    static const char *const no_name[] = {
        "WHERE", "JOIN",  "LEFT",   "RIGHT", "FULL",  "INNER",     "CROSS",  "NATURAL", "ON",  "USING",
        "GROUP", "ORDER", "HAVING", "LIMIT", "UNION", "INTERSECT", "EXCEPT", "WINDOW",  "SET", NULL};
    static const char *const queries[] = {"SELECT", "VALUES", "WITH", NULL};
    const fc_words *w = l->w;
    if (!fc_word_sign(w, i + 1, "(") || !fc_word_any(w, i + 2, queries) || fc_word_is(w, i - 1, "DISTINCT"))
        return 0;
    int behind = w->list[i + 1].pair + 1;
    if (behind < w->count && w->list[behind].kind == FC_WORD_NAME && !fc_word_any(w, behind, no_name))
        return 0;
    return fc_refuse(l, i + 1, "FROM 里的子查询要有别名：(SELECT ...) q",
                     "a query in FROM needs an alias: (SELECT ...) q");
}

/* ---- a condition that is only a column */

static bool ends_condition(const fc_words *w, int i)
{
    static const char *const ends[] = {"AND",       "OR",    "THEN",   "GROUP",     "ORDER",  "LIMIT",
                                       "RETURNING", "UNION", "EXCEPT", "INTERSECT", "HAVING", "WHERE",
                                       "JOIN",      "LEFT",  "INNER",  "CROSS",     NULL};
    return i >= w->count || fc_word_sign(w, i, ")") || fc_word_sign(w, i, ";") || fc_word_any(w, i, ends);
}

/* The AND of "x BETWEEN a AND b": what follows is a value. */
static bool is_between(const fc_words *w, int i)
{
    static const char *const stops[] = {"AND", "OR", "WHERE", "ON", "WHEN", "HAVING", NULL};
    for (int k = i - 1; k >= 0 && w->list[k].outer >= w->list[i].outer; k--) {
        if (w->list[k].outer != w->list[i].outer) continue;
        if (fc_word_is(w, k, "BETWEEN")) return true;
        if (fc_word_any(w, k, stops) || fc_word_sign(w, k, "(")) return false;
    }
    return false;
}

/* CASE x WHEN a THEN: there the value is compared. */
static bool compares_case(const fc_words *w, int i)
{
    int depth = 0;
    for (int k = i - 1; k >= 0; k--) {
        if (w->list[k].outer != w->list[i].outer) continue;
        depth += fc_word_is(w, k, "END");
        if (fc_word_is(w, k, "CASE") && depth-- == 0) return !fc_word_is(w, k + 1, "WHEN");
    }
    return false;
}

static int bare_condition(const fc_look *l, int i)
{
    static const char *const truths[] = {"TRUE", "FALSE",   "NULL",     "NOT", "EXISTS",
                                         "CASE", "NOTHING", "CONFLICT", NULL};
    const fc_words *w = l->w;
    int end = fc_word_path(w, i + 1);
    if (end == i + 1 || fc_word_any(w, i + 1, truths) || !ends_condition(w, end)) return 0;
    if (l->tables && !fc_word_is(w, i, "WHERE")) return 0; /* ON DELETE CASCADE and the like */
    if (fc_word_is(w, i, "AND") && is_between(w, i)) return 0;
    if (fc_word_is(w, i, "WHEN") && compares_case(w, i)) return 0;
    if (fc_word_is(w, i, "NOT") && (fc_word_is(w, i - 1, "IS") || fc_word_is(w, i - 1, "DO"))) return 0;
    return fc_refuse(l, i + 1, "%s 单独作条件：PostgreSQL 的条件不能是数；请写 %s = 1",
                     "%s alone is no condition: PostgreSQL takes no number for true; write %s = 1",
                     fc_shown_word(l, end - 1), fc_shown_word(l, end - 1));
}

/* ---- columns beside an aggregate */

static int end_of_select(const fc_words *w, int i)
{
    static const char *const sets[] = {"UNION", "EXCEPT", "INTERSECT", NULL};
    int outer = w->list[i].outer, end = outer < 0 ? w->count : w->list[outer].pair;
    for (int k = i + 1; k < end; k++)
        if (w->list[k].outer == outer && fc_word_any(w, k, sets)) return k;
    return end;
}

static bool is_aggregate(const fc_words *w, int i)
{
    static const char *const names[] = {"COUNT", "SUM", "AVG", "MIN", "MAX", NULL};
    if (!fc_word_any(w, i, names) || !fc_word_sign(w, i + 1, "(")) return false;
    int behind = w->list[i + 1].pair + 1;
    if (fc_word_is(w, behind, "FILTER") && fc_word_sign(w, behind + 1, "("))
        behind = w->list[behind + 1].pair + 1;
    return !fc_word_is(w, behind, "OVER");
}

/* The item that begins at i is a column and nothing else. */
static bool is_column(const fc_words *w, int i, int end)
{
    static const char *const values[] = {"NULL", "TRUE", "FALSE", "CASE", "NOT", "EXISTS", "DISTINCT", NULL};
    int behind = fc_word_path(w, i);
    if (behind == i || fc_word_any(w, i, values)) return false;
    return behind == end || fc_word_sign(w, behind, ",") ||
           (fc_word_is(w, behind, "AS") && behind + 2 <= end);
}

static int bare_column(const fc_look *l, int i)
{
    const fc_words *w = l->w;
    int end = end_of_select(w, i), from = fc_word_find(w, i, end, "FROM"), level = w->list[i].outer;
    int column = -1, first = 1;
    bool aggregate = false;
    if (from == end || fc_word_find(w, i, end, "GROUP") < end) return 0;
    for (int k = i + 1; k < from; k++) {
        if (w->list[k].outer != level) continue;
        aggregate |= is_aggregate(w, k);
        if (first && column < 0 && is_column(w, k, from)) column = k;
        first = fc_word_sign(w, k, ",");
    }
    if (!aggregate || column < 0) return 0;
    return fc_refuse(
        l, column,
        "%s 旁边有汇总函数而没有 GROUP BY：SQLite 任选一行，PostgreSQL 拒绝；请写 GROUP BY，或用 MIN、MAX",
        "%s stands beside an aggregate without GROUP BY: SQLite picks any row, PostgreSQL refuses; write "
        "GROUP BY, or take MIN or MAX",
        fc_shown_word(l, fc_word_path(w, column) - 1));
}

int fc_rule_shape(const fc_look *l, int i)
{
    static const char *const conditions[] = {"WHERE", "AND", "OR", "NOT", "WHEN", "ON", "HAVING", NULL};
    const fc_words *w = l->w;
    if (w->list[i].kind != FC_WORD_NAME) return 0;
    if (fc_word_is(w, i, "SELECT")) return bare_column(l, i);
    if (fc_word_is(w, i, "IS")) return bad_is(l, i);
    if (fc_word_is(w, i, "LIKE")) return bad_like(l, i);
    if (fc_word_is(w, i, "LIMIT")) return bad_limit(l, i);
    if (fc_word_is(w, i, "FROM") || fc_word_is(w, i, "JOIN")) return unnamed_query(l, i);
    return fc_word_any(w, i, conditions) && bare_condition(l, i);
}
