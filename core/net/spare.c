/* Requests are kept and used again, with their memory: the usual one allocates nothing here. The last one
 * that goes after fc_http_close takes the fc_http with it. */
#include "net/internal.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SPARE 64
#define KEEP_BUFFER 65536

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

fc_req *req_new(fc_http *h, struct MHD_Connection *con)
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
    return r;
}

static void destroy(fc_req *r)
{
    fc_buf_free(&r->body);
    fc_buf_free(&r->values);
    free(r->fields);
    free(r->extra);
    free(r);
}

void http_released(fc_http *h)
{
    if (!h->closed || h->open) return;
    for (fc_req *r = h->spare, *next; r; r = next) {
        next = r->next;
        destroy(r);
    }
    free(h->upload_dir);
    free(h);
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
    req_room_free(r);
    if (r->prev)
        r->prev->next = r->next;
    else
        h->open = r->next;
    if (r->next) r->next->prev = r->prev;
    shrink(&r->body);
    shrink(&r->values);
    if (h->spare_count == MAX_SPARE || h->closed) {
        destroy(r);
        http_released(h);
        return;
    }
    reset(r);
    r->next = h->spare;
    h->spare = r;
    h->spare_count++;
}
