/* Where ORDER BY puts NULLs. For each ORDER BY of a SELECT: its terms that are a plain column (or a result
 * column's name that stands for one) are looked up in the tables of that SELECT's FROM. A column that the
 * WHERE compares with something, or says IS NOT NULL of, is never NULL there, unless an OR stands beside. */
#include "store/subset.h"
#include "store/subset_rules.h"

#include <string.h>
#include <strings.h>

#define MAX_TABLES 16

typedef struct from_table {
    int name, alias; /* words; name -1: a query */
    bool outer;      /* rows may be missing: the far side of a LEFT JOIN */
} from_table;

typedef struct scope {
    const fc_look *l;
    const fc_words *w;
    int begin, end; /* of the SELECT, the words between */
    from_table tables[MAX_TABLES];
    int count;
    fc_sql_nullable nullable;
    void *ctx;
} scope;

static bool same_word(const fc_words *w, int a, int b)
{
    return w->list[a].n == w->list[b].n && strncasecmp(w->list[a].s, w->list[b].s, w->list[a].n) == 0;
}

static int clause_end(const scope *s, int i)
{
    static const char *const clauses[] = {"WHERE", "GROUP", "HAVING",    "WINDOW",
                                          "ORDER", "LIMIT", "RETURNING", NULL};
    int level = s->w->list[s->begin].outer;
    for (; i < s->end; i++)
        if (s->w->list[i].outer == level && fc_word_any(s->w, i, clauses)) return i;
    return s->end;
}

/* One table of FROM whose name or bracket stands at i; returns the word behind it and its alias. */
static int add_table(scope *s, int i, bool outer)
{
    static const char *const words[] = {"JOIN",    "LEFT", "RIGHT", "FULL",  "INNER", "CROSS",
                                        "NATURAL", "ON",   "USING", "OUTER", NULL};
    const fc_words *w = s->w;
    from_table t = {.name = i, .alias = i, .outer = outer};
    int behind = fc_word_path(w, i);
    if (fc_word_sign(w, i, "(")) {
        behind = w->list[i].pair + 1;
        t.name = -1;
    }
    behind += fc_word_is(w, behind, "AS");
    if (behind < s->end && w->list[behind].kind == FC_WORD_NAME && !fc_word_any(w, behind, words))
        t.alias = behind++;
    if (s->count < MAX_TABLES) s->tables[s->count++] = t;
    return behind;
}

static void read_from(scope *s)
{
    const fc_words *w = s->w;
    int from = fc_word_find(w, s->begin, s->end, "FROM"), end = clause_end(s, from),
        level = w->list[s->begin].outer;
    if (from == s->end) return;
    bool outer = false;
    for (int i = add_table(s, from + 1, false); i < end; i++) {
        if (w->list[i].outer != level) continue;
        if (fc_word_is(w, i, "LEFT")) outer = true;
        if (fc_word_is(w, i, "RIGHT") || fc_word_is(w, i, "FULL")) {
            outer = fc_word_is(w, i, "FULL");
            for (int t = 0; t < s->count; t++)
                s->tables[t].outer = true;
        }
        if (!fc_word_is(w, i, "JOIN") && !fc_word_sign(w, i, ",")) continue;
        i = add_table(s, i + 1, outer) - 1;
        outer = false;
    }
}

/* 1 may be NULL, 0 not, -1 cannot be told. `table` -1: unqualified. */
static int look_up(const scope *s, int table, int column)
{
    char name[128], wanted[128];
    const fc_word *c = &s->w->list[column];
    if (c->n >= sizeof wanted) return -1;
    memcpy(wanted, c->s, c->n);
    wanted[c->n] = 0;
    for (int t = 0; t < s->count; t++) {
        const from_table *f = &s->tables[t];
        if (f->name < 0 || (table >= 0 && !same_word(s->w, f->alias, table))) continue;
        const fc_word *n = &s->w->list[f->name];
        if (n->kind != FC_WORD_NAME || n->n >= sizeof name) continue;
        memcpy(name, n->s, n->n);
        name[n->n] = 0;
        int known = s->nullable(s->ctx, name, wanted);
        if (known >= 0) return known || f->outer;
    }
    return -1;
}

/* The WHERE leaves no row in which it is NULL. */
static bool filtered(const scope *s, int first, int last)
{
    static const char *const signs[] = {"=", "<", ">", "<=", ">=", "<>", "!=", NULL};
    static const char *const words[] = {"IN", "BETWEEN", "LIKE", NULL};
    const fc_words *w = s->w;
    int where = fc_word_find(w, s->begin, s->end, "WHERE"), end = clause_end(s, where + 1),
        level = w->list[s->begin].outer;
    if (where == s->end || fc_word_find(w, where, end, "OR") < end) return false;
    for (int i = where + 1; i + (last - first) < end; i++) {
        if (w->list[i].outer != level || !same_word(w, i, first) || !same_word(w, i + last - first, last) ||
            fc_word_sign(w, i - 1, "."))
            continue;
        int behind = i + last - first + 1;
        if (fc_word_any(w, behind, words)) return true;
        if (fc_word_is(w, behind, "IS") && fc_word_is(w, behind + 1, "NOT") &&
            fc_word_is(w, behind + 2, "NULL"))
            return true;
        for (const char *const *sign = signs; *sign; sign++)
            if (fc_word_sign(w, behind, *sign) || fc_word_sign(w, i - 1, *sign)) return true;
    }
    return false;
}

/* The word where the result column of this name begins; -1 when there is none, -2 when it is no plain column.
 */
static int result_column(const scope *s, int name)
{
    const fc_words *w = s->w;
    int from = fc_word_find(w, s->begin, s->end, "FROM"), level = w->list[s->begin].outer,
        item = s->begin + 1;
    for (int i = s->begin + 1; i < from; i++) {
        if (w->list[i].outer != level) continue;
        if (fc_word_sign(w, i, ",")) item = i + 1;
        if (fc_word_is(w, i, "AS") && i + 1 < from && same_word(w, i + 1, name))
            return fc_word_path(w, item) == i ? item : -2;
    }
    return -1;
}

static int bad_term(const scope *s, int i, int end)
{
    const fc_words *w = s->w;
    int first = i, behind = fc_word_path(w, i);
    int dir = fc_word_is(w, behind, "ASC") || fc_word_is(w, behind, "DESC");
    if (behind == i || behind + dir < end) return 0; /* an expression, a number, or NULLS said */
    if (behind == i + 1) {
        int item = result_column(s, i);
        if (item == -2) return 0;
        if (item >= 0) first = item;
    }
    int last = fc_word_path(w, first) - 1;
    if (look_up(s, last > first ? first : -1, last) != 1 || filtered(s, first, last)) return 0;
    return fc_refuse(s->l, i,
                     "按 %s 排序，而它可能为 NULL：SQLite 把 NULL 排在最前，PostgreSQL 排在最后；请写 NULLS "
                     "FIRST 或 NULLS LAST",
                     "sorts by %s, which may be NULL: SQLite puts NULLs first, PostgreSQL last; write NULLS "
                     "FIRST or NULLS LAST",
                     fc_shown_word(s->l, behind - 1));
}

static int bad_order(const scope *s, int order, int last)
{
    const fc_words *w = s->w;
    int level = w->list[order].outer, end = order + 1;
    static const char *const behind[] = {"LIMIT", "OFFSET", "ON",     "RETURNING",
                                         "ROWS",  "RANGE",  "GROUPS", NULL};
    while (end < last && !(w->list[end].outer == level && fc_word_any(w, end, behind)) &&
           !fc_word_sign(w, end, ";"))
        end++;
    for (int i = order + 2, begin = i; i <= end; i++) {
        if (i < end && (w->list[i].outer != level || !fc_word_sign(w, i, ","))) continue;
        if (bad_term(s, begin, i)) return 1;
        begin = i + 1;
    }
    return 0;
}

/* OVER (PARTITION BY a ORDER BY b) */
static int bad_windows(const scope *s)
{
    const fc_words *w = s->w;
    int level = w->list[s->begin].outer;
    for (int i = s->begin; i < s->end; i++) {
        if (w->list[i].outer != level || !fc_word_is(w, i, "OVER") || !fc_word_sign(w, i + 1, "(")) continue;
        int last = w->list[i + 1].pair, order = fc_word_find(w, i + 2, last, "ORDER");
        if (order < last && w->list[order].outer == i + 1 && bad_order(s, order, last)) return 1;
    }
    return 0;
}

static int judge_select(scope *s)
{
    static const char *const sets[] = {"UNION", "EXCEPT", "INTERSECT", NULL};
    const fc_words *w = s->w;
    int level = w->list[s->begin].outer;
    s->end = level < 0 ? w->count : w->list[level].pair;
    s->count = 0;
    for (int i = level + 1; i < s->end; i++)
        if (w->list[i].outer == level && fc_word_any(w, i, sets)) return 0;
    int order = fc_word_find(w, s->begin, s->end, "ORDER");
    read_from(s);
    if (bad_windows(s)) return 1;
    return order < s->end && bad_order(s, order, s->end);
}

int fc_sql_nulls(const char *sql, size_t n, fc_sql_nullable nullable, void *ctx, fc_sql_problem *out)
{
    fc_words w;
    int found = 0;
    fc_words_cut(sql, n, FC_WORDS_ALL, &w);
    fc_look l = {&w, false, out};
    scope s = {.l = &l, .w = &w, .nullable = nullable, .ctx = ctx};
    for (int i = 0; i < w.count && !found; i++)
        if (fc_word_is(&w, i, "SELECT")) {
            s.begin = i;
            found = judge_select(&s);
        }
    fc_words_free(&w);
    return found;
}
