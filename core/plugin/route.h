/* Routes of a live set: which page answers a method and a path. */
#ifndef FC_PLUGIN_ROUTE_H
#define FC_PLUGIN_ROUTE_H
#include "plugin/live.h"

typedef struct fc_route {
    const char *method; /* borrowed from the definition */
    const char *path;   /* "/calls/:id" */
    size_t fixed;       /* its length before the first parameter */
    char letter;        /* its second, which rules most routes out without a look at the path */
    int root;           /* stands at the site's root, not below a dealership */
    fc_gen *gen;        /* borrowed from the live set */
    json_t *env;        /* borrowed */
    const fc_template *template;
    char ref[256]; /* function reference */
} fc_route;

/* Two pages with one method and path, a page without `who`: a problem; its plugin is marked in failed. */
void fc_routes_build(fc_live *l, json_t *failed, json_t *problems);
/* The route, literal segments before parameters; params: object that gets the path parameters as text.
 * *other_method = the path exists. */
const fc_route *fc_route_find(const fc_live *l, const char *method, const char *path, int root,
                              json_t *params, int *other_method);
#endif
