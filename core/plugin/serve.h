/* A worker that takes HTTP: server, folder watch, outgoing mail, and the processes that run scripts. */
#ifndef FC_PLUGIN_SERVE_H
#define FC_PLUGIN_SERVE_H
#include "net/http.h"
#include "plugin/site.h"

typedef struct fc_serve_opts {
    const char *address;
    int port;
    int watch;
    void (*ready)(const char *address, int port);
} fc_serve_opts;
/* Runs until SIGTERM or SIGINT. */
int fc_serve(fc_site *s, const fc_serve_opts *o, fc_err *err);
#endif
