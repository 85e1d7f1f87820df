/* What the files of the HTTP front share, from the bottom to the top. Nobody outside core/net includes this.
 */
#ifndef FC_NET_INTERNAL_H
#define FC_NET_INTERNAL_H
#include "base/buf.h"
#include "net/http.h"
#include <microhttpd.h>
#include <time.h>

#define MAX_BODY (1024 * 1024) /* form fields together, or a body that is no form */
#define MAX_FILE (64LL * 1024 * 1024)
#define MAX_FILES 100
#define MAX_UPLOAD (4 * MAX_FILE) /* all files of one request together */
#define MAX_FIELDS 10000
#define MAX_SWALLOW                                                                                          \
    (1024LL * 1024 * 1024) /* a body that is refused is read and dropped up to here, so that the client      \
                              can read the refusal; beyond it the connection is cut */

struct fc_http {
    fc_loop *loop;
    struct MHD_Daemon *daemon;
    fc_poll *poll;
    fc_timer *timer;
    int64_t timer_at; /* ms, fc_monotonic; 0: not set */
    fc_timer *sweep;  /* set while somebody waits whose client nobody looks at yet */
    int sweep_set;
    int closed, quiet;
    int port;
    fc_http_fn fn;
    void *ctx;
    char *upload_dir;
    fc_req *open;  /* all that MHD or a handler still knows */
    fc_req *spare; /* kept for the next request */
    int spare_count;
    time_t date_at;
    char date[32];
};

enum stage {
    REQ_HEAD,     /* the request line is known */
    REQ_BODY,     /* the headers are known, the body is coming */
    REQ_HANDLER,  /* the handler runs */
    REQ_WAITING,  /* it returned without an answer: suspended */
    REQ_ANSWERED, /* the response exists */
    REQ_SENDING,  /* MHD has it */
};

enum body_kind { BODY_NONE, BODY_RAW, BODY_FORM, BODY_MULTIPART };

struct chunk {
    struct chunk *next;
    size_t cap;
    char bytes[];
};

struct field {
    fc_field f;
    size_t value_at; /* in `values` until the body is complete */
    int in_values;
};

struct extra {
    const char *name, *value;
};

struct multipart;

struct fc_req {
    fc_http *http;
    struct MHD_Connection *con; /* NULL: the connection is gone, the answer will go nowhere */
    fc_req *next, *prev;
    enum stage stage;
    int refused; /* status with which we refuse ourselves, 0 = all is well */
    const char *method;
    const char *path;
    char *query;        /* not decoded; NULL if none */
    const char *cookie; /* these three belong to MHD */
    const char *type;
    const char *length;
    const char *authority; /* of a target in the absolute form, else NULL */
    const char *host;      /* MHD's */
    int hosts;
    int framings; /* headers that say how long the body is: more than one is how requests are smuggled */
    char *remote;
    enum body_kind kind;
    long long swallowed;
    fc_buf body;
    fc_buf values; /* text fields of a multipart, each followed by NUL */
    struct multipart *multipart;
    int file; /* descriptor of the upload that is being written, -1 = none */
    long long file_size, upload_size;
    int files;
    struct field *fields;
    int field_count, field_cap;
    struct extra *extra; /* headers the handler added */
    int extra_count, extra_cap;
    int has_cache_control;
    int status;
    struct MHD_Response *response;
    void (*gone)(void *ctx);
    void *gone_ctx;
    fc_poll *gone_poll;
    struct chunk *chunks; /* texts that did not fit into `room` */
    size_t used;
    char room[2048];
};

static inline void req_refuse(fc_req *r, int status) /* the first reason stays */
{
    if (!r->refused) r->refused = status;
}

/* room.c */
void *req_room(fc_req *r, size_t n); /* lives as long as the request */
char *req_copy(fc_req *r, const char *bytes, size_t n);
void req_room_free(fc_req *r);

/* uri.c */
int utf8_ok(const char *bytes, size_t n);
int decode_percent(char *text, size_t *n, int plus, int strict); /* in place; 0, or -1: not text */
int uri_split(fc_req *r, const char *uri);                       /* sets path and query; 0 or a status */
int uri_same_host(const char *a, const char *b);

/* form.c */
void form_add(fc_req *r, const fc_field *f, size_t value_at, int in_values);
void form_parse(fc_req *r, char *text, size_t n, int from_query);

/* upload.c */
int upload_begin(fc_req *r, const char **path);
void upload_write(fc_req *r, const char *bytes, size_t n);
void upload_end(fc_req *r);
void upload_remove_all(fc_req *r);

/* multipart.c */
struct multipart *multipart_new(fc_req *r, const char *content_type); /* NULL: no boundary */
void multipart_feed(struct multipart *m, const char *bytes, size_t n);
void multipart_end(struct multipart *m);
void multipart_free(struct multipart *m);

/* spare.c */
fc_req *req_new(fc_http *h, struct MHD_Connection *con); /* among the open ones */
void req_free(fc_req *r);
void http_released(fc_http *h); /* frees what fc_http_close left for the last handler */

/* turn.c */
void http_run(fc_http *h);  /* MHD does what is to be done, and is looked at again when it wants to be */
void http_wake(fc_http *h); /* a connection was resumed: MHD tells nobody in this mode */
void http_sweep_soon(fc_http *h);
const char *http_date(fc_http *h);

/* answer.c */
void answer_refusal(fc_req *r);

/* request.c */
fc_req *req_begin(fc_http *h, struct MHD_Connection *con, const char *uri);
enum MHD_Result req_step(fc_req *r, const char *method, const char *data, size_t *size);
void req_completed(fc_req *r); /* MHD is through with it */
void req_watch_clients(fc_http *h);
#endif
