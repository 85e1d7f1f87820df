/* What the files of a dealership's keys share, from the lowest up: key_wrap.c, past_pairs.c, person_cache.c,
 * keys.c, pair.c, person_keys.c. */
#ifndef FC_STORE_KEYS_PARTS_H
#define FC_STORE_KEYS_PARTS_H
#include "base/buf.h"
#include "store/keys.h"

#define FC_CACHED 64 /* persons whose keys are remembered */
#define FC_SPARE 256 /* persons made ahead at most */

typedef struct fc_cached {
    int64_t person; /* 0: empty */
    uint64_t used;
    unsigned char key[FC_KEY_BYTES];
} fc_cached;

struct fc_keys {
    fc_store *store;
    char *dealership; /* owned */
    fc_pair *pair;    /* locked memory, read-only; NULL while locked */
    fc_cached *cache; /* locked memory, FC_CACHED of them */
    uint64_t tick;
    int64_t change; /* key_change.n when the cache was last known to be right */
    int64_t spare[FC_SPARE];
    int spares, batch;
    fc_pair *past; /* locked memory, FC_PAST of them: the pairs before the present one, the first at 0 */
    int pasts;
    char *secrets; /* owned; where the master key is read anew, or NULL */
};

/* key_wrap.c: nonce + plain + tag, bound to a use, a dealership and a number */
#define FC_WRAP_EXTRA 40
void fc_wrap_key(const unsigned char *with, const char *use, const char *dealership, int64_t number,
                 const void *plain, size_t n, fc_buf *out);
/* 0: opened into plain, which has room for n - FC_WRAP_EXTRA bytes */
int fc_unwrap_key(const unsigned char *with, const char *use, const char *dealership, int64_t number,
                  const void *wrapped, size_t n, void *plain);
int fc_keys_damaged(fc_keys *k, fc_err *err); /* the sentence: a pair does not open */

/* past_pairs.c. Reading: FC_EDENIED: a past pair does not open with the present one. */
int fc_pasts_read(fc_keys *k, const fc_pair *with, fc_err *err);
int fc_past_write(fc_keys *k, const fc_pair *with, const fc_pair *pair, int64_t n, fc_err *err);

/* person_cache.c */
void fc_cache_wipe(fc_keys *k);
const unsigned char *fc_cache_find(fc_keys *k, int64_t person); /* NULL: not remembered */
void fc_cache_add(fc_keys *k, int64_t person, const unsigned char *key);

/* keys.c */
void fc_keys_keep(fc_keys *k, fc_pair *pair); /* takes it over */
int fc_keys_insert(fc_keys *k, const fc_master *m, const fc_pair *pair, fc_err *err);
void fc_pair_print(const fc_pair *pair, char out[FC_PRINT_CAP]);
#endif
