/* Lua 5.4's lexer (llex.c) in short: comments and blanks are skipped, long brackets keep their level. */
#include "text/lua_words.h"

#include <ctype.h>
#include <string.h>

static bool begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* At "[": the number of = in "[==[", or -1 when it is no long bracket. */
static int long_level(const char *p, const char *end)
{
    const char *q = p + 1;
    while (q < end && *q == '=')
        q++;
    return q < end && *q == '[' ? (int)(q - p - 1) : -1;
}

/* Behind the closing bracket, or NULL. */
static const char *long_end(const char *p, const char *end, int level)
{
    for (p += level + 2; p < end; p++) {
        if (*p != ']') continue;
        const char *q = p + 1;
        while (q < end && *q == '=' && q - p - 1 < level)
            q++;
        if (q < end && *q == ']' && q - p - 1 == level) return q + 1;
    }
    return NULL;
}

static const char *short_end(const char *p, const char *end)
{
    char quote = *p++;
    for (; p < end; p++) {
        if (*p == quote) return p + 1;
        if (*p == '\\' && p + 1 < end) p++;
    }
    return NULL;
}

static const char *skip(const char *p, const char *end)
{
    while (p < end) {
        if (*p == ' ' || isspace((unsigned char)*p)) {
            p++;
        } else if (end - p > 1 && p[0] == '-' && p[1] == '-') {
            int level = end - p > 2 && p[2] == '[' ? long_level(p + 2, end) : -1;
            const char *close = level >= 0 ? long_end(p + 2, end, level) : memchr(p, '\n', (size_t)(end - p));
            p = close ? close : end;
        } else {
            break;
        }
    }
    return p;
}

static size_t sign_length(const char *p, const char *end)
{
    static const char *const signs[] = {"...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>", NULL};
    for (const char *const *s = signs; *s; s++) {
        size_t n = strlen(*s);
        if ((size_t)(end - p) >= n && memcmp(p, *s, n) == 0) return n;
    }
    return 1;
}

static size_t number_length(const char *p, const char *end)
{
    const char *q = p;
    while (q < end &&
           (in_name(*q) || *q == '.' || ((*q == '+' || *q == '-') && strchr("eEpP", q[-1]) && q > p)))
        q++;
    return (size_t)(q - p);
}

/* n 0: a string that is not closed. */
static void read_word(fc_lua_word *w, const char *end)
{
    const char *p = w->s, *close;
    int level = *p == '[' ? long_level(p, end) : -1;
    if (begins_name(*p)) {
        w->kind = FC_LUA_NAME;
        while (p + w->n < end && in_name(p[w->n]))
            w->n++;
    } else if (*p == '"' || *p == '\'' || level >= 0) {
        w->kind = level >= 0 ? FC_LUA_LONG : FC_LUA_STRING;
        close = level >= 0 ? long_end(p, end, level) : short_end(p, end);
        w->n = close ? (size_t)(close - p) : 0;
    } else if (isdigit((unsigned char)*p) || (*p == '.' && p + 1 < end && isdigit((unsigned char)p[1]))) {
        w->kind = FC_LUA_NUMBER;
        w->n = number_length(p, end);
    } else {
        w->kind = FC_LUA_SIGN;
        w->n = sign_length(p, end);
    }
}

fc_lua_word *fc_lua_words(const char *text, size_t n, int *count)
{
    const char *p = text, *end = text + n, *counted = text;
    fc_lua_word *list = NULL;
    int room = 0, line = 1;
    *count = 0;
    if (n && *p == '#') p = memchr(p, '\n', n) ? memchr(p, '\n', n) : end;
    for (;;) {
        if (*count + 1 >= room)
            list = fc_realloc(list, (size_t)(room = room ? room * 2 : 512) * sizeof *list);
        p = skip(p, end);
        for (; counted < p; counted++)
            line += *counted == '\n';
        fc_lua_word w = {.kind = FC_LUA_END, .s = p, .line = line};
        if (p < end) read_word(&w, end);
        if (!w.n) break;
        list[(*count)++] = w;
        p += w.n;
    }
    list[*count] = (fc_lua_word){.kind = FC_LUA_END, .s = p, .line = line};
    return list;
}

static void add_utf8(fc_buf *out, unsigned long c)
{
    if (c < 0x80) {
        fc_buf_addc(out, (char)c);
    } else if (c < 0x800) {
        fc_buf_addc(out, (char)(0xC0 | c >> 6));
        fc_buf_addc(out, (char)(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        fc_buf_addc(out, (char)(0xE0 | c >> 12));
        fc_buf_addc(out, (char)(0x80 | (c >> 6 & 0x3F)));
        fc_buf_addc(out, (char)(0x80 | (c & 0x3F)));
    } else {
        fc_buf_addc(out, '?'); /* beyond what SQL in a plugin's text holds */
    }
}

static const char *number_escape(const char *p, const char *end, fc_buf *out)
{
    unsigned value = 0;
    if (*p == 'x') {
        for (int i = 0; i < 2 && p + 1 < end && isxdigit((unsigned char)p[1]); i++, p++)
            value =
                value * 16 + (unsigned)(isdigit((unsigned char)p[1]) ? p[1] - '0' : (p[1] | 32) - 'a' + 10);
        fc_buf_addc(out, (char)value);
        return p + 1;
    }
    for (int i = 0; i < 3 && p < end && isdigit((unsigned char)*p); i++, p++)
        value = value * 10 + (unsigned)(*p - '0');
    fc_buf_addc(out, (char)value);
    return p;
}

/* p stands behind the backslash; returns behind the escape. */
static const char *escape(const char *p, const char *end, fc_buf *out)
{
    static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
    const char *known = memchr(from, *p, sizeof from - 1);
    if (known) fc_buf_addc(out, to[known - from]);
    if (known) return p + 1;
    if (*p == 'x' || isdigit((unsigned char)*p)) return number_escape(p, end, out);
    if (*p == 'z') {
        for (p++; p < end && isspace((unsigned char)*p);)
            p++;
        return p;
    }
    if (*p == 'u' && p + 1 < end && p[1] == '{') {
        unsigned long value = 0;
        for (p += 2; p < end && isxdigit((unsigned char)*p); p++)
            value = (value * 16 + (unsigned)(isdigit((unsigned char)*p) ? *p - '0' : (*p | 32) - 'a' + 10)) &
                    0x7FFFFFFF;
        add_utf8(out, value);
        return p < end ? p + 1 : p;
    }
    fc_buf_addc(out, *p);
    return p + 1;
}

void fc_lua_value(const fc_lua_word *w, fc_buf *out, int *line)
{
    const char *p = w->s + 1, *end = w->s + w->n - 1;
    *line = w->line;
    if (w->kind == FC_LUA_LONG) {
        int level = long_level(w->s, w->s + w->n);
        p += level + 1;
        end -= level + 1;
        if (p < end && *p == '\r') p++;
        if (p < end && *p == '\n') {
            p++;
            ++*line;
        }
        fc_buf_add(out, p, (size_t)(end - p));
        return;
    }
    while (p < end)
        if (*p == '\\' && p + 1 < end)
            p = escape(p + 1, end, out);
        else
            fc_buf_addc(out, *p++);
}

bool fc_lua_is(const fc_lua_word *w, const char *word)
{
    if (w->kind != FC_LUA_NAME && w->kind != FC_LUA_SIGN) return false;
    return w->s[0] == word[0] && w->n == strlen(word) && memcmp(w->s, word, w->n) == 0;
}
