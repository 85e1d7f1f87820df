/* The keys of one dealership and their file, data/ID.keys.db. For the vault, rotation and their tests.
 *
 *     master key -> dealership's pair (seal, index) -> one key per person
 *
 * The pair may be changed, too: see pair.c.
 *
 * The pair lies in the file once for each master key that opens it (two while the master key is changed), so
 * changing the master key touches neither persons nor values. A person's key is wrapped with the pair's
 * sealing key. Everything wrapped is bound to its dealership and person: rows of another file do not open. */
#ifndef FC_STORE_KEYS_H
#define FC_STORE_KEYS_H
#include "store/locked.h"
#include "store/master.h"
#include "store/store.h"

typedef struct fc_pair { /* in locked memory */
    unsigned char seal[FC_KEY_BYTES], index[FC_KEY_BYTES];
} fc_pair;

typedef struct fc_keys fc_keys;

enum fc_person { FC_PERSON_KNOWN, FC_PERSON_NONE, FC_PERSON_ERASED };

/* Opens or creates the file (":memory:" for a store that is forgotten); schema: folder of its migrations. */
int fc_keys_open(const char *path, const char *schema, const char *dealership, fc_keys **out, fc_err *err);
void fc_keys_close(fc_keys *k);     /* wipes; removes spare keys; NULL is allowed */
void fc_keys_read_only(fc_keys *k); /* makes and destroys no key from now on */
fc_store *fc_keys_store(fc_keys *k);

/* *made = 1: the file holds a pair. */
int fc_keys_made(fc_keys *k, int *made, fc_err *err);
/* A new pair, wrapped with this master key; one that is there already stays and is opened. */
int fc_keys_make(fc_keys *k, const fc_master *m, fc_err *err);
/* FC_EDENIED: the file is wrapped with another master key, and with which. Writes nothing. */
int fc_keys_unlock(fc_keys *k, const fc_master *m, fc_err *err);
/* With a pair from the process that started this one; must be the file's. */
int fc_keys_given(fc_keys *k, const fc_pair *pair, fc_err *err);
const fc_pair *fc_keys_pair(const fc_keys *k); /* NULL while locked */

/* Rotation: the unlocked pair once more under `next`; then every other wrapping away. */
int fc_keys_wrap(fc_keys *k, const fc_master *next, fc_err *err);
int fc_keys_only(fc_keys *k, const fc_master *m, fc_err *err);
/* How many wrappings there are, and since when the one of m is (0: none). */
int fc_keys_wrappings(fc_keys *k, const fc_master *m, int64_t *count, int64_t *since, fc_err *err);

/* ---- the pairs there were (past_pairs.c) */
#define FC_PAST 64                                           /* before the present one, at most */
int64_t fc_keys_pair_number(const fc_keys *k);               /* of the present one; the first is 0 */
const fc_pair *fc_keys_pair_at(const fc_keys *k, int64_t n); /* NULL: there is no such pair */

/* ---- a new pair (pair.c); the whole change is in change_pair.h */
/* Where the master key is read again when another process made a new pair. Without it that is an error. */
void fc_keys_master_in(fc_keys *k, const char *secrets);
/* Before a use: follows what other processes did. */
int fc_keys_fresh(fc_keys *k, fc_err *err);
/* A new random pair becomes the present one, in one commit, which also says that a change is open. */
int fc_keys_step(fc_keys *k, const fc_master *m, fc_err *err);
int fc_keys_changing(fc_keys *k, int *open, char before[FC_PRINT_CAP], char after[FC_PRINT_CAP], fc_err *err);
int fc_keys_changed(fc_keys *k, fc_err *err); /* the change is not open any more */

/* ---- persons (person_keys.c) */
/* Wraps the keys of the next few persons after *last with the present pair; *n: how many, 0 at the end. */
int fc_keys_rewrap(fc_keys *k, int64_t *last, int64_t *n, fc_err *err);
int fc_keys_behind(fc_keys *k, int64_t *n, fc_err *err); /* persons whose keys lie under a past pair */
/* The person's key. make: one that has none gets one, committed before this returns. */
int fc_keys_person(fc_keys *k, int64_t person, int make, unsigned char key[FC_KEY_BYTES],
                   enum fc_person *state, fc_err *err);
/* How a person stands, without opening anything. */
int fc_keys_state(fc_keys *k, int64_t person, enum fc_person *state, fc_err *err);
/* A new id that has its key already. The first costs a commit, many in a row one per some hundred. */
int fc_keys_new_person(fc_keys *k, int64_t *person, fc_err *err);
/* Destroys the key for good; a person without key can get none afterwards either. *was: how it stood. Does
 * not bring the deletion out of the WAL: fc_store_scrub does. */
int fc_keys_forget(fc_keys *k, int64_t person, enum fc_person *was, fc_err *err);
#endif
