/* One walk over the words of a file, with the names that are visible at each place: what is host.db, what is
 * one of its functions, what is a text that never changes, and what is anything else and hides those. Where
 * in doubt a name is anything else: the text is then judged at run time. */
#include "plugin/lua_sql.h"

#include <stdlib.h>
#include <string.h>

#define MAX_NAMES 400
#define MAX_OPEN 200

enum meaning { OTHER, DATABASE, METHOD, TEXT };

typedef struct name {
    const fc_lua_word *word;
    int depth;
    enum meaning is;
    fc_lua_sql *text; /* owned */
} name;

typedef struct field {
    char *key;
    fc_lua_sql *text; /* owned: the first */
    int given, used;
} field;

struct fc_lua_finder {
    fc_lua_sql_fn fn;
    void *ctx;
    field *fields;
    int count;
};

typedef struct walk {
    fc_lua_finder *f;
    const char *file;
    fc_lua_word *w;
    int count;
    name names[MAX_NAMES];
    int known, depth;
    int declared;        /* the last name of the last local: its = assigns nothing */
    char open[MAX_OPEN]; /* '{' a table, 'b' a block */
    int opened;
} walk;

/* ---- texts */

static void text_free(fc_lua_sql *t)
{
    if (t) fc_buf_free(&t->text);
    free(t);
}

static void add_piece(fc_lua_sql *t, size_t where, int line, bool is_long)
{
    if (t->count < (int)(sizeof t->pieces / sizeof *t->pieces))
        t->pieces[t->count++] = (fc_lua_piece){where, line, is_long};
}

static void add_text(fc_lua_sql *t, const fc_lua_sql *more)
{
    for (int i = 0; i < more->count; i++)
        add_piece(t, t->text.len + more->pieces[i].at, more->pieces[i].line, more->pieces[i].is_long);
    fc_buf_add(&t->text, more->text.data, more->text.len);
}

int fc_lua_sql_line(const fc_lua_sql *t, size_t at)
{
    int line = 1;
    const char *text = t->text.data;
    for (int i = 0; i < t->count && t->pieces[i].at <= at; i++) {
        line = t->pieces[i].line;
        for (size_t k = t->pieces[i].at; t->pieces[i].is_long && k < at && k < t->text.len; k++)
            line += text[k] == '\n';
    }
    return line;
}

/* ---- names */

static const name *look_up(const walk *k, const fc_lua_word *w)
{
    for (int i = k->known - 1; i >= 0 && w->kind == FC_LUA_NAME; i--)
        if (k->names[i].word->n == w->n && memcmp(k->names[i].word->s, w->s, w->n) == 0) return &k->names[i];
    return NULL;
}

static void forget_above(walk *k, int depth)
{
    while (k->known && k->names[k->known - 1].depth > depth)
        text_free(k->names[--k->known].text);
}

static name *declare(walk *k, const fc_lua_word *w, int depth)
{
    if (k->known == MAX_NAMES) return NULL;
    k->names[k->known] = (name){.word = w, .depth = depth};
    return &k->names[k->known++];
}

static bool is_method(const fc_lua_word *w)
{
    return fc_lua_is(w, "one") || fc_lua_is(w, "all") || fc_lua_is(w, "each") || fc_lua_is(w, "run");
}

static const fc_lua_word *at(const walk *k, int i)
{
    return &k->w[i < k->count ? i : k->count];
}

/* ---- expressions that never change */

static bool goes_on(const fc_lua_word *w)
{
    static const char *const words[] = {"and", "or", NULL};
    if (w->kind == FC_LUA_STRING || w->kind == FC_LUA_LONG) return true;
    if (w->kind == FC_LUA_SIGN) return !strchr(",;)}]", *w->s);
    for (const char *const *p = words; *p; p++)
        if (fc_lua_is(w, *p)) return true;
    return false;
}

static int term(const walk *k, int i, fc_lua_sql *out)
{
    const fc_lua_word *w = at(k, i);
    if (w->kind == FC_LUA_STRING || w->kind == FC_LUA_LONG) {
        fc_buf value = {0};
        int line;
        fc_lua_value(w, &value, &line);
        add_piece(out, out->text.len, line, w->kind == FC_LUA_LONG);
        fc_buf_add(&out->text, value.data, value.len);
        fc_buf_free(&value);
        return i + 1;
    }
    if (w->kind == FC_LUA_NUMBER) { /* "LIMIT " .. 50 */
        add_piece(out, out->text.len, w->line, false);
        fc_buf_add(&out->text, w->s, w->n);
        return i + 1;
    }
    const name *n = look_up(k, w);
    if (!n || n->is != TEXT) return 0;
    add_text(out, n->text);
    return i + 1;
}

/* Reads texts joined with .. from word i on; returns the word behind, 0 where it is not all text. */
static int constant(const walk *k, int i, fc_lua_sql *out)
{
    int next;
    out->file = k->file;
    for (;; i = next + 1) {
        next = term(k, i, out);
        if (!next) return 0;
        if (!fc_lua_is(at(k, next), "..")) break;
    }
    return goes_on(at(k, next)) ? 0 : next;
}

/* require "host.db", require("host.db"): the word behind, or 0 */
static int required(const walk *k, int i)
{
    if (!fc_lua_is(at(k, i), "require")) return 0;
    int bracket = fc_lua_is(at(k, i + 1), "(");
    const fc_lua_word *w = at(k, i + 1 + bracket);
    if (w->kind != FC_LUA_STRING || w->n != 9 || memcmp(w->s + 1, "host.db", 7) != 0) return 0;
    return i + 2 + 2 * bracket;
}

static void meaning_of(walk *k, int i, name *n)
{
    const name *left = look_up(k, at(k, i));
    int behind = required(k, i);
    if (behind) {
        if (!goes_on(at(k, behind))) n->is = DATABASE;
        if (fc_lua_is(at(k, behind), ".") && is_method(at(k, behind + 1)) && !goes_on(at(k, behind + 2)))
            n->is = METHOD;
        return;
    }
    if (left && left->is == DATABASE && fc_lua_is(at(k, i + 1), ".") && is_method(at(k, i + 2)) &&
        !goes_on(at(k, i + 3)))
        n->is = METHOD;
    if (left && left->is == DATABASE && !goes_on(at(k, i + 1))) n->is = DATABASE;
    if (n->is != OTHER) return;
    fc_lua_sql *t = fc_alloc(sizeof *t);
    if (constant(k, i, t)) {
        n->is = TEXT;
        n->text = t;
    } else {
        text_free(t);
    }
}

/* ---- statements */

/* The word behind the next comma on this level; 0 when the statement seems to end before. */
static int next_expression(const walk *k, int i)
{
    int level = 0;
    for (; i < k->count; i++) {
        const fc_lua_word *w = at(k, i);
        if (w->kind == FC_LUA_SIGN && strchr("([{", *w->s)) level++;
        if (w->kind == FC_LUA_SIGN && strchr(")]}", *w->s) && level-- == 0) return 0;
        if (fc_lua_is(w, "function")) level++;
        if (fc_lua_is(w, "end") && level-- == 0) return 0;
        if (fc_lua_is(w, "if") || fc_lua_is(w, "do") || fc_lua_is(w, "repeat")) return 0;
        if (level == 0 && (fc_lua_is(w, "local") || fc_lua_is(w, "return") || fc_lua_is(w, "="))) return 0;
        if (level == 0 && fc_lua_is(w, ",")) return i + 1;
    }
    return 0;
}

/* local a <const>, b = ...: the names are known behind the statement, but nothing is lost when it is at once.
 */
static void read_local(walk *k, int i)
{
    const fc_lua_word *list[16];
    int n = 0;
    for (; at(k, i)->kind == FC_LUA_NAME && n < 16; i += 2) {
        list[n++] = at(k, i);
        if (fc_lua_is(at(k, i + 1), "<")) i += 3;
        if (!fc_lua_is(at(k, i + 1), ",")) break;
    }
    k->declared = i;
    int value = fc_lua_is(at(k, i + 1), "=") ? i + 2 : 0;
    name made[16] = {0};
    for (int m = 0; m < n; m++) {
        if (value) meaning_of(k, value, &made[m]);
        if (value) value = next_expression(k, value);
    }
    for (int m = 0; m < n; m++) {
        name *known = declare(k, list[m], k->depth);
        if (known) known->is = made[m].is;
        if (known)
            known->text = made[m].text;
        else
            text_free(made[m].text);
    }
}

static void read_parameters(walk *k, int i)
{
    while (i < k->count && !fc_lua_is(at(k, i), "("))
        i++;
    for (i++; at(k, i)->kind == FC_LUA_NAME; i += 2) {
        declare(k, at(k, i), k->depth);
        if (!fc_lua_is(at(k, i + 1), ",")) break;
    }
}

static void read_for(walk *k, int i)
{
    for (; at(k, i)->kind == FC_LUA_NAME; i += 2) {
        declare(k, at(k, i), k->depth + 1);
        if (!fc_lua_is(at(k, i + 1), ",")) break;
    }
}

static field *field_of(fc_lua_finder *f, const fc_lua_word *key)
{
    for (int i = 0; i < f->count; i++)
        if (strlen(f->fields[i].key) == key->n && memcmp(f->fields[i].key, key->s, key->n) == 0)
            return &f->fields[i];
    f->fields = fc_realloc(f->fields, sizeof *f->fields * (size_t)(f->count + 1));
    f->fields[f->count] = (field){.key = fc_strndup(key->s, key->n)};
    return &f->fields[f->count++];
}

/* M.QUERY = [[...]]. Given twice, which of them a use means cannot be told. */
static void keep_field(walk *k, int i)
{
    fc_lua_sql *t = fc_alloc(sizeof *t);
    if (!constant(k, i + 2, t)) {
        text_free(t);
        return;
    }
    field *known = field_of(k->f, at(k, i));
    if (known->given++)
        text_free(t);
    else
        known->text = t;
}

static void table_field(walk *k, int i)
{
    fc_lua_sql t = {.field = true};
    if (constant(k, i, &t)) k->f->fn(k->f->ctx, &t);
    fc_buf_free(&t.text);
}

static void assigned(walk *k, int i)
{
    const fc_lua_word *before = at(k, i ? i - 1 : k->count);
    if (fc_lua_is(before, ".")) {
        keep_field(k, i);
        return;
    }
    if (k->opened && k->open[k->opened - 1] == '{') {
        if (fc_lua_is(at(k, i), "sql")) table_field(k, i + 2);
        return;
    }
    name *n = (name *)look_up(k, at(k, i));
    if (!n) return;
    n->is = OTHER;
}

static void call(walk *k, int i)
{
    fc_lua_sql t = {0};
    bool bracket = fc_lua_is(at(k, i), "(");
    int first = i + bracket, behind = constant(k, first, &t);
    if (!bracket && at(k, i)->kind != FC_LUA_STRING && at(k, i)->kind != FC_LUA_LONG) behind = 0;
    if (behind && (!bracket || fc_lua_is(at(k, behind), ",") || fc_lua_is(at(k, behind), ")")))
        k->f->fn(k->f->ctx, &t);
    fc_buf_free(&t.text);
    if (bracket && at(k, first)->kind == FC_LUA_NAME && fc_lua_is(at(k, first + 1), ".") &&
        at(k, first + 2)->kind == FC_LUA_NAME &&
        (fc_lua_is(at(k, first + 3), ",") || fc_lua_is(at(k, first + 3), ")")))
        field_of(k->f, at(k, first + 2))->used = 1;
}

static void use(walk *k, int i)
{
    int behind = required(k, i); /* require("host.db").one(...) */
    if (behind && fc_lua_is(at(k, behind), ".") && is_method(at(k, behind + 1))) call(k, behind + 2);
    const name *n = look_up(k, at(k, i));
    if (!n || fc_lua_is(at(k, i ? i - 1 : k->count), ".") || fc_lua_is(at(k, i ? i - 1 : k->count), ":"))
        return;
    if (n->is == METHOD) call(k, i + 1);
    if (n->is == DATABASE && fc_lua_is(at(k, i + 1), ".") && is_method(at(k, i + 2))) call(k, i + 3);
}

static void open_block(walk *k, char what)
{
    if (k->opened < MAX_OPEN) k->open[k->opened] = what;
    k->opened++;
    k->depth += what == 'b';
}

static void close_block(walk *k, char what)
{
    if (k->opened) k->opened--;
    if (what == 'b' && k->depth) forget_above(k, --k->depth);
}

static void step(walk *k, int i)
{
    const fc_lua_word *w = at(k, i);
    if (w->kind == FC_LUA_SIGN && *w->s == '{') open_block(k, '{');
    if (w->kind == FC_LUA_SIGN && *w->s == '}') close_block(k, '{');
    if (w->kind != FC_LUA_NAME) return;
    if (fc_lua_is(w, "function")) {
        open_block(k, 'b');
        read_parameters(k, i + 1);
    } else if (fc_lua_is(w, "do") || fc_lua_is(w, "if") || fc_lua_is(w, "repeat")) {
        open_block(k, 'b');
    } else if (fc_lua_is(w, "end") || fc_lua_is(w, "until")) {
        close_block(k, 'b');
    } else if (fc_lua_is(w, "else") || fc_lua_is(w, "elseif")) {
        forget_above(k, k->depth - 1);
    } else if (fc_lua_is(w, "for")) {
        read_for(k, i + 1);
    } else if (fc_lua_is(w, "local")) {
        if (!fc_lua_is(at(k, i + 1), "function")) read_local(k, i + 1);
    } else if (fc_lua_is(at(k, i + 1), "=") && i > k->declared) {
        assigned(k, i);
    } else {
        use(k, i);
    }
}

/* ---- */

fc_lua_finder *fc_lua_finder_new(fc_lua_sql_fn fn, void *ctx)
{
    fc_lua_finder *f = fc_alloc(sizeof *f);
    f->fn = fn;
    f->ctx = ctx;
    return f;
}

void fc_lua_finder_file(fc_lua_finder *f, const char *file, const char *text, size_t n)
{
    walk *k = fc_alloc(sizeof *k);
    k->f = f;
    k->file = file;
    k->w = fc_lua_words(text, n, &k->count);
    for (int i = 0; i < k->count && k->opened < MAX_OPEN; i++)
        step(k, i);
    forget_above(k, -1);
    free(k->w);
    free(k);
}

void fc_lua_finder_end(fc_lua_finder *f)
{
    for (int i = 0; i < f->count; i++) {
        if (f->fields[i].used && f->fields[i].given == 1) f->fn(f->ctx, f->fields[i].text);
        text_free(f->fields[i].text);
        free(f->fields[i].key);
    }
    free(f->fields);
    free(f);
}
