/* How a child of ours (serve starts `run --job`) gets the dealerships' keys: through a pipe that it inherits.
 * A pipe is read once and lies in no file; the child needs no master key, which may come from the environment
 * or be changed at that very moment. */
#ifndef FC_STORE_HANDOVER_H
#define FC_STORE_HANDOVER_H
#include "store/keys.h"

typedef struct fc_handover {
    const char *dealership;
    const fc_pair *pair;
} fc_handover;

/* *fd: the reading end, holding everything; closed by the caller once the child has it. */
int fc_handover_write(const fc_handover *list, size_t n, int *fd, fc_err *err);

typedef struct fc_handed fc_handed;
/* Reads to the end and closes fd. */
int fc_handover_read(int fd, fc_handed **out, fc_err *err);
const fc_pair *fc_handed_pair(const fc_handed *h, const char *dealership); /* NULL: not in it */
void fc_handed_free(fc_handed *h);                                         /* wipes; NULL is allowed */
#endif
