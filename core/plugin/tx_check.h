/* What stands in a body of host.db.tx and would be refused there when it runs. */
#ifndef FC_PLUGIN_TX_CHECK_H
#define FC_PLUGIN_TX_CHECK_H
#include "plugin/site.h"

void fc_tx_check_live(fc_dealership *d, json_t *problems);
#endif
