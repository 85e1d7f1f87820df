/* A plugin's folder becomes a pack. */
#ifndef FC_PLUGIN_PACK_BUILD_H
#define FC_PLUGIN_PACK_BUILD_H
#include "pack/archive.h"
#include "plugin/source.h"

/* seq 0: the one that follows from the version. The result is not signed. What is left out: names that begin
 * with a dot or end with ~ .swp .tmp, and the folders node_modules, dev and data. A link or a name that no
 * pack may hold is refused. */
int fc_pack_build(const char *dir, int64_t seq, fc_archive **out, fc_err *err);
/* The source in a whole archive, its manifest checked against INDEX (id, version) and against this host
 * (requires_host). */
int fc_pack_source(const fc_archive *a, fc_source **out, fc_err *err);
/* First problem of an array of {"at","zh","en"} as an error. */
int fc_pack_problem(const json_t *problems, fc_err *err);
#endif
