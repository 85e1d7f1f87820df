/* One statement is cut into words and each rule asked about each word; the first that refuses is told. Linear
 * in the words, except that a SELECT looks over its own clauses once. */
#include "store/subset.h"
#include "store/subset_rules.h"

#include <string.h>

#define MAX_WORDS 8000
#define MAX_SELECTS 200

static int not_closed(const fc_look *l)
{
    const fc_words *w = l->w;
    for (int i = 0; i < w->count; i++) {
        if (w->list[i].kind == FC_WORD_OPEN)
            return fc_refuse(l, i, "这里开始的文字或注释没有结束",
                             "the text or comment that begins here is not closed");
        if (w->list[i].kind == FC_WORD_NEST)
            return fc_refuse(l, i, "注释里不能再有 /*：PostgreSQL 的注释可以嵌套，SQLite 的不可以",
                             "a comment may not hold another /*: PostgreSQL nests comments, SQLite does not");
        if (fc_word_sign(w, i, "(") && w->list[i].pair == w->count)
            return fc_refuse(l, i, "这个 ( 没有对应的 )", "this ( has no )");
    }
    return 0;
}

static int several(const fc_look *l)
{
    for (int i = 0; i + 1 < l->w->count; i++)
        if (fc_word_sign(l->w, i, ";"))
            return fc_refuse(l, i + 1, "一次只能写一条语句；请分开执行",
                             "one statement at a time; run them one by one");
    return 0;
}

static int form_of_rows(const fc_look *l)
{
    static const char *const rows[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", NULL};
    static const char *const tables[] = {"CREATE", "ALTER", "DROP", "REINDEX", NULL};
    static const char *const turns[] = {"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "END", NULL};
    if (fc_word_any(l->w, 0, rows)) return 0;
    if (fc_word_is(l->w, 0, "REPLACE"))
        return fc_refuse(
            l, 0,
            "REPLACE 只有 SQLite 有，而且会先删除整行；请写 INSERT ... ON CONFLICT (...) DO UPDATE SET ...",
            "REPLACE is SQLite's own and deletes the row first; write INSERT ... ON CONFLICT (...) DO UPDATE "
            "SET ...");
    if (fc_word_any(l->w, 0, tables))
        return fc_refuse(
            l, 0, "表由迁移文件更改（插件的 migrations/0001_name.sql），不能在运行时更改",
            "tables are changed by migrations (migrations/0001_name.sql of the plugin), not while running");
    if (fc_word_any(l->w, 0, turns))
        return fc_refuse(l, 0, "事务不能写成 SQL；请使用 db.tx(function() ... end)",
                         "a transaction is not written as SQL; use db.tx(function() ... end)");
    return fc_refuse(l, 0, "host.db 只读写行（SELECT、INSERT、UPDATE、DELETE），不认 %s",
                     "host.db reads and writes rows (SELECT, INSERT, UPDATE, DELETE); it takes no %s",
                     fc_shown_word(l, 0));
}

static int form_of_schema(const fc_look *l)
{
    static const char *const words[] = {"CREATE", "ALTER",  "DROP", "INSERT",
                                        "UPDATE", "DELETE", "WITH", NULL};
    if (fc_word_any(l->w, 0, words)) return 0;
    return fc_refuse(l, 0, "迁移文件里只能有 CREATE、ALTER、DROP 和 INSERT、UPDATE、DELETE，不能有 %s",
                     "a migration holds CREATE, ALTER, DROP and INSERT, UPDATE, DELETE; no %s",
                     fc_shown_word(l, 0));
}

/* Rules look back and forth, so a text made by a machine is not judged at all: what people write is far
 * below.
 */
static int too_much(const fc_look *l, enum fc_sql_use use)
{
    int selects = 0;
    for (int i = 0; i < l->w->count; i++)
        selects += fc_word_is(l->w, i, "SELECT");
    if (selects <= MAX_SELECTS && (use == FC_SQL_SCHEMA || l->w->count <= MAX_WORDS)) return 0;
    return fc_refuse(l, 0, "SQL 过长（最多 %d 个词、%d 个 SELECT）；请分成几条",
                     "the SQL is too long (at most %d words and %d SELECTs); make it several", MAX_WORDS,
                     MAX_SELECTS);
}

static int judge(const fc_look *l, enum fc_sql_use use)
{
    if (l->w->count == 0) return fc_refuse(l, 0, "SQL 中没有语句", "the SQL holds no statement");
    if (too_much(l, use) || not_closed(l)) return 1;
    if (use == FC_SQL_SCHEMA ? form_of_schema(l) : form_of_rows(l)) return 1;
    if ((l->tables && fc_rule_table(l)) || several(l)) return 1;
    for (int i = 0; i < l->w->count; i++)
        if (fc_rule_marks(l, i) || fc_rule_words(l, i) || fc_rule_function(l, i) || fc_rule_shape(l, i))
            return 1;
    return 0;
}

int fc_sql_subset(const char *sql, size_t n, enum fc_sql_use use, fc_sql_problem *out)
{
    fc_words w;
    fc_words_cut(sql, n, FC_WORDS_ALL, &w);
    bool tables = use == FC_SQL_SCHEMA && (fc_word_is(&w, 0, "CREATE") || fc_word_is(&w, 0, "ALTER"));
    int found = judge(&(fc_look){&w, tables, out}, use);
    fc_words_free(&w);
    return found;
}

static bool is_own(const fc_word *w, const char *const *prefixes)
{
    for (; *prefixes; prefixes++)
        if (w->n > strlen(*prefixes) && memcmp(w->s, *prefixes, strlen(*prefixes)) == 0) return true;
    return false;
}

static int foreign_key(const fc_look *l, int i, const char *const *prefixes)
{
    if (!fc_word_is(l->w, i, "REFERENCES") || is_own(&l->w->list[i + 1], prefixes)) return 0;
    return fc_refuse(
        l, i + 1, "外键不能指向别的插件的表 %s：它会妨碍那个插件删除自己的行；请只存 id，不写 REFERENCES",
        "a foreign key may not point to %s, another plugin's table: that plugin could no longer delete its "
        "rows; keep the id without REFERENCES",
        fc_shown_word(l, i + 1));
}

static int new_name(const fc_look *l, int i, const char *const *prefixes)
{
    if (!fc_word_is(l->w, i, "RENAME") || !fc_word_is(l->w, i + 1, "TO") ||
        is_own(&l->w->list[i + 2], prefixes))
        return 0;
    return fc_refuse(l, i + 2, "新名字 %s 不以本插件的前缀 %s 开头",
                     "the new name %s does not begin with the plugin's prefix %s", fc_shown_word(l, i + 2),
                     *prefixes ? *prefixes : "");
}

int fc_sql_own(const char *sql, size_t n, const char *const *prefixes, fc_sql_problem *out)
{
    fc_words w;
    int found = 0;
    fc_words_cut(sql, n, FC_WORDS_ALL, &w);
    fc_look l = {&w, true, out};
    for (int i = 0; i + 1 < w.count && !found; i++)
        found = foreign_key(&l, i, prefixes) || new_name(&l, i, prefixes);
    fc_words_free(&w);
    return found;
}

int fc_sql_next(const char *sql, size_t n, size_t *from, size_t *begin, size_t *end)
{
    fc_words w;
    if (*from > n) return 0;
    fc_words_cut(sql + *from, n - *from, FC_WORDS_STATEMENT, &w);
    int found = w.count > 0, closed = fc_word_sign(&w, w.count - 1, ";");
    *begin = *from + (size_t)(w.list[0].s - w.sql);
    *end = *from + (size_t)(w.list[w.count - closed].s - w.sql);
    if (found) *from = *end + (size_t)closed;
    fc_words_free(&w);
    return found;
}

int fc_sql_line(const char *sql, size_t at)
{
    int line = 1;
    for (size_t i = 0; i < at; i++)
        line += sql[i] == '\n';
    return line;
}

int fc_sql_reads(const char *sql, size_t n)
{
    static const char *const words[] = {"SELECT", "VALUES", NULL};
    fc_words w;
    fc_words_cut(sql, n, FC_WORDS_FIRST, &w);
    int reads = fc_word_any(&w, 0, words);
    fc_words_free(&w);
    return reads;
}
