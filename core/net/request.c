/* The life of a request.
 *
 *   REQ_HEAD -> REQ_BODY -> REQ_HANDLER -> REQ_ANSWERED -> REQ_SENDING -> completed       (answered at once)
 *                              |                ^
 *                              v                |
 *                         REQ_WAITING ----------+     suspended in MHD; resumed by the answer
 *
 * MHD calls req_step with the headers, with each piece of the body, at its end, and once more after a resume.
 * What we refuse ourselves (`refused`) skips the handler; its body is read and dropped first, because a
 * connection that is closed over unread bytes takes the answer with it. If the connection dies first, the
 * request lives on without it until its handler has answered.
 *
 * Requests are kept and used again, with their memory: the usual one allocates nothing here. */
#include "net/internal.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_SPARE 64
#define KEEP_BUFFER 65536

static const char *const methods[] = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", NULL};

void *req_room(fc_req *r, size_t n)
{
    if (r->used + n <= sizeof r->room) {
        r->used += n;
        return r->room + r->used - n;
    }
    struct chunk *chunk = fc_alloc(sizeof *chunk + n);
    chunk->next = r->chunks;
    r->chunks = chunk;
    return chunk->bytes;
}

char *req_copy(fc_req *r, const char *bytes, size_t n)
{
    char *copy = req_room(r, n + 1);
    memcpy(copy, bytes, n);
    copy[n] = 0;
    return copy;
}

void req_refuse(fc_req *r, int status)
{
    if (!r->refused) r->refused = status;
}

/* Empty again, but for the memory worth keeping; `room` need not be cleared. */
static void reset(fc_req *r)
{
    fc_buf body = r->body, values = r->values;
    struct field *fields = r->fields;
    struct extra *extra = r->extra;
    int field_cap = r->field_cap, extra_cap = r->extra_cap;
    memset(r, 0, offsetof(struct fc_req, room));
    r->body = body;
    r->values = values;
    r->fields = fields;
    r->field_cap = field_cap;
    r->extra = extra;
    r->extra_cap = extra_cap;
    r->file = -1;
}

fc_req *req_begin(fc_http *h, struct MHD_Connection *con, const char *uri)
{
    fc_req *r = h->spare;
    if (r) {
        h->spare = r->next;
        h->spare_count--;
        r->next = NULL;
    } else {
        r = fc_alloc(sizeof *r);
        r->file = -1;
    }
    r->http = h;
    r->con = con;
    r->next = h->open;
    if (h->open) h->open->prev = r;
    h->open = r;
    int status = uri_split(r, uri);
    if (status) req_refuse(r, status);
    return r;
}

static void shrink(fc_buf *b)
{
    if (b->cap > KEEP_BUFFER)
        fc_buf_free(b);
    else
        fc_buf_clear(b);
}

void req_free(fc_req *r)
{
    fc_http *h = r->http;
    upload_remove_all(r);
    multipart_free(r->multipart);
    fc_poll_free(r->gone_poll);
    if (r->response) MHD_destroy_response(r->response);
    for (struct chunk *chunk = r->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    if (r->prev)
        r->prev->next = r->next;
    else
        h->open = r->next;
    if (r->next) r->next->prev = r->prev;
    shrink(&r->body);
    shrink(&r->values);
    if (h->spare_count == MAX_SPARE || h->closed) {
        fc_buf_free(&r->body);
        fc_buf_free(&r->values);
        free(r->fields);
        free(r->extra);
        free(r);
        http_released(h);
        return;
    }
    reset(r);
    r->next = h->spare;
    h->spare = r;
    h->spare_count++;
}

static enum MHD_Result see_header(void *ctx, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                  const char *value, size_t value_len)
{
    (void)kind;
    fc_req *r = ctx;
    if (!utf8_ok(name, name_len) || (value && !utf8_ok(value, value_len)))
        req_refuse(r, MHD_HTTP_BAD_REQUEST);
    if (!value) return MHD_YES;
    if (name_len == 6 && strcasecmp(name, "cookie") == 0)
        r->cookie = value;
    else if (name_len == 4 && strcasecmp(name, "host") == 0)
        r->hosts++, r->host = value;
    else if (name_len == 12 && strcasecmp(name, "content-type") == 0)
        r->type = value;
    else if (name_len == 14 && strcasecmp(name, "content-length") == 0)
        r->framings++, r->length = value;
    else if (name_len == 17 && strcasecmp(name, "transfer-encoding") == 0)
        r->framings++;
    return MHD_YES;
}

static void choose_method(fc_req *r, const char *method)
{
    if (strcmp(method, "HEAD") == 0) method = "GET"; /* MHD leaves the body away */
    for (int i = 0; methods[i]; i++)
        if (strcmp(methods[i], method) == 0) r->method = methods[i];
    if (!r->method) req_refuse(r, MHD_HTTP_NOT_IMPLEMENTED);
}

static void choose_body(fc_req *r)
{
    const char *type = r->type ? r->type : "";
    long long length = r->length ? atoll(r->length) : 0;
    long long limit = MAX_BODY;
    r->kind = BODY_RAW;
    if (strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0) {
        r->kind = BODY_FORM;
    } else if (strncasecmp(type, "multipart/form-data", 19) == 0) {
        r->kind = BODY_MULTIPART;
        limit = MAX_UPLOAD + MAX_BODY;
        r->multipart = multipart_new(r, type);
        if (!r->multipart) req_refuse(r, MHD_HTTP_BAD_REQUEST);
    }
    if (length > limit) req_refuse(r, MHD_HTTP_CONTENT_TOO_LARGE);
}

/* Gives MHD the response that the request holds. */
static enum MHD_Result send_answer(fc_req *r)
{
    r->stage = REQ_SENDING;
    return MHD_queue_response(r->con, (unsigned)r->status, r->response);
}

static enum MHD_Result head_arrived(fc_req *r, const char *method)
{
    r->stage = REQ_BODY;
    MHD_get_connection_values_n(r->con, MHD_HEADER_KIND, see_header, r);
    choose_method(r, method);
    if (r->framings > 1 || r->hosts > 1) req_refuse(r, MHD_HTTP_BAD_REQUEST);
    if (r->host && r->authority && !uri_same_host(r->authority, r->host))
        req_refuse(r, MHD_HTTP_MISDIRECTED_REQUEST);
    if (r->framings) choose_body(r);
    if (!r->length || atoll(r->length) <= MAX_SWALLOW) return MHD_YES;
    req_refuse(r, MHD_HTTP_CONTENT_TOO_LARGE);
    answer_refusal(r);
    return send_answer(r);
}

static enum MHD_Result body_arrived(fc_req *r, const char *data, size_t n)
{
    if (r->refused) {
        r->swallowed += (long long)n;
        return r->swallowed > MAX_SWALLOW ? MHD_NO : MHD_YES;
    }
    if (r->multipart)
        multipart_feed(r->multipart, data, n);
    else if (r->body.len + n > MAX_BODY)
        req_refuse(r, MHD_HTTP_CONTENT_TOO_LARGE);
    else
        fc_buf_add(&r->body, data, n);
    return MHD_YES;
}

static void parse_fields(fc_req *r)
{
    if (r->query) form_parse(r, r->query, strlen(r->query), 1);
    if (r->kind == BODY_FORM && r->body.len)
        form_parse(r, req_copy(r, r->body.data, r->body.len), r->body.len, 0);
    if (r->multipart) multipart_end(r->multipart);
}

static void on_gone(void *ctx, int events)
{
    (void)events;
    fc_req *r = ctx;
    fc_poll_free(r->gone_poll);
    r->gone_poll = NULL;
    void (*gone)(void *) = r->gone;
    r->gone = NULL;
    if (gone) gone(r->gone_ctx);
}

static void watch_client(fc_req *r)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(r->con, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info) r->gone_poll = fc_poll_new(r->http->loop, info->connect_fd, 4, on_gone, r);
}

static int is_unwatched(const fc_req *r)
{
    return r->gone && !r->gone_poll && r->stage == REQ_WAITING && r->con;
}

/* MHD does not look at a suspended socket, so we do, where somebody wants to know: but only when the answer
 * has taken a moment, because most waits are shorter than the six system calls of looking. */
void req_watch_clients(fc_http *h)
{
    for (fc_req *r = h->open; r; r = r->next)
        if (is_unwatched(r)) watch_client(r);
}

static enum MHD_Result body_complete(fc_req *r)
{
    if (!r->refused) parse_fields(r);
    if (r->refused) {
        answer_refusal(r);
        return send_answer(r);
    }
    r->stage = REQ_HANDLER;
    r->http->fn(r->http->ctx, r);
    if (r->stage == REQ_ANSWERED) return send_answer(r);
    r->stage = REQ_WAITING;
    MHD_suspend_connection(r->con);
    if (is_unwatched(r)) http_sweep_soon(r->http);
    return MHD_YES;
}

enum MHD_Result req_step(fc_req *r, const char *method, const char *data, size_t *size)
{
    if (r->stage == REQ_HEAD) return head_arrived(r, method);
    if (r->stage == REQ_ANSWERED) return send_answer(r);
    if (r->stage != REQ_BODY) return MHD_NO; /* resumed without an answer: the server closes */
    if (*size == 0) return body_complete(r);
    enum MHD_Result result = body_arrived(r, data, *size);
    *size = 0;
    return result;
}

void req_completed(fc_req *r)
{
    int waiting = r->stage == REQ_WAITING;
    r->con = NULL;
    if (waiting)
        on_gone(r, 0); /* its handler still holds it, and frees it by answering */
    else
        req_free(r);
}

const char *fc_req_method(const fc_req *r)
{
    return r->method;
}

const char *fc_req_path(const fc_req *r)
{
    return r->path;
}

const char *fc_req_header(const fc_req *r, const char *name)
{
    return r->con ? MHD_lookup_connection_value(r->con, MHD_HEADER_KIND, name) : NULL;
}

const char *fc_req_cookie(const fc_req *r, const char *name)
{
    size_t k = strlen(name);
    for (const char *at = r->con ? r->cookie : NULL; at; at = strchr(at, ';')) {
        at += strspn(at, "; \t");
        if (strncmp(at, name, k) != 0 || at[k] != '=') continue;
        const char *value = at + k + 1;
        size_t n = strcspn(value, ";");
        while (n && (value[n - 1] == ' ' || value[n - 1] == '\t'))
            n--;
        if (n >= 2 && value[0] == '"' && value[n - 1] == '"') value++, n -= 2;
        return req_copy((fc_req *)(uintptr_t)r, value, n);
    }
    return NULL;
}

/* inet_ntop goes through sprintf, and every handler is told the address. */
static void write_v4(const struct in_addr *address, char *out)
{
    const unsigned char *byte = (const void *)address;
    for (int i = 0; i < 4; i++) {
        if (byte[i] >= 100) *out++ = (char)('0' + byte[i] / 100);
        if (byte[i] >= 10) *out++ = (char)('0' + byte[i] / 10 % 10);
        *out++ = (char)('0' + byte[i] % 10);
        *out++ = i < 3 ? '.' : 0;
    }
}

const char *fc_req_remote(const fc_req *r)
{
    if (r->remote || !r->con) return r->remote ? r->remote : "";
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->con, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    fc_req *own = (fc_req *)(uintptr_t)r; /* filled at the first question, therefore const for the caller */
    own->remote = req_room(own, INET6_ADDRSTRLEN);
    own->remote[0] = 0;
    if (address && address->sa_family == AF_INET)
        write_v4(&((const struct sockaddr_in *)(const void *)address)->sin_addr, own->remote);
    else if (address && address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, own->remote,
                  INET6_ADDRSTRLEN);
    return own->remote;
}

const char *fc_req_body(const fc_req *r, size_t *n)
{
    *n = r->body.len;
    return r->body.data ? r->body.data : "";
}

void fc_req_on_gone(fc_req *r, void (*fn)(void *ctx), void *ctx)
{
    r->gone = fn;
    r->gone_ctx = ctx;
    if (is_unwatched(r)) http_sweep_soon(r->http);
}
