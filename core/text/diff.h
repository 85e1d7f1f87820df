/* What changed between two texts, line by line, in the shape that people know from `diff -u`. */
#ifndef FC_TEXT_DIFF_H
#define FC_TEXT_DIFF_H
#include <jansson.h>
#include <stddef.h>

/* New array of hunks {"at": "@@ -1,3 +1,4 @@", "lines": [{"kind": "same"|"out"|"in", "old": 1, "new": 1,
 * "text"}]} with `context` unchanged lines around each change; "old" is missing for a line that came in,
 * "new" for one that went out. Empty where nothing changed. The texts are UTF-8. Two texts that have little
 * in common are shown as all out, all in. */
json_t *fc_diff_lines(const char *a, size_t na, const char *b, size_t nb, int context);
#endif
