#include "loop/board.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

static int mine;

static int event(void)
{
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

fc_board *fc_board_new(fc_err *err)
{
    fc_board *b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int ok = b != MAP_FAILED && (b->up = event()) >= 0;
    for (int i = 0; i < FC_SLOTS && ok; i++)
        ok = (b->bells[i] = event()) >= 0;
    if (ok) return b;
    fc_fail(err, FC_ELIMIT, "无法启动工作进程：%s。请提高 ulimit -n",
            "the workers cannot be started: %s; raise ulimit -n", strerror(errno));
    return NULL;
}

void fc_board_free(fc_board *b)
{
    close(b->up);
    for (int i = 0; i < FC_SLOTS; i++)
        close(b->bells[i]);
    munmap(b, sizeof *b);
}

void fc_board_mine(fc_board *b, int slot)
{
    mine = slot;
    fc_heart_mine = &b->hearts[slot];
}

void fc_board_workers(fc_board *b, int n)
{
    atomic_store(&b->workers, n);
}

static void add(int fd, uint64_t n)
{
    ssize_t ignored = write(fd, &n, sizeof n);
    (void)ignored; /* full: it rings already */
}

void fc_board_stage(fc_board *b, enum fc_stage stage, int port)
{
    if (port) atomic_store(&b->port, port);
    atomic_store(&b->hearts[mine].stage, stage);
    add(b->up, 1);
}

void fc_board_ring(fc_board *b, int slot)
{
    add(b->bells[slot], 1);
}

int fc_board_bell(const fc_board *b)
{
    return b->bells[mine];
}

int fc_board_rung(const fc_board *b)
{
    uint64_t n = 0;
    return read(b->bells[mine], &n, sizeof n) == (ssize_t)sizeof n;
}
