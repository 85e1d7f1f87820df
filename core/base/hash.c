#include "base/hash.h"

#include <sodium.h>

void fc_hash(const void *bytes, size_t n, char out[FC_HASH_HEX])
{
    unsigned char raw[32];
    crypto_generichash(raw, sizeof raw, bytes, n, NULL, 0);
    sodium_bin2hex(out, FC_HASH_HEX, raw, sizeof raw);
}
