/* The way of a request: assets, routes, session, rights, parameters, handler, answer. Who may call a page is
 * decided here, in one place, before any plugin's code runs. */
#ifndef FC_PLUGIN_PAGES_H
#define FC_PLUGIN_PAGES_H
#include "net/http.h"
#include "plugin/site.h"

/* Handles one request; answers now or later. */
void fc_pages_handle(fc_site *s, fc_req *r);
#endif
