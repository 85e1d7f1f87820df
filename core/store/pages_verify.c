/* Everything compared, for `doctor`. The file is read through SQLite's own handle: closing another one of the
 * same file would drop this process's locks on it (POSIX). The read transaction keeps checkpoints from what
 * it could see in the file; a page that does not fit but stands in the WAL is one that a checkpoint is
 * writing, or was when it died: the WAL has it. */
#include "store/driver.h"
#include "store/pages_file.h"

#include "base/buf.h"

#include <stdlib.h>
#include <unistd.h>

#define TOLD_EACH 4096 /* pages */
#define AGAIN 20       /* times 5 ms */
#define LISTED 20

typedef struct verifying {
    const char *path;
    sqlite3 *db;
    fc_main *main;
    fc_wal *wal; /* NULL: there is none */
    uint32_t pages, frames;
    unsigned char *in_wal; /* bits, by page */
    fc_buf list[2];
    int listed;
    void (*progress)(void *, int64_t, int64_t);
    void *ctx;
    fc_verified *out;
} verifying;

static void tell(verifying *v, int64_t done)
{
    if (v->progress && (done % TOLD_EACH == 0 || done == v->pages + v->frames))
        v->progress(v->ctx, done, (int64_t)v->pages + v->frames);
}

static void damaged(verifying *v, const char *zh, const char *en, uint32_t number)
{
    v->out->damaged++;
    if (v->listed++ >= LISTED) return;
    fc_buf_adds(&v->list[FC_ZH], v->listed > 1 ? "、" : "");
    fc_buf_adds(&v->list[FC_EN], v->listed > 1 ? "," : "");
    fc_buf_addf(&v->list[FC_ZH], zh, number);
    fc_buf_addf(&v->list[FC_EN], en, number);
}

static int read_raw(sqlite3_file *real, void *out, size_t n, sqlite3_int64 at)
{
    int rc = real->pMethods->xRead(real, out, (int)n, at);
    return rc == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : rc;
}

static int fits(verifying *v, uint32_t page, bool *good)
{
    fc_main *m = v->main;
    int rc = read_raw(m->real, m->scratch, m->page_size, (sqlite3_int64)(page - 1) * m->page_size);
    return rc == SQLITE_OK ? fc_main_compare(m, page, m->scratch, good) : rc;
}

static int verify_page(verifying *v, uint32_t page)
{
    bool good = false;
    int rc = fits(v, page, &good);
    if (v->in_wal && v->in_wal[page / 8] >> page % 8 & 1) good = true;
    for (int i = 0; rc == SQLITE_OK && !good && v->wal && i < AGAIN; i++) {
        usleep(5000);
        rc = fits(v, page, &good);
    }
    if (rc == SQLITE_OK && !good) damaged(v, "第 %u 页", " page %u", page);
    v->out->pages++;
    tell(v, (int64_t)v->frames + page);
    return rc;
}

/* The next frame goes on from the checksum that is written in this one, so one damaged frame is one line. */
static void verify_frame(verifying *v, const unsigned char *frame, uint32_t number, uint32_t seed[2])
{
    uint32_t sum[2], page = fc_be32(frame);
    if (!fc_wal_chain(v->wal, seed, frame, v->main->page_size, sum))
        damaged(v, "预写日志第 %u 帧", " WAL frame %u", number);
    else if (page <= v->pages)
        v->in_wal[page / 8] |= (unsigned char)(1 << page % 8);
    seed[0] = fc_be32(frame + 16);
    seed[1] = fc_be32(frame + 20);
    v->out->frames++;
    tell(v, number);
}

/* A WAL that begins anew meanwhile is in the file as a whole. */
static bool begun_anew(const verifying *v)
{
    uint64_t now = fc_shm_salts(v->main);
    return now && now != v->wal->salts;
}

static int walk_frames(verifying *v)
{
    size_t size = FC_FRAME_HEAD + v->main->page_size;
    unsigned char *frame = fc_alloc(size);
    uint32_t seed[2] = {v->wal->seed[0], v->wal->seed[1]};
    int rc = SQLITE_OK;
    for (uint32_t i = 1; rc == SQLITE_OK && i <= v->frames && !begun_anew(v); i++) {
        rc = read_raw(v->wal->real, frame, size, FC_WAL_HEAD + (sqlite3_int64)((i - 1) * size));
        if (rc == SQLITE_OK && !begun_anew(v)) verify_frame(v, frame, i, seed);
    }
    free(frame);
    return rc;
}

static int verify_wal(verifying *v)
{
    fc_generation head;
    bool valid;
    if (!v->frames) return SQLITE_OK;
    int rc = fc_wal_head(v->wal, &head, &valid);
    if (rc != SQLITE_OK) return rc;
    v->wal->salts = head.salts;
    if (valid) return walk_frames(v);
    damaged(v, "预写日志的文件头（%u 帧）", " the head of the WAL (%u frames)", v->frames);
    return SQLITE_OK;
}

/* Pages that the sums know and the file has no longer count too. */
static int measure(verifying *v)
{
    fc_sums_wal record;
    sqlite3_int64 size = 0;
    uint64_t sum;
    int rc = v->main->real->pMethods->xFileSize(v->main->real, &size);
    if (rc == SQLITE_OK) rc = fc_sums_head_wal(&v->main->sums, &record);
    if (rc != SQLITE_OK) return rc;
    v->pages = (uint32_t)(size / v->main->page_size);
    while (fc_sums_get(&v->main->sums, v->pages + 1, &sum) == SQLITE_OK && sum)
        v->pages++;
    v->frames = !v->wal ? 0 : fc_shm_salts(v->main) ? fc_shm_frames(v->main) : record.now.frames;
    v->in_wal = fc_alloc(v->pages / 8 + 1);
    return SQLITE_OK;
}

static int verify_all(verifying *v)
{
    int rc = measure(v);
    if (rc == SQLITE_OK) rc = verify_wal(v);
    for (uint32_t page = 1; rc == SQLITE_OK && page <= v->pages; page++)
        rc = verify_page(v, page);
    free(v->in_wal);
    return rc;
}

/* A file too damaged for a transaction is compared without one. What kept it from opening is not lost. */
static void connect(verifying *v, fc_err *refusal, bool *refused)
{
    sqlite3_file *file = NULL;
    int rc =
        sqlite3_open_v2(v->path, &v->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, fc_pages_vfs(v->path));
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(v->db, FC_BUSY_MS);
        rc = sqlite3_exec(v->db, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
    }
    *refused = rc != SQLITE_OK && fc_pages_refused(v->path, refusal);
    sqlite3_file_control(v->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    v->main = fc_pages_main(file);
    v->wal = v->main ? v->main->wal : NULL;
}

static int conclude(verifying *v, int rc, bool refused, const fc_err *refusal, fc_err *err)
{
    if (rc != SQLITE_OK) return fc_store_fail_open(v->path, rc, sqlite3_errstr(rc), err);
    if (v->out->damaged)
        return fc_fail(
            err, FC_EIO, "%s: 有 %lld 处损坏：%s%.0s%s；请停止服务，保留这些文件，并恢复最近的备份",
            "%s: %lld damaged:%.0s%s%s; stop the service, keep the files, and restore the last backup",
            v->path, (long long)v->out->damaged, fc_buf_str(&v->list[FC_ZH]), fc_buf_str(&v->list[FC_EN]),
            v->listed > LISTED ? " ..." : "");
    if (!refused) return FC_OK;
    if (err) *err = *refusal;
    return refusal->code;
}

static int verify_open(verifying *v, fc_err *err)
{
    fc_err refusal;
    bool refused;
    fc_sums_file head;
    connect(v, &refusal, &refused);
    int rc = SQLITE_CANTOPEN;
    if (v->main) {
        rc = fc_sums_head_file(&v->main->sums, &head);
        v->out->adopted_at = head.adopted_at;
        v->out->lost_sums = head.lost_sums;
        if (rc == SQLITE_OK && fc_main_page_size(v->main)) rc = verify_all(v);
    }
    rc = conclude(v, rc, refused, &refusal, err);
    sqlite3_close(v->db);
    fc_buf_free(&v->list[FC_ZH]);
    fc_buf_free(&v->list[FC_EN]);
    return rc;
}

int fc_store_verify(const char *path, void (*progress)(void *ctx, int64_t done, int64_t of), void *ctx,
                    fc_verified *out, fc_err *err)
{
    verifying v = {.path = path, .progress = progress, .ctx = ctx, .out = out};
    *out = (fc_verified){0};
    int rc = fc_pages_prepare(path, err);
    return rc ? rc : verify_open(&v, err);
}
