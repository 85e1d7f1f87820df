/* Regular expressions: PCRE2 with JIT, UTF, match limit 100,000, heap 8 MiB, pattern at most 4 KiB, subject
 * at most 256 KiB, NEVER_BACKSLASH_C. A limit that is hit is FC_ELIMIT, never "no match". */
#ifndef FC_TEXT_PATTERN_H
#define FC_TEXT_PATTERN_H
#include "base/err.h"
#include <stddef.h>
typedef struct fc_pattern fc_pattern;
int fc_pattern_compile(const char *text, size_t n, fc_pattern **out, fc_err *err);
void fc_pattern_free(fc_pattern *p);
/* *matched = 1 or 0. spans (may be NULL): pairs of byte offsets for group 0..max-1, (size_t)-1 where unset.
 */
int fc_pattern_match(fc_pattern *p, const char *subject, size_t n, size_t from, int *matched, size_t *spans,
                     int max, fc_err *err);
int fc_pattern_groups(const fc_pattern *p);
#endif
