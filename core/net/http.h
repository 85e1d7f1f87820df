/* HTTP/1.1 server: a thin front of libmicrohttpd (epoll mode, its descriptor polled by the loop).
 *
 * A request is handed over whole: headers, body, form. Bodies: form fields (urlencoded or multipart) up to 1
 * MiB together, 10,000 fields; files of a multipart go to `upload_dir` as they come, up to 64 MiB each; any
 * other body up to 1 MiB. Over a limit: 413/431/414 without calling the handler. The handler answers at once
 * or later (the connection is suspended meanwhile). Security headers are set on every answer here (CSP
 * default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src
 * 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; nosniff; Referrer-Policy no-referrer;
 * COOP, CORP same-origin; Permissions-Policy; Cache-Control: no-store unless the handler set one). */
#ifndef FC_NET_HTTP_H
#define FC_NET_HTTP_H
#include "base/err.h"
#include "loop/loop.h"
#include <stddef.h>
#include <stdint.h>

typedef struct fc_http fc_http;
typedef struct fc_req fc_req;

typedef struct fc_http_opts {
    const char *address; /* "127.0.0.1", "::1", "0.0.0.0" */
    int port;            /* 0: any free one */
    const char *upload_dir;
    int socket; /* one that listens already (fc_http_socket), taken over; 0: open one. Several processes may
                   serve one */
} fc_http_opts;

typedef void (*fc_http_fn)(void *ctx, fc_req *r);

int fc_http_listen(fc_loop *l, const fc_http_opts *opts, fc_http_fn fn, void *ctx, fc_http **out,
                   fc_err *err); /* used port: FC_ECONFLICT */
/* Only opens the socket, for processes that share it: whoever of them is free takes the next connection, and
 * while one is replaced new ones wait in the kernel's queue instead of being refused. Used port: FC_ECONFLICT
 */
int fc_http_socket(const fc_http_opts *opts, int *fd, int *port, fc_err *err);
int fc_http_port(const fc_http *h);
/* Takes no new connection, and says so in the answers to those that are open. */
void fc_http_quiet(fc_http *h);
int fc_http_busy(const fc_http *h); /* requests that are not answered yet */
void fc_http_close(fc_http *h);     /* stops taking, drops what is open */

/* All text below is UTF-8-checked (else 400), owned by the request, valid until it is answered. */
const char *fc_req_method(const fc_req *r); /* "GET", "POST" ...; HEAD is served as GET without body */
const char *fc_req_path(const fc_req *r);   /* decoded once, begins with '/', no "..", no NUL, no "//" */
const char *fc_req_header(const fc_req *r, const char *name); /* NULL if absent */
const char *fc_req_cookie(const fc_req *r, const char *name);
const char *fc_req_remote(const fc_req *r); /* "127.0.0.1" */
const char *fc_req_body(const fc_req *r, size_t *n);
/* Query and form fields: calls fn for each in order; file fields have `path` and `filename` set (value = "").
 * The uploaded file is removed after the answer unless the handler renamed it away. */
typedef struct fc_field {
    const char *name, *value;
    size_t value_len;
    const char *filename, *path, *type;
    int from_query;
} fc_field;
void fc_req_fields(const fc_req *r, void (*fn)(void *ctx, const fc_field *f), void *ctx);

/* Calls fn when the client leaves before the answer; the request must still be answered. */
void fc_req_on_gone(fc_req *r, void (*fn)(void *ctx), void *ctx);

/* Before the answer: adds a header (names and values are checked for CR/LF). */
void fc_req_add_header(fc_req *r, const char *name, const char *value);
/* Answers and frees the request. Bytes are copied. type e.g. "text/html; charset=utf-8". */
void fc_req_answer(fc_req *r, int status, const char *type, const void *bytes, size_t n);
/* Answers with a file, for assets and downloads. FC_ENOTFOUND leaves the request unanswered. */
int fc_req_answer_file(fc_req *r, const char *path, const char *type, fc_err *err);
#endif
