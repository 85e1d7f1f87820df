#include "base/heap.h"

#include <malloc.h>

/* As much as one plugin may hold. Given back and asked for again, memory must be cleared page by page, and a
 * table or text of megabytes then holds the loop for 10 ms instead of 7. It is given back when a plugin's old
 * version goes (malloc_trim). */
#define AT_HAND (64 << 20)
#define MAPPED (32 << 20) /* the most that the C library takes: larger blocks are mappings of their own */

void fc_heap_settle(void)
{
    mallopt(M_MMAP_THRESHOLD, MAPPED);
    mallopt(M_TRIM_THRESHOLD, AT_HAND);
    /* Loading plugins frees many small things between large ones; to merge the former for each of the latter
     * takes a tenth of a start. */
    mallopt(M_MXFAST, 0);
}
