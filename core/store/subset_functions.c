/* Functions: a list of those that both databases have with one meaning; every other is refused, the usual
 * ones with what to write instead. */
#include "store/subset_rules.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    int least, most; /* arguments; most -1: any number */
} common[] = {
    {"COUNT", 0, 1},      {"SUM", 1, 1},          {"AVG", 1, 1},        {"MIN", 1, 1},        {"MAX", 1, 1},
    {"COALESCE", 2, -1},  {"NULLIF", 2, 2},       {"ABS", 1, 1},        {"LOWER", 1, 1},      {"UPPER", 1, 1},
    {"LENGTH", 1, 1},     {"SUBSTR", 2, 3},       {"REPLACE", 3, 3},    {"TRIM", 1, 2},       {"LTRIM", 1, 2},
    {"RTRIM", 1, 2},      {"ROUND", 1, 1},        {"SIGN", 1, 1},       {"ROW_NUMBER", 0, 0}, {"RANK", 0, 0},
    {"DENSE_RANK", 0, 0}, {"PERCENT_RANK", 0, 0}, {"CUME_DIST", 0, 0},  {"NTILE", 1, 1},      {"LAG", 1, 3},
    {"LEAD", 1, 3},       {"FIRST_VALUE", 1, 1},  {"LAST_VALUE", 1, 1}, {"NTH_VALUE", 2, 2},
};

#define TIME_ZH "只有 SQLite 有；时刻是毫秒整数、日期是 YYYY-MM-DD 文字，请用 host.clock 算好后作参数 ?"
#define TIME_EN                                                                                              \
    "is SQLite's own; instants are whole milliseconds and days the text YYYY-MM-DD: reckon with host.clock " \
    "and give a parameter ?"
#define JSON_ZH "两个数据库的 JSON 函数不同；请读出整个值，用 host.json 解开"
#define JSON_EN                                                                                              \
    "the JSON functions of the two databases differ; read the whole value and take it apart with host.json"
#define LUA_ZH "只有 SQLite 有；请在 Lua 里算"
#define LUA_EN "is SQLite's own; do it in Lua"

static const struct {
    const char *name, *zh, *en;
} known[] = {
    {"STRFTIME", TIME_ZH, TIME_EN},
    {"DATE", TIME_ZH, TIME_EN},
    {"TIME", TIME_ZH, TIME_EN},
    {"DATETIME", TIME_ZH, TIME_EN},
    {"JULIANDAY", TIME_ZH, TIME_EN},
    {"UNIXEPOCH", TIME_ZH, TIME_EN},
    {"NOW", "只有 PostgreSQL 有；请用 host.clock 的 now() 作参数 ?",
     "is PostgreSQL's own; give host.clock's now() as a parameter ?"},
    {"GROUP_CONCAT", "只有 SQLite 有；请读出各行，在 Lua 里用 table.concat",
     "is SQLite's own; read the rows and use table.concat in Lua"},
    {"STRING_AGG", "只有 PostgreSQL 有；请读出各行，在 Lua 里用 table.concat",
     "is PostgreSQL's own; read the rows and use table.concat in Lua"},
    {"TOTAL", "只有 SQLite 有；请写 COALESCE(SUM(x), 0)", "is SQLite's own; write COALESCE(SUM(x), 0)"},
    {"IFNULL", "只有 SQLite 有；请写 COALESCE(a, b)", "is SQLite's own; write COALESCE(a, b)"},
    {"IIF", "只有 SQLite 有；请写 CASE WHEN a THEN b ELSE c END",
     "is SQLite's own; write CASE WHEN a THEN b ELSE c END"},
    {"INSTR", "只有 SQLite 有；请写 x LIKE ?，或在 Lua 里用 string.find",
     "is SQLite's own; write x LIKE ?, or use string.find in Lua"},
    {"PRINTF", LUA_ZH "（string.format）", LUA_EN " (string.format)"},
    {"FORMAT", LUA_ZH "（string.format）", LUA_EN " (string.format)"},
    {"RANDOM", "在两个数据库里范围不同；请在 Lua 里用 math.random",
     "has another range in each database; use math.random in Lua"},
    {"CHANGES", "只有 SQLite 有；db.run 的返回值就是改动的行数",
     "is SQLite's own; db.run returns the number of rows changed"},
    {"TOTAL_CHANGES", "只有 SQLite 有；db.run 的返回值就是改动的行数",
     "is SQLite's own; db.run returns the number of rows changed"},
    {"LAST_INSERT_ROWID", "只有 SQLite 有；请先用 db.id() 取得 id，再插入",
     "is SQLite's own; take the id from db.id() first, then insert it"},
    {"GREATEST", "只有 PostgreSQL 有；请写 CASE WHEN a > b THEN a ELSE b END",
     "is PostgreSQL's own; write CASE WHEN a > b THEN a ELSE b END"},
    {"LEAST", "只有 PostgreSQL 有；请写 CASE WHEN a < b THEN a ELSE b END",
     "is PostgreSQL's own; write CASE WHEN a < b THEN a ELSE b END"},
    {"CONCAT", "SQLite 3.40 没有；请写 a || b", "is not in SQLite 3.40; write a || b"},
};

/* Keywords that may stand before a bracket. */
static const char *const keywords[] = {
    "IN",        "VALUES",   "AS",      "OVER",   "FILTER",       "CHECK",   "KEY",       "UNIQUE",
    "USING",     "EXISTS",   "AND",     "OR",     "NOT",          "ON",      "WHERE",     "SELECT",
    "FROM",      "JOIN",     "SET",     "THEN",   "ELSE",         "WHEN",    "CASE",      "LIKE",
    "HAVING",    "BY",       "LIMIT",   "OFFSET", "DISTINCT",     "ALL",     "UNION",     "EXCEPT",
    "INTERSECT", "CONFLICT", "DEFAULT", "IS",     "MATERIALIZED", "BETWEEN", "RETURNING", "ESCAPE",
    "DO",        "PRIMARY",  "COLUMN",  "ADD",    "REFERENCES",   NULL};

/* A table with its columns (INSERT INTO t (a, b)), a query in WITH, an index's table: no function. */
static bool names_table(const fc_look *l, int i)
{
    static const char *const before[] = {"INTO", "TABLE", "REFERENCES", "EXISTS", NULL};
    const fc_words *w = l->w;
    if (fc_word_any(w, i - 1, before)) return true;
    if (l->tables && fc_word_is(w, i - 1, "ON")) return true;
    if (fc_word_is(w, i - 1, "AS") && fc_word_is(w, i - 3, "INTO")) return true;
    int behind = w->list[i + 1].pair + 1;
    if (!fc_word_is(w, behind, "AS")) return false;
    behind += fc_word_is(w, behind + 1, "NOT");
    return fc_word_sign(w, behind + 1, "(") || fc_word_is(w, behind + 1, "MATERIALIZED");
}

static int count_arguments(const fc_words *w, int open)
{
    int close = w->list[open].pair, n = close > open + 1;
    for (int i = open + 1; i < close; i++)
        n += w->list[i].outer == open && fc_word_sign(w, i, ",");
    return n;
}

static int bad_cast(const fc_look *l, int i)
{
    static const char *const types[] = {"INTEGER", "REAL", "TEXT", NULL};
    int close = l->w->list[i + 1].pair, as = fc_word_find(l->w, i + 2, close, "AS");
    if (as < close && fc_word_any(l->w, as + 1, types) && as + 2 == close) return 0;
    return fc_refuse(l, as < close ? as + 1 : i, "CAST 的类型只能是 INTEGER、REAL、TEXT",
                     "CAST knows the types INTEGER, REAL and TEXT");
}

static int wrong_count(const fc_look *l, int i)
{
    if (fc_word_is(l->w, i, "MAX") || fc_word_is(l->w, i, "MIN"))
        return fc_refuse(l, i, "%s 有几个参数时只有 SQLite 认；请写 CASE WHEN a > b THEN a ELSE b END",
                         "%s with several arguments is SQLite's own; write CASE WHEN a > b THEN a ELSE b END",
                         fc_shown_word(l, i));
    if (fc_word_is(l->w, i, "ROUND"))
        return fc_refuse(
            l, i, "PostgreSQL 的 round 对实数只有一个参数；请在 Lua 里取小数位",
            "PostgreSQL's round takes one argument where the number is real; cut the decimals in Lua");
    return fc_refuse(l, i, "%s 的参数个数不对", "%s has a wrong number of arguments", fc_shown_word(l, i));
}

/* SUM(a = 1): SQLite's comparisons are numbers, PostgreSQL's are not. */
static int sums_condition(const fc_look *l, int i)
{
    static const char *const signs[] = {"=", "<", ">", "<=", ">=", "<>", "!=", NULL};
    const fc_words *w = l->w;
    int open = i + 1, close = w->list[open].pair;
    if (!fc_word_is(w, i, "SUM") && !fc_word_is(w, i, "AVG")) return 0;
    if (fc_word_find(w, open + 1, close, "CASE") < close) return 0;
    for (int k = open + 1; k < close; k++)
        for (const char *const *s = signs; *s; s++)
            if (w->list[k].outer == open && fc_word_sign(w, k, *s))
                return fc_refuse(
                    l, i,
                    "%s 里是一个条件：PostgreSQL 的条件不是数；请写 SUM(CASE WHEN ... THEN 1 ELSE 0 END)",
                    "%s holds a condition, which is no number in PostgreSQL; write SUM(CASE WHEN ... THEN 1 "
                    "ELSE 0 END)",
                    fc_shown_word(l, i));
    return 0;
}

static int unknown(const fc_look *l, int i)
{
    const fc_word *name = &l->w->list[i];
    if (name->n >= 4 && strncasecmp(name->s, "json", 4) == 0)
        return fc_refuse(l, i, "%s：" JSON_ZH, "%s: " JSON_EN, fc_shown_word(l, i));
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (fc_word_is(l->w, i, known[k].name))
            return fc_refuse(l, i, "%s %s%.0s", "%s %.0s%s", fc_shown_word(l, i), known[k].zh, known[k].en);
    return fc_refuse(l, i, "函数 %s 不在 SQLite 和 PostgreSQL 共有的函数之中；请在 Lua 里算",
                     "the function %s is not among those that SQLite and PostgreSQL share; do it in Lua",
                     fc_shown_word(l, i));
}

int fc_rule_function(const fc_look *l, int i)
{
    const fc_words *w = l->w;
    if (w->list[i].kind != FC_WORD_NAME || !fc_word_sign(w, i + 1, "(")) return 0;
    if (fc_word_is(w, i, "CAST")) return bad_cast(l, i);
    if (fc_word_any(w, i, keywords) || names_table(l, i)) return 0;
    int n = count_arguments(w, i + 1);
    for (size_t k = 0; k < sizeof common / sizeof *common; k++) {
        if (!fc_word_is(w, i, common[k].name)) continue;
        if (n < common[k].least || (common[k].most >= 0 && n > common[k].most)) return wrong_count(l, i);
        return sums_condition(l, i);
    }
    return unknown(l, i);
}
