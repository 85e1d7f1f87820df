/* One attempt to match a pattern of Lua's at one place, which can be left in the middle: see match.c. The
 * subject and the pattern belong to whoever holds the matcher; it has no memory of its own. */
#ifndef FC_LUA_MATCH_H
#define FC_LUA_MATCH_H
#include "lua/internal.h"

#define FC_MATCH_CAPTURES 32
#define FC_MATCH_DEPTH 200
#define FC_MATCH_PATTERN (64 << 10)

enum { FC_MATCH_NO, FC_MATCH_YES, FC_MATCH_LATER };

typedef struct fc_choice {
    int kind;
    const char *s, *p, *behind;
    size_t n, least;
} fc_choice;

typedef struct fc_matcher {
    lua_State *L;
    const char *subject, *end, *pattern, *pattern_end;
    int anchored;            /* began with ^, which is not part of `pattern` */
    const char *s, *p;       /* s: after YES the end of the match */
    size_t progress, nested; /* inside the item at p */
    size_t steps;
    int captures, depth;
    struct {
        const char *at;
        ptrdiff_t len; /* a length, or what match.c marks with less than 0 */
    } capture[FC_MATCH_CAPTURES];
    fc_choice choices[FC_MATCH_DEPTH];
} fc_matcher;

void fc_match_prepare(fc_matcher *m, lua_State *L, const char *s, size_t n, const char *p, size_t pn);
/* Both raise on a malformed pattern and after a kill. LATER: the caller may step aside (fc_step_aside, with
 * the matcher kept where it survives) and goes on with fc_match_on. */
int fc_match_at(fc_matcher *m, const char *s);
int fc_match_on(fc_matcher *m);
int fc_match_due(fc_matcher *m); /* between two attempts: raises after a kill; 1: step aside */
/* Push one capture (0: the whole match if the pattern has none), or all of them (none: the whole match if it
 * is wanted); the match began at `from`. */
void fc_match_capture(fc_matcher *m, int i, const char *from);
int fc_match_captures(fc_matcher *m, const char *from, int whole);
#endif
