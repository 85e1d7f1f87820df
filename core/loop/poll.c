/* A descriptor that belongs to somebody else: we wait for it and never close it. When libuv reports an error
 * of the descriptor itself, the owner is called with every event it asked for, so that its next read or write
 * meets the error. */
#include "loop/internal.h"

#include "base/buf.h"
#include "base/log.h"

#include <stdlib.h>

struct fc_poll {
    uv_poll_t uv;
    int wanted;
    void (*fn)(void *ctx, int events);
    void *ctx;
};

static int to_uv(int events)
{
    return (events & 1 ? UV_READABLE : 0) | (events & 2 ? UV_WRITABLE : 0) | (events & 4 ? UV_DISCONNECT : 0);
}

static void on_event(uv_poll_t *handle, int status, int events)
{
    fc_poll *p = handle->data;
    int seen =
        (events & UV_READABLE ? 1 : 0) | (events & UV_WRITABLE ? 2 : 0) | (events & UV_DISCONNECT ? 4 : 0);
    if (status < 0) {
        /* libuv has stopped the handle; without a restart a passing error would be the last event ever. */
        seen = p->wanted;
        uv_poll_start(&p->uv, to_uv(p->wanted), on_event);
    }
    p->fn(p->ctx, seen);
}

fc_poll *fc_poll_new(fc_loop *l, int fd, int events, void (*fn)(void *ctx, int events), void *ctx)
{
    fc_poll *p = fc_alloc(sizeof *p);
    int status = uv_poll_init(&l->uv, &p->uv, fd);
    if (status) {
        fc_log(FC_ERROR, "loop", fc_say("无法监视描述符 %d：%s", "descriptor %d cannot be watched: %s"), fd,
               uv_strerror(status));
        free(p);
        return NULL;
    }
    p->uv.data = p;
    p->wanted = events;
    p->fn = fn;
    p->ctx = ctx;
    uv_poll_start(&p->uv, to_uv(events), on_event);
    return p;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void fc_poll_free(fc_poll *p)
{
    if (p) uv_close((uv_handle_t *)&p->uv, on_closed);
}
