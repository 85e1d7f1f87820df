/* Without a source of randomness or of locked memory nothing may be sealed: the process ends. */
#include "store/locked.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void start_sodium(void)
{
    if (sodium_init() < 0) abort();
}

void *fc_locked(size_t n)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_sodium);
    void *p = sodium_malloc(n);
    if (!p) {
        fputs("forecourt: out of memory\n", stderr);
        abort();
    }
    memset(p, 0, n);
    return p;
}

void fc_locked_free(void *p)
{
    sodium_free(p);
}
