/* Reads annotation files (NAME.d.lua): comment lines beginning with ---, then the line they speak of. Chinese
 * and English stand in lines of their own, told apart by their letters; an indented line (code) belongs to
 * both. */
#include "base/buf.h"
#include "verbs/doc.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef struct reading {
    json_t *entries;
    json_t *locals; /* name of a local or global table -> full name of what it is */
    const char *file;
    int line, since; /* where the block began */
    fc_buf zh, en;
    json_t *notes; /* "@return integer" */
    char class[128], require[128], point[128];
} reading;

static void clear(reading *r)
{
    fc_buf_clear(&r->zh);
    fc_buf_clear(&r->en);
    json_array_clear(r->notes);
    r->class[0] = r->require[0] = r->point[0] = 0;
    r->since = 0;
}

/* An English sentence may quote a Chinese word; a Chinese one begins with a Chinese letter or has its
 * punctuation. */
static int is_chinese(const char *s, size_t n)
{
    static const char *const marks[] = {"，", "。", "：", "；", "、", "（", "？", NULL};
    if (n && (unsigned char)*s >= 0xE3 && (unsigned char)*s < 0xEA) return 1;
    for (const char *const *m = marks; *m; m++)
        if (memmem(s, n, *m, strlen(*m))) return 1;
    return 0;
}

static void add_line(fc_buf *b, const char *s, size_t n)
{
    if (b->len) fc_buf_addc(b, '\n');
    fc_buf_add(b, s, n);
}

static void add_prose(reading *r, const char *s, size_t n)
{
    int code = n > 2 && s[0] == ' ' && s[1] == ' ', chinese = is_chinese(s, n);
    if (n && (code || chinese)) add_line(&r->zh, s, n);
    if (n && (code || !chinese)) add_line(&r->en, s, n);
}

/* WORD "name": rest; returns where the rest begins, NULL if the line does not begin so. */
static const char *named(const char *s, const char *end, const char *word, char out[128])
{
    size_t n = strlen(word);
    if ((size_t)(end - s) < n + 4 || strncmp(s, word, n) != 0 || s[n] != ' ' || s[n + 1] != '"') return NULL;
    const char *close = memchr(s + n + 2, '"', (size_t)(end - s) - n - 2);
    if (!close) return NULL;
    snprintf(out, 128, "%.*s", (int)(close - s - (long)n - 2), s + n + 2);
    s = close + 1;
    while (s < end && (*s == ':' || *s == ';' || *s == ' '))
        s++;
    return s;
}

static void read_class(reading *r, const char *s, const char *end)
{
    char ignored[128];
    const char *hash = memchr(s, '#', (size_t)(end - s));
    size_t n = strcspn(s, " \n");
    snprintf(r->class, sizeof r->class, "%.*s", (int)n, s);
    if (!hash) return;
    for (hash++; hash < end && *hash == ' ';)
        hash++;
    const char *rest = named(hash, end, "require", ignored);
    rest = rest ? rest : hash;
    add_prose(r, rest, (size_t)(end - rest));
}

static void read_comment(reading *r, const char *s, const char *end)
{
    const char *rest;
    if (!r->since) r->since = r->line;
    if (strncmp(s, "@class ", 7) == 0) {
        read_class(r, s + 7, end);
    } else if (*s == '@') {
        if (strncmp(s, "@meta", 5) != 0) json_array_append_new(r->notes, json_stringn(s, (size_t)(end - s)));
    } else if ((rest = named(s, end, "require", r->require)) || (rest = named(s, end, "point", r->point))) {
        add_prose(r, rest, (size_t)(end - rest));
    } else {
        add_prose(r, s, (size_t)(end - s));
    }
}

static void keep(reading *r, const char *name, const char *kind, const char *signature)
{
    char from[512];
    snprintf(from, sizeof from, "%s:%d", r->file, r->since ? r->since : r->line);
    json_array_append_new(r->entries,
                          json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s}", "name", name, "kind", kind,
                                    "signature", signature, "zh", fc_buf_str(&r->zh), "en",
                                    fc_buf_str(&r->en), "notes", json_copy(r->notes), "from", from));
}

static size_t word(const char *s)
{
    size_t n = 0;
    while (isalnum((unsigned char)s[n]) || s[n] == '_')
        n++;
    return n;
}

/* function L.name(args), function L:name(args), function name(args) */
static void read_function(reading *r, const char *s, int is_local)
{
    char table[128], name[256], signature[512];
    size_t n = word(s);
    const char *open = strchr(s, '('), *close = open ? strchr(open, ')') : NULL;
    if (!close) return;
    int args = (int)(close - open) + 1;
    snprintf(table, sizeof table, "%.*s", (int)n, s);
    const char *of = json_string_value(json_object_get(r->locals, table));
    if (s[n] == '.' || s[n] == ':')
        snprintf(name, sizeof name, "%s.%.*s", of ? of : table, (int)word(s + n + 1), s + n + 1);
    else
        snprintf(name, sizeof name, "%s", is_local && r->require[0] ? r->require : table);
    if (is_local && r->require[0])
        snprintf(signature, sizeof signature, "require \"%s\"%.*s", name, args, open);
    else
        snprintf(signature, sizeof signature, "%s%.*s", name, args, open);
    keep(r, name, "function", signature);
}

static void read_table(reading *r, const char *s)
{
    char name[128], signature[200];
    snprintf(name, sizeof name, "%.*s", (int)word(s), s);
    if (!r->class[0]) return;
    json_object_set_new(r->locals, name, json_string(r->class));
    int module = strchr(r->class, '.') && islower((unsigned char)strchr(r->class, '.')[1]);
    snprintf(signature, sizeof signature, module ? "require \"%s\"" : "%s", r->class);
    keep(r, r->class, module ? "module" : "type", signature);
}

static void end_block(reading *r)
{
    char signature[200];
    if (r->point[0]) {
        snprintf(signature, sizeof signature, "%s/NAME.lua", r->point);
        keep(r, r->point, "point", signature);
    }
    clear(r);
}

static void read_line(reading *r, const char *s, const char *end)
{
    if (strncmp(s, "---", 3) == 0 && s[3] != '-') {
        read_comment(r, s + 3, end);
        return;
    }
    if (strncmp(s, "local function ", 15) == 0)
        read_function(r, s + 15, 1);
    else if (strncmp(s, "function ", 9) == 0)
        read_function(r, s + 9, 0);
    else if (strncmp(s, "local ", 6) == 0 && memmem(s, (size_t)(end - s), " = {}", 5))
        read_table(r, s + 6);
    else if (memmem(s, (size_t)(end - s), " = {}", 5))
        read_table(r, s);
    end_block(r);
}

void fc_doc_read(const char *text, const char *file, json_t *entries)
{
    reading r = {.entries = entries, .locals = json_object(), .notes = json_array(), .file = file};
    for (const char *p = text, *end; *p; p = *end ? end + 1 : end) {
        end = strchrnul(p, '\n');
        r.line++;
        read_line(&r, p, end);
    }
    end_block(&r);
    json_decref(r.locals);
    json_decref(r.notes);
    fc_buf_free(&r.zh);
    fc_buf_free(&r.en);
}
