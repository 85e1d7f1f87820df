/* The Lua half of the API: files of core/lua/half, embedded at build time. */
#ifndef FC_LUA_HALF_H
#define FC_LUA_HALF_H
#include <stddef.h>
typedef struct fc_half {
    const char *name, *text;
    size_t n;
} fc_half;
extern const fc_half fc_halves[]; /* ends with a NULL name */
#endif
