/* Bytes from a file, or from a web server by http(s). Never more than asked for; a redirect never leads from
 * https to http, nor to anything that is not http(s). No credentials are sent. */
#ifndef FC_PACK_FETCH_H
#define FC_PACK_FETCH_H
#include "base/buf.h"
#include "base/err.h"

int fc_fetch_is_url(const char *place);
/* FC_ENOTFOUND: no such file, or the server says 404. */
int fc_fetch(const char *place, size_t max, fc_buf *out, fc_err *err);
/* "PLACE/NAME" for a folder or the address of one. */
void fc_fetch_join(const char *place, const char *name, fc_buf *out);
#endif
