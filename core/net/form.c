/* Query and form fields: "name=value&name=value". Decoded in place in memory of the request; a name or value
 * that is not UTF-8 or holds NUL refuses the request (400), as do more than MAX_FIELDS (413). A broken escape
 * is left as it is written, as browsers do. */
#include "net/internal.h"

#include <string.h>

void form_add(fc_req *r, const fc_field *f, size_t value_at, int in_values)
{
    if (r->field_count == MAX_FIELDS) {
        req_refuse(r, MHD_HTTP_CONTENT_TOO_LARGE);
        return;
    }
    if (r->field_count == r->field_cap) {
        r->field_cap = r->field_cap ? r->field_cap * 2 : 16;
        r->fields = fc_realloc(r->fields, (size_t)r->field_cap * sizeof *r->fields);
    }
    r->fields[r->field_count++] = (struct field){*f, value_at, in_values};
}

void form_parse(fc_req *r, char *text, size_t n, int from_query)
{
    char *end = text + n;
    while (text < end && !r->refused) {
        char *stop = memchr(text, '&', (size_t)(end - text));
        if (!stop) stop = end;
        char *equals = memchr(text, '=', (size_t)(stop - text));
        size_t name_len = (size_t)((equals ? equals : stop) - text);
        size_t value_len = equals ? (size_t)(stop - equals - 1) : 0;
        char *value = equals ? equals + 1 : stop;
        if (name_len || value_len) {
            if (decode_percent(text, &name_len, 1, 0) || decode_percent(value, &value_len, 1, 0)) {
                req_refuse(r, MHD_HTTP_BAD_REQUEST);
                return;
            }
            text[name_len] = 0; /* over '=' or '&', or the NUL at the end */
            value[value_len] = 0;
            fc_field f = {.name = text, .value = value, .value_len = value_len, .from_query = from_query};
            form_add(r, &f, 0, 0);
        }
        text = stop + 1;
    }
}

void fc_req_fields(const fc_req *r, void (*fn)(void *ctx, const fc_field *f), void *ctx)
{
    for (int i = 0; i < r->field_count; i++)
        fn(ctx, &r->fields[i].f);
}
