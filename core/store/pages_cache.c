/* Sums kept in memory, so that a page read is one system call and not two: 8 bytes a page of the file, at
 * most 4 MiB a handle, which covers 2 GiB of pages of 4 KiB.
 *
 * A sum changes only while a checkpoint copies, and the shared index says how far one has come and how far it
 * meant to come, before it writes the first page. What was read while both were equal stays true until either
 * changes; else the file is asked each time. No mapping: a full disk or a cut file must not be a SIGBUS. */
#include "store/pages_file.h"

#include <stdlib.h>

#define LINES_MIN 64 /* of FC_SUMS_LINE sums; powers of two */
#define LINES_MAX 8192

typedef struct line {
    uint64_t tag; /* which line this is, and of which epoch */
    uint64_t sums[FC_SUMS_LINE];
} line;

struct fc_sums_cache {
    uint64_t salts, epoch; /* what was kept in an earlier epoch is not true any more */
    uint32_t copied, mask; /* number of lines - 1 */
    line lines[];
};

static bool still(const fc_main *m)
{
    return m->cache->salts == fc_shm_salts(m) && m->cache->copied == fc_shm_meant(m) &&
           m->cache->copied == fc_shm_copied(m);
}

static uint32_t lines_for(fc_main *m)
{
    sqlite3_int64 size = 0;
    uint32_t n = LINES_MIN, page_size = fc_main_page_size(m);
    if (!page_size || m->real->pMethods->xFileSize(m->real, &size) != SQLITE_OK) return n;
    while (n < LINES_MAX && (sqlite3_int64)n * FC_SUMS_LINE * page_size < size)
        n *= 2;
    return n;
}

/* A file that has grown gets a larger one; zeros that nobody touches take no memory. */
static void make_room(fc_main *m)
{
    uint32_t n = lines_for(m);
    if (m->cache && m->cache->mask + 1 >= n) return;
    fc_sums_cache *more = calloc(1, sizeof *more + n * sizeof more->lines[0]);
    if (!more) return;
    more->mask = n - 1;
    free(m->cache);
    m->cache = more;
}

/* Whether sums read now may be kept. */
static bool open_cache(fc_main *m)
{
    if (!m->shm || fc_shm_copied(m) != fc_shm_meant(m)) return false;
    if (m->cache && still(m)) return true;
    make_room(m);
    if (!m->cache) return false;
    m->cache->epoch++;
    m->cache->salts = fc_shm_salts(m);
    m->cache->copied = fc_shm_copied(m);
    return true;
}

int fc_main_sum(fc_main *m, uint32_t page, uint64_t *sum)
{
    uint64_t index = page - 1, at = index / FC_SUMS_LINE;
    if (!open_cache(m)) return fc_sums_get(&m->sums, page, sum);
    line *l = &m->cache->lines[at & m->cache->mask];
    uint64_t tag = m->cache->epoch << 32 | at;
    int rc = SQLITE_OK;
    if (l->tag != tag) {
        rc = fc_sums_line(&m->sums, at, l->sums);
        l->tag = rc == SQLITE_OK && still(m) ? tag : 0;
    }
    *sum = l->sums[index % FC_SUMS_LINE];
    return rc;
}

void fc_main_forget_sums(fc_main *m)
{
    free(m->cache);
    m->cache = NULL;
}
