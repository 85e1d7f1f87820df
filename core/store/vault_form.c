/* A layer is bound to no place: what lies in it is. It costs 57 bytes for each change of the pair. */
#include "store/vault_form.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(FC_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
                   FC_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES,
               "the form is on disk");

static const unsigned char over_use[] = "forecourt 2: sealed over";
static const char index_use[] = "forecourt 2: index of an index";

void fc_vault_number(fc_buf *out, int64_t n)
{
    for (int i = 0; i < 8; i++)
        fc_buf_addc(out, (char)((uint64_t)n >> (8 * i)));
}

unsigned char *fc_vault_grow(fc_buf *b, size_t n)
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

static int64_t owner_of(const unsigned char *bytes)
{
    uint64_t owner = 0;
    for (int i = FC_OWNER_BYTES; i > 0; i--)
        owner = owner << 8 | bytes[i];
    return (int64_t)owner < 0 ? -1 : (int64_t)owner;
}

int64_t fc_vault_person_of(const void *sealed, size_t n)
{
    const unsigned char *bytes = sealed;
    if (!bytes || n < FC_NONCE_AT || bytes[0] < FC_FORM_OWN || bytes[0] > FC_FORM_OVER) return -1;
    return bytes[0] == FC_FORM_OWN ? owner_of(bytes) : owner_of(bytes) < 0 ? -1 : 0;
}

int64_t fc_vault_pair_of(const void *sealed, size_t n)
{
    const unsigned char *bytes = sealed;
    if (fc_vault_person_of(sealed, n) != 0) return -1;
    return bytes[0] == FC_FORM_OWN ? 0 : owner_of(bytes);
}

void fc_vault_over(const fc_keys *k, const void *sealed, size_t n, fc_buf *out)
{
    fc_buf_addc(out, FC_FORM_OVER);
    fc_vault_number(out, fc_keys_pair_number(k));
    unsigned char *p = fc_vault_grow(out, FC_HEAD_BYTES - FC_NONCE_AT + n + FC_TAG_BYTES);
    randombytes_buf(p, FC_NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(p + FC_NONCE_BYTES, NULL, sealed, n, over_use, sizeof over_use,
                                               NULL, p, fc_keys_pair(k)->seal);
}

/* Into place: the layer's content moves to the front of `inner`. */
static int peel_one(const fc_keys *k, fc_buf *inner, const unsigned char *sealed, size_t n)
{
    fc_buf plain = {0};
    const fc_pair *pair = fc_keys_pair_at(k, fc_vault_pair_of(sealed, n));
    if (!pair || n < FC_HEAD_BYTES + FC_TAG_BYTES) return FC_EDENIED;
    unsigned char *p = fc_vault_grow(&plain, n - FC_HEAD_BYTES);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(p, NULL, NULL, sealed + FC_HEAD_BYTES, n - FC_HEAD_BYTES,
                                                   over_use, sizeof over_use, sealed + FC_NONCE_AT,
                                                   pair->seal)) {
        fc_buf_free(&plain);
        return FC_EDENIED;
    }
    plain.len -= FC_TAG_BYTES;
    fc_buf_free(inner);
    *inner = plain;
    return FC_OK;
}

int fc_vault_peel(const fc_keys *k, fc_buf *inner, const unsigned char **sealed, size_t *n)
{
    while (*n > FC_HEAD_BYTES && **sealed == FC_FORM_OVER) {
        int rc = peel_one(k, inner, *sealed, *n);
        if (rc) return rc;
        *sealed = (const unsigned char *)inner->data;
        *n = inner->len;
    }
    return FC_OK;
}

int64_t fc_vault_index_pair(const char *index, size_t n)
{
    char *end;
    size_t hex = 2 * FC_INDEX_BYTES;
    if (n < hex || n >= FC_INDEX_CAP || strspn(index, "0123456789abcdef") != hex) return -1;
    if (n == hex) return 0;
    long pair = index[hex] == '~' ? strtol(index + hex + 1, &end, 10) : 0;
    return pair > 0 && end == index + n ? pair : -1;
}

void fc_vault_reindex(const fc_keys *k, int64_t pair, char index[FC_INDEX_CAP])
{
    unsigned char raw[FC_INDEX_BYTES];
    size_t hex = 2 * FC_INDEX_BYTES;
    crypto_generichash_state state;
    crypto_generichash_init(&state, fc_keys_pair_at(k, pair)->index, FC_KEY_BYTES, FC_INDEX_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)index_use, sizeof index_use);
    crypto_generichash_update(&state, (const unsigned char *)index, hex);
    crypto_generichash_final(&state, raw, FC_INDEX_BYTES);
    sodium_memzero(&state, sizeof state);
    sodium_bin2hex(index, FC_INDEX_CAP, raw, FC_INDEX_BYTES);
    snprintf(index + hex, FC_INDEX_CAP - hex, "~%d", (int)pair);
}
