/* Who may try a password now. Checking one costs a tenth of a second of a core on purpose, so whoever sends
 * a hundred wrong ones must not keep the house waiting: an address may be wrong some twenty times, then once
 * every few seconds; few are checked at once, first come, first served, but nobody's second before another
 * address's first. All of it in memory, which workers of one
 * supervisor share: a restart of that forgives. */
#ifndef FC_LUA_DOOR_H
#define FC_LUA_DOOR_H
#include <stdbool.h>

/* Before workers are forked: they count together. */
void fc_door_share(void);

/* 0: come in; else the seconds after which this address may try again. "" is no address and always let in.
 * Whoever came in counts as wrong until fc_door_right. */
int fc_door_enter(const char *address);
void fc_door_right(const char *address);

/* One check: work in the pool when its turn comes, then done on the loop. The struct is the caller's until
 * then. */
typedef struct fc_check {
    void (*work)(void *ctx);
    void (*done)(void *ctx);
    void *ctx;
    void (*pool)(void (*work)(void *), void (*done)(void *), void *ctx);
    const char *address;
    int turn; /* which one of its address */
    struct fc_check *next;
} fc_check;
bool fc_check_full(void); /* too many wait already */
void fc_check_queue(fc_check *c);
void fc_checks_drop(void); /* the process ends: what still waits is not checked any more, nor answered */
#endif
