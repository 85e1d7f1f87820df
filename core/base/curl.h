/* libcurl, opened at the first use of it: who reaches no network (a start, a site without mail, a pack from a
 * file) does not pay for it, and need not have it. The one place that knows its name. Above stands what is
 * asked of it: fetching packs, mail, plugins' requests. */
#ifndef FC_BASE_CURL_H
#define FC_BASE_CURL_H
#include "base/err.h"

#include <curl/curl.h>

typedef struct fc_curl {
    CURL *(*init)(void);
    CURLcode (*set)(CURL *curl, CURLoption option, ...);
    CURLcode (*perform)(CURL *curl);
    CURLcode (*info)(CURL *curl, CURLINFO info, ...);
    void (*cleanup)(CURL *curl);
    const char *(*error)(CURLcode code);
    struct curl_slist *(*append)(struct curl_slist *list, const char *text);
    void (*free_list)(struct curl_slist *list);
    CURLU *(*url)(void);
    CURLUcode (*url_set)(CURLU *url, CURLUPart part, const char *text, unsigned flags);
    CURLUcode (*url_get)(CURLU *url, CURLUPart part, char **text, unsigned flags);
    void (*url_free)(CURLU *url);
    void (*free)(void *text); /* what url_get gave */
    CURLM *(*multi)(void);
    CURLMcode (*multi_add)(CURLM *multi, CURL *curl);
    CURLMcode (*multi_remove)(CURLM *multi, CURL *curl);
    CURLMcode (*multi_perform)(CURLM *multi, int *running);
    CURLMcode (*multi_poll)(CURLM *multi, struct curl_waitfd *more, unsigned nmore, int ms, int *ready);
    CURLMcode (*multi_wakeup)(CURLM *multi); /* from any thread */
    CURLMsg *(*multi_info)(CURLM *multi, int *left);
    CURLMcode (*multi_free)(CURLM *multi);
} fc_curl;

/* From any thread. NULL where the library is not installed; err (may be NULL) says which package brings it.
 */
const fc_curl *fc_curl_open(fc_err *err);
#endif
