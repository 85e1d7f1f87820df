/* What --json prints: a value a line, in canonical form. */
#ifndef FC_VERBS_JSON_LINE_H
#define FC_VERBS_JSON_LINE_H
#include <jansson.h>

void fc_print_json(const json_t *v);
#endif
