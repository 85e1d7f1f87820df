/* Finds and remakes what lies under an earlier pair in a dealership's store. For change_pair.c. */
#ifndef FC_STORE_REMAKE_H
#define FC_STORE_REMAKE_H
#include "store/vault.h"

/* How many values and indexes lie under an earlier pair. */
int fc_remake_behind(fc_vault *v, fc_store *data, int64_t *n, fc_err *err);
/* One pass over all columns. tick: after each commit, with the number of values it remade. *n: how many in
 * all. */
int fc_remake_pass(fc_vault *v, fc_store *data, void (*tick)(void *ctx, int64_t n), void *ctx, int64_t *n,
                   fc_err *err);
#endif
