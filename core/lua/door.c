#include "lua/door.h"
#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ADDRESSES 512
#define WRONG 20     /* at once */
#define FORGIVEN_S 3 /* then one more in so many seconds */
#define MOST_WAITING 64
#define MOST_RUNNING 4

/* ---- addresses: what is still left falls with each try and grows with time */

typedef struct fc_visitor {
    char address[48];
    double left;
    int64_t at;
} fc_visitor;

typedef struct fc_hall {
    pthread_mutex_t lock; /* robust: whoever dies inside leaves it to the next one */
    fc_visitor visitors[ADDRESSES];
} fc_hall;

static fc_hall alone = {.lock = PTHREAD_MUTEX_INITIALIZER};
static fc_hall *hall = &alone;

void fc_door_share(void)
{
    pthread_mutexattr_t how;
    fc_hall *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return; /* each counts for itself then */
    pthread_mutexattr_init(&how);
    pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&shared->lock, &how);
    pthread_mutexattr_destroy(&how);
    hall = shared;
}

static void shut(void)
{
    if (pthread_mutex_lock(&hall->lock) == EOWNERDEAD) pthread_mutex_consistent(&hall->lock);
}

static void open_again(void)
{
    pthread_mutex_unlock(&hall->lock);
}

static double left_now(const fc_visitor *v, int64_t now)
{
    double left = v->left + (double)(now - v->at) / (FORGIVEN_S * 1e9);
    return left < WRONG ? left : WRONG;
}

/* A new one takes the place of who has most left: he has least to be remembered for. */
static fc_visitor *find(const char *address, int64_t now)
{
    fc_visitor *best = &hall->visitors[0];
    for (fc_visitor *v = hall->visitors; v < hall->visitors + ADDRESSES; v++) {
        if (strcmp(v->address, address) == 0) return v;
        if (!best->address[0]) continue;
        if (!v->address[0] || left_now(v, now) > left_now(best, now)) best = v;
    }
    snprintf(best->address, sizeof best->address, "%s", address);
    best->left = WRONG;
    best->at = now;
    return best;
}

static int come_in(fc_visitor *v, int64_t now)
{
    v->left = left_now(v, now);
    v->at = now;
    if (v->left < 1) return (int)((1 - v->left) * FORGIVEN_S) + 1;
    v->left -= 1;
    return 0;
}

int fc_door_enter(const char *address)
{
    int64_t now = fc_monotonic();
    if (!*address) return 0;
    shut();
    int wait = come_in(find(address, now), now);
    open_again();
    return wait;
}

void fc_door_right(const char *address)
{
    if (!*address) return;
    shut();
    fc_visitor *v = find(address, fc_monotonic());
    if (v->left < WRONG) v->left += 1;
    open_again();
}

/* ---- checks: a core is left to the loop where there are more than two */

static fc_check *first;
static int running, waiting;

static int most_running(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (cores <= 3) return 2;
    return cores - 1 < MOST_RUNNING ? (int)cores - 1 : MOST_RUNNING;
}

static void run_next(void);

static void work(void *ctx)
{
    const fc_check *c = ctx;
    c->work(c->ctx);
}

static void done(void *ctx)
{
    const fc_check *c = ctx;
    running--;
    run_next();
    c->done(c->ctx);
}

static void run_next(void)
{
    while (first && running < most_running()) {
        fc_check *c = first;
        first = c->next;
        waiting--;
        running++;
        c->pool(work, done, c);
    }
}

bool fc_check_full(void)
{
    return waiting >= MOST_WAITING;
}

void fc_check_queue(fc_check *c)
{
    fc_check **at = &first;
    c->turn = 1;
    for (const fc_check *other = first; other; other = other->next)
        c->turn += strcmp(other->address, c->address) == 0;
    while (*at && (*at)->turn <= c->turn)
        at = &(*at)->next;
    c->next = *at;
    *at = c;
    waiting++;
    run_next();
}

void fc_checks_drop(void)
{
    first = NULL;
    waiting = 0;
}
