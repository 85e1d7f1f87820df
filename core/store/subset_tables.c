/* CREATE and ALTER: STRICT tables, four column types, no words of one database only. The driver of another
 * database turns the types into its own. */
#include "store/subset_rules.h"

static bool is_type(const fc_words *w, int i)
{
    static const char *const types[] = {"INTEGER", "REAL", "TEXT", "BLOB", NULL};
    return fc_word_any(w, i, types);
}

/* The column whose name stands at i. */
static int bad_column(const fc_look *l, int i)
{
    const fc_words *w = l->w;
    if (w->list[i].kind != FC_WORD_NAME) return 0;
    if (fc_word_reserved(w, i))
        return fc_refuse(l, i, "%s 是 PostgreSQL 的保留字，不能作列名；请换一个名字",
                         "%s is a word that PostgreSQL keeps for itself; choose another name for the column",
                         fc_shown_word(l, i));
    if (is_type(w, i + 1) && !fc_word_sign(w, i + 2, "(")) return 0;
    if (i + 1 >= w->count || w->list[i + 1].kind != FC_WORD_NAME)
        return fc_refuse(l, i, "列 %s 没有类型；请写 INTEGER、REAL、TEXT 或 BLOB",
                         "the column %s has no type; write INTEGER, REAL, TEXT or BLOB", fc_shown_word(l, i));
    return fc_refuse(l, i + 1, "列的类型只能是 INTEGER、REAL、TEXT、BLOB，不能是 %s",
                     "a column's type is INTEGER, REAL, TEXT or BLOB, not %s", fc_shown_word(l, i + 1));
}

static int bad_word(const fc_look *l)
{
    for (int i = 0; i < l->w->count; i++) {
        if (fc_word_is(l->w, i, "ON") && fc_word_is(l->w, i + 1, "CONFLICT"))
            return fc_refuse(l, i, "约束里的 ON CONFLICT 只有 SQLite 有；请写在 INSERT 里",
                             "ON CONFLICT in a constraint is SQLite's own; write it in the INSERT");
        if (fc_word_is(l->w, i, "GENERATED"))
            return fc_refuse(l, i, "GENERATED 列在两个数据库里不同；请存算好的值",
                             "GENERATED columns differ in the two databases; store the reckoned value");
    }
    return 0;
}

static int bad_ending(const fc_look *l, int open)
{
    const fc_words *w = l->w;
    int i = w->list[open].pair + 1;
    for (int k = i; k < w->count; k++)
        if (fc_word_is(w, k, "WITHOUT"))
            return fc_refuse(l, k, "不能写 WITHOUT ROWID：PostgreSQL 没有；请去掉",
                             "no WITHOUT ROWID: PostgreSQL has none; leave it out");
    if (fc_word_is(w, i, "STRICT")) return 0;
    return fc_refuse(
        l, i, "表要写成 CREATE TABLE ... (...) STRICT：否则 SQLite 不检查类型",
        "a table ends with STRICT: CREATE TABLE ... (...) STRICT; without it SQLite checks no types");
}

static int bad_table(const fc_look *l, int i)
{
    static const char *const constraints[] = {"PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "CONSTRAINT", NULL};
    const fc_words *w = l->w;
    while (i < w->count && !fc_word_sign(w, i, "(") && !fc_word_is(w, i, "AS"))
        i++;
    if (!fc_word_sign(w, i, "("))
        return fc_refuse(l, 0, "表要写明各列：CREATE TABLE 名字 (列 类型, ...) STRICT",
                         "a table names its columns: CREATE TABLE name (column TYPE, ...) STRICT");
    for (int k = i + 1, first = 1; k < w->list[i].pair; k++) {
        if (w->list[k].outer != i) continue;
        if (first && !fc_word_any(w, k, constraints) && bad_column(l, k)) return 1;
        first = fc_word_sign(w, k, ",");
    }
    return bad_ending(l, i);
}

static int bad_create(const fc_look *l)
{
    static const char *const kinds[] = {"TABLE", "INDEX", "UNIQUE", NULL};
    if (fc_word_is(l->w, 1, "TABLE")) return bad_table(l, 2);
    if (fc_word_any(l->w, 1, kinds)) return 0;
    if (fc_word_is(l->w, 1, "TEMP") || fc_word_is(l->w, 1, "TEMPORARY"))
        return fc_refuse(l, 1, "不能建 TEMP 表：只有一个连接看得到它；请建普通的表",
                         "no TEMP table: only one connection would see it; make an ordinary table");
    return fc_refuse(l, 1, "只能建表和索引（CREATE TABLE、CREATE INDEX），不能建 %s",
                     "only tables and indexes are made (CREATE TABLE, CREATE INDEX), no %s",
                     fc_shown_word(l, 1));
}

static int bad_alter(const fc_look *l)
{
    const fc_words *w = l->w;
    for (int i = 1; i < w->count; i++)
        if (fc_word_is(w, i, "ADD")) return bad_column(l, i + 1 + fc_word_is(w, i + 1, "COLUMN"));
    return 0;
}

int fc_rule_table(const fc_look *l)
{
    if (bad_word(l)) return 1;
    return fc_word_is(l->w, 0, "ALTER") ? bad_alter(l) : bad_create(l);
}
