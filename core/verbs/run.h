/* What the files of `run` share: one run of a script, by whatever it was started. */
#ifndef FC_VERBS_RUN_H
#define FC_VERBS_RUN_H
#include "loop/progress.h"
#include "verbs/options.h"
#include "verbs/session.h"

typedef struct fc_running {
    fc_dealership *d;
    int64_t job; /* 0: from the command line */
    fc_progress bar;
} fc_running;

/* run_params.c */
int fc_run_read_params(fc_dealership *d, const json_t *script, int argc, char **argv, json_t *params,
                       const fc_usage *usage, fc_err *err); /* -2: wrong use, said already */
int fc_run_complete(const json_t *script, json_t *params, fc_err *err);

/* run_progress.c */
int fc_run_progress(fc_call *c, int64_t done, int64_t total, const json_t *what);
/* run_result.c */
void fc_run_print(fc_call *c, const json_t *script, json_t *result, int json);

/* run_script.c */
/* The script in this call; new result or NULL. c->data is the fc_running. */
json_t *fc_run_script(fc_call *c, const json_t *script, json_t *params, fc_fault *fault);
/* argv[1] is the script */
int fc_run_by_hand(fc_dealership *d, const char *as, int argc, char **argv, int json, const fc_usage *usage);
/* run_steps.c, run_job.c */
int fc_run_steps(fc_dealership *d, const char *path, int json, const fc_usage *usage);
int fc_run_job(fc_dealership *d, int64_t id);

/* run_help.c: --help of run, or of one script; without a site of the scripts that come with the host */
int fc_run_help(const fc_usage *usage, const char *dir, const char *dealership, const char *script);
int fc_run_unknown(fc_dealership *d, const char *name); /* says which there are; returns 2 */
#endif
