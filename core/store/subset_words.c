/* Rules that need one word and its neighbours. */
#include "store/subset_rules.h"

#include <string.h>
#include <strings.h>

/* ---- quotes, parameters, operators */

static int bad_quote(const fc_look *l, int i)
{
    switch (*l->w->list[i].s) {
    case '"':
        return fc_refuse(l, i,
                         "不能用双引号：SQLite 会把不存在的列名当作文字；文字请用单引号 'x'，名字不加引号",
                         "no double quotes: SQLite takes a misspelt column for a text; write texts 'x' and "
                         "names without quotes");
    case '[':
        return fc_refuse(l, i, "不能用方括号 [...] 括名字：PostgreSQL 没有；名字不加括号",
                         "no [names in brackets]: PostgreSQL has none; write the name as it is");
    default:
        return fc_refuse(l, i, "不能用反引号 `...` 括名字：PostgreSQL 没有；名字不加引号",
                         "no names in backticks (`x`): PostgreSQL has none; write the name as it is");
    }
}

static int bad_param(const fc_look *l, int i)
{
    if (l->w->list[i].n == 1) return 0;
    return fc_refuse(l, i, "参数只能写成 ?，按出现的顺序给值，不能写 %s",
                     "a parameter is written ? and values are given in their order, not %s",
                     fc_shown_word(l, i));
}

static int bad_sign(const fc_look *l, int i)
{
    const fc_words *w = l->w;
    if (fc_word_sign(w, i, "=="))
        return fc_refuse(l, i, "== 只有 SQLite 认；请写 =", "== is SQLite's own; write =");
    if (fc_word_sign(w, i, "->") || fc_word_sign(w, i, "->>"))
        return fc_refuse(l, i,
                         "%s 是 JSON 运算符，两个数据库的写法和结果不同；请读出整个值，用 host.json 解开",
                         "%s is a JSON operator that the two databases read differently; read the whole "
                         "value and take it apart with host.json",
                         fc_shown_word(l, i));
    if (fc_word_sign(w, i, "::"))
        return fc_refuse(l, i, ":: 只有 PostgreSQL 认；请写 CAST(x AS TEXT)",
                         ":: is PostgreSQL's own; write CAST(x AS TEXT)");
    return 0;
}

static int bad_number(const fc_look *l, int i)
{
    const fc_word *w = &l->w->list[i];
    if (w->n < 2 || w->s[0] != '0' || (w->s[1] != 'x' && w->s[1] != 'X')) return 0;
    return fc_refuse(l, i, "不能用十六进制数 %s：PostgreSQL 15 不认；请写十进制",
                     "no hexadecimal number %s: PostgreSQL 15 has none; write it as a decimal",
                     fc_shown_word(l, i));
}

int fc_rule_marks(const fc_look *l, int i)
{
    switch (l->w->list[i].kind) {
    case FC_WORD_QUOTED:
        return bad_quote(l, i);
    case FC_WORD_PARAM:
        return bad_param(l, i);
    case FC_WORD_SIGN:
        return bad_sign(l, i);
    case FC_WORD_NUMBER:
        return bad_number(l, i);
    case FC_WORD_BLOB:
        return fc_refuse(l, i, "x'...' 在 PostgreSQL 中是位串；请把字节作为参数 ? 传入（db.blob）",
                         "x'...' is a bit string in PostgreSQL; give the bytes as a parameter ? (db.blob)");
    default:
        return 0;
    }
}

/* ---- words */

static const struct {
    const char *word, *zh, *en;
} foreign[] = {
    {"ROWID", "是 SQLite 内部的行号，PostgreSQL 没有；请用表自己的主键（通常是 id）",
     "is SQLite's inner row number, which PostgreSQL has not; use the table's own primary key (mostly id)"},
    {"OID", "是 SQLite 内部的行号，PostgreSQL 没有；请用表自己的主键（通常是 id）",
     "is SQLite's inner row number, which PostgreSQL has not; use the table's own primary key (mostly id)"},
    {"_ROWID_", "是 SQLite 内部的行号，PostgreSQL 没有；请用表自己的主键（通常是 id）",
     "is SQLite's inner row number, which PostgreSQL has not; use the table's own primary key (mostly id)"},
    {"AUTOINCREMENT", "只有 SQLite 有；请写 id INTEGER PRIMARY KEY，值由 db.id() 给出",
     "is SQLite's own; write id INTEGER PRIMARY KEY and give it db.id()"},
    {"GLOB", "只有 SQLite 有；请用 LIKE", "is SQLite's own; use LIKE"},
    {"REGEXP", "只有 SQLite 有；请读出后用 host.re 判断，或用 LIKE",
     "is SQLite's own; read the rows and match them with host.re, or use LIKE"},
    {"MATCH", "是 SQLite 的全文检索，PostgreSQL 没有；请用 LIKE",
     "is SQLite's full-text search, which PostgreSQL has not; use LIKE"},
    {"COLLATE", "的排序规则在两个数据库里不同；请写 lower(x)，或在 Lua 里排序",
     "names an order that the two databases do not share; write lower(x), or sort in Lua"},
    {"INDEXED", "BY 只有 SQLite 有；请去掉，让数据库自己选索引",
     "BY is SQLite's own; leave it out, the database finds the index"},
    {"CURRENT_TIMESTAMP", "在两个数据库里类型不同；请用 host.clock 的 now() 作参数 ?",
     "has another type in each database; give host.clock's now() as a parameter ?"},
    {"CURRENT_DATE", "在两个数据库里类型不同；请用 host.clock 的 today() 作参数 ?",
     "has another type in each database; give host.clock's today() as a parameter ?"},
    {"CURRENT_TIME", "在两个数据库里类型不同；请用 host.clock 的 now() 作参数 ?",
     "has another type in each database; give host.clock's now() as a parameter ?"},
    {"ILIKE", "只有 PostgreSQL 有；请写 lower(x) LIKE '小写'",
     "is PostgreSQL's own; write lower(x) LIKE 'lower case'"},
};

/* Names that PostgreSQL keeps for itself and SQLite does not. Behind AS and behind a dot they are allowed. */
bool fc_word_reserved(const fc_words *w, int i)
{
    static const char *const reserved[] = {"USER",
                                           "ANY",
                                           "ARRAY",
                                           "BOTH",
                                           "LEADING",
                                           "TRAILING",
                                           "ANALYSE",
                                           "ASYMMETRIC",
                                           "SYMMETRIC",
                                           "ONLY",
                                           "PLACING",
                                           "SOME",
                                           "VARIADIC",
                                           "LATERAL",
                                           "FETCH",
                                           "GRANT",
                                           "FREEZE",
                                           "SIMILAR",
                                           "AUTHORIZATION",
                                           "OVERLAPS",
                                           "LOCALTIME",
                                           "VERBOSE",
                                           "SESSION_USER",
                                           "CURRENT_USER",
                                           "BINARY",
                                           "INITIALLY",
                                           "CURRENT_SCHEMA",
                                           "CURRENT_ROLE",
                                           "CURRENT_CATALOG",
                                           "LOCALTIMESTAMP",
                                           NULL};
    return fc_word_any(w, i, reserved);
}

static int bad_or(const fc_look *l, int i)
{
    if (!fc_word_is(l->w, i + 1, "OR")) return 0;
    if (fc_word_is(l->w, i, "INSERT"))
        return fc_refuse(
            l, i,
            "INSERT OR %s 只有 SQLite 有；请写 INSERT ... ON CONFLICT (...) DO NOTHING 或 DO UPDATE SET ...",
            "INSERT OR %s is SQLite's own; write INSERT ... ON CONFLICT (...) DO NOTHING or DO UPDATE SET "
            "...",
            fc_shown_word(l, i + 2));
    if (fc_word_is(l->w, i, "UPDATE"))
        return fc_refuse(
            l, i, "UPDATE OR %s 只有 SQLite 有；请先查，或写 INSERT ... ON CONFLICT (...) DO UPDATE",
            "UPDATE OR %s is SQLite's own; look first, or write INSERT ... ON CONFLICT (...) DO UPDATE",
            fc_shown_word(l, i + 2));
    return 0;
}

static int bad_postfix(const fc_look *l, int i)
{
    if (l->tables || !fc_word_is(l->w, i, "NOT") || !fc_word_is(l->w, i + 1, "NULL") ||
        fc_word_is(l->w, i - 1, "IS"))
        return 0;
    return fc_refuse(l, i, "x NOT NULL 只有 SQLite 认；请写 x IS NOT NULL",
                     "x NOT NULL is SQLite's own; write x IS NOT NULL");
}

static bool begins(const fc_word *w, const char *lower)
{
    return w->n > strlen(lower) && strncasecmp(w->s, lower, strlen(lower)) == 0;
}

static int inner_table(const fc_look *l, int i)
{
    static const char *const there[] = {"DBSTAT", "JSON_EACH", "JSON_TREE", NULL};
    const fc_word *w = &l->w->list[i];
    bool known = fc_word_any(l->w, i, there) && !fc_word_sign(l->w, i + 1, "(");
    if (!known && !begins(w, "sqlite_") && !begins(w, "pragma_")) return 0;
    return fc_refuse(l, i, "%s 是 SQLite 内部的表，PostgreSQL 没有；请只用插件的表",
                     "%s is an inner table of SQLite, which PostgreSQL has not; use the plugins' tables",
                     fc_shown_word(l, i));
}

static int bad_alias(const fc_look *l, int i)
{
    if (!fc_word_is(l->w, i, "AS") || l->w->list[i + 1].kind != FC_WORD_STRING) return 0;
    return fc_refuse(l, i + 1, "AS 后面是名字，不是文字：PostgreSQL 不认 AS 'x'；请写 AS x，不加引号",
                     "behind AS stands a name and no text: PostgreSQL takes no AS 'x'; write AS x without "
                     "quotes");
}

static int bad_in(const fc_look *l, int i)
{
    const fc_words *w = l->w;
    if (!fc_word_is(w, i, "IN")) return 0;
    if (fc_word_sign(w, i + 1, "(") && w->list[i + 1].pair == i + 2)
        return fc_refuse(l, i, "IN () 只有 SQLite 认；没有值时请不要查询",
                         "IN () is SQLite's own; where there are no values do not ask");
    if (w->list[i + 1].kind != FC_WORD_NAME) return 0;
    return fc_refuse(l, i, "IN 后面直接写表只有 SQLite 认；请写 IN (SELECT 列 FROM %s)",
                     "IN with a table behind it is SQLite's own; write IN (SELECT column FROM %s)",
                     fc_shown_word(l, i + 1));
}

static int bad_conflict(const fc_look *l, int i)
{
    const fc_words *w = l->w;
    if (!fc_word_is(w, i, "CONFLICT") || !fc_word_is(w, i + 1, "DO") || !fc_word_is(w, i + 2, "UPDATE"))
        return 0;
    return fc_refuse(l, i, "ON CONFLICT ... DO UPDATE 要写明是哪些列：ON CONFLICT (id) DO UPDATE SET ...",
                     "ON CONFLICT ... DO UPDATE must say which columns: ON CONFLICT (id) DO UPDATE SET ...");
}

/* IS DISTINCT FROM main.x is a column of something that is named so. */
static int bad_schema(const fc_look *l, int i)
{
    static const char *const before[] = {"FROM", "JOIN", "INTO", "UPDATE", NULL};
    static const char *const schemas[] = {"MAIN", "TEMP", NULL};
    const fc_words *w = l->w;
    if (!fc_word_any(w, i, schemas) || !fc_word_sign(w, i + 1, ".") || !fc_word_any(w, i - 1, before) ||
        fc_word_is(w, i - 2, "DISTINCT"))
        return 0;
    return fc_refuse(l, i, "%s. 只有 SQLite 有；请只写表名",
                     "%s. is SQLite's own; write the table's name alone", fc_shown_word(l, i));
}

int fc_rule_words(const fc_look *l, int i)
{
    const fc_words *w = l->w;
    if (w->list[i].kind != FC_WORD_NAME) return 0;
    for (size_t k = 0; k < sizeof foreign / sizeof *foreign; k++)
        if (fc_word_is(w, i, foreign[k].word))
            return fc_refuse(l, i, "%s %s%.0s", "%s %.0s%s", fc_shown_word(l, i), foreign[k].zh,
                             foreign[k].en);
    if (bad_or(l, i) || bad_postfix(l, i) || inner_table(l, i) || bad_alias(l, i)) return 1;
    if (bad_in(l, i) || bad_conflict(l, i) || bad_schema(l, i)) return 1;
    if (!fc_word_reserved(w, i) || fc_word_sign(w, i - 1, ".") || fc_word_is(w, i - 1, "AS")) return 0;
    return fc_refuse(l, i, "%s 是 PostgreSQL 的保留字，不能作名字；请换一个名字",
                     "%s is a word that PostgreSQL keeps for itself; choose another name",
                     fc_shown_word(l, i));
}
