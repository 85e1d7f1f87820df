/* Is a site well? Each check is one function that adds its findings to a list; nothing here prints. A check
 * that cannot be made is a finding, too. Works with broken plugins: no Lua of a plugin runs. */
#ifndef FC_PLUGIN_HEALTH_H
#define FC_PLUGIN_HEALTH_H
#include "plugin/finding.h"
#include "plugin/site.h"

/* All checks, in the order in which they are shown. loaded: the live sets are there. */
void fc_health(fc_site *s, int loaded, fc_findings *f);

/* health_site.c */
void fc_health_program(fc_findings *f);
void fc_health_space(const fc_site *s, fc_findings *f);
void fc_health_plugins(const fc_dealership *d, fc_findings *f);
void fc_health_mail(const fc_dealership *d, fc_findings *f);
/* health_keys.c */
void fc_health_key(const fc_site *s, fc_findings *f);
void fc_health_modes(const fc_site *site, fc_findings *f); /* the signing key; who may read databases */
void fc_health_sealed(const fc_dealership *d, fc_findings *f);
/* health_store.c */
void fc_health_files(const char *dir,
                     fc_findings *f); /* every page of data/NAME.db and its log; needs no site that opens */
void fc_health_schema(fc_store *s, const char *place, fc_findings *f);
void fc_health_pages(fc_store *s, const char *place, fc_findings *f);
void fc_health_references(fc_store *s, const char *place, fc_findings *f);
/* health_backup.c */
void fc_health_backup(fc_site *s, fc_findings *f);
/* health_audit.c */
void fc_health_audit(fc_site *s, const fc_dealership *d, fc_findings *f);
#endif
