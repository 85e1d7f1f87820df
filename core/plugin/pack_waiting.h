/* Packs that wait for a person, as doctor and the console show them. */
#ifndef FC_PLUGIN_PACK_WAITING_H
#define FC_PLUGIN_PACK_WAITING_H
#include "plugin/finding.h"
#include "plugin/site.h"

/* Puts into the row of each plugin whose update waits: "waits" = {"version", "asks" = [{"zh","en"}]}, what it
 * asks for beyond what is in force. rows: array of {"id"}. */
void fc_pack_waiting(const fc_dealership *d, json_t *rows);
void fc_health_packs(const fc_site *s, fc_findings *f);
#endif
