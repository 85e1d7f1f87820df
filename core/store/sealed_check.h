/* Looks at every sealed value of a store from outside: no value is opened. */
#ifndef FC_STORE_SEALED_CHECK_H
#define FC_STORE_SEALED_CHECK_H
#include "store/vault.h"

typedef struct fc_sealed_report {
    int64_t persons; /* whom sealed values belong to */
    int64_t erased;  /* of them: erased, as it should be */
    int64_t orphans; /* of them: without key, though not erased */
    int64_t foreign; /* kinds of values in no form of ours: a column's name is in `where` */
    int64_t idle;    /* keys that no value uses: persons without anything private, or made ahead by a process
                        that was killed */
    char where[160]; /* "table.column" of the first orphan or foreign value */
} fc_sealed_report;

int fc_sealed_check(fc_vault *v, fc_store *data, fc_sealed_report *out, fc_err *err);
#endif
