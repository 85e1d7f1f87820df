/* Makes deleted content go from the disk, not only out of sight. */
#ifndef FC_STORE_SCRUB_H
#define FC_STORE_SCRUB_H
#include "store/store.h"

/* From now on this handle overwrites what it deletes. */
int fc_store_scrub_on(fc_store *s, fc_err *err);
/* Brings the whole WAL into the file and cuts it to nothing. Outside a transaction. Somebody else's long read
 * makes it fail with FC_ELIMIT; it may be tried again at any time. */
int fc_store_scrub(fc_store *s, fc_err *err);
#endif
