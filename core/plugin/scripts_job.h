/* Runs the scripts that people start in the console: one after the other, each in a process of its own
 * (forecourt run --job N), so that a long import holds nobody up and one that crashes costs only itself. They
 * meet the server only in the store. */
#ifndef FC_PLUGIN_SCRIPTS_JOB_H
#define FC_PLUGIN_SCRIPTS_JOB_H
#include "loop/loop.h"
#include "loop/supervise.h"
#include "plugin/site.h"

typedef struct fc_scripts_job fc_scripts_job;
/* crashed: a script's process died inside a call, or was ended because it stood still. */
fc_scripts_job *fc_scripts_job_start(fc_loop *l, fc_site *s,
                                     void (*crashed)(void *ctx, const fc_death *death), void *ctx);
void fc_scripts_job_look(fc_scripts_job *j); /* one was put into the queue */
void fc_scripts_job_stop(fc_scripts_job *j);
#endif
