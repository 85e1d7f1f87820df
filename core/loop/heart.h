/* What a process tells whoever watches over it, without a word: that it turns, how far it is, and in which
 * call of which plugin it is. It lies in memory that both share and outlives the process, so that after a
 * crash somebody can still say who it was. */
#ifndef FC_LOOP_HEART_H
#define FC_LOOP_HEART_H
#include <stdatomic.h>
#include <stdint.h>

#define FC_HEART_CALLS 18 /* a call, 16 exports deep, and what is loaded meanwhile */

/* Whose code it is. Fixed-size texts, cut where they are longer: the other process reads them as they lie. */
typedef struct fc_who {
    char plugin[64], version[24];
    int own; /* a plugin of the site or a pack, not shipped with the host: a crash switches it off */
    unsigned version_of; /* of this struct within its process: what was noted before is not copied again; 0:
                            always */
} fc_who;

typedef struct fc_note {
    fc_who who;
    char what[104]; /* function or file */
} fc_note;

enum fc_stage { FC_STARTING, FC_RECORDED, FC_READY };

typedef struct fc_heart {
    _Atomic uint64_t beats;   /* of any thread */
    _Atomic uint64_t entries; /* of the one that runs Lua: it needs no lock */
    _Atomic int stage, depth, pid;
    fc_note calls[FC_HEART_CALLS];
} fc_heart;

/* This process's own; never NULL. Until somebody watches it is a private one. */
extern fc_heart *fc_heart_mine;

static inline void fc_heart_beat(void)
{
    atomic_fetch_add_explicit(&fc_heart_mine->beats, 1, memory_order_relaxed);
}

/* Changes for as long as the process does something. */
static inline uint64_t fc_heart_pulse(const fc_heart *h)
{
    return atomic_load(&h->beats) + atomic_load(&h->entries);
}

/* Into a call and out of it again, on the thread that runs Lua: leave gets what enter returned. */
int fc_heart_enter(const fc_who *who, const char *what);
void fc_heart_leave(int depth);
/* The call a process is or was in: of what the site itself brought the innermost, else the innermost. 0: in
 * none. */
int fc_heart_call(const fc_heart *h, fc_note *out);

/* A heart for a child that is another program: *fd is given to it, fc_heart_use_fd there. NULL, -1: cannot be
 * made. */
fc_heart *fc_heart_new(int *fd);
int fc_heart_use_fd(int fd);
void fc_heart_free(fc_heart *h);
#endif
