/* What a check of a site's health found. */
#ifndef FC_PLUGIN_FINDING_H
#define FC_PLUGIN_FINDING_H
#include "base/err.h"

#include <stddef.h>

enum fc_mark { FC_GOOD, FC_WARNING, FC_BAD };

typedef struct fc_finding {
    enum fc_mark mark;
    const char *check; /* its name, for scripts */
    char place[80];    /* a dealership, "site", or "" */
    fc_err text;
} fc_finding;

typedef struct fc_findings {
    fc_finding *list; /* owned */
    size_t n, cap;
    int bad;
} fc_findings;

void fc_find(fc_findings *f, enum fc_mark mark, const char *check, const char *place, const char *zh,
             const char *en, ...) __attribute__((format(printf, 5, 7), format(printf, 6, 7)));
void fc_findings_free(fc_findings *f);
#endif
