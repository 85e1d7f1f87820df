/* One request of a plugin to another server, over libcurl.
 *
 * Where it may go is a matter of two lists: the servers that the plugin's manifest names, and those of the
 * house that site.lua names. A name is resolved once and judged as the address that is connected to, so that
 * nothing can change between the two; an address of the house, of this machine or of nobody is refused unless
 * the site names the server. TLS always, and always verified; plain HTTP only to what the site names. A
 * redirect is followed on the same server only. No proxy of the environment, no cookies, no credentials but
 * those given. No sentence holds more of the address than server and port: what stands behind them may be a
 * telephone number of somebody.
 *
 * made -> filled -> (judged ->) run -> read -> freed. fc_web_run blocks: it belongs into the pool. */
#ifndef FC_NET_WEB_H
#define FC_NET_WEB_H
#include "base/buf.h"
#include "base/err.h"
#include <jansson.h>
#include <stdbool.h>

#define FC_WEB_MOST_MS 10000
#define FC_WEB_BODY (4u << 20) /* bytes, either way */

typedef struct fc_web fc_web;

enum fc_web_code { FC_WEB_OK, FC_WEB_DENIED, FC_WEB_TIMEOUT, FC_WEB_UNREACHABLE, FC_WEB_LIMIT, FC_WEB_TLS };
const char *fc_web_code_name(enum fc_web_code code); /* "DENIED" */

/* Both lists are borrowed until it is freed, and may be NULL. The time runs from here on. */
fc_web *fc_web_new(const char *method, const char *url, int ms, const json_t *hosts, const json_t *internal);
void fc_web_free(fc_web *w);
/* FC_EINVAL: no name or no value of a header (line breaks, control characters), one that the host writes
 * itself, or too many. `value` is wiped when it is freed. */
int fc_web_header(fc_web *w, const char *name, const char *value, size_t n, fc_err *err);
/* What it carries may go to this server of the manifest's only. */
void fc_web_bind(fc_web *w, const char *host);
void fc_web_body(fc_web *w, const char *bytes, size_t n); /* copied */
/* May it go where it wants to? Touches no network. fc_web_run asks this first. */
enum fc_web_code fc_web_judge(fc_web *w);
void fc_web_run(fc_web *w);
/* Nobody waits for it any more: it ends at once. From any thread, at any time before fc_web_free. */
void fc_web_abort(fc_web *w);
bool fc_web_aborted(fc_web *w);
bool fc_web_over(fc_web *w); /* aborted, or its time is up: fc_web_run returns at once */

/* After the end. An answer of any status is OK. */
enum fc_web_code fc_web_result(const fc_web *w, fc_err *err);
int fc_web_status(const fc_web *w);
const json_t *fc_web_headers(const fc_web *w); /* name in lower case -> value; of one name joined by ", " */
const char *fc_web_bytes(fc_web *w, size_t *n);
#endif
