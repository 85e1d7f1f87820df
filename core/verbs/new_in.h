/* forecourt new KIND NAME --in PLUGIN */
#ifndef FC_VERBS_NEW_IN_H
#define FC_VERBS_NEW_IN_H
#include "base/err.h"

/* Adds the pattern to a plugin's folder that is there already, and to its manifest what it needs. */
int fc_new_in(const char *site, const char *plugin, const char *kind, const char *pattern, const char *name,
              fc_err *err);
#endif
