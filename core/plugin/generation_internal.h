/* Shared by the files that build a generation. */
#ifndef FC_PLUGIN_GENERATION_INTERNAL_H
#define FC_PLUGIN_GENERATION_INTERNAL_H
#include "plugin/generation.h"

typedef struct fc_building {
    fc_gen *g;
    const json_t *points;
    json_t *problems;
    int bad;
} fc_building;

/* generation_problem.c */
/* A problem of the plugin, at a place or "": the generation does not come about. */
void fc_building_bad(fc_building *b, const char *at, const char *zh, const char *en);
void fc_building_fault(fc_building *b, const char *file, const fc_fault *f);

/* generation_texts.c: locale and templates, and whether they fit each other and the pages */
void fc_building_texts(fc_building *b);
#endif
