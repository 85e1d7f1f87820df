/* NAME.db-sums: a head of 4 KiB, then eight bytes for each page, in the byte order of the machine.
 *
 * Written with pwrite and read with pread: a full disk is an error code here, and a file that somebody cuts
 * under us is a short read; through a mapping both would be a SIGBUS. Writes go through one block in memory,
 * because a checkpoint walks the file upwards; the block is on its way to the disk before the pages are
 * synced. */
#include "store/pages_file.h"

#include "base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define SLOT 512

static const char magics[2][9] = {"FCSUMS1f", "FCSUMS1w"};

void fc_sums_name(const char *path, char out[4096])
{
    snprintf(out, 4096, "%s-sums", path);
}

int fc_sums_open(fc_sums *s, const char *path, bool create)
{
    char name[4096];
    fc_sums_name(path, name);
    s->fd = open(name, O_RDWR | O_CLOEXEC);
    if (s->fd < 0 && errno == ENOENT && create) {
        s->fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (s->fd >= 0) fc_same_owner(s->fd, path);
    }
    return s->fd < 0 ? SQLITE_CANTOPEN : SQLITE_OK;
}

void fc_sums_close(fc_sums *s)
{
    if (s->fd >= 0) close(s->fd);
    s->fd = -1;
}

/* *n = bytes there were */
static int read_at(int fd, void *to, size_t size, off_t at, size_t *n)
{
    ssize_t got;
    do
        got = pread(fd, to, size, at);
    while (got < 0 && errno == EINTR);
    *n = got < 0 ? 0 : (size_t)got;
    return got < 0 ? SQLITE_IOERR_READ : SQLITE_OK;
}

static int write_at(int fd, const void *from, size_t size, off_t at)
{
    const char *p = from;
    while (size) {
        ssize_t put = pwrite(fd, p, size, at);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0)
            return put == 0 || errno == ENOSPC || errno == EDQUOT ? SQLITE_FULL : SQLITE_IOERR_WRITE;
        p += put;
        at += put;
        size -= (size_t)put;
    }
    return SQLITE_OK;
}

/* The head of both kinds begins with magic and seq and ends with its check. */
static bool valid(const unsigned char *slot, enum fc_sums_kind kind, size_t size)
{
    uint64_t check;
    memcpy(&check, slot + size - 8, 8);
    return memcmp(slot, magics[kind], 8) == 0 && check == XXH3_64bits(slot, size - 8);
}

static uint64_t seq_of(const unsigned char *slot)
{
    uint64_t seq;
    memcpy(&seq, slot + 8, 8);
    return seq;
}

static int read_head(const fc_sums *s, enum fc_sums_kind kind, void *out, size_t size)
{
    unsigned char both[2 * SLOT] = {0};
    size_t n;
    int rc = read_at(s->fd, both, SLOT + size, (off_t)kind * 2 * SLOT, &n);
    if (rc != SQLITE_OK) return rc;
    bool a = valid(both, kind, size), b = valid(both + SLOT, kind, size);
    if (!a && !b) return FC_SUMS_NO_HEAD;
    bool second = b && (!a || seq_of(both + SLOT) > seq_of(both));
    memcpy(out, both + (second ? SLOT : 0), size);
    return SQLITE_OK;
}

static int write_head(const fc_sums *s, enum fc_sums_kind kind, void *head, size_t size)
{
    unsigned char *bytes = head;
    uint64_t seq = seq_of(bytes) + 1;
    memcpy(bytes, magics[kind], 8);
    memcpy(bytes + 8, &seq, 8);
    uint64_t check = XXH3_64bits(bytes, size - 8);
    memcpy(bytes + size - 8, &check, 8);
    return write_at(s->fd, head, size, (off_t)kind * 2 * SLOT + (off_t)(seq & 1) * SLOT);
}

int fc_sums_head_file(const fc_sums *s, fc_sums_file *out)
{
    return read_head(s, FC_SUMS_FILE, out, sizeof *out);
}

int fc_sums_head_wal(const fc_sums *s, fc_sums_wal *out)
{
    return read_head(s, FC_SUMS_WAL, out, sizeof *out);
}

int fc_sums_set_file(const fc_sums *s, fc_sums_file *head)
{
    return write_head(s, FC_SUMS_FILE, head, sizeof *head);
}

int fc_sums_set_wal(const fc_sums *s, fc_sums_wal *head)
{
    return write_head(s, FC_SUMS_WAL, head, sizeof *head);
}

uint64_t fc_page_sum_plain(uint32_t page, const void *bytes, size_t n)
{
    return XXH3_64bits_withSeed(bytes, n, page);
}

static off_t place(uint64_t index)
{
    return FC_SUMS_START + (off_t)index * 8;
}

int fc_sums_get(const fc_sums *s, uint32_t page, uint64_t *sum)
{
    uint64_t index = page - 1;
    size_t n;
    *sum = 0;
    int rc = read_at(s->fd, sum, 8, place(index), &n);
    if (n < 8) *sum = 0;
    return rc;
}

int fc_sums_line(const fc_sums *s, uint64_t line, uint64_t out[FC_SUMS_LINE])
{
    size_t n;
    memset(out, 0, FC_SUMS_LINE * 8);
    return read_at(s->fd, out, FC_SUMS_LINE * 8, place(line * FC_SUMS_LINE), &n);
}

/* Written at once: a checkpoint that did not come to the end of the WAL tells readers how far it came without
 * syncing anything, and from then on they read its pages from the file. */
int fc_sums_put(const fc_sums *s, uint32_t page, uint64_t sum)
{
    return write_at(s->fd, &sum, sizeof sum, place(page - 1));
}

int fc_sums_cut(const fc_sums *s, uint32_t pages)
{
    struct stat st;
    if (fstat(s->fd, &st) != 0) return SQLITE_IOERR_FSTAT;
    if (st.st_size <= place(pages)) return SQLITE_OK;
    return ftruncate(s->fd, place(pages)) == 0 ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

int fc_sums_sync(const fc_sums *s)
{
    return fdatasync(s->fd) == 0 ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

uint32_t fc_main_page_size(fc_main *m)
{
    fc_sums_file head;
    if (!m->page_size && fc_sums_head_file(&m->sums, &head) == SQLITE_OK && head.page_size) {
        m->scratch = sqlite3_malloc64(head.page_size);
        if (m->scratch) m->page_size = head.page_size;
    }
    return m->page_size;
}

bool fc_generation_in_file(const fc_sums_file *head, const fc_generation *g)
{
    return !g->frames || (head->done.salts == g->salts && head->done.frames >= g->frames);
}
