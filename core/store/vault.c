/* Sealing and opening. What fails: a sealed value that does not open. Why it does not (wrong key, moved,
 * changed) cannot be told apart, and that is the point; only a person that was erased is told, because a page
 * must say so instead of failing. A person's key is copied into locked memory for the time of one operation.
 */
#include "store/vault.h"
#include "store/locked.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT 2
#define PERSON_BYTES 8
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define NONCE_AT (1 + PERSON_BYTES)
#define HEAD_BYTES (NONCE_AT + NONCE_BYTES)
#define INDEX_BYTES 16

struct fc_vault {
    fc_keys *keys;
    unsigned char *key; /* locked memory: of the person at hand */
    int retention;
};

fc_vault *fc_vault_new(fc_keys *keys)
{
    fc_vault *v = fc_alloc(sizeof *v);
    v->keys = keys;
    v->key = fc_locked(FC_KEY_BYTES);
    v->retention = 30;
    return v;
}

fc_vault *fc_vault_volatile(const char *schema, const char *dealership, fc_err *err)
{
    fc_keys *keys = NULL;
    fc_master *m = fc_master_random();
    int rc = fc_keys_open(":memory:", schema, dealership, &keys, err);
    if (!rc) rc = fc_keys_make(keys, m, err);
    fc_master_free(m);
    if (!rc) return fc_vault_new(keys);
    fc_keys_close(keys);
    return NULL;
}

void fc_vault_close(fc_vault *v)
{
    if (!v) return;
    fc_keys_close(v->keys);
    fc_locked_free(v->key);
    free(v);
}

fc_keys *fc_vault_keys(fc_vault *v)
{
    return v->keys;
}

void fc_vault_set_retention(fc_vault *v, int days)
{
    v->retention = days;
}

int fc_vault_retention(const fc_vault *v)
{
    return v->retention;
}

static void number(fc_buf *out, int64_t n)
{
    for (int i = 0; i < 8; i++)
        fc_buf_addc(out, (char)((uint64_t)n >> (8 * i)));
}

/* The place of a value, as associated data: format, table, column, row, person. */
static void place_of(const char *table, const char *column, int64_t row, int64_t person, fc_buf *out)
{
    fc_buf_addc(out, FORMAT);
    fc_buf_add(out, table, strlen(table) + 1);
    fc_buf_add(out, column, strlen(column) + 1);
    number(out, row);
    number(out, person);
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

/* The key for a person's values in v->key; sodium_memzero it afterwards. */
static int key_of(fc_vault *v, int64_t person, int make, enum fc_person *state, fc_err *err)
{
    *state = FC_PERSON_KNOWN;
    if (person) return fc_keys_person(v->keys, person, make, v->key, state, err);
    memcpy(v->key, fc_keys_pair(v->keys)->seal, FC_KEY_BYTES);
    return FC_OK;
}

static int erased_for_writing(fc_err *err)
{
    return fc_fail(err, FC_EDENIED, "此人的资料已按本人要求删除，不能再记入新的内容",
                   "this person was erased on request; nothing new can be kept about them");
}

int fc_vault_seal(fc_vault *v, const char *table, const char *column, int64_t row, int64_t person,
                  const void *plain, size_t n, fc_buf *out, fc_err *err)
{
    enum fc_person state;
    fc_buf place = {0};
    if (n > (64u << 20)) return fc_fail(err, FC_ELIMIT, "内容太长，无法加密", "too long to be sealed");
    if (person < 0) return fc_fail(err, FC_EINVAL, "人员编号不能是负数", "a person's id cannot be negative");
    int rc = key_of(v, person, 1, &state, err);
    if (!rc && state == FC_PERSON_ERASED) rc = erased_for_writing(err);
    if (rc) return rc;
    place_of(table, column, row, person, &place);
    fc_buf_addc(out, FORMAT);
    number(out, person);
    unsigned char *p = grow(out, HEAD_BYTES - NONCE_AT + n + TAG_BYTES);
    randombytes_buf(p, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(p + NONCE_BYTES, NULL, plain, n, (unsigned char *)place.data,
                                               place.len, NULL, p, v->key);
    sodium_memzero(v->key, FC_KEY_BYTES);
    fc_buf_free(&place);
    return FC_OK;
}

int64_t fc_vault_person_of(const void *sealed, size_t n)
{
    const unsigned char *bytes = sealed;
    uint64_t person = 0;
    if (!bytes || n < NONCE_AT || bytes[0] != FORMAT) return -1;
    for (int i = PERSON_BYTES; i > 0; i--)
        person = person << 8 | bytes[i];
    return (int64_t)person < 0 ? -1 : (int64_t)person;
}

static int open_into(fc_vault *v, const fc_buf *place, const unsigned char *sealed, size_t n, fc_buf *out)
{
    size_t before = out->len;
    unsigned char *plain = grow(out, n - HEAD_BYTES);
    int bad = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, sealed + HEAD_BYTES,
                                                         n - HEAD_BYTES, (const unsigned char *)place->data,
                                                         place->len, sealed + NONCE_AT, v->key);
    out->len = bad ? before : before + n - HEAD_BYTES - TAG_BYTES;
    out->data[out->len] = 0;
    return bad;
}

static int not_opened(const char *table, const char *column, int64_t row, enum fc_person state, fc_err *err)
{
    if (state == FC_PERSON_ERASED)
        return fc_fail(err, FC_ENOTFOUND, "（已按本人要求删除）", "(erased on request)");
    if (state == FC_PERSON_NONE)
        return fc_fail(
            err, FC_EDENIED,
            "%s.%s（记录 %lld）：此人的密钥不在密钥库里；请从备份恢复 data/ 里的 keys.db 文件",
            "%s.%s (row %lld): this person's key is not in the key store; restore the keys.db file in "
            "data/ from a backup",
            table, column, (long long)row);
    return fc_fail(
        err, FC_EDENIED,
        "%s.%s（记录 %lld）：加密内容无法打开：密钥不同，或内容被移动、更改过；请检查密钥文件，或恢复该"
        "记录的备份",
        "%s.%s (row %lld): the sealed value does not open: another key, or it was moved or changed; "
        "check the key file, or restore the row from a backup",
        table, column, (long long)row);
}

int fc_vault_unseal(fc_vault *v, const char *table, const char *column, int64_t row, const void *sealed,
                    size_t n, fc_buf *out, fc_err *err)
{
    enum fc_person state = FC_PERSON_KNOWN;
    int64_t person = fc_vault_person_of(sealed, n);
    int bad = person < 0 || n < HEAD_BYTES + TAG_BYTES;
    if (!bad) {
        int rc = key_of(v, person, 0, &state, err);
        if (rc) return rc;
        bad = state != FC_PERSON_KNOWN;
    }
    if (!bad) {
        fc_buf place = {0};
        place_of(table, column, row, person, &place);
        bad = open_into(v, &place, sealed, n, out);
        fc_buf_free(&place);
    }
    sodium_memzero(v->key, FC_KEY_BYTES);
    return bad ? not_opened(table, column, row, state, err) : FC_OK;
}

void fc_vault_index(fc_vault *v, const char *purpose, const char *value, size_t n, char out[33])
{
    unsigned char raw[INDEX_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, fc_keys_pair(v->keys)->index, FC_KEY_BYTES, INDEX_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)purpose, strlen(purpose) + 1);
    crypto_generichash_update(&state, (const unsigned char *)value, n);
    crypto_generichash_final(&state, raw, INDEX_BYTES);
    sodium_bin2hex(out, 33, raw, INDEX_BYTES);
    sodium_memzero(&state, sizeof state);
}
