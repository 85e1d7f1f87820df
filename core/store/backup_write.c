/* Writing: member -> zstd (its own threads) -> frames -> secretstream -> file. The compressor's threads work
 * while this one hashes, seals and writes. Failures are the disk's; after one the writer only closes. */
#include "store/backup_file.h"
#include "store/backup_zstd.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEVEL 3

struct fc_fcb_writer {
    int fd;
    char *path;
    const fc_zstd *z;
    ZSTD_CCtx *zip;
    crypto_secretstream_xchacha20poly1305_state seal;
    crypto_generichash_state file_hash, member_hash;
    unsigned char *frame, *sealed;
    size_t filled;
    fc_buf text, table;
    int64_t bytes, plain, member_size;
    int members, frames;
    char name[FC_FCB_NAME];
};

static int fail_disk(const fc_fcb_writer *w, fc_err *err)
{
    int why = errno;
    if (why == ENOSPC || why == EDQUOT)
        return fc_fail(err, FC_EIO, "%s: 磁盘空间不足，备份没有完成；请清理磁盘，或用 --to 换一个文件夹",
                       "%s: no space left on the disk, the backup was not made; make room, or choose another "
                       "folder with --to",
                       w->path);
    return fc_fail(err, FC_EIO, "%s: 无法写入：%s", "%s: cannot be written: %s", w->path, strerror(why));
}

static int put(fc_fcb_writer *w, const void *bytes, size_t n, fc_err *err)
{
    const char *at = bytes;
    for (size_t left = n; left;) {
        ssize_t done = write(w->fd, at, left);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return fail_disk(w, err);
        at += done;
        left -= (size_t)done;
    }
    w->bytes += (int64_t)n;
    return FC_OK;
}

static int put_hashed(fc_fcb_writer *w, const void *bytes, size_t n, fc_err *err)
{
    crypto_generichash_update(&w->file_hash, bytes, n);
    return put(w, bytes, n, err);
}

/* A frame stands in the file's hash with the 16 bytes that authenticate it and all before it: hashing all of
 * it again would cost a tenth of the whole backup and say no more. */
static int put_sealed(fc_fcb_writer *w, size_t n, fc_err *err)
{
    crypto_generichash_update(&w->file_hash, w->sealed + n - FCB_MAC, FCB_MAC);
    return put(w, w->sealed, n, err);
}

static int put_frame(fc_fcb_writer *w, int last, fc_err *err)
{
    unsigned long long n = 0;
    const unsigned char *bound = w->frames ? NULL : (const unsigned char *)w->text.data;
    crypto_secretstream_xchacha20poly1305_push(&w->seal, w->sealed, &n, w->frame, w->filled, bound,
                                               bound ? w->text.len : 0,
                                               last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
    w->frames++;
    w->filled = 0;
    return put_sealed(w, (size_t)n, err);
}

/* How: continue, or end (until all is out). */
static int compress(fc_fcb_writer *w, const void *bytes, size_t n, ZSTD_EndDirective how, fc_err *err)
{
    ZSTD_inBuffer in = {bytes, n, 0};
    for (;;) {
        ZSTD_outBuffer out = {w->frame, FCB_FRAME, w->filled};
        size_t left = w->z->write(w->zip, &out, &in, how);
        if (w->z->is_error(left))
            return fc_fail(err, FC_EINTERNAL, "%s: 压缩失败：%s", "%s: cannot be compressed: %s", w->path,
                           w->z->error_name(left));
        w->filled = out.pos;
        int rc = w->filled == FCB_FRAME ? put_frame(w, 0, err) : FC_OK;
        if (rc || (how == ZSTD_e_end ? left == 0 : in.pos == in.size)) return rc;
    }
}

static void number(unsigned char *to, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (unsigned char)(v >> (8 * i));
}

/* A name of two lines must not look like two lines of the text. */
static void one_line(char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20) *s = ' ';
}

static void compose_text(fc_fcb_writer *w, const fc_fcb_head *h, const char *id)
{
    char check[17];
    fc_fcb_head own = *h;
    one_line(own.site);
    fc_buf_addf(&w->text, FCB_MAGIC "%d\nkind: %s\nsite: %s\nmade: %s\nprogram: %s\nkey: %s\n", FCB_FORMAT,
                own.kind, own.site, own.made, own.program, id);
    fc_fcb_check(w->text.data, w->text.len, check);
    fc_buf_addf(&w->text, "check: %s\n\n", check);
}

static int start(fc_fcb_writer *w, const fc_fcb_head *head, const unsigned char *master, fc_err *err)
{
    unsigned char key[32], begin[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
    char id[17];
    fc_fcb_key(master, head->kind, key, id);
    compose_text(w, head, id);
    crypto_generichash_init(&w->file_hash, NULL, 0, 32);
    crypto_secretstream_xchacha20poly1305_init_push(&w->seal, begin, key);
    sodium_memzero(key, sizeof key);
    w->frame = fc_alloc(FCB_FRAME);
    w->sealed = fc_alloc(FCB_SEALED);
    w->zip = w->z->new_writer();
    if (!w->zip) return fc_fail(err, FC_ENOMEM, "%s: 内存不足", "%s: not enough memory", w->path);
    w->z->set(w->zip, ZSTD_c_compressionLevel, LEVEL);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    /* A library built without threads refuses this and compresses on ours. */
    w->z->set(w->zip, ZSTD_c_nbWorkers, cores > 4 ? 4 : cores < 1 ? 1 : (int)cores);
    int rc = put_hashed(w, w->text.data, w->text.len, err);
    return rc ? rc : put_hashed(w, begin, sizeof begin, err);
}

int fc_fcb_create(const char *path, const fc_fcb_head *head, const unsigned char master[FC_KEY_BYTES],
                  fc_fcb_writer **out, fc_err *err)
{
    *out = NULL;
    const fc_zstd *z = fc_zstd_library(err);
    if (!z) return err->code;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fc_fail(err, FC_EIO, "%s: 无法创建：%s", "%s: cannot be made: %s", path, strerror(errno));
    fc_fcb_writer *w = fc_fcb_alloc(sizeof *w);
    w->fd = fd;
    w->z = z;
    w->path = fc_strdup(path);
    *out = w;
    return start(w, head, master, err);
}

int fc_fcb_begin(fc_fcb_writer *w, const char *name, unsigned mode, fc_err *err)
{
    unsigned char head[3], tail[4];
    size_t n = strlen(name);
    if (!fc_fcb_name_is_safe(name, n))
        return fc_fail(err, FC_EINVAL, "%s: 这个文件名不能备份（过长，或含有控制字符、反斜杠）；请改名",
                       "%s: a file of this name cannot be kept (too long, or control characters or "
                       "backslashes in it); rename it",
                       name);
    memcpy(w->name, name, n + 1);
    w->member_size = 0;
    crypto_generichash_init(&w->member_hash, NULL, 0, 32);
    head[0] = 'M';
    number(head + 1, n, 2);
    number(tail, mode & 0777, 4);
    int rc = compress(w, head, sizeof head, ZSTD_e_continue, err);
    if (!rc) rc = compress(w, name, n, ZSTD_e_continue, err);
    return rc ? rc : compress(w, tail, sizeof tail, ZSTD_e_continue, err);
}

int fc_fcb_write(fc_fcb_writer *w, const void *bytes, size_t n, fc_err *err)
{
    const char *at = bytes;
    while (n) {
        unsigned char head[4];
        size_t part = n < FCB_BLOCK ? n : FCB_BLOCK;
        number(head, part, 4);
        int rc = compress(w, head, sizeof head, ZSTD_e_continue, err);
        if (!rc) rc = compress(w, at, part, ZSTD_e_continue, err);
        if (rc) return rc;
        crypto_generichash_update(&w->member_hash, (const unsigned char *)at, part);
        w->member_size += (int64_t)part;
        at += part;
        n -= part;
    }
    return FC_OK;
}

int fc_fcb_end(fc_fcb_writer *w, fc_err *err)
{
    unsigned char tail[4 + 8 + 32] = {0}, length[2];
    number(tail + 4, (uint64_t)w->member_size, 8);
    crypto_generichash_final(&w->member_hash, tail + 12, 32);
    number(length, strlen(w->name), 2);
    fc_buf_add(&w->table, length, sizeof length);
    fc_buf_adds(&w->table, w->name);
    fc_buf_add(&w->table, tail + 4, 8 + 32);
    w->members++;
    w->plain += w->member_size;
    return compress(w, tail, sizeof tail, ZSTD_e_continue, err);
}

static int put_end(fc_fcb_writer *w, fc_fcb_sum *sum, fc_err *err)
{
    unsigned char raw[32];
    char trailer[FCB_TRAILER + 1];
    crypto_generichash_final(&w->file_hash, raw, sizeof raw);
    sodium_bin2hex(sum->hash, sizeof sum->hash, raw, sizeof raw);
    snprintf(trailer, sizeof trailer, "forecourt-end %020lld %s\n", (long long)w->bytes, sum->hash);
    return put(w, trailer, FCB_TRAILER, err);
}

int fc_fcb_finish(fc_fcb_writer *w, fc_fcb_sum *sum, fc_err *err)
{
    unsigned char head[1 + 4 + 4] = {'T'};
    number(head + 1, (uint64_t)w->members, 4);
    number(head + 5, w->table.len, 4);
    if (w->table.len > UINT32_MAX)
        return fc_fail(err, FC_ELIMIT, "文件太多，无法备份", "too many files for a backup");
    int rc = compress(w, head, sizeof head, ZSTD_e_continue, err);
    if (!rc) rc = compress(w, fc_buf_str(&w->table), w->table.len, ZSTD_e_continue, err);
    if (!rc) rc = compress(w, "E", 1, ZSTD_e_end, err);
    if (!rc) rc = put_frame(w, 1, err);
    if (!rc) rc = put_end(w, sum, err);
    if (!rc && fsync(w->fd) != 0) rc = fail_disk(w, err);
    sum->bytes = w->bytes;
    sum->plain = w->plain;
    sum->members = w->members;
    return rc;
}

void fc_fcb_close_writer(fc_fcb_writer *w)
{
    if (!w) return;
    if (w->zip) w->z->free_writer(w->zip);
    close(w->fd);
    sodium_memzero(&w->seal, sizeof w->seal);
    fc_buf_free(&w->text);
    fc_buf_free(&w->table);
    free(w->frame);
    free(w->sealed);
    free(w->path);
    free(w);
}
