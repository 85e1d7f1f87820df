/* One record being put together: its fields in one buffer, ended by NUL, then given out as an array of
 * strings. Shared by the two ways to read a table; private to them. */
#ifndef FC_TEXT_TABLE_RECORD_H
#define FC_TEXT_TABLE_RECORD_H
#include "base/buf.h"
#include <stdint.h>

#ifndef FC_RECORD_BYTES /* tests make it tiny */
#define FC_RECORD_BYTES (1024 * 1024)
#endif
#define FC_RECORD_FIELDS 16384

typedef struct fc_record {
    fc_buf data;
    uint32_t *starts; /* of the fields in data */
    const char **fields;
    int n, cap;
} fc_record;

void fc_record_clear(fc_record *r);
void fc_record_begin_field(fc_record *r);
void fc_record_end_field(fc_record *r);
/* Valid until the record is changed. */
const char *const *fc_record_fields(fc_record *r);
void fc_record_free(fc_record *r);
#endif
