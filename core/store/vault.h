/* The vault: private fields are sealed (XChaCha20-Poly1305) under one key per dealership, which is derived
 * from the site's master key. The associated data binds a sealed value to table, column and row, so that a
 * value moved to another place does not open. Blind indexes (keyed BLAKE2b, 16 bytes as 32 hex digits) find
 * equal values without opening them.
 *
 * Sealed form: 1 byte key version, 24 bytes nonce, ciphertext + tag. Keys live in locked memory and never
 * leave. */
#ifndef FC_STORE_VAULT_H
#define FC_STORE_VAULT_H
#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

typedef struct fc_vault fc_vault;

/* Reads the 32-byte master key as 64 hex digits from `path` (mode must be 0600 or 0400, else FC_EDENIED with
 * the chmod that mends it); makes the file, mode 0600, if `create` and it is not there. */
int fc_vault_open(const char *path, int create, const char *dealership, fc_vault **out, fc_err *err);
/* A key of random bytes that is forgotten at the end: for in-memory stores. */
fc_vault *fc_vault_volatile(const char *dealership);
void fc_vault_close(fc_vault *v);

int fc_vault_seal(fc_vault *v, const char *table, const char *column, int64_t row, const void *plain,
                  size_t n, fc_buf *out);
/* A wrong key, a moved or a changed value: FC_EDENIED. */
int fc_vault_unseal(fc_vault *v, const char *table, const char *column, int64_t row, const void *sealed,
                    size_t n, fc_buf *out, fc_err *err);
/* `purpose` separates indexes ("mobile", "mobile4"); the value must be normalised by the caller. out: 32 hex
 * + NUL */
void fc_vault_index(fc_vault *v, const char *purpose, const char *value, size_t n, char out[33]);
#endif
