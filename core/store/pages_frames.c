/* Frames: which generation they are of, whether the chain vouches for them, and whether the sums file does.
 */
#include "store/pages_file.h"

#include <string.h>

#define MAGIC 0x377f0682u

/* In the shared index: two copies of the head (48 bytes each), then what the checkpoint did. */
#define SHM_FRAMES 16
#define SHM_SALTS 32
#define SHM_COPIED 96
#define SHM_MEANT 128

static uint32_t le32(const unsigned char *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

uint64_t fc_wal_salts(const unsigned char *p)
{
    uint64_t salts;
    memcpy(&salts, p, 8);
    return salts;
}

static uint32_t shm_word(const fc_main *m, int at)
{
    return m->shm ? *(const volatile uint32_t *)(m->shm + at) : 0;
}

uint64_t fc_shm_salts(const fc_main *m)
{
    uint32_t both[2] = {shm_word(m, SHM_SALTS), shm_word(m, SHM_SALTS + 4)};
    return fc_wal_salts((unsigned char *)both);
}

uint32_t fc_shm_frames(const fc_main *m)
{
    return shm_word(m, SHM_FRAMES);
}

uint32_t fc_shm_copied(const fc_main *m)
{
    return shm_word(m, SHM_COPIED);
}

uint32_t fc_shm_meant(const fc_main *m)
{
    return shm_word(m, SHM_MEANT);
}

/* SQLite's own checksum of the WAL, going on from sum. */
static void chain(bool big, const unsigned char *p, size_t n, uint32_t sum[2])
{
    uint32_t a = sum[0], b = sum[1];
    if (big)
        for (const unsigned char *end = p + n; p < end; p += 8) {
            a += fc_be32(p) + b;
            b += fc_be32(p + 4) + a;
        }
    else
        for (const unsigned char *end = p + n; p < end; p += 8) {
            a += le32(p) + b;
            b += le32(p + 4) + a;
        }
    sum[0] = a;
    sum[1] = b;
}

bool fc_wal_chain(const fc_wal *w, const uint32_t seed[2], const unsigned char *frame, size_t page_size,
                  uint32_t out[2])
{
    out[0] = seed[0];
    out[1] = seed[1];
    chain(w->big, frame, 8, out);
    chain(w->big, frame + FC_FRAME_HEAD, page_size, out);
    return fc_wal_salts(frame + 8) == w->salts && fc_be32(frame + 16) == out[0] &&
           fc_be32(frame + 20) == out[1];
}

int fc_wal_raw(fc_wal *w, void *out, size_t n, sqlite3_int64 at)
{
    return w->real->pMethods->xRead(w->real, out, (int)n, at);
}

sqlite3_int64 fc_wal_place(const fc_wal *w, uint32_t frame)
{
    return FC_WAL_HEAD + (sqlite3_int64)(frame - 1) * (w->main->page_size + FC_FRAME_HEAD);
}

void fc_wal_forget(fc_wal *w, uint32_t keep)
{
    if (keep < w->room) memset(w->frames + keep, 0, (w->room - keep) * sizeof *w->frames);
}

fc_frame *fc_wal_frame(fc_wal *w, uint32_t frame)
{
    if (frame > w->room) {
        uint32_t room = frame + frame / 2 + 64;
        fc_frame *more = sqlite3_realloc64(w->frames, room * sizeof *more);
        if (!more) return NULL;
        memset(more + w->room, 0, (room - w->room) * sizeof *more);
        w->frames = more;
        w->room = room;
    }
    return &w->frames[frame - 1];
}

/* *valid: it is one that SQLite would take. Sets order and seed for the frames that follow. */
bool fc_wal_take_head(fc_wal *w, const unsigned char *head, fc_generation *out)
{
    uint32_t sum[2] = {0, 0}, magic = fc_be32(head);
    *out = (fc_generation){.salts = fc_wal_salts(head + 16)};
    if ((magic & ~1u) != MAGIC || fc_be32(head + 8) != w->main->page_size) return false;
    chain(magic & 1, head, 24, sum);
    if (sum[0] != fc_be32(head + 24) || sum[1] != fc_be32(head + 28)) return false;
    w->big = magic & 1;
    w->seed[0] = sum[0];
    w->seed[1] = sum[1];
    return true;
}

int fc_wal_head(fc_wal *w, fc_generation *out, bool *valid)
{
    unsigned char head[FC_WAL_HEAD];
    int rc = fc_wal_raw(w, head, sizeof head, 0);
    *valid = rc == SQLITE_OK && fc_wal_take_head(w, head, out);
    return rc == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : rc;
}

void fc_wal_enter(fc_wal *w, uint64_t salts)
{
    w->salts = salts;
    w->known = 0;
    fc_wal_forget(w, 0);
}

/* Which frames the sums file vouches for; refuses a generation that it does not know. */
int fc_wal_ask(fc_wal *w, fc_sums_wal *record)
{
    int rc = fc_sums_head_wal(&w->main->sums, record);
    if (rc == FC_SUMS_NO_HEAD) return fc_pages_say(w->main, FC_SUMS_DAMAGED, 0);
    if (rc != SQLITE_OK) return rc;
    if (record->now.salts == w->salts)
        w->known = record->now.frames;
    else if (record->before.salts == w->salts && !record->now.frames)
        w->known = record->before.frames;
    else
        return fc_pages_say(w->main, FC_WAL_FOREIGN, fc_shm_frames(w->main));
    return SQLITE_OK;
}

/* The shared index says which generation this is. */
int fc_wal_follow(fc_wal *w)
{
    fc_generation head;
    fc_sums_wal record;
    bool valid;
    uint64_t salts = fc_shm_salts(w->main);
    if (w->begun || (w->salts && (!salts || salts == w->salts))) return SQLITE_OK;
    int rc = fc_wal_head(w, &head, &valid);
    if (rc != SQLITE_OK) return rc;
    if (!valid || (salts && head.salts != salts))
        return fc_pages_say(w->main, FC_WAL_DAMAGED, fc_shm_frames(w->main));
    fc_wal_enter(w, head.salts);
    rc = fc_wal_ask(w, &record);
    w->sound = rc == SQLITE_OK;
    if (rc != SQLITE_OK) w->salts = 0;
    return rc;
}

static int vouched(fc_wal *w, uint32_t frame)
{
    fc_sums_wal record;
    if (frame <= w->known || frame > fc_shm_frames(w->main)) return SQLITE_OK;
    int rc = fc_wal_ask(w, &record);
    if (rc != SQLITE_OK || frame <= w->known) return rc;
    return fc_pages_say(w->main, FC_FRAME_FOREIGN, frame);
}

int fc_wal_seed(fc_wal *w, uint32_t frame, uint32_t seed[2])
{
    unsigned char end[8];
    memcpy(seed, w->seed, sizeof w->seed);
    if (frame == 1) return SQLITE_OK;
    int rc = fc_wal_raw(w, end, sizeof end, fc_wal_place(w, frame - 1) + 16);
    seed[0] = fc_be32(end);
    seed[1] = fc_be32(end + 4);
    return rc;
}

/* By the chain; fills the scratch. */
static int check_frame(fc_wal *w, uint32_t frame)
{
    uint32_t seed[2], sum[2];
    int rc = fc_wal_seed(w, frame, seed);
    if (rc == SQLITE_OK)
        rc = fc_wal_raw(w, w->scratch, FC_FRAME_HEAD + w->main->page_size, fc_wal_place(w, frame));
    if (rc == SQLITE_IOERR_SHORT_READ) return fc_pages_say(w->main, FC_FRAME_DIFFERS, frame);
    if (rc != SQLITE_OK) return rc;
    if (!fc_wal_chain(w, seed, w->scratch, w->main->page_size, sum))
        return fc_pages_say(w->main, FC_FRAME_DIFFERS, frame);
    return vouched(w, frame);
}

bool fc_wal_ready(fc_wal *w)
{
    uint32_t size = fc_main_page_size(w->main);
    if (size && !w->scratch) w->scratch = sqlite3_malloc64(FC_FRAME_HEAD + size);
    return size && w->scratch;
}

int fc_wal_read_page(fc_wal *w, uint32_t frame, unsigned char *out)
{
    uint32_t size = w->main->page_size;
    int rc = fc_wal_follow(w);
    if (rc != SQLITE_OK) return rc;
    fc_frame *f = fc_wal_frame(w, frame);
    if (f && f->sum) {
        rc = fc_wal_raw(w, out, size, fc_wal_place(w, frame) + FC_FRAME_HEAD);
        if (rc == SQLITE_OK && fc_page_sum(frame, out, size) == f->sum) return rc;
    }
    rc = check_frame(w, frame);
    if (rc != SQLITE_OK) return rc;
    memcpy(out, w->scratch + FC_FRAME_HEAD, size);
    if (f) {
        memcpy(f->head, w->scratch, 8);
        f->sum = fc_page_sum(frame, out, size);
    }
    return SQLITE_OK;
}

/* Head and page, as SQLite reads what it is about to sum anew at the end of a transaction that has spilled.
 */
int fc_wal_read_frame(fc_wal *w, uint32_t frame, unsigned char *out)
{
    int rc = fc_wal_read_page(w, frame, out + FC_FRAME_HEAD);
    if (rc == SQLITE_OK) rc = fc_wal_raw(w, out, FC_FRAME_HEAD, fc_wal_place(w, frame));
    if (rc != SQLITE_OK) return rc;
    fc_frame *f = fc_wal_frame(w, frame);
    if (f && memcmp(f->head, out, 8) == 0) return SQLITE_OK;
    return f ? fc_pages_say(w->main, FC_FRAME_DIFFERS, frame) : SQLITE_NOMEM;
}

int fc_wal_record(fc_wal *w, fc_sums_wal *record, const fc_generation *commit)
{
    record->now = *commit;
    record->before = (fc_generation){0};
    w->known = commit->frames;
    return fc_sums_set_wal(&w->main->sums, record);
}
