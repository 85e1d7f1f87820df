/* Ids. The state is one number, milliseconds and sequence together; a new id is the clock's or, when the
 * clock stands still or went back, the last one plus one. A sequence that overflows borrows from the next
 * millisecond. After a fork the child must not go on as the same worker. */
#include "store/store.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define EPOCH_MS 1577836800000LL /* 2020-01-01T00:00:00Z */
#define SEQUENCE_BITS 12
#define WORKER_BITS 10
#define TIME_MASK ((1LL << 41) - 1)

static _Atomic int64_t last; /* milliseconds << SEQUENCE_BITS | sequence */
static _Atomic int worker_no;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void worker_from_pid(void)
{
    atomic_store(&worker_no, getpid() & ((1 << WORKER_BITS) - 1));
}

static void start(void)
{
    worker_from_pid();
    pthread_atfork(NULL, NULL, worker_from_pid);
}

void fc_id_worker(int worker)
{
    pthread_once(&once, start);
    atomic_store(&worker_no, worker & ((1 << WORKER_BITS) - 1));
}

int64_t fc_id(void)
{
    pthread_once(&once, start);
    int64_t clock = (fc_now() - EPOCH_MS) * (1 << SEQUENCE_BITS);
    int64_t before = atomic_load(&last), next;
    do {
        next = clock > before ? clock : before + 1;
    } while (!atomic_compare_exchange_weak(&last, &before, next));
    int64_t ms = next >> SEQUENCE_BITS & TIME_MASK;
    int64_t sequence = next & ((1 << SEQUENCE_BITS) - 1);
    return ms << (SEQUENCE_BITS + WORKER_BITS) | (int64_t)atomic_load(&worker_no) << SEQUENCE_BITS | sequence;
}
