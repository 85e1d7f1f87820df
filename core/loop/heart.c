#include "loop/heart.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static fc_heart unwatched;
fc_heart *fc_heart_mine = &unwatched;

static void note(fc_note *n, const fc_who *who, const char *what)
{
    size_t len = strnlen(what, sizeof n->what - 1);
    if (!who->version_of || n->who.version_of != who->version_of) n->who = *who;
    memcpy(n->what, what, len);
    n->what[len] = 0;
}

int fc_heart_enter(const fc_who *who, const char *what)
{
    fc_heart *h = fc_heart_mine;
    uint64_t entries = atomic_load_explicit(&h->entries, memory_order_relaxed);
    int depth = atomic_load_explicit(&h->depth, memory_order_relaxed);
    if (depth >= 0 && depth < FC_HEART_CALLS) note(&h->calls[depth], who, what);
    atomic_signal_fence(memory_order_release); /* the note before the depth that counts it */
    atomic_store_explicit(&h->depth, depth + 1, memory_order_relaxed);
    atomic_store_explicit(&h->entries, entries + 1, memory_order_relaxed);
    return depth;
}

void fc_heart_leave(int depth)
{
    atomic_store_explicit(&fc_heart_mine->depth, depth, memory_order_relaxed);
}

/* What another process wrote is not trusted to be a number in range or text with an end: it may have died of
 * writing anywhere. */
int fc_heart_call(const fc_heart *h, fc_note *out)
{
    int depth = atomic_load(&h->depth);
    if (depth < 1) return 0;
    if (depth > FC_HEART_CALLS) depth = FC_HEART_CALLS;
    int at = depth - 1;
    while (at > 0 && !h->calls[at].who.own)
        at--;
    *out = h->calls[h->calls[at].who.own ? at : depth - 1];
    out->who.plugin[sizeof out->who.plugin - 1] = 0;
    out->who.version[sizeof out->who.version - 1] = 0;
    out->what[sizeof out->what - 1] = 0;
    return 1;
}

static fc_heart *map(int fd)
{
    void *at = mmap(NULL, sizeof(fc_heart), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return at == MAP_FAILED ? NULL : at;
}

fc_heart *fc_heart_new(int *fd)
{
    fc_heart *h = NULL;
    *fd = memfd_create("forecourt-heart", MFD_CLOEXEC);
    if (*fd >= 0 && ftruncate(*fd, sizeof(fc_heart)) == 0) h = map(*fd);
    if (!h && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    return h;
}

int fc_heart_use_fd(int fd)
{
    fc_heart *h = map(fd);
    close(fd);
    if (h) fc_heart_mine = h;
    return h ? 0 : -1;
}

void fc_heart_free(fc_heart *h)
{
    if (h) munmap(h, sizeof *h);
}
