/* Recovery: the first to open a WAL reads it from its head to its last commit. SQLite stops at the first
 * frame that does not fit and takes it for the end, so a flipped bit would silently undo acknowledged
 * commits, and it takes any WAL that is whole. Here what was recorded must be there, to the last frame. */
#include "store/pages_file.h"

#include <string.h>

static int lacks(fc_wal *w, const fc_sums_wal *record, bool due, enum fc_damage what)
{
    return due ? fc_pages_say(w->main, what, record->now.frames) : SQLITE_OK;
}

/* A generation without a whole commit is none: SQLite takes nothing from it. */
static int holds_commit(fc_wal *w, uint32_t frames, bool *holds)
{
    uint32_t seed[2] = {w->seed[0], w->seed[1]}, sum[2];
    *holds = false;
    for (uint32_t frame = 1; frame <= frames && !*holds; frame++) {
        int rc = fc_wal_raw(w, w->scratch, FC_FRAME_HEAD + w->main->page_size, fc_wal_place(w, frame));
        if (rc != SQLITE_OK) return rc;
        if (!fc_wal_chain(w, seed, w->scratch, w->main->page_size, sum)) break;
        *holds = fc_be32(w->scratch + 4) != 0;
        memcpy(seed, sum, sizeof seed);
    }
    return SQLITE_OK;
}

static int foreign(fc_wal *w, uint32_t frames)
{
    bool holds;
    int rc = holds_commit(w, frames, &holds);
    return rc == SQLITE_OK && holds ? fc_pages_say(w->main, FC_WAL_FOREIGN, frames) : rc;
}

/* Before SQLite looks at the frames: is this our WAL, and is all of it there? */
int fc_wal_inspect(fc_wal *w, sqlite3_int64 size)
{
    fc_sums_file file;
    fc_sums_wal record;
    fc_generation head;
    bool valid;
    w->need = w->tail = (fc_generation){0};
    w->recovering = true;
    w->sound = false;
    if (!fc_wal_ready(w)) return SQLITE_OK;
    int rc = fc_sums_head_file(&w->main->sums, &file);
    if (rc == SQLITE_OK) rc = fc_sums_head_wal(&w->main->sums, &record);
    if (rc != SQLITE_OK) return fc_pages_say(w->main, FC_SUMS_DAMAGED, 0);
    bool due = !fc_generation_in_file(&file, &record.now);
    if (size <= FC_WAL_HEAD) return lacks(w, &record, due, FC_WAL_MISSING);
    rc = fc_wal_head(w, &head, &valid);
    if (rc != SQLITE_OK) return rc;
    if (!valid) return lacks(w, &record, due, FC_WAL_DAMAGED);
    fc_wal_enter(w, head.salts);
    uint32_t frames = (uint32_t)((size - FC_WAL_HEAD) / (w->main->page_size + FC_FRAME_HEAD));
    if (head.salts == record.now.salts)
        w->need = record.now;
    else if (head.salts == record.before.salts && !record.now.frames)
        w->need = record.before;
    else if (due)
        return fc_pages_say(w->main, FC_WAL_FOREIGN, frames);
    else
        return foreign(w, frames);
    return frames < w->need.frames ? fc_pages_say(w->main, FC_WAL_MISSING, w->need.frames) : SQLITE_OK;
}

int fc_wal_recover_frame(fc_wal *w, uint32_t frame, unsigned char *out)
{
    uint32_t seed[2], sum[2];
    int rc = fc_wal_seed(w, frame, seed);
    if (rc == SQLITE_OK) rc = fc_wal_raw(w, out, FC_FRAME_HEAD + w->main->page_size, fc_wal_place(w, frame));
    if (rc != SQLITE_OK) return rc;
    bool fits = fc_wal_chain(w, seed, out, w->main->page_size, sum);
    if (frame == w->need.frames) fits = fits && memcmp(sum, w->need.sum, sizeof sum) == 0;
    if (fits && fc_be32(out + 4))
        w->tail = (fc_generation){.salts = w->salts, .frames = frame, .sum = {sum[0], sum[1]}};
    w->sound = frame >= w->need.frames && (fits || w->sound);
    return fits || frame > w->need.frames ? SQLITE_OK : fc_pages_say(w->main, FC_FRAME_DIFFERS, frame);
}

/* In the one barrier of a recovery, all frames are read and the shared index does not show them yet. Recorded
 * later they would be foreign to whoever reads meanwhile, and for good if this process died in between. */
void fc_wal_showing(fc_wal *w)
{
    if (w->recovering && fc_wal_end_recovery(w) != SQLITE_OK) w->recovering = true; /* again at the end */
}

/* A crash came between a commit and its record: it is synced and recorded now. */
int fc_wal_end_recovery(fc_wal *w)
{
    fc_sums_wal record;
    w->recovering = false;
    fc_generation tail = w->tail;
    w->salts = 0;
    if (!w->sound || !tail.frames) return SQLITE_OK;
    int rc = fc_sums_head_wal(&w->main->sums, &record);
    if (rc != SQLITE_OK) return SQLITE_IOERR_READ;
    if (record.now.salts == tail.salts && record.now.frames == tail.frames) return SQLITE_OK;
    fc_pages_synced(w->main->path, "-wal", w->real->pMethods->xSync(w->real, SQLITE_SYNC_NORMAL));
    return fc_wal_record(w, &record, &tail);
}
