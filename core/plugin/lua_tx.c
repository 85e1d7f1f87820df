/* One walk over the words, with the names that are visible at each place: what is a module of the host, what
 * is one of its functions, and what is anything else and hides those. In doubt a name is anything else, and
 * the runtime tells. */
#include "plugin/lua_tx.h"
#include "text/lua_words.h"

#include <stdlib.h>
#include <string.h>

#define MAX_NAMES 400
#define MAX_OPEN 200

/* What core/lua refuses inside a transaction (fc_not_in_tx), and tx itself. */
static const struct known {
    const char *module, *function, *what;
} functions[] = {
    {"host.db", "tx", NULL},
    {"host.file", "write", "host.file.write"},
    {"host.file", "remove", "host.file.remove"},
    {"host.vault", "forget", "host.vault.forget"},
    {"host.http", "fetch", "host.http.fetch"},
};
#define FUNCTIONS (sizeof functions / sizeof *functions)

typedef struct meaning {
    const char *module;           /* of `functions`; NULL: no module */
    const struct known *function; /* NULL: none */
} meaning;

typedef struct name {
    const fc_lua_word *word;
    int depth;
    meaning is;
} name;

enum block { PLAIN, KEPT, BODY, ARGUMENT }; /* functions: kept for later, given to tx, given to another */

typedef struct walk {
    fc_lua_word *w;
    int count;
    name names[MAX_NAMES];
    int known;
    enum block open[MAX_OPEN];
    int depth;
    int declared; /* the last name of the last local: its = assigns nothing */
    fc_lua_tx_fn fn;
    void *ctx;
} walk;

static const fc_lua_word *at(const walk *k, int i)
{
    return &k->w[i >= 0 && i < k->count ? i : k->count];
}

static bool is(const walk *k, int i, const char *word)
{
    return fc_lua_is(at(k, i), word);
}

static name *look_up(walk *k, const fc_lua_word *w)
{
    for (int i = k->known - 1; i >= 0 && w->kind == FC_LUA_NAME; i--)
        if (k->names[i].word->n == w->n && memcmp(k->names[i].word->s, w->s, w->n) == 0) return &k->names[i];
    return NULL;
}

static void declare(walk *k, int i, int depth, meaning is_what)
{
    if (k->known < MAX_NAMES) k->names[k->known++] = (name){at(k, i), depth, is_what};
}

/* ---- what an expression is */

static const char *module_named(const fc_lua_word *w)
{
    for (size_t i = 0; i < FUNCTIONS && w->kind == FC_LUA_STRING; i++)
        if (w->n == strlen(functions[i].module) + 2 && !memcmp(w->s + 1, functions[i].module, w->n - 2))
            return functions[i].module;
    return NULL;
}

static const struct known *function_of(const char *module, const fc_lua_word *w)
{
    for (size_t i = 0; i < FUNCTIONS; i++)
        if (!strcmp(functions[i].module, module) && fc_lua_is(w, functions[i].function)) return &functions[i];
    return NULL;
}

/* The longest name or require from word i on; *next: the word behind it. */
static meaning read(walk *k, int i, int *next)
{
    meaning m = {0};
    *next = i + 1;
    if (is(k, i, "require")) {
        int bracket = is(k, i + 1, "(");
        m.module = module_named(at(k, i + 1 + bracket));
        *next = i + 2 + 2 * bracket;
    } else {
        const name *n = look_up(k, at(k, i));
        if (n) m = n->is;
    }
    if (!m.module || !is(k, *next, ".")) return m;
    m.function = function_of(m.module, at(k, *next + 1));
    m.module = NULL;
    *next += 2;
    return m;
}

/* ---- declarations */

static bool ends_expression(const walk *k, int i)
{
    const fc_lua_word *w = at(k, i);
    return w->kind == FC_LUA_END || w->kind == FC_LUA_NAME ? !fc_lua_is(w, "and") && !fc_lua_is(w, "or")
                                                           : w->kind == FC_LUA_SIGN && strchr(",;)}", *w->s);
}

/* local a <const>, b = ...; values are told apart as long as they are names or requires. */
static void read_local(walk *k, int i)
{
    int list[16], n = 0, next;
    for (; at(k, i)->kind == FC_LUA_NAME && n < 16; i += 2) {
        list[n++] = i;
        if (is(k, i + 1, "<")) i += 3;
        if (!is(k, i + 1, ",")) break;
    }
    k->declared = i;
    int value = is(k, i + 1, "=") ? i + 2 : 0;
    meaning made[16] = {{0}};
    for (int m = 0; m < n && value; m++) {
        made[m] = read(k, value, &next);
        if (!ends_expression(k, next)) {
            made[m] = (meaning){0};
            break;
        }
        value = is(k, next, ",") ? next + 1 : 0;
    }
    for (int m = 0; m < n; m++)
        declare(k, list[m], k->depth, made[m]);
}

static void read_parameters(walk *k, int i)
{
    while (i < k->count && !is(k, i, "("))
        i++;
    for (i++; at(k, i)->kind == FC_LUA_NAME; i += 2) {
        declare(k, i, k->depth, (meaning){0});
        if (!is(k, i + 1, ",")) break;
    }
}

static void read_for(walk *k, int i)
{
    for (; at(k, i)->kind == FC_LUA_NAME; i += 2) {
        declare(k, i, k->depth + 1, (meaning){0});
        if (!is(k, i + 1, ",")) break;
    }
}

/* ---- blocks */

static void open_block(walk *k, enum block what)
{
    if (k->depth < MAX_OPEN) k->open[k->depth] = what;
    k->depth++;
}

static void forget_above(walk *k, int depth)
{
    while (k->known && k->names[k->known - 1].depth > depth)
        k->known--;
}

static void close_block(walk *k)
{
    if (k->depth) forget_above(k, --k->depth);
}

/* Is this place certain to run inside a transaction? */
static bool in_body(const walk *k)
{
    for (int i = k->depth - 1; i >= 0; i--) {
        if (k->open[i] == BODY) return true;
        if (k->open[i] == KEPT) return false;
    }
    return false;
}

/* The first word of the callee whose bracket stands at i: db.tx(, tx(, require("host.db").tx( */
static bool is_tx(walk *k, int i)
{
    static const int back[] = {1, 3, 4, 6}; /* tx · db . tx · require "host.db" . tx · require ( ... ) . tx */
    for (size_t b = 0; b < sizeof back / sizeof *back; b++) {
        int next, first = i - back[b];
        if (first < 0 || is(k, first - 1, ".") || is(k, first - 1, ":")) continue;
        meaning m = read(k, first, &next);
        if (next == i && m.function) return m.function->what == NULL;
    }
    return false;
}

static enum block kind_of_function(walk *k, int i)
{
    if (is(k, i - 1, "(")) return is_tx(k, i - 1) ? BODY : ARGUMENT;
    return is(k, i - 1, ",") ? ARGUMENT : KEPT;
}

/* ---- the walk */

static void use(walk *k, int i)
{
    int next;
    if (is(k, i - 1, ".") || is(k, i - 1, ":")) return;
    meaning m = read(k, i, &next);
    const fc_lua_word *w = at(k, next);
    bool called = w->kind == FC_LUA_STRING || w->kind == FC_LUA_LONG || is(k, next, "(") || is(k, next, "{");
    if (m.function && m.function->what && called && in_body(k))
        k->fn(k->ctx, at(k, i)->line, m.function->what);
}

static void assigned(walk *k, int i)
{
    name *n = is(k, i - 1, ".") ? NULL : look_up(k, at(k, i));
    if (n) n->is = (meaning){0};
}

static void step(walk *k, int i)
{
    if (at(k, i)->kind != FC_LUA_NAME) return;
    if (is(k, i, "function")) {
        open_block(k, kind_of_function(k, i));
        read_parameters(k, i + 1);
    } else if (is(k, i, "do") || is(k, i, "if") || is(k, i, "repeat")) {
        open_block(k, PLAIN);
    } else if (is(k, i, "end") || is(k, i, "until")) {
        close_block(k);
    } else if (is(k, i, "else") || is(k, i, "elseif")) {
        forget_above(k, k->depth - 1);
    } else if (is(k, i, "for")) {
        read_for(k, i + 1);
    } else if (is(k, i, "local")) {
        if (!is(k, i + 1, "function")) read_local(k, i + 1);
    } else if (is(k, i + 1, "=") && i > k->declared) {
        assigned(k, i);
    } else {
        use(k, i);
    }
}

void fc_lua_tx(const char *text, size_t n, fc_lua_tx_fn fn, void *ctx)
{
    walk *k = fc_alloc(sizeof *k);
    k->fn = fn;
    k->ctx = ctx;
    k->declared = -1;
    k->w = fc_lua_words(text, n, &k->count);
    for (int i = 0; i < k->count && k->depth < MAX_OPEN; i++)
        step(k, i);
    free(k->w);
    free(k);
}
