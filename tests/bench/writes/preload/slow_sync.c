/* LD_PRELOAD: every sync takes SLOW_SYNC_US longer, as on a slow disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_as_told(void)
{
    static long us = -1;
    if (us < 0) us = getenv("SLOW_SYNC_US") ? atol(getenv("SLOW_SYNC_US")) : 0;
    if (us) usleep((useconds_t)us);
}

int fdatasync(int fd)
{
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_as_told();
    return real(fd);
}

int fsync(int fd)
{
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_as_told();
    return real(fd);
}
