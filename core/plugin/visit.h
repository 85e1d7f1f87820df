/* One request on its way through a page, and what Lua and templates are told about it. Both are made when
 * they are asked for: a page that answers data needs no globals, and a handler gets the request without JSON
 * in between. */
#ifndef FC_PLUGIN_VISIT_H
#define FC_PLUGIN_VISIT_H
#include "net/http.h"
#include "plugin/route.h"
#include "plugin/world.h"

typedef struct fc_visit {
    fc_req *req;
    fc_call *call;
    const fc_route *route;  /* NULL while an error comes before one was found */
    json_t *params, *files; /* NULL until they are read; files also without any */
    json_t *request;        /* see fc_visit_request */
    json_t *globals;        /* see fc_visit_globals */
    fc_buf text;            /* the handler's data as JSON, where nothing else is wanted */
    int htmx, json;
} fc_visit;

#define FC_VISIT_MEMBERS 10
/* The request as a handler gets it. */
void fc_visit_members(const fc_visit *v, fc_member out[FC_VISIT_MEMBERS]);
/* The same as JSON, for the frame; owned by the visit. */
const json_t *fc_visit_request(fc_visit *v);
/* What every template knows; owned by the visit. */
json_t *fc_visit_globals(fc_visit *v);
void fc_visit_free(fc_visit *v);
#endif
