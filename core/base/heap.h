/* How the C library keeps memory, for programs that hold states of Lua. */
#ifndef FC_BASE_HEAP_H
#define FC_BASE_HEAP_H

/* Once, at the start of the program. */
void fc_heap_settle(void);
#endif
