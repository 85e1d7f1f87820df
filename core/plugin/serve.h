/* A worker: a loop over the stores and the live sets of a site, with a folder watch. It takes HTTP, or does
 * the host's own work (the scripts people start, outgoing mail, scheduled backups, the audit log's
 * signature), or, where it is the only process, both. */
#ifndef FC_PLUGIN_SERVE_H
#define FC_PLUGIN_SERVE_H
#include "loop/supervise.h"
#include "net/http.h"
#include "plugin/site.h"

typedef struct fc_serve_opts fc_serve_opts;
struct fc_serve_opts {
    int http, jobs; /* which of both */
    const char *address;
    int port, socket; /* socket: one that listens on port already, 0: open one */
    int watch;
    fc_board *board; /* of its supervisor; NULL: it is alone */
    void (*ready)(const fc_serve_opts *o, int port);
};
/* Runs until SIGTERM, or SIGINT where it is alone; requests that are under way are answered (at most 5 s). */
int fc_serve(fc_site *s, const fc_serve_opts *o, fc_err *err);
#endif
