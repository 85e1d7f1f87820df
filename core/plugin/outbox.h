/* Sends queued mail (host_mail): every two seconds what is due, one message at a time in the pool; a failure
 * is tried again after 1, 5, 30 minutes, then every 2 hours, for two days. */
#ifndef FC_PLUGIN_OUTBOX_H
#define FC_PLUGIN_OUTBOX_H
#include "loop/loop.h"
#include "plugin/site.h"

typedef struct fc_outbox fc_outbox;
fc_outbox *fc_outbox_start(fc_loop *l, fc_site *s);
void fc_outbox_stop(fc_outbox *o);
#endif
