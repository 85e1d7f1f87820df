/* Preloaded into the host: makes the N-th write, sync, truncation or read of a file fail, or the process die
 * there. The orders stand in a file that is mapped (FAULT_STATE), so that they can be given while the host
 * runs and hold for every process that it starts; FAULT_PATH is a pattern (fnmatch, with @(a|b)) for the
 * files that count. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITES = 1, SYNCS = 2, TRUNCATES = 4, READS = 8 };
enum { NOTHING, KILL, FAIL, SHORT, TORN, SLOW }; /* TORN: half of a write is done, then the process dies */

/* As tests/fault/shim.mjs writes it. */
struct orders {
    int64_t kinds; /* which calls count */
    int64_t at;    /* the first call that is hit, from 1; 0: none */
    int64_t times; /* how many from there on */
    int64_t what;
    int64_t error; /* errno of FAIL, microseconds of SLOW */
    int64_t count; /* calls so far */
    int64_t hit;   /* of those, hit */
};

static struct orders *orders;
static const char *pattern;

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("FAULT_STATE");
    pattern = getenv("FAULT_PATH");
    int fd = path && pattern ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *p = mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p != MAP_FAILED) orders = p;
    close(fd);
}

static int counts(int fd, int kind)
{
    char link[64], path[4096];
    if (!orders || !(orders->kinds & kind)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return fnmatch(pattern, path, FNM_EXTMATCH) == 0;
}

/* What is to be done to this call; one that kills does not come back. */
static int64_t order(int fd, int kind)
{
    if (!counts(fd, kind)) return NOTHING;
    int64_t n = __atomic_add_fetch(&orders->count, 1, __ATOMIC_SEQ_CST);
    if (!orders->at || n < orders->at || n >= orders->at + orders->times) return NOTHING;
    __atomic_add_fetch(&orders->hit, 1, __ATOMIC_SEQ_CST);
    if (orders->what == KILL || (orders->what == TORN && kind != WRITES)) kill(getpid(), SIGKILL);
    if (orders->what == SLOW) usleep((useconds_t)orders->error);
    return orders->what == SLOW ? NOTHING : orders->what;
}

static ssize_t fail(void)
{
    errno = (int)orders->error;
    return -1;
}

#define REAL(name)                                                                                           \
    static __typeof__(&name) real;                                                                           \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* `some` does the call with n bytes. */
#define TRANSFER(kind, n, some)                                                                              \
    do {                                                                                                     \
        int64_t what = order(fd, kind);                                                                      \
        if (what == FAIL) return fail();                                                                     \
        if (what == TORN && (n) < 2) kill(getpid(), SIGKILL); /* half of one byte is none */                 \
        if ((what == SHORT || what == TORN) && (n) > 1) {                                                    \
            size_t len = (n) / 2;                                                                            \
            ssize_t done = some;                                                                             \
            if (what == TORN) kill(getpid(), SIGKILL);                                                       \
            return done;                                                                                     \
        }                                                                                                    \
        size_t len = (n);                                                                                    \
        return some;                                                                                         \
    } while (0)

ssize_t write(int fd, const void *p, size_t n)
{
    REAL(write);
    TRANSFER(WRITES, n, real(fd, p, len));
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    REAL(pwrite);
    TRANSFER(WRITES, n, real(fd, p, len, at));
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
    REAL(pwrite64);
    TRANSFER(WRITES, n, real(fd, p, len, at));
}

ssize_t read(int fd, void *p, size_t n)
{
    REAL(read);
    TRANSFER(READS, n, real(fd, p, len));
}

ssize_t pread(int fd, void *p, size_t n, off_t at)
{
    REAL(pread);
    TRANSFER(READS, n, real(fd, p, len, at));
}

ssize_t pread64(int fd, void *p, size_t n, off64_t at)
{
    REAL(pread64);
    TRANSFER(READS, n, real(fd, p, len, at));
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
    REAL(writev);
    int64_t what = order(fd, WRITES);
    if (what == FAIL) return fail();
    ssize_t done = real(fd, v, what == NOTHING || n < 2 ? n : n / 2);
    if (what == TORN) kill(getpid(), SIGKILL);
    return done;
}

int fsync(int fd)
{
    REAL(fsync);
    return order(fd, SYNCS) == FAIL ? (int)fail() : real(fd);
}

int fdatasync(int fd)
{
    REAL(fdatasync);
    return order(fd, SYNCS) == FAIL ? (int)fail() : real(fd);
}

int ftruncate(int fd, off_t n)
{
    REAL(ftruncate);
    return order(fd, TRUNCATES) == FAIL ? (int)fail() : real(fd, n);
}

int ftruncate64(int fd, off64_t n)
{
    REAL(ftruncate64);
    return order(fd, TRUNCATES) == FAIL ? (int)fail() : real(fd, n);
}
