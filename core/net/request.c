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
 * request lives on without it until its handler has answered. */
#include "net/internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const methods[] = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", NULL};

fc_req *req_begin(fc_http *h, struct MHD_Connection *con, const char *uri)
{
    fc_req *r = req_new(h, con);
    int status = uri_split(r, uri);
    if (status) req_refuse(r, status);
    return r;
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

void fc_req_on_gone(fc_req *r, void (*fn)(void *ctx), void *ctx)
{
    r->gone = fn;
    r->gone_ctx = ctx;
    if (is_unwatched(r)) http_sweep_soon(r->http);
}
