/* The secret key's file: "Ed", "Sc" or zeros, "B2", salt, two limits, then key id, key and checksum, which
 * are covered by what scrypt makes of the password. A wrong password is known by the checksum. */
#include "pack/minisign_internal.h"
#include "store/locked.h"

#include <sodium.h>
#include <string.h>

#define OPS 4194304ull
#define MEMORY (128ull << 20)
#define MOST_OPS 33554432ull
#define MOST_MEMORY (1ull << 30) /* minisign's own choice */
#define SECRET 104               /* id 8, key 64, checksum 32 */

typedef struct file {
    unsigned char alg[2], kdf[2], check[2], salt[32], ops[8], memory[8], secret[SECRET];
} file;
_Static_assert(sizeof(file) == 158, "minisign's secret key has 158 bytes");

int fc_sign_new(fc_sign_secret **out, fc_err *err)
{
    unsigned char public_key[32];
    fc_sign_secret *s = fc_locked(sizeof *s);
    *out = NULL;
    if (crypto_sign_keypair(public_key, s->key) != 0) {
        fc_locked_free(s);
        return fc_fail(err, FC_EINTERNAL, "无法生成密钥", "a key cannot be made");
    }
    randombytes_buf(s->id, sizeof s->id);
    *out = s;
    return FC_OK;
}

void fc_sign_free(fc_sign_secret *s)
{
    if (s) fc_locked_free(s);
}

void fc_sign_public_of(const fc_sign_secret *s, fc_sign_public *out)
{
    memcpy(out->id, s->id, 8);
    memcpy(out->key, s->key + 32, 32);
}

static void put_number(unsigned char out[8], unsigned long long v)
{
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)(v >> (8 * i));
}

static unsigned long long get_number(const unsigned char in[8])
{
    unsigned long long v = 0;
    for (int i = 0; i < 8; i++)
        v |= (unsigned long long)in[i] << (8 * i);
    return v;
}

static void checksum(const unsigned char secret[SECRET], unsigned char out[32])
{
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, 32);
    crypto_generichash_update(&h, (const unsigned char *)"Ed", 2);
    crypto_generichash_update(&h, secret, 72);
    crypto_generichash_final(&h, out, 32);
}

/* Covers or uncovers, which is the same. */
static int cover(file *f, const char *password, fc_err *err)
{
    unsigned long long ops = get_number(f->ops), memory = get_number(f->memory);
    unsigned char *stream = fc_locked(SECRET);
    int rc = FC_OK;
    if (ops > MOST_OPS || memory > MOST_MEMORY)
        rc = fc_fail(err, FC_ELIMIT, "密钥文件要求的计算量过大", "the key's file asks for too much work");
    else if (crypto_pwhash_scryptsalsa208sha256(stream, SECRET, password, strlen(password), f->salt, ops,
                                                (size_t)memory))
        rc = fc_fail(err, FC_ENOMEM, "内存不足，无法由密码解开密钥（需要 %llu MiB）",
                     "not enough memory to open the key with its password (%llu MiB)", memory >> 20);
    for (int i = 0; i < SECRET && !rc; i++)
        f->secret[i] ^= stream[i];
    fc_locked_free(stream);
    return rc;
}

int fc_sign_secret_write(const fc_sign_secret *s, const char *password, fc_buf *out, fc_err *err)
{
    int rc = FC_OK, covered = password && *password;
    file *f = fc_locked(sizeof *f);
    memcpy(f->alg, "Ed", 2);
    memcpy(f->check, "B2", 2);
    memcpy(f->secret, s->id, 8);
    memcpy(f->secret + 8, s->key, 64);
    checksum(f->secret, f->secret + 72);
    if (covered) {
        memcpy(f->kdf, "Sc", 2);
        randombytes_buf(f->salt, sizeof f->salt);
        put_number(f->ops, OPS);
        put_number(f->memory, MEMORY);
        rc = cover(f, password, err);
    }
    if (!rc) {
        fc_buf_addf(out, "untrusted comment: forecourt %s secret key\n", covered ? "encrypted" : "plain");
        fc_minisign_encode(f, sizeof *f, out);
        fc_buf_addc(out, '\n');
    }
    fc_locked_free(f);
    return rc;
}

/* The second line. */
static int decode(const char *text, file *f)
{
    size_t n = 0;
    const char *p = text, *end = text + strlen(text), *line = fc_minisign_line(&p, end, &n);
    if (line) line = fc_minisign_line(&p, end, &n);
    return line && fc_minisign_decode(line, n, f, sizeof *f) && memcmp(f->alg, "Ed", 2) == 0 &&
           memcmp(f->check, "B2", 2) == 0 && (memcmp(f->kdf, "Sc", 2) == 0 || memcmp(f->kdf, "\0\0", 2) == 0);
}

int fc_sign_secret_locked(const char *text)
{
    file *f = fc_locked(sizeof *f);
    int is = decode(text, f) && f->kdf[0] != 0;
    fc_locked_free(f);
    return is;
}

/* minisign writes no checksum into a file without a password, so there the two halves of the key answer for
 * each other. */
static int is_whole(const file *f, int covered)
{
    static const unsigned char none[32];
    unsigned char sum[32], seed[32], public_key[32];
    fc_sign_secret *again = fc_locked(sizeof *again);
    checksum(f->secret, sum);
    int fits = sodium_memcmp(sum, f->secret + 72, 32) == 0;
    if (!fits && !covered && memcmp(f->secret + 72, none, 32) == 0) {
        crypto_sign_ed25519_sk_to_seed(seed, f->secret + 8);
        crypto_sign_seed_keypair(public_key, again->key, seed);
        fits = sodium_memcmp(public_key, f->secret + 40, 32) == 0;
    }
    sodium_memzero(seed, sizeof seed);
    fc_locked_free(again);
    return fits;
}

static int open_file(file *f, const char *password, fc_sign_secret **out, fc_err *err)
{
    int covered = f->kdf[0] != 0, rc = FC_OK;
    if (covered) rc = cover(f, password ? password : "", err);
    if (rc) return rc;
    if (!is_whole(f, covered))
        return covered ? fc_fail(err, FC_EDENIED, "密码不对，密钥打不开",
                                 "wrong password: the key does not open with it")
                       : fc_fail(err, FC_EINVAL, "密钥文件已损坏", "the key's file is damaged");
    *out = fc_locked(sizeof **out);
    memcpy((*out)->id, f->secret, 8);
    memcpy((*out)->key, f->secret + 8, 64);
    return FC_OK;
}

int fc_sign_secret_parse(const char *text, const char *password, fc_sign_secret **out, fc_err *err)
{
    file *f = fc_locked(sizeof *f);
    *out = NULL;
    int rc = decode(text, f)
                 ? open_file(f, password, out, err)
                 : fc_fail(err, FC_EINVAL, "这不是 minisign 的私钥文件（forecourt pack key new 可以新建）",
                           "this is no secret key's file of minisign (forecourt pack key new makes one)");
    fc_locked_free(f);
    return rc;
}
