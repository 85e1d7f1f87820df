/* Memory for keys: guarded, locked pages (where the system lets us), wiped when freed. */
#ifndef FC_STORE_LOCKED_H
#define FC_STORE_LOCKED_H
#include <stddef.h>

#define FC_KEY_BYTES 32
#define FC_KEY_HEX (FC_KEY_BYTES * 2)

void *fc_locked(size_t n); /* zeroed; never NULL */
void fc_locked_free(void *p);
#endif
