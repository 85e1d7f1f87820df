/* A version whose plugin has tests waits for them: they run in a process of their own, and until they have
 * passed the version before stays in force. What ships with the program was tested before it came. */
#ifndef FC_PLUGIN_STAGE_H
#define FC_PLUGIN_STAGE_H
#include "loop/loop.h"
#include "plugin/site.h"

/* Takes out of the candidates what has to wait (d->staged) or whose tests failed (d->problems), and what
 * changed together with it and is tied to it by needs. */
void fc_stage(fc_dealership *d, fc_source **list);

typedef struct fc_stage_runner fc_stage_runner;
/* Runs the tests of what waits, one plugin at a time; `ended` says that a verdict stands in the store. */
fc_stage_runner *fc_stage_start(fc_loop *l, fc_site *s, void (*ended)(void *ctx), void *ctx);
/* Begins, if something waits and nothing runs. looked: the folders were looked at anew. */
void fc_stage_next(fc_stage_runner *r, int looked);
void fc_stage_stop(fc_stage_runner *r); /* a process that runs is ended */
/* The same on the spot, for a verb: runs all that wait. How many ran. */
int fc_stage_now(fc_dealership *d);
#endif
