/* Entries of one size, id (NUL-filled) and pair, written before the child starts: what does not fit into a
 * pipe is an error at once and never a process that waits for its own child. */
#include "store/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define MOST 1024
typedef struct entry {
    char dealership[64];
    fc_pair pair;
} entry;

struct fc_handed { /* in locked memory */
    size_t n;
    entry entries[];
};

static int failed(fc_err *err)
{
    return fc_fail(err, FC_EIO, "无法把密钥交给子进程：%s", "the keys cannot be handed to a child: %s",
                   strerror(errno));
}

static int write_entry(int fd, const fc_handover *from, fc_err *err)
{
    entry *e = fc_locked(sizeof *e);
    int rc = FC_OK;
    strncpy(e->dealership, from->dealership, sizeof e->dealership - 1);
    e->pair = *from->pair;
    if (write(fd, e, sizeof *e) != (ssize_t)sizeof *e) rc = failed(err);
    fc_locked_free(e);
    return rc;
}

int fc_handover_write(const fc_handover *list, size_t n, int *fd, fc_err *err)
{
    int ends[2], rc = FC_OK;
    if (pipe2(ends, O_CLOEXEC) != 0) return failed(err);
    (void)fcntl(ends[1], F_SETPIPE_SZ, (int)(n * sizeof(entry)));
    (void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
    for (size_t i = 0; i < n && !rc; i++)
        rc = write_entry(ends[1], &list[i], err);
    close(ends[1]);
    if (rc)
        close(ends[0]);
    else
        *fd = ends[0];
    return rc;
}

/* Locked memory does not grow: read into as much as there can be, kept in as much as there is. */
int fc_handover_read(int fd, fc_handed **out, fc_err *err)
{
    size_t cap = MOST * sizeof(entry), len = 0;
    ssize_t n;
    *out = NULL;
    char *bytes = fc_locked(cap);
    while (len < cap && (n = read(fd, bytes + len, cap - len)) > 0)
        len += (size_t)n;
    close(fd);
    if (len && len % sizeof(entry) == 0) {
        *out = fc_locked(sizeof **out + len);
        (*out)->n = len / sizeof(entry);
        memcpy((*out)->entries, bytes, len);
    }
    fc_locked_free(bytes);
    if (*out) return FC_OK;
    return fc_fail(err, FC_EIO, "没有从上级进程收到密钥；这个进程只能由 forecourt serve 启动",
                   "no keys came from the process above; only forecourt serve starts this one");
}

const fc_pair *fc_handed_pair(const fc_handed *h, const char *dealership)
{
    for (size_t i = 0; i < h->n; i++)
        if (strncmp(h->entries[i].dealership, dealership, sizeof h->entries[i].dealership) == 0)
            return &h->entries[i].pair;
    return NULL;
}

void fc_handed_free(fc_handed *h)
{
    fc_locked_free(h);
}
