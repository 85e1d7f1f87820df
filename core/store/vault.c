/* Sealing and opening. What fails: a sealed value that does not open. Why it does not (wrong key, moved,
 * changed) cannot be told apart, and that is the point; only a person that was erased is told, because a page
 * must say so instead of failing. A person's key is copied into locked memory for the time of one operation.
 */
#include "store/vault.h"
#include "store/locked.h"
#include "store/vault_form.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

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

/* The place of a value, as associated data: format, table, column, row, person. */
static void place_of(const char *table, const char *column, int64_t row, int64_t person, fc_buf *out)
{
    fc_buf_addc(out, FC_FORM_OWN);
    fc_buf_add(out, table, strlen(table) + 1);
    fc_buf_add(out, column, strlen(column) + 1);
    fc_vault_number(out, row);
    fc_vault_number(out, person);
}

/* The key for a person's values in v->key; sodium_memzero it afterwards. */
static int key_of(fc_vault *v, int64_t person, int make, enum fc_person *state, fc_err *err)
{
    *state = FC_PERSON_KNOWN;
    if (person) return fc_keys_person(v->keys, person, make, v->key, state, err);
    int rc = fc_keys_fresh(v->keys, err);
    if (!rc) memcpy(v->key, fc_keys_pair(v->keys)->seal, FC_KEY_BYTES);
    return rc;
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
    int64_t pair = person ? 0 : fc_keys_pair_number(v->keys);
    fc_buf_addc(out, pair ? FC_FORM_PAIR : FC_FORM_OWN);
    fc_vault_number(out, pair ? pair : person);
    unsigned char *p = fc_vault_grow(out, FC_HEAD_BYTES - FC_NONCE_AT + n + FC_TAG_BYTES);
    randombytes_buf(p, FC_NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(p + FC_NONCE_BYTES, NULL, plain, n,
                                               (unsigned char *)place.data, place.len, NULL, p, v->key);
    sodium_memzero(v->key, FC_KEY_BYTES);
    fc_buf_free(&place);
    return FC_OK;
}

static int open_into(fc_vault *v, const fc_buf *place, const unsigned char *sealed, size_t n, fc_buf *out)
{
    size_t before = out->len;
    unsigned char *plain = fc_vault_grow(out, n - FC_HEAD_BYTES);
    int bad = crypto_aead_xchacha20poly1305_ietf_decrypt(
        plain, NULL, NULL, sealed + FC_HEAD_BYTES, n - FC_HEAD_BYTES, (const unsigned char *)place->data,
        place->len, sealed + FC_NONCE_AT, v->key);
    out->len = bad ? before : before + n - FC_HEAD_BYTES - FC_TAG_BYTES;
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

/* Of nobody in particular: what was remade has layers around it, and the innermost says which pair sealed it.
 */
static int nobodys_key(fc_vault *v, fc_buf *inner, const unsigned char **sealed, size_t *n, fc_err *err)
{
    const fc_pair *pair;
    int rc = fc_keys_fresh(v->keys, err);
    if (!rc) rc = fc_vault_peel(v->keys, inner, sealed, n);
    if (rc) return rc;
    if (*n < FC_HEAD_BYTES + FC_TAG_BYTES ||
        !(pair = fc_keys_pair_at(v->keys, fc_vault_pair_of(*sealed, *n))))
        return FC_EDENIED;
    memcpy(v->key, pair->seal, FC_KEY_BYTES);
    return FC_OK;
}

static int key_to_open(fc_vault *v, int64_t person, fc_buf *inner, const unsigned char **sealed, size_t *n,
                       enum fc_person *state, fc_err *err)
{
    *state = FC_PERSON_KNOWN;
    if (person < 0 || *n < FC_HEAD_BYTES + FC_TAG_BYTES) return FC_EDENIED;
    if (!person) return nobodys_key(v, inner, sealed, n, err);
    int rc = fc_keys_person(v->keys, person, 0, v->key, state, err);
    return rc || *state == FC_PERSON_KNOWN ? rc : FC_EDENIED;
}

int fc_vault_unseal(fc_vault *v, const char *table, const char *column, int64_t row, const void *sealed,
                    size_t n, fc_buf *out, fc_err *err)
{
    enum fc_person state;
    fc_buf inner = {0}, place = {0};
    fc_err why = {0};
    const unsigned char *bytes = sealed;
    int64_t person = fc_vault_person_of(sealed, n);
    int rc = key_to_open(v, person, &inner, &bytes, &n, &state, &why);
    if (!rc) {
        place_of(table, column, row, person, &place);
        if (open_into(v, &place, bytes, n, out)) rc = FC_EDENIED;
    }
    sodium_memzero(v->key, FC_KEY_BYTES);
    fc_buf_free(&place);
    fc_buf_free(&inner);
    if (rc && why.code) { /* the key itself is damaged, or its file cannot be read */
        if (err) *err = why;
        return rc;
    }
    return rc ? not_opened(table, column, row, state, err) : FC_OK;
}

/* Under the first pair: the value itself. Under each later one: what the pair before it gave. So an index can
 * be remade without knowing what it stands for, and tells nothing to whoever has the earlier keys only. */
int fc_vault_indexes(fc_vault *v, const char *purpose, const char *value, size_t n, char now[FC_INDEX_CAP],
                     char before[FC_INDEX_CAP], fc_err *err)
{
    unsigned char raw[FC_INDEX_BYTES];
    crypto_generichash_state state;
    int rc = fc_keys_fresh(v->keys, err);
    if (rc) return rc;
    crypto_generichash_init(&state, fc_keys_pair_at(v->keys, 0)->index, FC_KEY_BYTES, FC_INDEX_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)purpose, strlen(purpose) + 1);
    crypto_generichash_update(&state, (const unsigned char *)value, n);
    crypto_generichash_final(&state, raw, FC_INDEX_BYTES);
    sodium_bin2hex(now, FC_INDEX_CAP, raw, FC_INDEX_BYTES);
    sodium_memzero(&state, sizeof state);
    memcpy(before, now, FC_INDEX_CAP);
    for (int64_t pair = 1; pair <= fc_keys_pair_number(v->keys); pair++) {
        memcpy(before, now, FC_INDEX_CAP);
        fc_vault_reindex(v->keys, pair, now);
    }
    return FC_OK;
}

int fc_vault_index(fc_vault *v, const char *purpose, const char *value, size_t n, char out[FC_INDEX_CAP],
                   fc_err *err)
{
    char before[FC_INDEX_CAP];
    return fc_vault_indexes(v, purpose, value, n, out, before, err);
}
