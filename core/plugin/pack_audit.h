/* What people did about packs (pack/acts.h), in a dealership's audit log. */
#ifndef FC_PLUGIN_PACK_AUDIT_H
#define FC_PLUGIN_PACK_AUDIT_H
#include "plugin/site.h"

/* In the caller's transaction: a row for each act that the store does not have yet; its detail is the act as
 * JSON, with "words": what each of "asks" means. *written counts the rows. */
int fc_pack_audit(fc_dealership *d, const json_t *acts, int *written, fc_err *err);
#endif
