#include "plugin/only_adds.h"
#include "store/sql_words.h"

#include <jansson.h>
#include <stdbool.h>

/* ---- statements */

/* One statement: words [from, end). */
typedef struct statement {
    const fc_words *w;
    int from, end;
} statement;

static bool next(const fc_words *w, int *at, statement *out)
{
    while (*at < w->count && fc_word_sign(w, *at, ";"))
        ++*at;
    if (*at >= w->count) return false;
    *out = (statement){w, *at, *at};
    while (out->end < w->count && !fc_word_sign(w, out->end, ";"))
        out->end++;
    *at = out->end;
    return true;
}

static bool is(const statement *s, int i, const char *upper)
{
    return i < s->end && fc_word_is(s->w, i, upper);
}

static bool has(const statement *s, const char *upper)
{
    for (int i = s->from; i < s->end; i++)
        if (fc_word_is(s->w, i, upper)) return true;
    return false;
}

/* Behind IF NOT EXISTS, which says that the table may have been there before. */
static int behind_if(const statement *s, int i, bool *perhaps)
{
    *perhaps = is(s, i, "IF");
    return *perhaps ? i + 3 : i;
}

/* A name as it is known to SQLite: in small letters, without its quotes. New, or NULL. */
static json_t *name_at(const statement *s, int i)
{
    if (i >= s->end) return NULL;
    const fc_word *word = &s->w->list[i];
    size_t quotes = word->kind == FC_WORD_QUOTED;
    if ((word->kind != FC_WORD_NAME && !quotes) || fc_word_sign(s->w, i + 1, ".")) return NULL;
    char small[200];
    size_t n = word->n - 2 * quotes;
    if (n == 0 || n >= sizeof small) return NULL;
    for (size_t k = 0; k < n; k++) {
        char c = word->s[quotes + k];
        small[k] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    return json_stringn(small, n);
}

static bool is_made_here(const statement *s, int i, const json_t *made)
{
    json_t *name = name_at(s, i);
    bool here = name && json_object_get(made, json_string_value(name));
    json_decref(name);
    return here;
}

static void note_table(const statement *s, json_t *made)
{
    bool perhaps;
    if (!is(s, s->from, "CREATE") || !is(s, s->from + 1, "TABLE")) return;
    json_t *name = name_at(s, behind_if(s, s->from + 2, &perhaps));
    if (name && !perhaps) json_object_set_new(made, json_string_value(name), json_true());
    json_decref(name);
}

/* ---- judging */

static bool takes_something(const statement *s)
{
    static const char *const takes[] = {"DROP", "RENAME", "DELETE", "UPDATE", "REPLACE", "TRIGGER", NULL};
    for (int i = s->from; i < s->end; i++)
        if (fc_word_any(s->w, i, takes)) return true;
    return false;
}

/* CREATE UNIQUE INDEX [IF NOT EXISTS] name ON table */
static bool unique_is_free(const statement *s, const json_t *made)
{
    int on = fc_word_find(s->w, s->from, s->end, "ON");
    return is_made_here(s, on + 1, made);
}

static bool has_default(const statement *s)
{
    int at = fc_word_find(s->w, s->from, s->end, "DEFAULT");
    return at < s->end && !is(s, at + 1, "NULL");
}

/* ALTER TABLE table ADD [COLUMN] ... */
static bool column_is_free(const statement *s, const json_t *made)
{
    static const char *const rules[] = {"UNIQUE", "PRIMARY", "CHECK", "GENERATED", "AS", "CONSTRAINT", NULL};
    if (!is(s, s->from + 1, "TABLE") || !is(s, s->from + 3, "ADD")) return false;
    if (is_made_here(s, s->from + 2, made)) return true;
    for (int i = s->from; i < s->end; i++)
        if (fc_word_any(s->w, i, rules)) return false;
    return !has(s, "NOT") || has_default(s);
}

static bool adds(const statement *s, const json_t *made)
{
    static const char *const plain[] = {"TABLE", "VIEW", "INDEX", NULL};
    int first = s->from;
    if (takes_something(s)) return false;
    if (is(s, first, "INSERT")) return true;
    if (is(s, first, "ALTER")) return column_is_free(s, made);
    if (!is(s, first, "CREATE")) return false;
    if (is(s, first + 1, "UNIQUE")) return unique_is_free(s, made);
    return first + 1 < s->end && fc_word_any(s->w, first + 1, plain);
}

static bool only_adds(const fc_words *w, const json_t *made)
{
    statement s;
    for (int i = 0; i < w->count; i++)
        if (w->list[i].kind == FC_WORD_OPEN || w->list[i].kind == FC_WORD_NEST) return false;
    for (int at = 0; next(w, &at, &s);)
        if (!adds(&s, made)) return false;
    return true;
}

int fc_only_add(const fc_script *scripts, int count)
{
    json_t *made = json_object();
    int bad = -1;
    fc_words w;
    statement s;
    for (int i = 0; i < count; i++) {
        fc_words_cut(scripts[i].text, scripts[i].n, FC_WORDS_ALL, &w);
        for (int at = 0; next(&w, &at, &s);)
            note_table(&s, made);
        fc_words_free(&w);
    }
    for (int i = 0; i < count && bad < 0; i++) {
        fc_words_cut(scripts[i].text, scripts[i].n, FC_WORDS_ALL, &w);
        if (!only_adds(&w, made)) bad = i;
        fc_words_free(&w);
    }
    json_decref(made);
    return bad;
}
