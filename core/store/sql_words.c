/* The tokenizer follows SQLite's own (tokenize.c): a name begins with a letter, _ or a byte of 128 and more
 * and may hold digits and $. What cannot be anything becomes a sign of one byte; the database will refuse it.
 */
#include "store/sql_words.h"

#include "base/buf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool begins_name(unsigned char c)
{
    return isalpha(c) || c == '_' || c >= 128;
}

static bool in_name(unsigned char c)
{
    return begins_name(c) || isdigit(c) || c == '$';
}

static size_t name_length(const char *s, const char *end)
{
    const char *p = s;
    while (p < end && in_name((unsigned char)*p))
        p++;
    return (size_t)(p - s);
}

/* From the opening quote; a doubled quote is one character. *closed tells whether it ends. */
static size_t quoted_length(const char *s, const char *end, char close, bool *closed)
{
    *closed = false;
    for (const char *p = s + 1; p < end; p++) {
        if (*p != close) continue;
        if (close != ']' && p + 1 < end && p[1] == close) {
            p++;
            continue;
        }
        *closed = true;
        return (size_t)(p + 1 - s);
    }
    return (size_t)(end - s);
}

static size_t number_length(const char *s, const char *end)
{
    const char *p = s;
    while (p < end && (in_name((unsigned char)*p) || *p == '.' ||
                       ((*p == '+' || *p == '-') && p > s && (p[-1] == 'e' || p[-1] == 'E') &&
                        !(s[0] == '0' && p > s + 1 && (s[1] == 'x' || s[1] == 'X')))))
        p++;
    return (size_t)(p - s);
}

/* Blanks and comments; a comment that is a finding of its own is told by its kind. */
static const char *skip(const char *p, const char *end, enum fc_word_kind *odd)
{
    *odd = FC_WORD_END;
    while (p < end) {
        if (isspace((unsigned char)*p)) {
            p++;
        } else if (end - p > 1 && p[0] == '-' && p[1] == '-') {
            while (p < end && *p != '\n')
                p++;
        } else if (end - p > 1 && p[0] == '/' && p[1] == '*') {
            const char *close = memmem(p + 2, (size_t)(end - p - 2), "*/", 2);
            if (!close || memmem(p + 2, (size_t)(close - p - 2), "/*", 2)) {
                *odd = close ? FC_WORD_NEST : FC_WORD_OPEN;
                return p;
            }
            p = close + 2;
        } else {
            break;
        }
    }
    return p;
}

static size_t sign_length(const char *p, const char *end)
{
    static const char *const signs[] = {"->>", "->", "==", "<=", ">=", "<>",
                                        "!=",  "||", "<<", ">>", "::", NULL};
    for (const char *const *s = signs; *s; s++) {
        size_t n = strlen(*s);
        if ((size_t)(end - p) >= n && memcmp(p, *s, n) == 0) return n;
    }
    return 1;
}

static void quoted(fc_word *w, const char *end, char close, enum fc_word_kind kind, size_t before)
{
    bool closed;
    w->n = before + quoted_length(w->s + before, end, close, &closed);
    w->kind = closed ? kind : FC_WORD_OPEN;
}

static void read_word(fc_word *w, const char *end)
{
    const char *p = w->s;
    bool two = end - p > 1;
    if (two && (*p == 'x' || *p == 'X') && p[1] == '\'')
        quoted(w, end, '\'', FC_WORD_BLOB, 1);
    else if (begins_name((unsigned char)*p))
        *w = (fc_word){.kind = FC_WORD_NAME, .s = p, .n = name_length(p, end)};
    else if (isdigit((unsigned char)*p) || (two && *p == '.' && isdigit((unsigned char)p[1])))
        *w = (fc_word){.kind = FC_WORD_NUMBER, .s = p, .n = number_length(p, end)};
    else if (*p == '\'')
        quoted(w, end, '\'', FC_WORD_STRING, 0);
    else if (*p == '"' || *p == '`' || *p == '[')
        quoted(w, end, *p == '[' ? ']' : *p, FC_WORD_QUOTED, 0);
    else if (*p == '?' ||
             ((*p == ':' || *p == '@' || *p == '$' || *p == '#') && two && in_name((unsigned char)p[1])))
        *w = (fc_word){.kind = FC_WORD_PARAM, .s = p, .n = 1 + name_length(p + 1, end)};
    else
        *w = (fc_word){.kind = FC_WORD_SIGN, .s = p, .n = sign_length(p, end)};
}

static void add(fc_words *out, int *room, fc_word w)
{
    if (out->count + 1 >= *room)
        out->list = fc_realloc(out->list, (size_t)(*room = *room ? *room * 2 : 64) * sizeof *out->list);
    out->list[out->count++] = w;
}

/* Brackets that are not closed pair with the end, so that a rule never runs out of the list. */
static void pair_brackets(fc_words *out)
{
    int open = -1;
    for (int i = 0; i < out->count; i++) {
        fc_word *w = &out->list[i];
        w->pair = -1;
        if (fc_word_sign(out, i, ")") && open >= 0) {
            out->list[open].pair = i;
            open = out->list[open].outer;
        }
        w->outer = open;
        if (fc_word_sign(out, i, "(")) {
            w->pair = out->count;
            open = i;
        }
    }
}

static bool is_last(enum fc_words_until until, const fc_word *w)
{
    if (w->kind == FC_WORD_END || w->kind == FC_WORD_OPEN || w->kind == FC_WORD_NEST) return true;
    if (until == FC_WORDS_ALL) return false;
    return until == FC_WORDS_FIRST || (w->kind == FC_WORD_SIGN && *w->s == ';');
}

/* A semicolon before the first word is left out: it is an empty statement. */
void fc_words_cut(const char *sql, size_t n, enum fc_words_until until, fc_words *out)
{
    const char *p = sql, *end = sql + n;
    int room = 0;
    *out = (fc_words){.sql = sql};
    for (;;) {
        enum fc_word_kind odd;
        p = skip(p, end, &odd);
        fc_word w = {.kind = odd, .s = p};
        if (odd == FC_WORD_END && p < end) read_word(&w, end);
        if (odd != FC_WORD_END) w.n = 2;
        p += w.n;
        if (out->count == 0 && w.kind == FC_WORD_SIGN && *w.s == ';') continue;
        add(out, &room, w);
        if (is_last(until, &w)) break;
    }
    if (out->list[out->count - 1].kind != FC_WORD_END)
        add(out, &room, (fc_word){.kind = FC_WORD_END, .s = p < end ? p : end});
    out->count--;
    out->list[out->count].outer = out->list[out->count].pair = -1;
    pair_brackets(out);
}

void fc_words_free(fc_words *w)
{
    free(w->list);
    w->list = NULL;
    w->count = 0;
}

bool fc_word_is(const fc_words *w, int i, const char *upper)
{
    if (i < 0 || i >= w->count || w->list[i].kind != FC_WORD_NAME) return false;
    if ((w->list[i].s[0] ^ upper[0]) & ~0x20)
        return false; /* nearly always: hundreds are asked for each word */
    return w->list[i].n == strlen(upper) && strncasecmp(w->list[i].s, upper, w->list[i].n) == 0;
}

bool fc_word_sign(const fc_words *w, int i, const char *sign)
{
    if (i < 0 || i >= w->count || w->list[i].kind != FC_WORD_SIGN) return false;
    return w->list[i].n == strlen(sign) && memcmp(w->list[i].s, sign, w->list[i].n) == 0;
}

bool fc_word_any(const fc_words *w, int i, const char *const *upper)
{
    for (; *upper; upper++)
        if (fc_word_is(w, i, *upper)) return true;
    return false;
}

int fc_word_find(const fc_words *w, int i, int end, const char *upper)
{
    int outer = i < w->count ? w->list[i].outer : -1;
    for (; i < end; i++)
        if (w->list[i].outer == outer && fc_word_is(w, i, upper)) return i;
    return end;
}

int fc_word_path(const fc_words *w, int i)
{
    if (i >= w->count || w->list[i].kind != FC_WORD_NAME) return i;
    while (fc_word_sign(w, i + 1, ".") && i + 2 < w->count && w->list[i + 2].kind == FC_WORD_NAME)
        i += 2;
    return i + 1;
}
