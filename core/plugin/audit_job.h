/* Chains and signs the audit logs of a site's dealerships each second. Of several processes one does it; the
 * others ask again every few seconds whether it is gone. */
#ifndef FC_PLUGIN_AUDIT_JOB_H
#define FC_PLUGIN_AUDIT_JOB_H
#include "loop/loop.h"
#include "plugin/site.h"

typedef struct fc_audit_job fc_audit_job;
fc_audit_job *fc_audit_job_start(fc_loop *l, fc_site *s);
void fc_audit_job_stop(fc_audit_job *j);
/* At init: makes the key and records it. */
int fc_audit_key_make(fc_site *s, fc_err *err);
#endif
