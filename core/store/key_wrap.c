/* How a key lies in the file: sealed with the one above it and bound to its use, its dealership and a number,
 * so that a row of another file, or of another person, does not open. */
#include "store/keys_parts.h"

#include <sodium.h>
#include <string.h>

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
_Static_assert(NONCE + TAG == FC_WRAP_EXTRA, "the wrapping's own bytes");

static void bind_to(fc_buf *b, const char *use, const char *dealership, int64_t number)
{
    fc_buf_add(b, use, strlen(use) + 1);
    fc_buf_add(b, dealership, strlen(dealership) + 1);
    for (int i = 0; i < 8; i++)
        fc_buf_addc(b, (char)((uint64_t)number >> (8 * i)));
}

void fc_wrap_key(const unsigned char *with, const char *use, const char *dealership, int64_t number,
                 const void *plain, size_t n, fc_buf *out)
{
    unsigned char bytes[FC_WRAP_EXTRA + sizeof(fc_pair)];
    fc_buf to = {0};
    bind_to(&to, use, dealership, number);
    randombytes_buf(bytes, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + NONCE, NULL, plain, n, (unsigned char *)to.data,
                                               to.len, NULL, bytes, with);
    fc_buf_add(out, bytes, n + FC_WRAP_EXTRA);
    fc_buf_free(&to);
}

int fc_unwrap_key(const unsigned char *with, const char *use, const char *dealership, int64_t number,
                  const void *wrapped, size_t n, void *plain)
{
    const unsigned char *bytes = wrapped;
    fc_buf to = {0};
    if (!bytes || n < FC_WRAP_EXTRA) return -1;
    bind_to(&to, use, dealership, number);
    int bad = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, bytes + NONCE, n - NONCE,
                                                         (unsigned char *)to.data, to.len, bytes, with);
    fc_buf_free(&to);
    return bad;
}

int fc_keys_damaged(fc_keys *k, fc_err *err)
{
    return fc_fail(
        err, FC_EDENIED, "%s: 门店的密钥打不开：内容被更改过，或属于另一家店；请从备份恢复这个文件",
        "%s: the dealership's keys do not open: they were changed or belong to another dealership; "
        "restore this file from a backup",
        fc_store_path(k->store));
}
