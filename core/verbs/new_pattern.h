/* forecourt new: what its two forms share. A pattern is a folder new/KIND/ of a plugin; in its paths and
 * texts
 * @NAME@ stands for the name and @NAME_@ for the same with _ for -. */
#ifndef FC_VERBS_NEW_PATTERN_H
#define FC_VERBS_NEW_PATTERN_H
#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>
#include <limits.h>

void __attribute__((format(printf, 2, 3))) fc_new_path(char out[PATH_MAX], const char *format, ...);
/* Appends the text with the name in it. */
void fc_new_fill(const char *text, size_t n, const char *name, fc_buf *out);
int fc_new_exists(const char *target, fc_err *err); /* the error that nothing is written over */
/* The relative paths of the pattern's files, new.lua left out. New array. */
json_t *fc_new_files(const char *pattern);
/* What stands below the list of what was made. target: what check and test are asked about. */
void fc_new_say_next(const char *site, const char *target);
#endif
