/* The WAL. A frame carries a checksum that goes on from the frame before, so a page is compared by the end of
 * that frame, its own head and its bytes. What this handle has written or compared once it knows by a sum of
 * its own, as long as the generation lasts: one read instead of three.
 *
 * - A transaction that spills its cache rewrites frames in place and leaves their checksums wrong until it
 *   commits: they are known by our own sums meanwhile.
 * - A commit is synced, then recorded: generation, frames, chained checksum.
 * - A new generation is recorded, with the one before, and that synced, before its head is written:
 * everything before is in the database file.
 * - Recovery (the first to open) finds what was recorded, frame by frame, or is refused; whole commits after
 * it count too (a crash came between the two steps above).
 * - A frame that nobody recorded was written by a program that is not ours.
 *
 * A process that dies after it recorded a commit and before it told the others leaves a record that is ahead
 * of them; the next writer takes it back before it writes over those frames. */
#include "store/pages_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define ROOM_AHEAD (1 << 20)
#define SPACE_ENOUGH (64u << 20)
#define SHM_WRITE 0
#define SHM_RECOVER 2

static bool covers(int first, int n, int slot)
{
    return first <= slot && slot < first + n;
}

void fc_wal_locking(fc_wal *w, int first, int n, int flags, int rc)
{
    if (rc != SQLITE_OK || !(flags & SQLITE_SHM_EXCLUSIVE)) return;
    bool recover = covers(first, n, SHM_RECOVER), write = covers(first, n, SHM_WRITE);
    if (recover || write) w->recovering = recover;
    if (!write) return;
    w->writing = w->begun = false;
    w->commit.frames = 0;
}

/* What was written and not committed is somebody else's place from now on. */
int fc_wal_unlocking(fc_wal *w, int first, int n, int flags)
{
    if (!(flags & SQLITE_SHM_EXCLUSIVE)) return SQLITE_OK;
    if (covers(first, n, SHM_WRITE)) {
        if (w->writing) fc_wal_forget(w, fc_shm_frames(w->main));
        w->begun = false;
    }
    return w->recovering && covers(first, n, SHM_RECOVER) ? fc_wal_end_recovery(w) : SQLITE_OK;
}

typedef struct spot {
    uint32_t frame, skip; /* bytes into the frame, its head included */
} spot;

static spot spot_of(const fc_wal *w, sqlite3_int64 at)
{
    sqlite3_int64 size = w->main->page_size + FC_FRAME_HEAD, from = at - FC_WAL_HEAD;
    return (spot){(uint32_t)(from / size) + 1, (uint32_t)(from % size)};
}

static int read_part(fc_wal *w, spot s, void *out, uint32_t n)
{
    unsigned char *page = sqlite3_malloc64(w->main->page_size);
    if (!page) return SQLITE_IOERR_NOMEM;
    int rc = fc_wal_read_page(w, s.frame, page);
    if (rc == SQLITE_OK) memcpy(out, page + s.skip - FC_FRAME_HEAD, n);
    sqlite3_free(page);
    return rc;
}

static int wal_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at)
{
    fc_wal *w = (fc_wal *)file;
    if (!fc_wal_ready(w) || at < FC_WAL_HEAD) return fc_wal_raw(w, out, (size_t)n, at);
    uint32_t size = w->main->page_size, want = (uint32_t)n;
    spot s = spot_of(w, at);
    if (s.skip == 0 && want == size + FC_FRAME_HEAD)
        return w->recovering ? fc_wal_recover_frame(w, s.frame, out) : fc_wal_read_frame(w, s.frame, out);
    if (s.skip == FC_FRAME_HEAD && want == size) return fc_wal_read_page(w, s.frame, out);
    if (s.skip >= FC_FRAME_HEAD && s.skip + want <= size + FC_FRAME_HEAD) return read_part(w, s, out, want);
    return fc_wal_raw(w, out, want,
                      at); /* the checksum that a new one goes on from: the chain itself tells */
}

/* The generation before is the one whose head lies in the WAL: that of a process which died before it wrote
 * the head does not, and one without a recorded commit may hold one all the same. An emptied WAL may come
 * back after a power cut, so then it stays the one that had frames. */
static void retire(const fc_main *m, fc_sums_wal *record)
{
    char name[4096];
    unsigned char head[FC_WAL_HEAD] = {0};
    snprintf(name, sizeof name, "%s-wal", m->path);
    int fd = open(name, O_RDONLY | O_CLOEXEC); /* SQLite keeps no lock on a WAL that closing it would drop */
    uint64_t lies = fd >= 0 && pread(fd, head, sizeof head, 0) == sizeof head ? fc_wal_salts(head + 16) : 0;
    bool keep = lies ? lies == record->before.salts : !record->now.frames;
    if (!keep && fd >= 0)
        fc_pages_synced(m->path, "-wal", fdatasync(fd) == 0 ? SQLITE_OK : SQLITE_IOERR_FSYNC);
    if (!keep) record->before = record->now;
    if (fd >= 0) close(fd);
}

static int begin_generation(fc_wal *w, const unsigned char *head)
{
    fc_sums_wal record;
    fc_generation now;
    if (!fc_wal_ready(w) || !fc_wal_take_head(w, head, &now)) return SQLITE_IOERR_WRITE;
    int rc = fc_sums_head_wal(&w->main->sums, &record);
    if (rc != SQLITE_OK) return SQLITE_IOERR_WRITE;
    retire(w->main, &record);
    record.now = now;
    fc_wal_enter(w, now.salts);
    w->begun = w->sound = true;
    rc = fc_sums_set_wal(&w->main->sums, &record);
    w->record = record;
    return rc == SQLITE_OK ? fc_pages_synced(w->main->path, "-sums", fc_sums_sync(&w->main->sums)) : rc;
}

/* The record is ahead: its last commit was never told to anybody. Taken back durably before it is written
 * over. */
static int take_back(fc_wal *w, fc_sums_wal *record, uint32_t frames)
{
    unsigned char end[8] = {0};
    int rc = frames ? fc_wal_raw(w, end, sizeof end, fc_wal_place(w, frames) + 16) : SQLITE_OK;
    if (rc != SQLITE_OK) return rc;
    record->now.frames = w->known = frames;
    record->now.sum[0] = fc_be32(end);
    record->now.sum[1] = fc_be32(end + 4);
    rc = fc_sums_set_wal(&w->main->sums, record);
    return rc == SQLITE_OK ? fc_pages_synced(w->main->path, "-sums", fc_sums_sync(&w->main->sums)) : rc;
}

/* The first frame of a turn: it must go on where the last recorded commit ended. */
static int begin_turn(fc_wal *w, uint32_t frame)
{
    int rc = fc_wal_follow(w);
    if (rc == SQLITE_OK) rc = fc_wal_ask(w, &w->record);
    if (rc != SQLITE_OK) return rc;
    if (frame > w->known + 1) return fc_pages_say(w->main, FC_FRAME_FOREIGN, w->known + 1);
    return frame <= w->known && w->record.now.salts == w->salts ? take_back(w, &w->record, frame - 1)
                                                                : SQLITE_OK;
}

static int note_head(fc_wal *w, uint32_t frame, const unsigned char *head)
{
    fc_frame *f = fc_wal_frame(w, frame);
    if (!f) return SQLITE_NOMEM;
    memcpy(f->head, head, 8);
    if (fc_be32(head + 4))
        w->commit = (fc_generation){.salts = fc_wal_salts(head + 8),
                                    .frames = frame,
                                    .sum = {fc_be32(head + 16), fc_be32(head + 20)}};
    else if (w->commit.frames >= frame)
        w->commit.frames = 0;
    return SQLITE_OK;
}

static int note_write(fc_wal *w, const void *from, uint32_t n, sqlite3_int64 at)
{
    spot s = spot_of(w, at);
    int rc = w->writing ? SQLITE_OK : begin_turn(w, s.frame);
    if (rc != SQLITE_OK) return rc;
    w->writing = true;
    if (s.skip == 0 && n == FC_FRAME_HEAD) return note_head(w, s.frame, from);
    fc_frame *f = fc_wal_frame(w, s.frame);
    if (!f) return SQLITE_NOMEM;
    bool whole = s.skip == FC_FRAME_HEAD && n == w->main->page_size;
    f->sum = whole ? fc_page_sum(s.frame, from, n) : 0;
    return SQLITE_OK;
}

/* Where space is short it is for rows. */
static bool space_is_short(const char *path)
{
    struct statvfs fs;
    return statvfs(path, &fs) != 0 || (uint64_t)fs.f_bavail * fs.f_frsize < SPACE_ENOUGH;
}

/* Growing a file makes each sync of it write more than its bytes: the log is made longer a piece at a time,
 * in zeros, which no frame can be. Where there is no room for that it grows as it is written. */
static void room_ahead(fc_wal *w, sqlite3_int64 end)
{
    static const char zeros[1 << 16];
    sqlite3_int64 size = 0, want = end + ROOM_AHEAD;
    if (end <= w->room_end || w->real->pMethods->xFileSize(w->real, &size) != SQLITE_OK) return;
    if (end > size && !space_is_short(w->main->path))
        while (size < want && w->real->pMethods->xWrite(w->real, zeros, sizeof zeros, size) == SQLITE_OK)
            size += (sqlite3_int64)sizeof zeros;
    w->room_end = size;
}

static int wal_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
    fc_wal *w = (fc_wal *)file;
    if (!w->writing && fc_unsynced(w->main->path)) return fc_pages_say(w->main, FC_FILE_UNSYNCED, 0);
    if (!fc_wal_ready(w)) return SQLITE_IOERR_WRITE;
    int rc = at == 0 && n == FC_WAL_HEAD ? begin_generation(w, from) : note_write(w, from, (uint32_t)n, at);
    if (rc != SQLITE_OK) return rc;
    room_ahead(w, at + n);
    return w->real->pMethods->xWrite(w->real, from, n, at);
}

static int wal_sync(sqlite3_file *file, int flags)
{
    fc_wal *w = (fc_wal *)file;
    fc_pages_synced(w->main->path, "-wal", w->real->pMethods->xSync(w->real, flags));
    if (!w->commit.frames) return SQLITE_OK;
    fc_generation commit = w->commit;
    w->commit.frames = 0;
    return fc_wal_record(w, &w->record, &commit);
}

static int set_gone(fc_main *m, fc_sums_wal *record)
{
    if (!record->now.salts) return SQLITE_OK;
    retire(m, record);
    record->now = (fc_generation){0};
    int rc = fc_sums_set_wal(&m->sums, record);
    return rc == SQLITE_OK ? fc_pages_synced(m->path, "-sums", fc_sums_sync(&m->sums)) : rc;
}

int fc_wal_gone(fc_main *m)
{
    fc_sums_file file;
    fc_sums_wal record;
    int rc = fc_sums_head_file(&m->sums, &file);
    if (rc == SQLITE_OK) rc = fc_sums_head_wal(&m->sums, &record);
    if (rc != SQLITE_OK) return SQLITE_IOERR_DELETE;
    if (!m->emptied && !fc_generation_in_file(&file, &record.now))
        return fc_pages_say(m, FC_WAL_MISSING, record.now.frames);
    return set_gone(m, &record);
}

static int wal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    fc_wal *w = (fc_wal *)file;
    fc_sums_wal record;
    int rc = SQLITE_OK;
    if (size == 0) {
        rc = fc_sums_head_wal(&w->main->sums, &record);
        rc = rc == SQLITE_OK ? set_gone(w->main, &record) : SQLITE_IOERR_TRUNCATE;
        w->salts = 0;
    }
    w->room_end = 0;
    return rc == SQLITE_OK ? w->real->pMethods->xTruncate(w->real, size) : rc;
}

/* SQLite recovers under a lock, except when it closes: then it holds the whole file and takes none. */
static int wal_size(sqlite3_file *file, sqlite3_int64 *size)
{
    fc_wal *w = (fc_wal *)file;
    int rc = w->real->pMethods->xFileSize(w->real, size);
    return rc == SQLITE_OK && (w->recovering || !w->sound) ? fc_wal_inspect(w, *size) : rc;
}

static int wal_close(sqlite3_file *file)
{
    fc_wal *w = (fc_wal *)file;
    w->main->wal = NULL;
    sqlite3_free(w->frames);
    sqlite3_free(w->scratch);
    return w->real->pMethods->xClose(w->real);
}

static int wal_control(sqlite3_file *file, int op, void *arg)
{
    fc_wal *w = (fc_wal *)file;
    return w->real->pMethods->xFileControl(w->real, op, arg);
}

static int wal_sector(sqlite3_file *file)
{
    fc_wal *w = (fc_wal *)file;
    return w->real->pMethods->xSectorSize(w->real);
}

static int wal_traits(sqlite3_file *file)
{
    fc_wal *w = (fc_wal *)file;
    return w->real->pMethods->xDeviceCharacteristics(w->real);
}

static const sqlite3_io_methods wal_methods = {
    .iVersion = 1, /* nobody locks or maps a WAL */
    .xClose = wal_close,
    .xRead = wal_read,
    .xWrite = wal_write,
    .xTruncate = wal_truncate,
    .xSync = wal_sync,
    .xFileSize = wal_size,
    .xFileControl = wal_control,
    .xSectorSize = wal_sector,
    .xDeviceCharacteristics = wal_traits,
};

int fc_wal_open(sqlite3_file *file, sqlite3_file *real, fc_main *m)
{
    fc_wal *w = (fc_wal *)file;
    *w = (fc_wal){.real = real, .main = m};
    w->base.pMethods = &wal_methods;
    m->wal = w;
    return SQLITE_OK;
}
