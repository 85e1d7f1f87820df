/* Starts `forecourt backup` in a process of its own when one is due: at the time that site.lua names, and at
 * a start when the last good one is older than a day. */
#ifndef FC_PLUGIN_BACKUP_JOB_H
#define FC_PLUGIN_BACKUP_JOB_H
#include "loop/loop.h"
#include "plugin/site.h"

typedef struct fc_backup_job fc_backup_job;
/* NULL where site.lua schedules none. */
fc_backup_job *fc_backup_job_start(fc_loop *l, fc_site *s);
void fc_backup_job_stop(fc_backup_job *j);
#endif
