/* Shared by web.c (what is asked and what came of it) and web_run.c (doing it). */
#ifndef FC_NET_WEB_INTERNAL_H
#define FC_NET_WEB_INTERNAL_H
#include "base/curl.h"
#include "net/web.h"

#include <pthread.h>
#include <stdint.h>

struct fc_web {
    char *method, *url;
    const json_t *hosts, *internal_hosts;
    int64_t until; /* monotonic ns */
    int ms;
    char **lines; /* "Name: value" */
    size_t nlines, line_bytes;
    char *bound; /* NULL: goes anywhere */
    fc_buf body;
    bool has_body, has_type;

    /* where it goes now; set by judging */
    char host[256];
    int port;
    bool internal;
    const char *address; /* that stands for the name, or NULL */

    pthread_mutex_t lock; /* of the next two */
    CURLM *multi;
    bool aborted;

    /* what came of it */
    enum fc_web_code code;
    fc_err err;
    int status;
    json_t *headers;
    size_t header_bytes;
    fc_buf answer;
    bool inside, full; /* an address was refused; more came than is taken */
};

enum fc_web_code fc_web_fail(fc_web *w, enum fc_web_code code, const char *zh, const char *en, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));
/* Judges an address, the first or one that the server leads to, and sets host, port and internal. */
enum fc_web_code fc_web_judge_url(fc_web *w, const fc_curl *lib, const char *url);
#endif
