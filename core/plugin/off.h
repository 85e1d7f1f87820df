/* Plugins that are switched off (host_plugin_off), and the one reason for which the host does it itself: a
 * process died inside a call of a plugin that does not come with it. */
#ifndef FC_PLUGIN_OFF_H
#define FC_PLUGIN_OFF_H
#include "loop/supervise.h"
#include "plugin/site.h"
#include "plugin/source.h"

/* Takes the plugins that are off out of the list (NULL-terminated) and adds a problem for each that says
 * since when and why. */
void fc_off_apply(fc_dealership *d, fc_source **list, json_t *problems);

/* Writes down how a process ended: an audit row in each dealership, and, where a call of the site's own
 * plugin is to blame, the row that switches that plugin off. *off: one was switched off. */
int fc_off_after(fc_site *s, const fc_death *death, int *off, fc_err *err);
#endif
