#include "plugin/health.h"
#include "plugin/pack_waiting.h"

static void one_store(fc_store *s, const char *place, fc_findings *f)
{
    fc_health_schema(s, place, f);
    fc_health_pages(s, place, f);
    fc_health_references(s, place, f);
}

void fc_health(fc_site *s, int loaded, fc_findings *f)
{
    fc_health_key(s, f);
    fc_health_modes(s, f);
    fc_health_space(s, f);
    one_store(s->store, "site", f);
    fc_health_backup(s, f);
    fc_health_packs(s, f);
    for (size_t i = 0; i < s->ndealerships; i++) {
        const fc_dealership *d = &s->dealerships[i];
        one_store(d->store, d->id, f);
        fc_health_audit(s, d, f);
        fc_health_sealed(d, f);
        if (loaded) fc_health_plugins(d, f);
        fc_health_mail(d, f);
    }
}
