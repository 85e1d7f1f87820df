/* What a manifest says of other servers, and the secrets that a site keeps for them.
 *
 *   hosts = { "sms.example.cn", "api.example.com:8443" }    whom host.http may ask
 *   secrets = { sms_token = "sms.example.cn" }              name -> the one server it may be sent to
 *
 * The value of a secret is the first line of the site's file secrets/PLUGIN.NAME, mode 0600 or 0400, which is
 * read anew for each request: a new value needs no restart. */
#ifndef FC_PLUGIN_HOSTS_H
#define FC_PLUGIN_HOSTS_H
#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>

/* Number of problems. */
int fc_hosts_manifest(const json_t *manifest, const json_t *files, const char *label, json_t *problems);
/* site: folder, or NULL. FC_EDENIED: not set, or others could read it. The bytes are the caller's to wipe. */
int fc_secret_read(const char *site, const char *plugin, const char *name, fc_buf *out, fc_err *err);
#endif
