/* Changing a site's master key, on a living site and safely at every step.
 *
 *     1 next made    secrets/master.key.next; the old key opens everything
 *     2 wrapped      each dealership's pair lies under both keys, one commit a dealership; the old key opens
 *                    everything, the new one what is done so far
 *     3 in place     master.key.next renamed over master.key; the new key opens everything
 *     4 old removed  the wrappings under the old key are deleted and overwritten
 *
 * Killed anywhere, the site goes on with the key that is in place, and the same command finishes what was
 * begun. Running processes hold the dealerships' pairs, which do not change, and notice nothing. Where the
 * key is a credential or a variable, only who starts the site can put the new one in place: after step 2 the
 * rotation waits for that, and the same command ends it. */
#ifndef FC_STORE_ROTATE_H
#define FC_STORE_ROTATE_H
#include "store/keys.h"

typedef struct fc_rotation {
    const char *secrets, *schema;
    const char *const *paths;       /* of the keys.db files */
    const char *const *dealerships; /* their ids */
    size_t n;
    void (*step)(void *ctx, int number, const char *what); /* after each step; for tests and progress */
    void *ctx;
} fc_rotation;

enum fc_rotated {
    FC_ROTATED,        /* done */
    FC_ROTATED_RESUME, /* done: an earlier one that had been interrupted */
    FC_ROTATED_WAITS   /* the new key has to be put in place by hand */
};

/* Only one change of keys runs in a site. *folder: closed by the caller; closing ends the turn. */
int fc_rotate_lock(const char *secrets, int *folder, fc_err *err);
/* before, after: fingerprints. */
int fc_rotate(const fc_rotation *r, enum fc_rotated *result, char before[FC_PRINT_CAP],
              char after[FC_PRINT_CAP], fc_err *err);
#endif
