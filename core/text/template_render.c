/* Renders a template: walks the flat node list, sections call themselves for what is inside.
 *
 * Happy path: literal text is copied, values are looked up from the innermost scope outwards, escaped in
 * runs. Failure: the first unknown name, missing text or limit ends the rendering with "name:line: sentence"
 * and the output is cut back to what it was. Steps and bytes are bounded, because lists in lists multiply.
 * Nothing is owned but a scratch buffer, freed at the end of fc_template_render. */
#include "text/json.h"
#include "text/nearest.h"
#include "text/number.h"
#include "text/template_parts.h"

#include <string.h>

#define MAX_SCOPES 256
#define MAX_PARTS 32
#define MAX_STEPS 20000000
#define MAX_OUTPUT (32u * 1024 * 1024)

typedef struct scope {
    const json_t *value;
    size_t index, count; /* count > 0: an element of an array, index from 0 */
} scope;

typedef struct rendering {
    const fc_render *r;
    const fc_template *t; /* the one being rendered: a part changes it */
    fc_buf *out;
    fc_buf scratch;
    fc_err *err;
    size_t from; /* length of out at the beginning */
    long steps;
    int parts, n_scopes;
    scope scopes[MAX_SCOPES];
} rendering;

/* What a path leads to: a JSON value, or a number that exists only while a list is shown. */
typedef struct found {
    const json_t *value;
    json_int_t number;
    int is_number;
} found;

#define FAIL(code, node, zh, en, ...)                                                                        \
    fc_fail(st->err, code, "%s:%d: " zh, "%s:%d: " en, st->t->name, (node)->line, ##__VA_ARGS__)

/* ---- escaping ---- */

static const char *const entities[256] = {
    ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;", [0] = "\xEF\xBF\xBD",
};

static void escape(fc_buf *out, const char *s, size_t n)
{
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        const char *entity = entities[(unsigned char)s[i]];
        if (!entity) continue;
        fc_buf_add(out, s + from, i - from);
        fc_buf_adds(out, entity);
        from = i + 1;
    }
    fc_buf_add(out, s + from, n - from);
}

/* Browsers skip blanks and control characters in front of and inside a scheme, so we do too. */
static int url_is_safe(const char *s, size_t n)
{
    char scheme[8] = "";
    size_t len = 0, i = 0;
    for (; i < n && !memchr(":/?#", s[i], 4); i++) {
        unsigned char c = (unsigned char)s[i];
        if (c <= ' ' || c == 0x7F) continue;
        if (len + 1 < sizeof scheme) scheme[len] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        len++;
    }
    if (i == n || s[i] != ':') return 1;
    return strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0 || strcmp(scheme, "mailto") == 0 ||
           strcmp(scheme, "tel") == 0;
}

static void print(rendering *st, const fc_node *node, const char *s, size_t n)
{
    if (node->url && !url_is_safe(s, n))
        fc_buf_addc(st->out, '#');
    else
        escape(st->out, s, n);
}

/* ---- looking up ---- */

static const json_t *member(const json_t *object, fc_slice key)
{
    return json_is_object(object) ? json_object_getn(object, key.s, key.n) : NULL;
}

static const json_t *first_member(rendering *st, fc_slice key)
{
    for (int i = st->n_scopes - 1; i >= 0; i--) {
        const json_t *v = member(st->scopes[i].value, key);
        if (v) return v;
    }
    return member(st->r->globals, key);
}

static const scope *innermost_list(rendering *st)
{
    for (int i = st->n_scopes - 1; i >= 0; i--)
        if (st->scopes[i].count) return &st->scopes[i];
    return NULL;
}

static found look_up_meta(rendering *st, const fc_path *path)
{
    const scope *list = innermost_list(st);
    if (!list) return (found){0};
    if (path->kind == FC_PATH_INDEX) return (found){.number = (json_int_t)list->index + 1, .is_number = 1};
    int yes = path->kind == FC_PATH_FIRST ? list->index == 0 : list->index + 1 == list->count;
    return (found){.value = json_boolean(yes)};
}

static found look_up(rendering *st, const fc_path *path)
{
    if (path->kind == FC_PATH_DOT) return (found){.value = st->scopes[st->n_scopes - 1].value};
    if (path->kind != FC_PATH_NAME) return look_up_meta(st, path);
    const fc_slice *segment = &st->t->segments[path->first];
    const json_t *v = first_member(st, segment[0]);
    for (uint32_t i = 1; v && i < path->count; i++)
        v = member(v, segment[i]);
    return (found){.value = v};
}

/* ---- saying what is unknown ---- */

/* The known name that is nearest to the first unknown segment of the path; NULL if none is near. */
static const char *nearest(rendering *st, const fc_path *path)
{
    if (path->kind != FC_PATH_NAME) return NULL;
    const fc_slice *segment = &st->t->segments[path->first];
    const json_t *v = first_member(st, segment[0]), *next;
    fc_guess near;
    fc_guess_begin(&near, segment[0].s, segment[0].n);
    if (!v) {
        for (int i = st->n_scopes - 1; i >= 0; i--)
            fc_guess_offer_keys(&near, st->scopes[i].value);
        fc_guess_offer_keys(&near, st->r->globals);
        return near.best;
    }
    uint32_t i = 1;
    for (; i < path->count && (next = member(v, segment[i])); i++)
        v = next;
    if (i == path->count) return NULL;
    fc_guess_begin(&near, segment[i].s, segment[i].n);
    fc_guess_offer_keys(&near, v);
    return near.best;
}

static int fail_unknown(rendering *st, const fc_node *node, const fc_path *path)
{
    int n = (int)path->text.n;
    const char *name = path->text.s, *near = nearest(st, path);
    if (path->kind != FC_PATH_NAME && path->kind != FC_PATH_DOT)
        return FAIL(FC_EINVAL, node, "%.*s 只能用在列表段里面", "%.*s is only known inside a list", n, name);
    if (near)
        return FAIL(FC_EINVAL, node, "没有名为“%.*s”的数据；是否想写“%s”？",
                    "there is no '%.*s' (did you mean '%s'?)", n, name, near);
    return FAIL(FC_EINVAL, node, "没有名为“%.*s”的数据；若可以缺少，请写 {{%.*s?}}",
                "there is no '%.*s'; where it may be missing, write {{%.*s?}}", n, name, n, name);
}

static const char *kind_of(const json_t *v, enum fc_lang lang)
{
    static const char *const words[][2] = {{"对象", "an object"}, {"列表", "a list"}, {"空值", "null"}};
    return words[json_is_object(v) ? 0 : json_is_array(v) ? 1 : 2][lang];
}

static int fail_unprintable(rendering *st, const fc_node *node, const fc_path *path, const json_t *v)
{
    int n = (int)path->text.n;
    const char *name = path->text.s;
    if (json_is_null(v))
        return FAIL(FC_EINVAL, node, "“%.*s”是空值；若可以为空，请写 {{%.*s?}}",
                    "'%.*s' is null; where it may be, write {{%.*s?}}", n, name, n, name);
    return FAIL(FC_EINVAL, node, "“%.*s”是%s%.0s，不能直接显示；请写出其中的一项",
                "'%.*s' is %.0s%s and cannot be printed; name one of its members", n, name, kind_of(v, FC_ZH),
                kind_of(v, FC_EN));
}

/* ---- values ---- */

/* {zh=..., en=...} is a text in the reader's language, or in the one that is there. */
static const json_t *in_language(const json_t *v, enum fc_lang lang)
{
    static const char *const keys[] = {"zh", "en"};
    if (!json_is_object(v)) return v;
    const json_t *text = json_object_get(v, keys[lang]);
    if (!text) text = json_object_get(v, keys[!lang]);
    return json_is_string(text) ? text : v;
}

static size_t number_text(const found *f, char small[FC_NUMBER_TEXT])
{
    if (f->is_number) return fc_int_text(f->number, small);
    if (json_is_integer(f->value)) return fc_int_text(json_integer_value(f->value), small);
    return fc_real_text(json_real_value(f->value), 0, small);
}

/* The text of what a path leads to: *s borrowed from the data or in `small`. *s is NULL where nothing is to
 * be printed. */
static int value_text(rendering *st, const fc_node *node, const fc_path *path, char small[FC_NUMBER_TEXT],
                      const char **s, size_t *n)
{
    found f = look_up(st, path);
    *s = NULL;
    *n = 0;
    if (!f.is_number && (!f.value || json_is_null(f.value)) && node->optional) return FC_OK;
    if (!f.is_number && !f.value) return fail_unknown(st, node, path);
    const json_t *v = f.value = in_language(f.value, st->r->lang);
    *s = small;
    if (json_is_string(v)) {
        *s = json_string_value(v);
        *n = json_string_length(v);
    } else if (f.is_number || json_is_number(v)) {
        *n = number_text(&f, small);
    } else if (json_is_boolean(v)) {
        *s = json_is_true(v) ? "true" : "false";
        *n = strlen(*s);
    } else {
        return fail_unprintable(st, node, path, v);
    }
    return FC_OK;
}

static int render_value(rendering *st, const fc_node *node)
{
    char small[FC_NUMBER_TEXT];
    const char *s;
    size_t n;
    int rc = value_text(st, node, &node->path, small, &s, &n);
    if (rc == FC_OK && s) print(st, node, s, n);
    return rc;
}

static int render_json(rendering *st, const fc_node *node)
{
    found f = look_up(st, &node->path);
    if (!f.is_number && !f.value) return fail_unknown(st, node, &node->path);
    fc_buf_clear(&st->scratch);
    if (f.is_number)
        fc_buf_addf(&st->scratch, "%lld", (long long)f.number);
    else
        fc_json_for_browser(f.value, &st->scratch);
    print(st, node, st->scratch.data, st->scratch.len);
    return FC_OK;
}

/* ---- texts of the locale ---- */

static const fc_arg *arg_at(rendering *st, const fc_node *node, const char *brace, const char *close)
{
    size_t n = (size_t)(close - brace - 1);
    for (uint32_t i = 0; i < node->n_args; i++) {
        const fc_arg *arg = &st->t->args[node->first_arg + i];
        if (arg->name.n == n && memcmp(arg->name.s, brace + 1, n) == 0) return arg;
    }
    return NULL;
}

static int add_arg(rendering *st, const fc_node *node, const fc_arg *arg)
{
    char small[FC_NUMBER_TEXT];
    const char *s;
    size_t n;
    int rc = value_text(st, node, &arg->path, small, &s, &n);
    if (rc == FC_OK) fc_buf_add(&st->scratch, s, n);
    return rc;
}

/* The text with {name} filled in, into the scratch buffer. Braces that name no argument stay as they are. */
static int fill_text(rendering *st, const fc_node *node, const char *text)
{
    fc_buf_clear(&st->scratch);
    for (const char *brace; (brace = strchr(text, '{'));) {
        const char *close = strchr(brace, '}');
        const fc_arg *arg = close ? arg_at(st, node, brace, close) : NULL;
        fc_buf_add(&st->scratch, text, (size_t)(brace - text) + !arg);
        text = arg ? close + 1 : brace + 1;
        int rc = arg ? add_arg(st, node, arg) : FC_OK;
        if (rc != FC_OK) return rc;
    }
    fc_buf_adds(&st->scratch, text);
    return FC_OK;
}

static int render_locale(rendering *st, const fc_node *node)
{
    const char *text = st->r->text ? st->r->text(st->r->ctx, node->text.s, st->r->lang) : NULL;
    if (!text)
        return FAIL(FC_EINVAL, node, "没有键为“%s”的文字；请加到插件的 locale 里",
                    "there is no text with the key '%s'; add it to the plugin's locale", node->text.s);
    int rc = fill_text(st, node, text);
    if (rc == FC_OK) print(st, node, fc_buf_str(&st->scratch), st->scratch.len);
    return rc;
}

/* ---- structure ---- */

static int render_range(rendering *st, uint32_t from, uint32_t to);

/* An empty object counts as an empty list: a Lua table without elements can be either. */
static int is_shown(const found *f)
{
    const json_t *v = f->value;
    if (f->is_number) return 1;
    if (!v || json_is_null(v) || json_is_false(v)) return 0;
    if (json_is_object(v)) return json_object_size(v) > 0;
    return !json_is_array(v) || json_array_size(v) > 0;
}

static int render_inside(rendering *st, const fc_node *node, scope s)
{
    uint32_t from = (uint32_t)(node - st->t->nodes) + 1;
    if (st->n_scopes == MAX_SCOPES)
        return FAIL(FC_ELIMIT, node, "条件段嵌套太深", "sections are nested too deep");
    st->scopes[st->n_scopes++] = s;
    int rc = render_range(st, from, node->end);
    st->n_scopes--;
    return rc;
}

static int render_section(rendering *st, const fc_node *node)
{
    found f = look_up(st, &node->path);
    uint32_t from = (uint32_t)(node - st->t->nodes) + 1;
    int shown = is_shown(&f), rc = FC_OK;
    if (node->kind == FC_NODE_INVERTED) return shown ? FC_OK : render_range(st, from, node->end);
    if (!shown) return FC_OK;
    if (json_is_object(f.value)) return render_inside(st, node, (scope){.value = f.value});
    if (!json_is_array(f.value)) return render_range(st, from, node->end);
    size_t n = json_array_size(f.value);
    for (size_t i = 0; i < n && rc == FC_OK; i++)
        rc = render_inside(st, node, (scope){json_array_get(f.value, i), i, n});
    return rc;
}

static int render_part(rendering *st, const fc_node *node)
{
    const fc_template *part = st->r->part ? st->r->part(st->r->ctx, node->text.s) : NULL;
    if (!part)
        return FAIL(FC_EINVAL, node, "没有名为“%s”的模板", "there is no template named '%s'", node->text.s);
    if (st->parts == MAX_PARTS)
        return FAIL(FC_ELIMIT, node, "模板“%s”嵌套超过 %d 层；它是否包含了自己？",
                    "template '%s' is nested deeper than %d levels; does it include itself?", node->text.s,
                    MAX_PARTS);
    const fc_template *outer = st->t;
    st->parts++;
    st->t = part;
    int rc = render_range(st, 0, part->n_nodes);
    st->t = outer;
    st->parts--;
    return rc;
}

static int render_body(rendering *st, const fc_node *node)
{
    if (!st->r->body)
        return FAIL(FC_EINVAL, node, "只有框架页有 {{{body}}}", "only the frame has a {{{body}}}");
    fc_buf_adds(st->out, st->r->body);
    return FC_OK;
}

static int check_limits(rendering *st, const fc_node *node)
{
    if (++st->steps <= MAX_STEPS && st->out->len - st->from <= MAX_OUTPUT) return FC_OK;
    return FAIL(FC_ELIMIT, node, "页面太大，已停止；请少显示一些行",
                "the page grows too large and was stopped; show fewer rows");
}

static int render_node(rendering *st, const fc_node *node)
{
    switch (node->kind) {
    case FC_NODE_TEXT:
        fc_buf_add(st->out, node->text.s, node->text.n);
        return FC_OK;
    case FC_NODE_VALUE:
        return render_value(st, node);
    case FC_NODE_JSON:
        return render_json(st, node);
    case FC_NODE_LOCALE:
        return render_locale(st, node);
    case FC_NODE_PART:
        return render_part(st, node);
    case FC_NODE_BODY:
        return render_body(st, node);
    default:
        return render_section(st, node);
    }
}

static int render_range(rendering *st, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to;) {
        const fc_node *node = &st->t->nodes[i];
        int rc = check_limits(st, node);
        if (rc == FC_OK) rc = render_node(st, node);
        if (rc != FC_OK) return rc;
        i = node->end ? node->end : i + 1;
    }
    return FC_OK;
}

int fc_template_render(const fc_template *t, const fc_render *r, fc_buf *out, fc_err *err)
{
    rendering st = {.r = r, .t = t, .out = out, .err = err, .from = out->len};
    st.scopes[st.n_scopes++] = (scope){.value = r->data};
    int rc = render_range(&st, 0, t->n_nodes);
    fc_buf_free(&st.scratch);
    if (rc != FC_OK && out->data) {
        out->len = st.from;
        out->data[out->len] = 0;
    }
    return rc;
}
