/* The vault. Both keys of a dealership (sealing, indexing) are derived from the master key by keyed BLAKE2b,
 * live in guarded, locked pages that are read-only after opening, and are wiped when the vault closes. The
 * master key itself is wiped as soon as they are derived.
 *
 * What fails: a key file that others could read, one that is no key, a sealed value that does not open. Why a
 * value does not open (wrong key, moved, changed) cannot be told apart, and that is the point. A key file is
 * made beside its place and linked into it, so that of two processes that both make it one wins and both use
 * the same key. */
#include "store/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_VERSION 1
#define KEY_BYTES 32
#define KEY_HEX (KEY_BYTES * 2)
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEAD_BYTES (1 + NONCE_BYTES)
#define INDEX_BYTES 16
#define FILE_MAX 256 /* a key and a little white space */

struct fc_vault { /* from sodium_malloc */
    unsigned char seal[KEY_BYTES];
    unsigned char index[KEY_BYTES];
};

static void start_sodium(void)
{
    if (sodium_init() < 0) abort(); /* no source of randomness: nothing may be sealed */
}

static void *locked(size_t n)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_sodium);
    void *p = sodium_malloc(n);
    if (!p) {
        fputs("forecourt: out of memory\n", stderr);
        abort();
    }
    return p;
}

/* Parts are followed by NUL, which no name contains, so that ("ab", "c") and ("a", "bc") differ. */
static void derive(const unsigned char *master, const char *use, const char *dealership, unsigned char *key)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, master, KEY_BYTES, KEY_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)use, strlen(use) + 1);
    crypto_generichash_update(&state, (const unsigned char *)dealership, strlen(dealership) + 1);
    crypto_generichash_final(&state, key, KEY_BYTES);
    sodium_memzero(&state, sizeof state);
}

static fc_vault *from_master(const unsigned char *master, const char *dealership)
{
    fc_vault *v = locked(sizeof *v);
    derive(master, "forecourt vault 1: seal", dealership, v->seal);
    derive(master, "forecourt vault 1: index", dealership, v->index);
    sodium_mprotect_readonly(v);
    return v;
}

static int write_all(int fd, const char *bytes, size_t n)
{
    ssize_t done = write(fd, bytes, n);
    return done == (ssize_t)n && fsync(fd) == 0 ? 0 : -1;
}

static void sync_folder(const char *path)
{
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    (void)fsync(fd);
    close(fd);
}

/* 0 also when somebody else made the file meanwhile. */
static int place_key(const char *path, const char *hex)
{
    char tmp[4160];
    snprintf(tmp, sizeof tmp, "%s.%ld.tmp", path, (long)getpid());
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return errno;
    int why = write_all(fd, hex, KEY_HEX + 1) == 0 ? 0 : errno ? errno : EIO;
    close(fd);
    if (!why && link(tmp, path) != 0 && errno != EEXIST) why = errno;
    unlink(tmp);
    if (!why) sync_folder(path);
    return why;
}

static int make_key(const char *path, fc_err *err)
{
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", path);
    int rc = fc_make_dirs(dirname(folder), 0700, err);
    if (rc) return rc;
    unsigned char *master = locked(KEY_BYTES);
    char *hex = locked(KEY_HEX + 1);
    randombytes_buf(master, KEY_BYTES);
    sodium_bin2hex(hex, KEY_HEX + 1, master, KEY_BYTES);
    hex[KEY_HEX] = '\n';
    int why = place_key(path, hex);
    sodium_free(hex);
    sodium_free(master);
    if (!why) return FC_OK;
    return fc_fail(err, FC_EIO, "%s: 无法创建密钥文件：%s", "%s: the key file cannot be made: %s", path,
                   strerror(why));
}

static int check_mode(const char *path, int fd, fc_err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return fc_fail(err, FC_EINVAL, "%s: 密钥文件不是普通文件", "%s: the key file is not a regular file",
                       path);
    int mode = st.st_mode & 07777;
    if (mode == 0600 || mode == 0400) return FC_OK;
    return fc_fail(err, FC_EDENIED, "%s: 密钥文件的权限是 %04o，其他人可能读到它；请运行 chmod 600 %s",
                   "%s: the key file has mode %04o, others may read it; run: chmod 600 %s", path,
                   (unsigned)mode, path);
}

static int parse_key(const char *path, const char *hex, size_t n, unsigned char *master, fc_err *err)
{
    size_t len = 0;
    const char *end = NULL;
    int bad = sodium_hex2bin(master, KEY_BYTES, hex, n, NULL, &len, &end) != 0 || len != KEY_BYTES;
    for (; !bad && end < hex + n; end++)
        bad = !strchr(" \t\r\n", *end) || !*end;
    if (!bad) return FC_OK;
    return fc_fail(
        err, FC_EINVAL, "%s: 密钥文件应只含 64 位十六进制数字；请从备份恢复它",
        "%s: the key file must hold 64 hexadecimal digits and nothing else; restore it from a backup", path);
}

static int read_open_key(const char *path, int fd, unsigned char *master, fc_err *err)
{
    int rc = check_mode(path, fd, err);
    if (rc) return rc;
    char *hex = locked(FILE_MAX);
    ssize_t n = read(fd, hex, FILE_MAX);
    if (n < 0)
        rc = fc_fail(err, FC_EIO, "%s: 读取失败：%s", "%s: cannot be read: %s", path, strerror(errno));
    else
        rc = parse_key(path, hex, (size_t)n, master, err);
    sodium_free(hex);
    return rc;
}

static int open_key_file(const char *path, int create, int *fd, fc_err *err)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0 && errno == ENOENT && create) {
        int rc = make_key(path, err);
        if (rc) return rc;
        *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    }
    if (*fd >= 0) return FC_OK;
    if (errno == ENOENT)
        return fc_fail(
            err, FC_ENOTFOUND, "%s: 密钥文件不存在；没有它，加密的数据无法读取，请从备份恢复",
            "%s: the key file is missing; sealed data cannot be read without it, restore it from a backup",
            path);
    return fc_fail(err, errno == EACCES ? FC_EDENIED : FC_EIO, "%s: 密钥文件无法打开：%s",
                   "%s: the key file cannot be opened: %s", path, strerror(errno));
}

int fc_vault_open(const char *path, int create, const char *dealership, fc_vault **out, fc_err *err)
{
    int fd;
    *out = NULL;
    int rc = open_key_file(path, create, &fd, err);
    if (rc) return rc;
    unsigned char *master = locked(KEY_BYTES);
    rc = read_open_key(path, fd, master, err);
    if (!rc) *out = from_master(master, dealership);
    sodium_free(master);
    close(fd);
    return rc;
}

fc_vault *fc_vault_volatile(const char *dealership)
{
    unsigned char *master = locked(KEY_BYTES);
    randombytes_buf(master, KEY_BYTES);
    fc_vault *v = from_master(master, dealership);
    sodium_free(master);
    return v;
}

void fc_vault_close(fc_vault *v)
{
    sodium_free(v); /* wipes */
}

/* The place of a value, as associated data: version, table, column, row. */
static void place_of(const char *table, const char *column, int64_t row, fc_buf *out)
{
    fc_buf_addc(out, KEY_VERSION);
    fc_buf_add(out, table, strlen(table) + 1);
    fc_buf_add(out, column, strlen(column) + 1);
    for (int i = 0; i < 8; i++)
        fc_buf_addc(out, (char)((uint64_t)row >> (8 * i)));
}

/* Makes room for n bytes at the end of b and returns where they begin. */
static unsigned char *grow(fc_buf *b, size_t n)
{
    static const char zeros[256];
    size_t at = b->len;
    for (size_t left = n; left;) {
        size_t part = left < sizeof zeros ? left : sizeof zeros;
        fc_buf_add(b, zeros, part);
        left -= part;
    }
    return (unsigned char *)b->data + at;
}

int fc_vault_seal(fc_vault *v, const char *table, const char *column, int64_t row, const void *plain,
                  size_t n, fc_buf *out)
{
    if (n > (64u << 20)) return FC_ELIMIT;
    fc_buf place = {0};
    place_of(table, column, row, &place);
    unsigned char *p = grow(out, HEAD_BYTES + n + TAG_BYTES);
    p[0] = KEY_VERSION;
    randombytes_buf(p + 1, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(p + HEAD_BYTES, NULL, plain, n, (unsigned char *)place.data,
                                               place.len, NULL, p + 1, v->seal);
    fc_buf_free(&place);
    return FC_OK;
}

static int open_into(fc_vault *v, const fc_buf *place, const unsigned char *sealed, size_t n, fc_buf *out)
{
    size_t before = out->len;
    unsigned char *plain = grow(out, n - HEAD_BYTES);
    int bad = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, sealed + HEAD_BYTES,
                                                         n - HEAD_BYTES, (const unsigned char *)place->data,
                                                         place->len, sealed + 1, v->seal);
    out->len = bad ? before : before + n - HEAD_BYTES - TAG_BYTES;
    out->data[out->len] = 0;
    return bad;
}

int fc_vault_unseal(fc_vault *v, const char *table, const char *column, int64_t row, const void *sealed,
                    size_t n, fc_buf *out, fc_err *err)
{
    const unsigned char *bytes = sealed;
    int bad = !bytes || n < HEAD_BYTES + TAG_BYTES || bytes[0] != KEY_VERSION;
    if (!bad) {
        fc_buf place = {0};
        place_of(table, column, row, &place);
        bad = open_into(v, &place, bytes, n, out);
        fc_buf_free(&place);
    }
    if (!bad) return FC_OK;
    return fc_fail(
        err, FC_EDENIED,
        "%s.%s（记录 "
        "%lld）：加密内容无法打开：密钥不同，或内容被移动、更改过；请检查密钥文件，或恢复该记录的备份",
        "%s.%s (row %lld): the sealed value does not open: another key, or it was moved or changed; check "
        "the "
        "key file, or restore the row from a backup",
        table, column, (long long)row);
}

void fc_vault_index(fc_vault *v, const char *purpose, const char *value, size_t n, char out[33])
{
    unsigned char raw[INDEX_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, v->index, KEY_BYTES, INDEX_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)purpose, strlen(purpose) + 1);
    crypto_generichash_update(&state, (const unsigned char *)value, n);
    crypto_generichash_final(&state, raw, INDEX_BYTES);
    sodium_bin2hex(out, 33, raw, INDEX_BYTES);
    sodium_memzero(&state, sizeof state);
}
