/* Memory that lives as long as the request: what is small in the request itself, the rest in chunks. */
#include "net/internal.h"

#include <stdlib.h>
#include <string.h>

void *req_room(fc_req *r, size_t n)
{
    if (r->used + n <= sizeof r->room) {
        r->used += n;
        return r->room + r->used - n;
    }
    struct chunk *chunk = fc_alloc(sizeof *chunk + n);
    chunk->next = r->chunks;
    r->chunks = chunk;
    return chunk->bytes;
}

char *req_copy(fc_req *r, const char *bytes, size_t n)
{
    char *copy = req_room(r, n + 1);
    memcpy(copy, bytes, n);
    copy[n] = 0;
    return copy;
}

void req_room_free(fc_req *r)
{
    for (struct chunk *chunk = r->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
}
