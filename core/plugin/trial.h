/* The trial of a new version: for ten minutes or 200 calls its failures (program errors and limits, not what
 * is said to people) are compared with the rate of the version before. No verdict before 20 calls. Every
 * worker adds its calls to the history's rows; who holds the lease judges. */
#ifndef FC_PLUGIN_TRIAL_H
#define FC_PLUGIN_TRIAL_H
#include "plugin/live.h"
#include "plugin/site.h"

#define FC_TRIAL_CALLS 200
#define FC_TRIAL_LEAST 20

typedef struct fc_tally {
    int64_t calls, failures;
} fc_tally;
enum fc_verdict { FC_TRIAL_GOES_ON, FC_TRIAL_PASSED, FC_TRIAL_WORSE };

/* now, until: ms, of any clock. Worse is what three standard deviations of the old rate and one failure do
 * not explain. */
enum fc_verdict fc_trial_verdict(fc_tally fresh, fc_tally old, int64_t now, int64_t until);

/* A call into a generation of this live set has ended; fault NULL: well. */
void fc_trial_note(fc_live *live, const json_t *trials, const fc_gen *g, const fc_fault *fault);
/* Whose code it was that failed: the plugin that the place names, else the one that was called. */
const fc_source *fc_fault_source(const fc_live *live, const fc_gen *g, const fc_fault *fault);

/* Inside a transaction: adds what was counted to the rows. After its commit fc_trial_written. */
int fc_trial_write(fc_dealership *d, fc_err *err);
void fc_trial_written(fc_dealership *d);
/* The same beside a loop, with the next common commit. */
void fc_trial_queue(fc_dealership *d);
/* The same in a transaction of its own, at the end of a process. */
void fc_trial_flush(fc_dealership *d);
int fc_trial_counted(const fc_dealership *d); /* is there anything to write? */
/* Which versions are on trial now, into d->trials. */
void fc_trial_look(fc_dealership *d);
/* Ends the trials that have a verdict; what was worse goes back in the store and is held (*back counts): the
 * caller loads again. */
int fc_trial_judge(fc_dealership *d, int64_t now, int *back, fc_err *err);
#endif
