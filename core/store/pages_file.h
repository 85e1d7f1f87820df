/* What the files of the checked pages share.
 *
 *     pages.c         the layer itself: opening, deleting, and the database file
 *     pages_wal.c     the WAL: writing, locks, turns
 *     pages_frames.c  its frames and generations
 *     pages_recover.c what the first to open it finds
 *     pages_sums.c    NAME.db-sums
 *     pages_cache.c   its sums in memory
 *     pages_hash.c    what a sum is
 *     pages_sync.c    the sync that fails
 *     pages_mend.c    how it is mended
 *     pages_adopt.c   making sums
 *     pages_verify.c  comparing everything
 *     pages_say.c     the sentences
 *
 * A generation is what one WAL header begins: frames that carry its salts. The sums file remembers the one
 * that belongs to the database, how many frames of it were synced and the chained checksum of the last of
 * them, and the same of the one before, which is harmless as long as nothing was committed to the next. */
#ifndef FC_STORE_PAGES_FILE_H
#define FC_STORE_PAGES_FILE_H
#include "store/pages.h"
#include <sqlite3.h>
#include <sys/types.h>

#define FC_SUMS_START 4096       /* of the sums; before it the head */
#define FC_SUMS_LINE 64          /* sums that are read together */
#define FC_PAGES_MARK 0x46437331 /* application_id: this file has sums */
#define FC_WAL_HEAD 32
#define FC_FRAME_HEAD 24

typedef struct fc_generation {
    uint64_t salts;  /* the eight bytes as they lie in the file; 0 = none */
    uint32_t sum[2]; /* chained, of the last frame */
    uint32_t frames;
    uint32_t spare;
} fc_generation;

/* Two of each kind lie in the head, each in a sector of its own; the newer valid one counts, the other is
 * written next, so a torn write leaves the one before. */
typedef struct fc_sums_file { /* written by who may checkpoint */
    char magic[8];
    uint64_t seq;
    uint32_t page_size; /* 0: nothing was written yet */
    uint32_t lost_sums;
    int64_t adopted_at;
    int64_t changed;    /* of the database file, ns, after our last sync */
    fc_generation done; /* frames that are in the database file for certain */
    uint64_t check;
} fc_sums_file;

typedef struct fc_sums_wal { /* written by who holds the write lock */
    char magic[8];
    uint64_t seq;
    fc_generation now, before;
    uint64_t check;
} fc_sums_wal;

typedef struct fc_sums {
    int fd; /* -1: closed */
} fc_sums;

enum fc_sums_kind { FC_SUMS_FILE, FC_SUMS_WAL };

/* pages_sums.c: SQLite's codes. FC_SUMS_NO_HEAD: both copies are invalid. */
#define FC_SUMS_NO_HEAD SQLITE_NOTADB
void fc_sums_name(const char *path, char out[4096]);
int fc_sums_open(fc_sums *s, const char *path, bool create);
void fc_sums_close(fc_sums *s);
int fc_sums_head_file(const fc_sums *s, fc_sums_file *out);
int fc_sums_head_wal(const fc_sums *s, fc_sums_wal *out);
int fc_sums_set_file(const fc_sums *s, fc_sums_file *head); /* counts seq up */
int fc_sums_set_wal(const fc_sums *s, fc_sums_wal *head);
uint64_t fc_page_sum_plain(uint32_t page, const void *bytes, size_t n); /* for any machine */
int fc_sums_get(const fc_sums *s, uint32_t page, uint64_t *sum);        /* 0: there is none */
int fc_sums_line(const fc_sums *s, uint64_t line, uint64_t out[FC_SUMS_LINE]);
int fc_sums_put(const fc_sums *s, uint32_t page, uint64_t sum);
int fc_sums_cut(const fc_sums *s, uint32_t pages); /* keeps those of the first pages */
int fc_sums_sync(const fc_sums *s);

/* All its frames are in the database file for certain. */
bool fc_generation_in_file(const fc_sums_file *head, const fc_generation *g);

typedef struct fc_main fc_main;
typedef struct fc_wal fc_wal;
typedef struct fc_sums_cache fc_sums_cache;

struct fc_main { /* an open database file */
    sqlite3_file base;
    sqlite3_file *real;
    const char *path; /* SQLite's, lives as long as the handle */
    fc_sums sums;
    uint32_t page_size; /* 0: ask the head again */
    int lock;
    const volatile unsigned char *shm; /* first region */
    fc_wal *wal;
    fc_sums_cache *cache;   /* NULL until used */
    bool emptied;           /* the last to leave found all of the WAL copied */
    unsigned char *scratch; /* one page */
    fc_main *next;
};

typedef struct fc_frame { /* what this handle wrote or has verified; sum 0 = nothing known */
    uint64_t sum;
    unsigned char head[8]; /* page number and commit size */
} fc_frame;

struct fc_wal {
    sqlite3_file base;
    sqlite3_file *real;
    fc_main *main;
    uint64_t salts;   /* the generation that the fields below are of; 0 = none */
    uint32_t seed[2]; /* checksum of its header */
    bool big;         /* its checksums read words as big-endian */
    uint32_t known;   /* frames that the sums file vouches for, when last asked */
    fc_frame *frames; /* owned */
    uint32_t room;
    sqlite3_int64 room_end; /* the file is at least so long; 0 = not known */
    bool writing;           /* a frame of this turn was written: nobody else's may lie in between */
    fc_sums_wal record;     /* what the sums file said when the turn began; nobody else writes it meanwhile */
    fc_generation commit;   /* to be recorded by the next sync; frames 0 = nothing */
    bool begun;             /* this turn wrote the WAL's head: the others do not know it yet */
    bool sound;             /* its frames were found to be ours since it was opened */
    bool recovering;
    fc_generation need, tail; /* while recovering: what must be there, and the last commit seen */
    unsigned char *scratch;   /* one frame */
};

static inline uint32_t fc_be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* pages.c */
sqlite3_vfs *fc_pages_base(void);
fc_main *fc_pages_main(sqlite3_file *file); /* NULL if it is none of ours */
int fc_main_compare(fc_main *m, uint32_t page, const unsigned char *bytes, bool *fits);

/* pages_sums.c: as the head of the sums says; 0: not known yet */
uint32_t fc_main_page_size(fc_main *m);

/* pages_hash.c */
uint64_t fc_page_sum(uint32_t page, const void *bytes, size_t n); /* never 0 */

/* pages_cache.c: as fc_sums_get */
int fc_main_sum(fc_main *m, uint32_t page, uint64_t *sum);
void fc_main_forget_sums(fc_main *m); /* frees them */

/* pages_frames.c */
uint64_t fc_shm_salts(const fc_main *m); /* the shared index; 0: not mapped */
uint32_t fc_shm_frames(const fc_main *m);
uint32_t fc_shm_meant(const fc_main *m);  /* frames that a checkpoint set out to copy ... */
uint32_t fc_shm_copied(const fc_main *m); /* ... and has */
uint64_t fc_wal_salts(const unsigned char *p);
bool fc_wal_ready(fc_wal *w); /* the page size is known */
int fc_wal_raw(fc_wal *w, void *out, size_t n, sqlite3_int64 at);
sqlite3_int64 fc_wal_place(const fc_wal *w, uint32_t frame);
/* Goes on from seed; whether the frame's salts and checksum are those it should have. */
bool fc_wal_chain(const fc_wal *w, const uint32_t seed[2], const unsigned char *frame, size_t page_size,
                  uint32_t out[2]);
int fc_wal_seed(fc_wal *w, uint32_t frame, uint32_t seed[2]);
/* Whether SQLite would take this head; sets byte order and seed for the frames that follow. */
bool fc_wal_take_head(fc_wal *w, const unsigned char *head, fc_generation *out);
int fc_wal_head(fc_wal *w, fc_generation *head, bool *valid);
fc_frame *fc_wal_frame(fc_wal *w, uint32_t frame); /* NULL: no memory */
void fc_wal_forget(fc_wal *w, uint32_t keep);
void fc_wal_enter(fc_wal *w, uint64_t salts); /* a generation */
int fc_wal_ask(fc_wal *w,
               fc_sums_wal *record); /* which frames are vouched for; refuses an unknown generation */
int fc_wal_follow(fc_wal *w);        /* the generation that the shared index names */
int fc_wal_record(fc_wal *w, fc_sums_wal *record, const fc_generation *commit);
int fc_wal_read_page(fc_wal *w, uint32_t frame, unsigned char *out);
int fc_wal_read_frame(fc_wal *w, uint32_t frame, unsigned char *out);

/* pages_recover.c */
int fc_wal_inspect(fc_wal *w, sqlite3_int64 size); /* before SQLite looks at the frames */
int fc_wal_recover_frame(fc_wal *w, uint32_t frame, unsigned char *out);
int fc_wal_end_recovery(fc_wal *w);
void fc_wal_showing(fc_wal *w); /* the shared index is about to show what was recovered */

/* pages_wal.c */
int fc_wal_open(sqlite3_file *file, sqlite3_file *real, fc_main *m);
void fc_wal_locking(fc_wal *w, int first, int n, int flags, int rc);
int fc_wal_unlocking(fc_wal *w, int first, int n, int flags);
int fc_wal_gone(fc_main *m); /* before SQLite removes the WAL: is all of it in the file? */

/* pages_sync.c: the mark that a sync failed */
void fc_unsynced_name(const char *path, char out[4096]);
bool fc_unsynced(const char *path);
/* Does not come back unless rc is SQLITE_OK. */
int fc_pages_synced(const char *path, const char *what, int rc);

/* pages_say.c: each logs, remembers and returns SQLITE_IOERR_DATA. */
enum fc_damage {
    FC_PAGE_DIFFERS,
    FC_PAGE_CUT,
    FC_PAGE_FOREIGN,
    FC_FRAME_DIFFERS,
    FC_FRAME_FOREIGN,
    FC_WAL_FOREIGN,
    FC_WAL_DAMAGED,
    FC_WAL_MISSING,
    FC_SUMS_DAMAGED,
    FC_FILE_UNSYNCED,
};
int fc_pages_say(const fc_main *m, enum fc_damage what, uint32_t number);
int fc_pages_sentence(const char *path, enum fc_damage what, uint32_t number, fc_err *err);
#endif
