#include "plugin/health.h"
#include "plugin/pack_waiting.h"
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void fc_find(fc_findings *f, enum fc_mark mark, const char *check, const char *place, const char *zh,
             const char *en, ...)
{
    const char *formats[2] = {zh, en};
    if (f->n == f->cap) {
        f->cap = f->cap ? f->cap * 2 : 32;
        f->list = fc_realloc(f->list, f->cap * sizeof *f->list);
    }
    fc_finding *one = &f->list[f->n++];
    *one = (fc_finding){.mark = mark, .check = check};
    snprintf(one->place, sizeof one->place, "%s", place ? place : "");
    for (int lang = 0; lang < 2; lang++) {
        char text[FC_ERR_TEXT];
        va_list args;
        va_start(args, en);
        vsnprintf(text, sizeof text, formats[lang], args);
        va_end(args);
        fc_err cut;
        fc_fail_text(&cut, FC_OK, text); /* on a character's border */
        snprintf(one->text.text[lang], FC_ERR_TEXT, "%s", cut.text[lang]);
    }
    f->bad += mark == FC_BAD;
}

void fc_findings_free(fc_findings *f)
{
    free(f->list);
    *f = (fc_findings){0};
}

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
