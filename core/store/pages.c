/* The layer between SQLite and the disk, and the database file.
 *
 * A page is read whole, summed and compared before a byte of it is passed on. Two reads are let through: the
 * first 100 bytes before any lock is held, from which SQLite only guesses the page size, and the 16 bytes by
 * which it sees whether its cache is stale; both may meet a page that a checkpoint is just writing, and page
 * 1 is read whole, and compared, before anything else.
 *
 * A page and its sum are two writes. Between them, and until both are synced, SQLite keeps the page in the
 * WAL and everybody reads it from there, after a crash too, so a pair that does not fit is never asked for.
 */
#include "store/pages_file.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define NAME "fc-checked"
#define GUESS_BYTES 100 /* read by SQLite before any lock */
#define STALE_AT 24
#define STALE_BYTES 16

static sqlite3_vfs *base, layer;
static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;
static fc_main *open_files;

static fc_main *main_of(sqlite3_file *file)
{
    return (fc_main *)file;
}

static bool all_zero(const unsigned char *bytes, size_t n)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0;
}

/* A hole in the file was never written and has no sum. */
int fc_main_compare(fc_main *m, uint32_t page, const unsigned char *bytes, bool *fits)
{
    uint64_t sum;
    int rc = fc_main_sum(m, page, &sum);
    *fits = rc == SQLITE_OK &&
            (sum ? sum == fc_page_sum(page, bytes, m->page_size) : all_zero(bytes, m->page_size));
    return rc;
}

static int misfit(fc_main *m, uint32_t page, bool cut)
{
    return fc_pages_say(m, cut ? FC_PAGE_CUT : FC_PAGE_DIFFERS, page);
}

static int read_page(fc_main *m, uint32_t page, unsigned char *out)
{
    sqlite3_int64 at = (sqlite3_int64)(page - 1) * m->page_size;
    bool fits;
    int read = m->real->pMethods->xRead(m->real, out, (int)m->page_size, at);
    if (read != SQLITE_OK && read != SQLITE_IOERR_SHORT_READ) return read;
    int rc = fc_main_compare(m, page, out, &fits);
    if (rc != SQLITE_OK) return rc;
    return fits ? read : misfit(m, page, read != SQLITE_OK);
}

static bool let_through(const fc_main *m, int n, sqlite3_int64 at)
{
    if (at == STALE_AT && n == STALE_BYTES) return true;
    return at == 0 && n <= GUESS_BYTES && m->lock == SQLITE_LOCK_NONE;
}

static int read_part(fc_main *m, char *out, int n, sqlite3_int64 at)
{
    int result = SQLITE_OK;
    while (n > 0) {
        uint32_t skip = (uint32_t)(at % m->page_size), take = m->page_size - skip;
        if (take > (uint32_t)n) take = (uint32_t)n;
        int rc = read_page(m, (uint32_t)(at / m->page_size) + 1, m->scratch);
        if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ) return rc;
        if (rc != SQLITE_OK) result = rc;
        memcpy(out, m->scratch + skip, take);
        out += take;
        at += take;
        n -= (int)take;
    }
    return result;
}

static int main_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at)
{
    fc_main *m = main_of(file);
    uint32_t size = fc_main_page_size(m);
    if (!size || let_through(m, n, at)) return m->real->pMethods->xRead(m->real, out, n, at);
    if ((uint32_t)n == size && at % size == 0) return read_page(m, (uint32_t)(at / size) + 1, out);
    return read_part(m, out, n, at);
}

/* The first page that is written tells how large they are. */
static int begin_pages(fc_main *m, int n)
{
    fc_sums_file head;
    int rc = fc_sums_head_file(&m->sums, &head);
    if (rc != SQLITE_OK) return SQLITE_IOERR_WRITE;
    head.page_size = (uint32_t)n;
    rc = fc_sums_set_file(&m->sums, &head);
    if (rc == SQLITE_OK && !fc_main_page_size(m)) rc = SQLITE_NOMEM;
    return rc;
}

static int main_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
    fc_main *m = main_of(file);
    int rc = fc_main_page_size(m) ? SQLITE_OK : begin_pages(m, n);
    if (rc != SQLITE_OK) return rc;
    if ((uint32_t)n != m->page_size || at % n) return SQLITE_IOERR_WRITE; /* SQLite writes whole pages */
    uint32_t page = (uint32_t)(at / n) + 1;
    rc = m->real->pMethods->xWrite(m->real, from, n, at);
    if (rc != SQLITE_OK) return rc;
    return fc_sums_put(&m->sums, page, fc_page_sum(page, from, (size_t)n));
}

static int main_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    fc_main *m = main_of(file);
    int rc = m->real->pMethods->xTruncate(m->real, size);
    if (rc != SQLITE_OK || !fc_main_page_size(m)) return rc;
    return fc_sums_cut(&m->sums, (uint32_t)(size / m->page_size));
}

/* Not synced itself: what it says is true and only spares a refusal. */
static int note_synced(fc_main *m)
{
    fc_sums_file head;
    struct stat st;
    int rc = fc_sums_head_file(&m->sums, &head);
    if (rc != SQLITE_OK) return SQLITE_IOERR_FSYNC;
    if (stat(m->path, &st) == 0) head.changed = st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
    head.done = (fc_generation){.salts = fc_shm_salts(m), .frames = fc_shm_meant(m)};
    return fc_sums_set_file(&m->sums, &head);
}

static int main_sync(sqlite3_file *file, int flags)
{
    fc_main *m = main_of(file);
    fc_pages_synced(m->path, "-sums", fc_sums_sync(&m->sums));
    fc_pages_synced(m->path, "db", m->real->pMethods->xSync(m->real, flags));
    return note_synced(m);
}

static int main_size(sqlite3_file *file, sqlite3_int64 *size)
{
    fc_main *m = main_of(file);
    return m->real->pMethods->xFileSize(m->real, size);
}

static int main_lock(sqlite3_file *file, int level)
{
    fc_main *m = main_of(file);
    int rc = m->real->pMethods->xLock(m->real, level);
    if (rc == SQLITE_OK && level > m->lock) m->lock = level;
    return rc;
}

static int main_unlock(sqlite3_file *file, int level)
{
    fc_main *m = main_of(file);
    int rc = m->real->pMethods->xUnlock(m->real, level);
    if (rc == SQLITE_OK && level < m->lock) m->lock = level;
    return rc;
}

static int main_reserved(sqlite3_file *file, int *out)
{
    fc_main *m = main_of(file);
    return m->real->pMethods->xCheckReservedLock(m->real, out);
}

static int main_control(sqlite3_file *file, int op, void *arg)
{
    fc_main *m = main_of(file);
    return m->real->pMethods->xFileControl(m->real, op, arg);
}

static int main_sector(sqlite3_file *file)
{
    fc_main *m = main_of(file);
    return m->real->pMethods->xSectorSize(m->real);
}

static int main_traits(sqlite3_file *file)
{
    fc_main *m = main_of(file);
    return m->real->pMethods->xDeviceCharacteristics(m->real) & ~SQLITE_IOCAP_BATCH_ATOMIC;
}

static int main_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
    fc_main *m = main_of(file);
    int rc = m->real->pMethods->xShmMap(m->real, region, size, extend, out);
    if (region == 0) m->shm = rc == SQLITE_OK ? *out : NULL;
    return rc;
}

static int main_shm_lock(sqlite3_file *file, int first, int n, int flags)
{
    fc_main *m = main_of(file);
    bool taking = flags & SQLITE_SHM_LOCK;
    int before = !taking && m->wal ? fc_wal_unlocking(m->wal, first, n, flags) : SQLITE_OK;
    int rc = m->real->pMethods->xShmLock(m->real, first, n, flags);
    if (taking && m->wal) fc_wal_locking(m->wal, first, n, flags, rc);
    return before == SQLITE_OK ? rc : before;
}

static void main_shm_barrier(sqlite3_file *file)
{
    fc_main *m = main_of(file);
    if (m->wal) fc_wal_showing(m->wal);
    m->real->pMethods->xShmBarrier(m->real);
}

static int main_shm_unmap(sqlite3_file *file, int remove)
{
    fc_main *m = main_of(file);
    m->emptied = remove && m->shm && fc_shm_copied(m) >= fc_shm_frames(m);
    m->shm = NULL;
    return m->real->pMethods->xShmUnmap(m->real, remove);
}

static void forget(fc_main *m)
{
    pthread_mutex_lock(&open_lock);
    for (fc_main **p = &open_files; *p; p = &(*p)->next)
        if (*p == m) {
            *p = m->next;
            break;
        }
    pthread_mutex_unlock(&open_lock);
}

static int main_close(sqlite3_file *file)
{
    fc_main *m = main_of(file);
    forget(m);
    fc_sums_close(&m->sums);
    sqlite3_free(m->scratch);
    fc_main_forget_sums(m);
    return m->real->pMethods->xClose(m->real);
}

static const sqlite3_io_methods main_methods = {
    .iVersion = 2, /* without xFetch: a mapped page would pass us by */
    .xClose = main_close,
    .xRead = main_read,
    .xWrite = main_write,
    .xTruncate = main_truncate,
    .xSync = main_sync,
    .xFileSize = main_size,
    .xLock = main_lock,
    .xUnlock = main_unlock,
    .xCheckReservedLock = main_reserved,
    .xFileControl = main_control,
    .xSectorSize = main_sector,
    .xDeviceCharacteristics = main_traits,
    .xShmMap = main_shm_map,
    .xShmLock = main_shm_lock,
    .xShmBarrier = main_shm_barrier,
    .xShmUnmap = main_shm_unmap,
};

fc_main *fc_pages_main(sqlite3_file *file)
{
    return file && file->pMethods == &main_methods ? main_of(file) : NULL;
}

/* The sums are there already: fc_pages_prepare made them. */
static int open_main(sqlite3_file *file, sqlite3_file *real, const char *path)
{
    fc_main *m = main_of(file);
    fc_sums_file head;
    *m = (fc_main){.real = real, .path = path, .sums.fd = -1};
    int rc = fc_sums_open(&m->sums, path, false);
    if (rc == SQLITE_OK) rc = fc_sums_head_file(&m->sums, &head);
    if (rc != SQLITE_OK) {
        fc_sums_close(&m->sums);
        return fc_pages_say(m, FC_SUMS_DAMAGED, 0);
    }
    m->base.pMethods = &main_methods;
    pthread_mutex_lock(&open_lock);
    m->next = open_files;
    open_files = m;
    pthread_mutex_unlock(&open_lock);
    return SQLITE_OK;
}

static size_t our_size(void)
{
    size_t n = sizeof(fc_main) > sizeof(fc_wal) ? sizeof(fc_main) : sizeof(fc_wal);
    return (n + 15) & ~(size_t)15;
}

static int layer_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
    (void)vfs;
    fc_main *m = path && flags & SQLITE_OPEN_WAL ? fc_pages_main(sqlite3_database_file_object(path)) : NULL;
    bool is_main = path && flags & SQLITE_OPEN_MAIN_DB;
    if (!m && !is_main) return base->xOpen(base, path, file, flags, out_flags);
    sqlite3_file *real = (sqlite3_file *)((char *)file + our_size());
    memset(file, 0, our_size());
    real->pMethods = NULL;
    int rc = base->xOpen(base, path, real, flags, out_flags);
    if (rc == SQLITE_OK) rc = is_main ? open_main(file, real, path) : fc_wal_open(file, real, m);
    if (rc != SQLITE_OK) {
        if (real->pMethods) real->pMethods->xClose(real);
        file->pMethods = NULL;
    }
    return rc;
}

static fc_main *main_of_wal(const char *path)
{
    size_t n = strlen(path);
    if (n < 4 || strcmp(path + n - 4, "-wal") != 0) return NULL;
    pthread_mutex_lock(&open_lock);
    fc_main *m = open_files;
    while (m && (strlen(m->path) != n - 4 || memcmp(m->path, path, n - 4) != 0))
        m = m->next;
    pthread_mutex_unlock(&open_lock);
    return m;
}

static int layer_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
    (void)vfs;
    fc_main *m = main_of_wal(path);
    int rc = m ? fc_wal_gone(m) : SQLITE_OK;
    return rc == SQLITE_OK ? base->xDelete(base, path, sync_folder) : rc;
}

static void install(void)
{
    base = sqlite3_vfs_find(NULL);
    layer = *base;
    layer.pNext = NULL;
    layer.zName = NAME;
    layer.szOsFile = (int)our_size() + base->szOsFile;
    layer.xOpen = layer_open;
    layer.xDelete = layer_delete;
    sqlite3_vfs_register(&layer, 0);
}

sqlite3_vfs *fc_pages_base(void)
{
    fc_pages_vfs("");
    return base;
}

const char *fc_pages_vfs(const char *path)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (strcmp(path, ":memory:") == 0) return NULL;
    pthread_once(&once, install);
    return NAME;
}
