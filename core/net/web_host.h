/* Names of servers as manifests and site.lua write them: "sms.example.cn", "api.example.com:8443",
 * "*.example.com" (one label in its place). Without a port it is 443. */
#ifndef FC_NET_WEB_HOST_H
#define FC_NET_WEB_HOST_H
#include "base/err.h"
#include <jansson.h>
#include <stdbool.h>

/* The text of one entry; the sentence says what is wrong with it, without a place. No addresses: what number
 * a name has is the site's affair. */
int fc_web_host_check(const char *text, fc_err *err);
/* internal_hosts of site.lua: { "dms.local:8080" }, or { ["dms.local:8080"] = "192.168.1.20", ["erp"] = true
 * }, the first for a name that no name server knows. No "*". */
int fc_web_internal_check(const json_t *internal, fc_err *err);
/* `host` is lower case, as it stands in an address. */
bool fc_web_host_fits(const char *entry, const char *host, int port);
/* hosts: array of entries, or NULL */
bool fc_web_host_listed(const json_t *hosts, const char *host, int port);
/* Of internal_hosts; *address is what stands for the name, or NULL. */
bool fc_web_host_internal(const json_t *internal, const char *host, int port, const char **address);
#endif
