/* The vault: private fields are sealed (XChaCha20-Poly1305) under the key of the person they belong to, or,
 * where they belong to nobody in particular (person 0), under the dealership's. The associated data binds a
 * sealed value to table, column, row and person, so that a value moved to another place does not open. Blind
 * indexes (keyed BLAKE2b, 16 bytes as 32 hex digits) find equal values without opening them.
 *
 * Sealed form: 1 byte form, 8 bytes person (little endian), 24 bytes nonce, ciphertext + tag; where the
 * dealership's pair was changed there are two more forms (vault_form.h). Keys live in locked memory and never
 * leave, except to a child of ours (handover.h). How keys lie on disk: keys.h. */
#ifndef FC_STORE_VAULT_H
#define FC_STORE_VAULT_H
#include "base/buf.h"
#include "base/err.h"
#include "store/keys.h"
#include <stdint.h>

typedef struct fc_vault fc_vault;

/* Takes the keys over, unlocked. */
fc_vault *fc_vault_new(fc_keys *keys);
/* Keys of random bytes that are forgotten at the end: for stores in memory. NULL: err says why. */
fc_vault *fc_vault_volatile(const char *schema, const char *dealership, fc_err *err);
void fc_vault_close(fc_vault *v); /* NULL is allowed */
fc_keys *fc_vault_keys(fc_vault *v);
/* Days for which backups of the keys are kept: an erased person may come back from one for so long. */
void fc_vault_set_retention(fc_vault *v, int days);
int fc_vault_retention(const fc_vault *v);

/* Sealing for an erased person is refused (FC_EDENIED). */
int fc_vault_seal(fc_vault *v, const char *table, const char *column, int64_t row, int64_t person,
                  const void *plain, size_t n, fc_buf *out, fc_err *err);
/* A wrong key, a moved or a changed value, a person without key: FC_EDENIED. The person was erased:
 * FC_ENOTFOUND, and the sentence is what a page shows in the value's place. */
int fc_vault_unseal(fc_vault *v, const char *table, const char *column, int64_t row, const void *sealed,
                    size_t n, fc_buf *out, fc_err *err);
/* The person a sealed value says it belongs to; -1: it is none of ours. */
int64_t fc_vault_person_of(const void *sealed, size_t n);
/* `purpose` separates indexes ("mobile", "mobile4"); the value must be normalised by the caller. 32 hex
 * digits; after a change of the dealership's pair "~" and its number behind them. */
#define FC_INDEX_CAP 36
int fc_vault_index(fc_vault *v, const char *purpose, const char *value, size_t n, char out[FC_INDEX_CAP],
                   fc_err *err);
/* And how the same value is indexed in rows that a change of the pair has not reached: look for both. */
int fc_vault_indexes(fc_vault *v, const char *purpose, const char *value, size_t n, char now[FC_INDEX_CAP],
                     char before[FC_INDEX_CAP], fc_err *err);

/* Erases a person for good: its key is destroyed, the deletion is brought out of both stores' logs, and
 * `data` (table host_erased) keeps that it happened, so that a key that comes back with an old keys.db is
 * destroyed again by fc_vault_bury. Outside a transaction. Twice is harmless. */
int fc_vault_forget(fc_vault *v, fc_store *data, int64_t person, fc_err *err);
/* Destroys the keys of all persons that `data` knows as erased. *n: how many had one. */
int fc_vault_bury(fc_vault *v, fc_store *data, int *n, fc_err *err);
#endif
