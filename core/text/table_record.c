/* The buffer may move while the record grows, so fields are offsets until they are given out. */
#include "text/table_record.h"

#include <stdlib.h>

void fc_record_clear(fc_record *r)
{
    fc_buf_clear(&r->data);
    r->n = 0;
}

void fc_record_begin_field(fc_record *r)
{
    if (r->n == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 64;
        r->starts = fc_realloc(r->starts, (size_t)r->cap * sizeof *r->starts);
        r->fields = fc_realloc(r->fields, (size_t)r->cap * sizeof *r->fields);
    }
    r->starts[r->n++] = (uint32_t)r->data.len;
}

void fc_record_end_field(fc_record *r)
{
    fc_buf_addc(&r->data, 0);
}

const char *const *fc_record_fields(fc_record *r)
{
    for (int i = 0; i < r->n; i++)
        r->fields[i] = r->data.data + r->starts[i];
    return r->fields;
}

void fc_record_free(fc_record *r)
{
    fc_buf_free(&r->data);
    free(r->starts);
    free(r->fields);
}
