/* A page's parameters, typed as it declares them. What is not declared is refused; every wrong one is a
 * sentence that names it. */
#ifndef FC_PLUGIN_PARAMS_H
#define FC_PLUGIN_PARAMS_H
#include "base/err.h"
#include "net/http.h"
#include <jansson.h>

/* declared: name -> "type[:max][!]". path_params: text by name. Uploaded files are moved into `dir` under a
 * name of their own; *files: name -> {"path","filename","size"}, NULL without any. */
int fc_params_read(fc_req *r, const json_t *declared, const json_t *path_params, const char *dir,
                   json_t **params, json_t **files, fc_err *err);
/* One value by type, for pages and for scripts' options. */
int fc_param_value(const char *name, const char *type, const char *text, size_t n, json_t **out, fc_err *err);
#endif
