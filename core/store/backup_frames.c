/* Reading frames: the end of the file is looked at first, so that a file that was cut off is called that
 * wherever it breaks. Nothing is given out that was not opened by its seal. */
#include "store/backup_read.h"

#include "base/buf.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail_read(const fc_frames *f, fc_err *err)
{
    return fc_fail(err, FC_EIO, "%s: 在第 %lld 字节处无法读取：%s", "%s: cannot be read at byte %lld: %s",
                   f->path, (long long)f->at, errno ? strerror(errno) : "?");
}

/* Cut off: the last 100 bytes are not the end's, not even a damaged one's (half of it is hexadecimal). */
static void look_at_end(fc_frames *f)
{
    char t[FCB_TRAILER];
    int alike = 0;
    f->cut = 1;
    f->end = f->size;
    if (f->size < FCB_TRAILER || pread(f->fd, t, sizeof t, f->size - FCB_TRAILER) != FCB_TRAILER) return;
    for (int i = 35; i < 99; i++)
        alike += isxdigit((unsigned char)t[i]) != 0;
    for (int i = 0; i < 13; i++)
        alike += t[i] == "forecourt-end"[i];
    if (alike < 48) return;
    f->cut = 0;
    f->end = f->size - FCB_TRAILER;
}

int fc_frames_open(fc_frames *f, const char *path, fc_fcb_head *head, fc_err *err)
{
    struct stat st;
    *f = (fc_frames){.path = path};
    f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (f->fd < 0)
        return fc_fail(err, errno == ENOENT ? FC_ENOTFOUND : FC_EIO, "%s: 无法打开：%s",
                       "%s: cannot be opened: %s", path, strerror(errno));
    if (fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return fc_fail(err, FC_EINVAL, "%s: 不是普通文件", "%s: is not a regular file", path);
    f->size = st.st_size;
    ssize_t n = pread(f->fd, f->text, FCB_TEXT_MAX, 0);
    if (n < 0) return fail_read(f, err);
    int rc = fc_fcb_parse_text(path, f->text, (size_t)n, &f->text_len, head, err);
    if (rc) return rc;
    look_at_end(f);
    f->at = (int64_t)f->text_len;
    crypto_generichash_init(&f->hash, NULL, 0, 32);
    crypto_generichash_update(&f->hash, (unsigned char *)f->text, f->text_len);
    return FC_OK;
}

static int cut_off(const fc_frames *f, const char *place[2], fc_err *err)
{
    return fc_fail(err, FC_EINVAL,
                   "%s: 文件被截断：只有 %lld 字节，缺少结尾；从 %s%.0s 起无法读取。请使用另一份备份",
                   "%s: the file is cut off after %lld bytes, its end is missing; what cannot be read begins "
                   "in %.0s%s; use another backup",
                   f->path, (long long)f->size, place[FC_ZH], place[FC_EN]);
}

static int damaged(const fc_frames *f, int64_t at, const char *place[2], fc_err *err)
{
    if (f->cut) return cut_off(f, place, err);
    return fc_fail(err, FC_EINVAL,
                   "%s: 第 %lld 字节起的 64 KiB 内已损坏：%s%.0s 及其后的内容无法读取。请使用另一份备份",
                   "%s: damaged within the 64 KiB from byte %lld on: %.0s%s and what follows cannot be read; "
                   "use another "
                   "backup",
                   f->path, (long long)at, place[FC_ZH], place[FC_EN]);
}

static int read_exactly(fc_frames *f, unsigned char *to, size_t n, fc_err *err)
{
    errno = 0;
    for (size_t got = 0; got < n;) {
        ssize_t part = pread(f->fd, to + got, n - got, f->at + (int64_t)got);
        if (part < 0 && errno == EINTR) continue;
        if (part <= 0) return fail_read(f, err);
        got += (size_t)part;
    }
    f->at += (int64_t)n;
    return FC_OK;
}

static int wrong_key(const fc_frames *f, const fc_fcb_head *head, const char *id, fc_err *err)
{
    return fc_fail(
        err, FC_EDENIED,
        "%s: 密钥不对：备份用的主密钥指纹是 %s，给出的是 %s（见 forecourt key show）；请用 --key 指定当时的 "
        "master.key",
        "%s: wrong key: the backup was made with the master key of fingerprint %s, the one given is %s "
        "(forecourt key show); name the master.key of that time with --key",
        f->path, head->key, id);
}

int fc_frames_key(fc_frames *f, const fc_fcb_head *head, const unsigned char *master, fc_err *err)
{
    unsigned char key[32], begin[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
    char id[17];
    const char *place[2] = {"第一个文件", "the first member"};
    fc_fcb_key(master, head->kind, key, id);
    int rc = strcmp(id, head->key) && !fc_fcb_old_id(master, head->key) ? wrong_key(f, head, id, err) : FC_OK;
    if (!rc && f->at + (int64_t)sizeof begin > f->end) rc = damaged(f, f->at, place, err);
    if (!rc) rc = read_exactly(f, begin, sizeof begin, err);
    if (!rc) crypto_generichash_update(&f->hash, begin, sizeof begin);
    if (!rc && crypto_secretstream_xchacha20poly1305_init_pull(&f->seal, begin, key) != 0)
        rc = damaged(f, (int64_t)f->text_len, place, err);
    sodium_memzero(key, sizeof key);
    if (rc) return rc;
    f->sealed = fc_alloc(FCB_SEALED);
    f->plain = fc_alloc(FCB_FRAME);
    return FC_OK;
}

int fc_frames_next(fc_frames *f, const char *place[2], fc_err *err)
{
    int64_t began = f->at, left = f->end - f->at;
    size_t n = left < FCB_SEALED ? (size_t)left : FCB_SEALED;
    unsigned long long plain = 0;
    unsigned char tag = 0;
    if (f->last || n < 17) return damaged(f, began, place, err);
    int rc = read_exactly(f, f->sealed, n, err);
    if (rc) return rc;
    int first = f->count++ == 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&f->seal, f->plain, &plain, &tag, f->sealed, n,
                                                   first ? (unsigned char *)f->text : NULL,
                                                   first ? f->text_len : 0) != 0)
        return damaged(f, began, place, err);
    crypto_generichash_update(&f->hash, f->sealed + n - FCB_MAC, FCB_MAC);
    f->n = (size_t)plain;
    f->last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    return FC_OK;
}

int fc_frames_end(fc_frames *f, fc_err *err)
{
    const char *place[2] = {"文件结尾", "the end of the file"};
    unsigned char raw[32];
    char hash[FC_HASH_HEX], want[FCB_TRAILER + 1], got[FCB_TRAILER];
    if (!f->last || f->at != f->end) return damaged(f, f->at, place, err);
    crypto_generichash_final(&f->hash, raw, sizeof raw);
    sodium_bin2hex(hash, sizeof hash, raw, sizeof raw);
    snprintf(want, sizeof want, "forecourt-end %020lld %s\n", (long long)f->end, hash);
    if (pread(f->fd, got, sizeof got, f->end) == FCB_TRAILER && memcmp(got, want, FCB_TRAILER) == 0)
        return FC_OK;
    return fc_fail(
        err, FC_EINVAL,
        "%s: 第 %lld 字节起的结尾（100 字节）已损坏或缺失；前面的内容完整，但请使用另一份备份",
        "%s: its end (100 bytes from byte %lld on) is damaged or missing; what stands before it is "
        "whole, but use another backup",
        f->path, (long long)f->end);
}

void fc_frames_close(fc_frames *f)
{
    if (f->fd >= 0) close(f->fd);
    sodium_memzero(&f->seal, sizeof f->seal);
    free(f->sealed);
    free(f->plain);
}
