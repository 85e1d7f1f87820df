/* Progress of long work on stderr: a bar on a terminal, a plain line each tenth elsewhere. And Ctrl-C as a
 * question that long work asks between two steps, so that it can end with nothing half done. */
#ifndef FC_LOOP_PROGRESS_H
#define FC_LOOP_PROGRESS_H
#include <stdint.h>

typedef struct fc_progress { /* zeroed at the beginning */
    int percent;
    int64_t shown_at;
} fc_progress;

/* text may be NULL. */
void fc_progress_show(fc_progress *p, int64_t done, int64_t total, const char *text);
/* From now on SIGINT and SIGTERM only set the flag; a second one ends the process at once. */
void fc_progress_catch(void);
int fc_progress_stopped(void);
#endif
