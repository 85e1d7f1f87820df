/* Whether a pattern of Lua's matches at one place of a text. Raises what Lua's own matcher raises, and what
 * the watchdog says. */
#ifndef FC_LUA_MATCH_WALK_H
#define FC_LUA_MATCH_WALK_H
#include "lua/internal.h"

#define FC_MAX_CAPTURES 32

enum { FC_CAPTURE_OPEN = -1, FC_CAPTURE_POSITION = -2 };

typedef struct fc_matcher {
    lua_State *L;
    const char *subject, *end, *pattern_end;
    int depth, captures;
    unsigned steps;
    struct {
        const char *at;
        ptrdiff_t len; /* FC_CAPTURE_OPEN, FC_CAPTURE_POSITION or the length */
    } capture[FC_MAX_CAPTURES];
} fc_matcher;

/* Where the match ends, NULL if there is none; the captures are in m. */
const char *fc_match_at(fc_matcher *m, const char *s, const char *p);
/* Once for each step of a loop. */
void fc_match_poll(fc_matcher *m);
#endif
