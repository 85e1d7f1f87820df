/* Any bytes as SQL: words never leave the text, brackets pair, a refusal is a sentence with a place inside
 * the text, statements are cut so that nothing is lost between them. And as Lua: what is found lies in it. */
#include "plugin/lua_sql.h"
#include "store/sql_words.h"
#include "store/subset.h"
#include "fuzz.h"

static void check_problem(const fc_sql_problem *p, size_t n)
{
    fc_err err = {0};
    PROMISE(p->at <= n);
    for (int lang = 0; lang < 2; lang++) {
        PROMISE(strlen(p->text[lang]) < FC_ERR_TEXT);
        snprintf(err.text[lang], FC_ERR_TEXT, "%s", p->text[lang]);
        PROMISE(strlen(p->text[lang]) > 5);
    }
}

static void check_words(const char *sql, size_t n)
{
    fc_words w;
    fc_words_cut(sql, n, FC_WORDS_ALL, &w);
    const char *before = sql;
    for (int i = 0; i <= w.count; i++) {
        const fc_word *word = &w.list[i];
        PROMISE(word->s >= before && word->s + word->n <= sql + n);
        PROMISE(i < w.count ? word->n > 0 : word->kind == FC_WORD_END);
        PROMISE(word->outer < i && word->outer >= -1);
        if (i < w.count && fc_word_sign(&w, i, "(")) PROMISE(word->pair > i && word->pair <= w.count);
        before = word->s + word->n;
    }
    fc_words_free(&w);
}

static int nullable(void *ctx, const char *table, const char *column)
{
    (void)ctx;
    return (int)((strlen(table) + strlen(column)) % 3) - 1;
}

static void found(void *ctx, const fc_lua_sql *sql)
{
    const uint8_t *n = ctx;
    (void)n;
    PROMISE(fc_lua_sql_line(sql, 0) >= 1);
    PROMISE(fc_lua_sql_line(sql, sql->text.len) >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const own[] = {"loan_", NULL};
    const char *sql = (const char *)data;
    fc_sql_problem p;
    size_t from = 0, begin, end, last = 0;
    check_words(sql, n);
    for (enum fc_sql_use use = FC_SQL_ROWS; use <= FC_SQL_SCHEMA; use++)
        if (fc_sql_subset(sql, n, use, &p)) check_problem(&p, n);
    if (fc_sql_nulls(sql, n, nullable, NULL, &p)) check_problem(&p, n);
    if (fc_sql_own(sql, n, own, &p)) check_problem(&p, n);
    while (fc_sql_next(sql, n, &from, &begin, &end)) {
        PROMISE(begin >= last && end > begin && end <= n && from >= end && from <= n);
        last = from;
    }
    fc_sql_reads(sql, n);
    fc_lua_finder *f = fc_lua_finder_new(found, (void *)data);
    fc_lua_finder_file(f, "a.lua", sql, n);
    fc_lua_finder_end(f);
    return 0;
}
