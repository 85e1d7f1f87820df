/* HTML templates: logic-less, escaping by default, no raw output.
 *
 *   {{name}} {{a.b.c}}   the value, escaped for text and quoted attributes. Number, text, bool print; an
 *                        object with "zh"/"en" prints the reader's language; anything else and an unknown
 *                        name are errors (template file:line, name)
 *   {{name?}}            the same, but nothing if it is missing or null
 *   {{#name}}..{{/name}} for each element of an array (`.` is the element, `@index` from 1, `@first`,
 *                        `@last`), once for a true value or an object (which becomes the innermost scope);
 *                        not for false, null, missing, an empty array or an empty object
 *   {{^name}}..{{/name}} where {{#name}} would not
 *   {{> part}}           another template of the same set, same scope; between elements only
 *   {{t:key}}            a text of the plugin's locale; a missing key is an error.
 *                        {{t:key name=path}} fills {name} in it, escaped
 *   {{json name}}        the value as JSON, escaped for a quoted attribute (data-...="{{json x}}")
 *   {{!-- comment --}}
 *
 * Names are looked up from the innermost scope outwards, then in `globals`.
 *
 * URLs: what stands directly after href=" src=" action=" formaction=" hx-get=" hx-post=" (and their like)
 * must not begin with a scheme other than http, https, mailto, tel: else "#" is printed.
 *
 * A tag inside <script>, <style>, an HTML comment, an on*, style or srcdoc attribute or an unquoted attribute
 * value is refused when compiling. A section encloses whole elements, whole attributes with the blank before
 * them (<option{{#x}} selected{{/x}}>), or a part inside the quotes of a value.
 *
 * The one exception to "no raw": the frame is rendered with `body`, already rendered HTML, at {{{body}}}; any
 * other {{{ is refused. */
#ifndef FC_TEXT_TEMPLATE_H
#define FC_TEXT_TEMPLATE_H
#include "base/buf.h"
#include "base/err.h"
#include <jansson.h>

typedef struct fc_template fc_template;

/* name: for error places ("plugins/console/pages/home.html"). The text is not kept. */
int fc_template_compile(const char *name, const char *text, size_t n, fc_template **out, fc_err *err);
void fc_template_free(fc_template *t);

typedef struct fc_render {
    json_t *data;    /* borrowed: object */
    json_t *globals; /* borrowed: object or NULL (csrf, base, lang, ...) */
    enum fc_lang lang;
    const char *body; /* for {{{body}}}, or NULL */
    /* Looks up a locale key: returns UTF-8 text or NULL. */
    const char *(*text)(void *ctx, const char *key, enum fc_lang lang);
    /* Looks up {{> part}}: borrowed or NULL. */
    const fc_template *(*part)(void *ctx, const char *name);
    void *ctx;
} fc_render;
int fc_template_render(const fc_template *t, const fc_render *r, fc_buf *out, fc_err *err);
/* Keys of {{t:...}} in the template, for checking: calls fn for each with its line. */
void fc_template_keys(const fc_template *t, void (*fn)(void *ctx, const char *key, int line), void *ctx);
#endif
