/* A supervisor: a process that does nothing but start workers, watch them turn and start new ones. It has no
 * Lua, no database and no thread, so there is little in it that could fall over.
 *
 * Workers are forked from it and share with it one piece of memory, the board: a heart each (heart.h), and a
 * bell each, by which workers wake one another. The first worker starts alone, because it may have to make or
 * change the site's files; once it is ready the others follow. */
#ifndef FC_LOOP_SUPERVISE_H
#define FC_LOOP_SUPERVISE_H
#include "base/err.h"
#include "loop/heart.h"
#include <stddef.h>

#define FC_WORKERS_MOST 16 /* that take HTTP */
#define FC_SLOTS (FC_WORKERS_MOST + 1)
/* Places: the first one takes HTTP, the second one does the host's own work, the rest take HTTP. */
enum { FC_SLOT_FIRST = 0, FC_SLOT_JOBS = 1 };

typedef struct fc_board fc_board;

/* How a worker ended that nobody had asked to end. */
typedef struct fc_death {
    char worker[16]; /* "http 1", "jobs" */
    int pid;
    int signal, code; /* one of them; both 0: it ended by itself */
    int stuck;        /* its loop had not turned for 5 s, and it was killed for that */
    int busy;         /* ... and it had computed all the while, not waited */
    int memory;       /* killed by the system for want of memory */
    int in_call;      /* call is set */
    fc_note call;
} fc_death;

/* Did the code of that call do it? Not so if somebody killed the process or a disk held it up. */
int fc_death_blames(const fc_death *d);
/* What happened, a sentence in each language with the call in it. */
void fc_death_says(const fc_death *d, fc_err *out);

typedef struct fc_supervised {
    /* The worker, in a process of its own; returns its exit code. death: how the one before in this place
     * ended, to be written down before anything else (then fc_board_stage FC_RECORDED); or NULL. */
    int (*work)(void *ctx, fc_board *b, int slot, const fc_death *death);
    void (*ready)(void *ctx, int port); /* the first worker serves */
    void (*ending)(void *ctx);          /* nobody is let in any more */
    void *ctx;
} fc_supervised;

/* Runs until SIGTERM or SIGINT (a second one kills); SIGHUP is passed on to all. Returns the exit code: 0, or
 * that of a first worker that could not start at all. */
int fc_supervise(const fc_supervised *o);

/* ---- in a worker */
/* How many take HTTP, as the first one finds out before it is ready. */
void fc_board_workers(fc_board *b, int n);
void fc_board_stage(fc_board *b, enum fc_stage stage, int port);
void fc_board_ring(fc_board *b, int slot); /* there is something to do */
int fc_board_bell(const fc_board *b);      /* descriptor that becomes readable */
int fc_board_rung(const fc_board *b);      /* 1: it was; silences it */
#endif
