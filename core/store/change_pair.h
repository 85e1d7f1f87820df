/* Changing a dealership's own pair on a living site, safely at every step.
 *
 *     1 the step      a new pair is the present one, in one commit; the one before it still opens and finds
 *     2 a pause       whoever asked for an index just before has looked for it
 *     3 persons       their keys are wrapped anew, 256 a commit
 *     4 values        what lies under an earlier pair itself is sealed over, and every blind index is remade
 *                     from itself, a few hundred rows a commit, until a pass finds nothing
 *     5 the end       an audit row, the old bytes overwritten, the change is not open any more
 *
 * Killed anywhere, everything opens and is found, and the same command goes on. */
#ifndef FC_STORE_CHANGE_PAIR_H
#define FC_STORE_CHANGE_PAIR_H
#include "store/rotate.h"
#include "store/vault.h"

enum fc_pair_stage { FC_PAIR_STEP, FC_PAIR_PERSONS, FC_PAIR_VALUES, FC_PAIR_AUDIT };

typedef struct fc_pair_change {
    const char *secrets, *actor;
    fc_vault *vault;
    fc_store *data;
    int pause_ms;
    /* after each commit; done and total are of this stage. For tests and progress; may be NULL. */
    void (*step)(void *ctx, enum fc_pair_stage stage, int64_t done, int64_t total);
    void *ctx;
} fc_pair_change;

/* FC_ROTATED or FC_ROTATED_RESUME; before, after: fingerprints of the pairs. FC_ECONFLICT: another change of
 * keys runs, or one of the master key is not finished. */
int fc_change_pair(const fc_pair_change *c, enum fc_rotated *result, char before[FC_PRINT_CAP],
                   char after[FC_PRINT_CAP], fc_err *err);

/* What still lies under an earlier pair: keys of persons, sealed values, indexes. */
int fc_pair_behind(fc_vault *v, fc_store *data, int64_t *n, fc_err *err);
#endif
