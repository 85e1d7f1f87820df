/* multipart/form-data, as a stream. Our own and not the library's MHD_PostProcessor, because that one cannot
 * tell two empty fields of one name from one, and loses a file name with a quote.
 *
 *   PREAMBLE -> BORDER -> HEADERS -> DATA -> BORDER -> ... -> DONE
 *
 * What is not decided yet waits in `rest`: at most a delimiter, or the headers of one part (8 KiB). Text
 * values go to the request's `values`, files to the upload folder. Not well formed, or ended too early: 400.
 */
#include "net/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_PART_HEADERS 8192

enum state { PREAMBLE, BORDER, HEADERS, DATA, DONE };

struct multipart {
    fc_req *r;
    enum state state;
    char delimiter[80]; /* "\r\n--" and at most 70 characters, RFC 2046 */
    size_t delimiter_len;
    fc_buf rest;
    fc_field part;
    size_t value_at;
};

struct multipart *multipart_new(fc_req *r, const char *content_type)
{
    const char *at = strcasestr(content_type, "boundary=");
    if (!at) return NULL;
    at += strlen("boundary=");
    size_t n = *at == '"' ? strcspn(++at, "\"") : strcspn(at, "; \t");
    if (n == 0 || n > 70) return NULL;
    struct multipart *m = fc_alloc(sizeof *m);
    m->r = r;
    m->delimiter_len = (size_t)snprintf(m->delimiter, sizeof m->delimiter, "\r\n--%.*s", (int)n, at);
    fc_buf_adds(&m->rest, "\r\n"); /* so that the first delimiter looks like the others */
    return m;
}

static void add_value(struct multipart *m, const char *bytes, size_t n)
{
    fc_req *r = m->r;
    if (m->part.path) {
        upload_write(r, bytes, n);
    } else if (r->values.len + n > MAX_BODY) {
        req_refuse(r, MHD_HTTP_CONTENT_TOO_LARGE);
    } else {
        fc_buf_add(&r->values, bytes, n);
    }
}

static void end_part(struct multipart *m)
{
    fc_req *r = m->r;
    if (m->part.path) {
        upload_end(r);
        m->part.value = "";
        return; /* it is in the list since its begin, so that it is removed whatever happens */
    }
    m->part.value_len = r->values.len - m->value_at;
    if (m->part.value_len && !utf8_ok(r->values.data + m->value_at, m->part.value_len))
        req_refuse(r, MHD_HTTP_BAD_REQUEST);
    fc_buf_addc(&r->values, 0);
    form_add(r, &m->part, m->value_at, 1);
}

/* A parameter of Content-Disposition: name="..." . Browsers write %22 for a quote, curl writes \" . NULL if
 * absent. */
static char *parameter(fc_req *r, const char *line, const char *name)
{
    size_t k = strlen(name);
    for (const char *at = strchr(line, ';'); at; at = strchr(at, ';')) {
        at += 1 + strspn(at + 1, " \t");
        int wanted = strncasecmp(at, name, k) == 0 && at[k] == '=';
        at += strcspn(at, "=;");
        if (*at != '=') continue;
        at++;
        int quoted = *at == '"';
        if (quoted) at++;
        char *out = wanted ? req_room(r, strlen(at) + 1) : NULL, *to = out;
        for (; *at && *at != (quoted ? '"' : ';'); at++) {
            if (quoted && at[0] == '\\' && at[1] == '"') at++;
            if (!out) continue;
            int escaped = strncasecmp(at, "%22", 3) == 0;
            *to++ = escaped ? '"' : *at;
            if (escaped) at += 2;
        }
        if (!out) continue;
        *to = 0;
        return out;
    }
    return NULL;
}

static const char *base_name(const char *name)
{
    for (const char *s = name; *s; s++)
        if (*s == '/' || *s == '\\') name = s + 1;
    return name;
}

static void begin_part(struct multipart *m, char *headers)
{
    fc_req *r = m->r;
    m->part = (fc_field){0};
    for (char *line = headers, *next; line && *line; line = next) {
        next = strstr(line, "\r\n");
        if (next) {
            *next = 0;
            next += 2;
        }
        if (strncasecmp(line, "content-disposition:", 20) == 0) {
            m->part.name = parameter(r, line, "name");
            m->part.filename = parameter(r, line, "filename");
        } else if (strncasecmp(line, "content-type:", 13) == 0) {
            const char *type = line + 13 + strspn(line + 13, " \t");
            m->part.type = req_copy(r, type, strlen(type));
        }
    }
    const char *name = m->part.name, *file = m->part.filename;
    if (!name || !utf8_ok(name, strlen(name)) || (file && !utf8_ok(file, strlen(file)))) {
        req_refuse(r, MHD_HTTP_BAD_REQUEST);
        return;
    }
    m->value_at = r->values.len;
    if (file && !*file) m->part.filename = NULL; /* a file input in which nothing was chosen */
    if (!m->part.filename) return;
    m->part.filename = base_name(file);
    m->part.value = "";
    if (upload_begin(r, &m->part.path) == 0) form_add(r, &m->part, 0, 0);
}

/* How many bytes were used up; 0: more are needed. */
static size_t take_border(struct multipart *m, char *at, size_t n)
{
    size_t blanks = 0;
    if (n >= 2 && at[0] == '-' && at[1] == '-') {
        m->state = DONE;
        return 2;
    }
    while (blanks < n && (at[blanks] == ' ' || at[blanks] == '\t'))
        blanks++;
    if (n < blanks + 2) return 0;
    if (memcmp(at + blanks, "\r\n", 2) != 0 || blanks > 100) {
        req_refuse(m->r, MHD_HTTP_BAD_REQUEST);
        return 0;
    }
    m->state = HEADERS; /* the line's end stays: with it a part without headers ends like the others */
    return blanks;
}

static size_t take_headers(struct multipart *m, char *at, size_t n)
{
    char *end = memmem(at, n, "\r\n\r\n", 4);
    if (!end) {
        if (n > MAX_PART_HEADERS) req_refuse(m->r, MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE);
        return 0;
    }
    *end = 0;
    m->state = DATA;
    if (memchr(at, 0, (size_t)(end - at)))
        req_refuse(m->r, MHD_HTTP_BAD_REQUEST);
    else
        begin_part(m, end == at ? at : at + 2);
    return (size_t)(end - at) + 4;
}

static size_t take_data(struct multipart *m, char *at, size_t n)
{
    char *end = memmem(at, n, m->delimiter, m->delimiter_len);
    size_t sure = end ? (size_t)(end - at) : n < m->delimiter_len ? 0 : n - m->delimiter_len + 1;
    if (m->state == DATA && sure) add_value(m, at, sure);
    if (!end) return sure;
    if (m->state == DATA) end_part(m);
    m->state = BORDER;
    return sure + m->delimiter_len;
}

void multipart_feed(struct multipart *m, const char *bytes, size_t n)
{
    fc_buf_add(&m->rest, bytes, n);
    size_t at = 0;
    while (!m->r->refused && m->state != DONE) {
        char *from = m->rest.data + at;
        size_t left = m->rest.len - at;
        enum state before = m->state;
        size_t used = before == BORDER    ? take_border(m, from, left)
                      : before == HEADERS ? take_headers(m, from, left)
                                          : take_data(m, from, left);
        at += used;
        if (m->state == before) break; /* only a change of state can make more of the same bytes */
    }
    if (m->state == DONE || m->r->refused) at = m->rest.len;
    m->rest.len -= at;
    memmove(m->rest.data, m->rest.data + at, m->rest.len);
}

void multipart_end(struct multipart *m)
{
    fc_req *r = m->r;
    if (m->state != DONE) req_refuse(r, MHD_HTTP_BAD_REQUEST);
    for (int i = 0; i < r->field_count; i++)
        if (r->fields[i].in_values) r->fields[i].f.value = r->values.data + r->fields[i].value_at;
}

void multipart_free(struct multipart *m)
{
    if (!m) return;
    fc_buf_free(&m->rest);
    free(m);
}
