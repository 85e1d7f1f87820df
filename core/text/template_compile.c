/* Compiles a template: one pass over the text, tags become nodes, literal text becomes slices of our copy.
 *
 * Every byte of literal text also goes through fc_html_follow, so that at each tag the place in the HTML is
 * known and a tag where escaping would not help is refused here, once, and never at run time. A section is
 * compiled as if it were shown once; fc_html_join makes sure that what follows is right however often it is
 * shown.
 *
 * Fails at the first mistake with "name:line: sentence". fc_template_free closes; nothing else is held. */
#include "text/html_place.h"
#include "text/template_parts.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TEMPLATE (1024 * 1024)

typedef struct open_section {
    uint32_t node;
    fc_html_place place;
    int printed, begins_blank;
} open_section;

typedef struct compiler {
    fc_template *t;
    const char *at, *end; /* in t->text */
    int line;
    int printed; /* values so far */
    fc_html_place place;
    open_section open[FC_TEMPLATE_NESTING];
    int n_open;
    fc_err *err;
} compiler;

#define FAIL(zh, en, ...)                                                                                    \
    fc_fail(c->err, FC_EINVAL, "%s:%d: " zh, "%s:%d: " en, c->t->name, c->line, ##__VA_ARGS__)

#define GROW(array, count, cap)                                                                              \
    do {                                                                                                     \
        if ((count) < (cap)) break;                                                                          \
        (cap) = (cap) ? (cap)*2 : 16;                                                                        \
        (array) = fc_realloc((array), (cap) * sizeof *(array));                                              \
    } while (0)

static int fail_html(compiler *c, enum fc_html_problem problem)
{
    return fc_fail(c->err, FC_EINVAL, "%s:%d: %s%.0s", "%s:%d: %.0s%s", c->t->name, c->line,
                   fc_html_sentence(problem, FC_ZH), fc_html_sentence(problem, FC_EN));
}

static fc_node *add_node(compiler *c, enum fc_node_kind kind)
{
    fc_template *t = c->t;
    GROW(t->nodes, t->n_nodes, t->cap_nodes);
    fc_node *node = &t->nodes[t->n_nodes++];
    *node = (fc_node){.kind = kind, .line = c->line};
    return node;
}

static int count_lines(const char *from, const char *to)
{
    int n = 0;
    while (from < to && (from = memchr(from, '\n', (size_t)(to - from))))
        n++, from++;
    return n;
}

static int is_blank(char ch)
{
    return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r';
}

static fc_slice trim(const char *from, const char *to)
{
    while (from < to && is_blank(*from))
        from++;
    while (to > from && is_blank(to[-1]))
        to--;
    return (fc_slice){from, (uint32_t)(to - from)};
}

static int starts_with(fc_slice s, const char *word)
{
    size_t n = strlen(word);
    return s.n >= n && memcmp(s.s, word, n) == 0;
}

static int is(fc_slice s, const char *word)
{
    return s.n == strlen(word) && starts_with(s, word);
}

/* ---- literal text ---- */

static int add_text(compiler *c, const char *from, const char *to)
{
    if (from == to) return FC_OK;
    size_t bad;
    enum fc_html_problem problem = fc_html_follow(&c->place, from, (size_t)(to - from), &bad);
    if (problem) {
        c->line += count_lines(from, from + bad);
        return fail_html(c, problem);
    }
    fc_node *node = add_node(c, FC_NODE_TEXT);
    node->text = (fc_slice){from, (uint32_t)(to - from)};
    c->line += count_lines(from, to);
    return FC_OK;
}

/* ---- names ---- */

static int is_name_char(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_' ||
           ch == '-';
}

static int fail_name(compiler *c, fc_slice name)
{
    if (name.n == 0) return FAIL("标签里缺少名称", "a name is missing in the tag");
    return FAIL("“%.*s”不是名称；名称由字母、数字、_ 和 - 组成，用点连接",
                "'%.*s' is no name; a name has letters, digits, _ and -, joined by dots", (int)name.n,
                name.s);
}

static int read_segments(compiler *c, fc_slice text, fc_path *path)
{
    fc_template *t = c->t;
    const char *end = text.s + text.n, *from = text.s;
    path->first = t->n_segments;
    for (const char *p = from;; p++) {
        if (p < end && is_name_char(*p)) continue;
        if (p == from || (p < end && *p != '.')) return fail_name(c, text);
        GROW(t->segments, t->n_segments, t->cap_segments);
        t->segments[t->n_segments++] = (fc_slice){from, (uint32_t)(p - from)};
        path->count++;
        if (p == end) return FC_OK;
        from = p + 1;
    }
}

static int read_path(compiler *c, fc_slice text, fc_path *path)
{
    *path = (fc_path){.kind = FC_PATH_NAME, .text = text};
    if (is(text, "."))
        path->kind = FC_PATH_DOT;
    else if (is(text, "@index"))
        path->kind = FC_PATH_INDEX;
    else if (is(text, "@first"))
        path->kind = FC_PATH_FIRST;
    else if (is(text, "@last"))
        path->kind = FC_PATH_LAST;
    else
        return read_segments(c, text, path);
    return FC_OK;
}

/* A name that the renderer hands on as a C string: the byte behind it is a blank or brace of the tag. */
static fc_slice as_string(fc_slice s)
{
    ((char *)s.s)[s.n] = 0;
    return s;
}

/* ---- tags ---- */

static int may_print(compiler *c)
{
    enum fc_html_problem problem = fc_html_may_print(&c->place);
    return problem ? fail_html(c, problem) : FC_OK;
}

/* Prints a value here: marks the node as a URL's head where it is one. */
static void printed(compiler *c, fc_node *node)
{
    node->url =
        c->place.scheme_open && (c->place.state == FC_HTML_DOUBLE || c->place.state == FC_HTML_SINGLE);
    c->printed++;
    fc_html_printed(&c->place);
}

static int value_tag(compiler *c, fc_slice text, enum fc_node_kind kind)
{
    fc_path path;
    int optional = text.n && text.s[text.n - 1] == '?' && kind == FC_NODE_VALUE;
    int rc = may_print(c);
    if (rc != FC_OK) return rc;
    text.n -= (uint32_t)optional;
    rc = read_path(c, text, &path);
    if (rc != FC_OK) return rc;
    fc_node *node = add_node(c, kind);
    node->optional = optional;
    node->path = path;
    printed(c, node);
    return FC_OK;
}

static int section_tag(compiler *c, fc_slice text, enum fc_node_kind kind)
{
    fc_path path;
    int rc = read_path(c, text, &path);
    if (rc != FC_OK) return rc;
    if (c->n_open == FC_TEMPLATE_NESTING)
        return FAIL("条件段嵌套超过 %d 层", "sections are nested deeper than %d levels", FC_TEMPLATE_NESTING);
    open_section *s = &c->open[c->n_open++];
    *s = (open_section){c->t->n_nodes, c->place, c->printed, c->at < c->end && is_blank(*c->at)};
    add_node(c, kind)->path = path;
    return FC_OK;
}

static int close_tag(compiler *c, fc_slice text)
{
    if (c->n_open == 0)
        return FAIL("{{/%.*s}} 没有对应的开头", "{{/%.*s}} closes nothing", (int)text.n, text.s);
    open_section *s = &c->open[--c->n_open];
    fc_node *node = &c->t->nodes[s->node];
    if (node->path.text.n != text.n || memcmp(node->path.text.s, text.s, text.n) != 0)
        return FAIL("{{/%.*s}} 与第 %d 行的 {{#%.*s}} 不相配", "{{/%.*s}} does not fit line %d's {{#%.*s}}",
                    (int)text.n, text.s, node->line, (int)node->path.text.n, node->path.text.s);
    fc_html_place behind = s->place;
    int settled = s->printed == c->printed || s->begins_blank;
    enum fc_html_problem problem = fc_html_join(&behind, &c->place, settled);
    if (problem) return fail_html(c, problem);
    c->place = behind;
    node->end = c->t->n_nodes;
    return FC_OK;
}

static int part_tag(compiler *c, fc_slice name)
{
    if (c->place.state != FC_HTML_TEXT)
        return FAIL("{{> %.*s}} 只能放在元素之间的文字位置", "{{> %.*s}} may only stand between elements",
                    (int)name.n, name.s);
    for (uint32_t i = 0; i < name.n; i++)
        if (!is_name_char(name.s[i]) && name.s[i] != '/' && name.s[i] != '.') return fail_name(c, name);
    if (name.n == 0) return fail_name(c, name);
    add_node(c, FC_NODE_PART)->text = as_string(name);
    c->printed++;
    return FC_OK;
}

static int body_tag(compiler *c)
{
    if (c->place.state != FC_HTML_TEXT)
        return FAIL("{{{body}}} 只能放在元素之间的文字位置", "{{{body}}} may only stand between elements");
    add_node(c, FC_NODE_BODY);
    c->printed++;
    return FC_OK;
}

/* name=path */
static int read_arg(compiler *c, fc_slice word)
{
    const char *equals = memchr(word.s, '=', word.n);
    if (!equals || equals == word.s)
        return FAIL("“%.*s”应写成 名称=数据名", "'%.*s' must be name=path", (int)word.n, word.s);
    fc_arg arg = {.name = {word.s, (uint32_t)(equals - word.s)}};
    int rc = read_path(c, (fc_slice){equals + 1, (uint32_t)(word.s + word.n - equals - 1)}, &arg.path);
    if (rc != FC_OK) return rc;
    fc_template *t = c->t;
    GROW(t->args, t->n_args, t->cap_args);
    t->args[t->n_args++] = arg;
    return FC_OK;
}

static fc_slice next_word(fc_slice *rest)
{
    const char *end = rest->s + rest->n, *p = rest->s;
    while (p < end && !is_blank(*p))
        p++;
    fc_slice word = {rest->s, (uint32_t)(p - rest->s)};
    *rest = trim(p, end);
    return word;
}

static int locale_tag(compiler *c, fc_slice text)
{
    int rc = may_print(c);
    if (rc != FC_OK) return rc;
    fc_slice key = next_word(&text);
    if (key.n == 0) return fail_name(c, key);
    uint32_t first = c->t->n_args;
    while (text.n && rc == FC_OK)
        rc = read_arg(c, next_word(&text));
    if (rc != FC_OK) return rc;
    fc_node *node = add_node(c, FC_NODE_LOCALE);
    node->text = as_string(key);
    node->first_arg = first;
    node->n_args = c->t->n_args - first;
    printed(c, node);
    return FC_OK;
}

/* In script, event attributes and so on not even a section is allowed; between names only sections are. */
static int place_allows_tags(compiler *c)
{
    enum fc_html_problem problem = fc_html_may_print(&c->place);
    if (problem == FC_HTML_FINE || problem == FC_HTML_IN_NAME || problem == FC_HTML_IN_UNKNOWN) return FC_OK;
    return fail_html(c, problem);
}

static int read_tag(compiler *c, fc_slice tag)
{
    int rc = place_allows_tags(c);
    if (rc != FC_OK) return rc;
    if (tag.n == 0) return FAIL("空的标签 {{}}", "an empty tag {{}}");
    fc_slice rest = trim(tag.s + 1, tag.s + tag.n);
    switch (tag.s[0]) {
    case '#':
        return section_tag(c, rest, FC_NODE_SECTION);
    case '^':
        return section_tag(c, rest, FC_NODE_INVERTED);
    case '/':
        return close_tag(c, rest);
    case '>':
        return part_tag(c, rest);
    case '!':
        return FAIL("注释写作 {{!-- ... --}}", "a comment is written {{!-- ... --}}");
    case '&':
        return FAIL("没有不转义的输出", "there is no output without escaping");
    }
    if (starts_with(tag, "t:")) return locale_tag(c, trim(tag.s + 2, tag.s + tag.n));
    if (starts_with(tag, "json ") || starts_with(tag, "json\t"))
        return value_tag(c, trim(tag.s + 5, tag.s + tag.n), FC_NODE_JSON);
    return value_tag(c, tag, FC_NODE_VALUE);
}

static const char *find(const char *from, const char *end, const char *what)
{
    return memmem(from, (size_t)(end - from), what, strlen(what));
}

/* The renderer's one exception, and the refusal of every other triple brace. */
static int triple_tag(compiler *c)
{
    static const char body[] = "{{{body}}}";
    fc_slice rest = {c->at, (uint32_t)(c->end - c->at)};
    if (!starts_with(rest, body))
        return FAIL("只有框架页可以写 {{{body}}}，其他 {{{ 都不允许；请写 {{...}}",
                    "only {{{body}}} of the frame is allowed, no other {{{; write {{...}}");
    c->at += sizeof body - 1;
    return body_tag(c);
}

/* c->at is at "{{"; goes behind the tag. Lines are counted before the tag is read, because reading writes
 * NULs. */
static int one_tag(compiler *c)
{
    fc_slice rest = {c->at, (uint32_t)(c->end - c->at)};
    if (starts_with(rest, "{{{")) return triple_tag(c);
    int comment = starts_with(rest, "{{!--");
    const char *from = c->at + 2;
    const char *close = find(from, c->end, comment ? "--}}" : "}}");
    if (!close) return FAIL("标签 {{ 没有结束的 }}", "the tag {{ is never closed with }}");
    int lines = count_lines(from, close);
    c->at = close + (comment ? 4 : 2);
    int rc = comment ? FC_OK : read_tag(c, trim(from, close));
    if (rc == FC_OK) c->line += lines;
    return rc;
}

static int compile(compiler *c)
{
    int rc = FC_OK;
    while (rc == FC_OK && c->at < c->end) {
        const char *tag = find(c->at, c->end, "{{");
        if (!tag) tag = c->end;
        rc = add_text(c, c->at, tag);
        c->at = tag;
        if (rc == FC_OK && tag < c->end) rc = one_tag(c);
    }
    if (rc != FC_OK) return rc;
    if (c->n_open) {
        const fc_node *node = &c->t->nodes[c->open[c->n_open - 1].node];
        c->line = node->line;
        return FAIL("{{#%.*s}} 没有结束；缺少 {{/%.*s}}", "{{#%.*s}} is never closed; {{/%.*s}} is missing",
                    (int)node->path.text.n, node->path.text.s, (int)node->path.text.n, node->path.text.s);
    }
    if (c->place.state != FC_HTML_TEXT)
        return FAIL("模板在一个 HTML 标签、属性、注释或 <script> 的中间结束",
                    "the template ends inside an HTML tag, attribute, comment or <script>");
    return FC_OK;
}

static int check_text(compiler *c, const char *text, size_t n)
{
    if (n > MAX_TEMPLATE)
        return FAIL("模板有 %zu 字节，最多 %d 字节", "the template has %zu bytes; at most %d are allowed", n,
                    MAX_TEMPLATE);
    size_t good = fc_utf8_check(text, n);
    const char *nul = memchr(text, 0, good);
    if (nul) good = (size_t)(nul - text);
    if (good == n) return FC_OK;
    c->line += count_lines(text, text + good);
    return FAIL("不是有效的 UTF-8 文字；请以 UTF-8 保存",
                "this is not valid UTF-8 text; save the file as UTF-8");
}

int fc_template_compile(const char *name, const char *text, size_t n, fc_template **out, fc_err *err)
{
    fc_template *t = fc_alloc(sizeof *t);
    compiler *c = fc_alloc(sizeof *c);
    *out = NULL;
    t->name = fc_strdup(name);
    *c = (compiler){.t = t, .line = 1, .err = err};
    int rc = check_text(c, text, n);
    if (rc == FC_OK) {
        t->text = fc_strndup(text, n);
        c->at = t->text;
        c->end = t->text + n;
        rc = compile(c);
    }
    free(c);
    if (rc == FC_OK)
        *out = t;
    else
        fc_template_free(t);
    return rc;
}

void fc_template_free(fc_template *t)
{
    if (!t) return;
    free(t->name);
    free(t->text);
    free(t->nodes);
    free(t->segments);
    free(t->args);
    free(t);
}

void fc_template_keys(const fc_template *t, void (*fn)(void *ctx, const char *key, int line), void *ctx)
{
    for (uint32_t i = 0; i < t->n_nodes; i++)
        if (t->nodes[i].kind == FC_NODE_LOCALE) fn(ctx, t->nodes[i].text.s, t->nodes[i].line);
}
