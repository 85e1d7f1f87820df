/* Keeps the plugins of a serving process up to date: looks at the folders when they have changed and are
 * still again, obeys what the store says within 20 ms, has staged versions tested, judges trials. */
#ifndef FC_PLUGIN_RELOAD_JOB_H
#define FC_PLUGIN_RELOAD_JOB_H
#include "loop/loop.h"
#include "plugin/site.h"

typedef struct fc_reload_job fc_reload_job;
/* watch: look at the folders by oneself (else only when asked). */
fc_reload_job *fc_reload_job_start(fc_loop *l, fc_site *s, int watch);
/* While the loop still stands and the stores are no longer served. */
void fc_reload_job_stop(fc_reload_job *j);
#endif
