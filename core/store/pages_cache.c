/* Sums kept in memory, 256 KiB a handle, so that a page read is one system call and not two.
 *
 * A sum changes only while a checkpoint copies, and the shared index says how far one has come and how far it
 * meant to come, before it writes the first page. What was read while both were equal stays true until either
 * changes; else the file is asked each time. No mapping: a full disk or a cut file must not be a SIGBUS. */
#include "store/pages_file.h"

#include <string.h>

#define LINES 512 /* of FC_SUMS_LINE sums */

struct fc_sums_cache {
    uint64_t salts;
    uint32_t copied;
    struct {
        uint64_t index; /* + 1; 0 = empty */
        uint64_t sums[FC_SUMS_LINE];
    } lines[LINES];
};

static bool still(const fc_main *m)
{
    return m->cache->salts == fc_shm_salts(m) && m->cache->copied == fc_shm_meant(m) &&
           m->cache->copied == fc_shm_copied(m);
}

/* Whether sums read now may be kept. */
static bool open_cache(fc_main *m)
{
    if (!m->shm || fc_shm_copied(m) != fc_shm_meant(m)) return false;
    if (m->cache && still(m)) return true;
    if (!m->cache) m->cache = sqlite3_malloc64(sizeof *m->cache);
    if (!m->cache) return false;
    memset(m->cache, 0, sizeof *m->cache);
    m->cache->salts = fc_shm_salts(m);
    m->cache->copied = fc_shm_copied(m);
    return true;
}

int fc_main_sum(fc_main *m, uint32_t page, uint64_t *sum)
{
    uint64_t index = page - 1, line = index / FC_SUMS_LINE;
    if (!open_cache(m)) return fc_sums_get(&m->sums, page, sum);
    uint64_t *sums = m->cache->lines[line % LINES].sums, *owner = &m->cache->lines[line % LINES].index;
    int rc = SQLITE_OK;
    if (*owner != line + 1) {
        rc = fc_sums_line(&m->sums, line, sums);
        *owner = rc == SQLITE_OK && still(m) ? line + 1 : 0;
    }
    *sum = sums[index % FC_SUMS_LINE];
    return rc;
}
