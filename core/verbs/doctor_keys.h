/* What doctor says about keys: the master key, an unfinished change of it, sealed values without key. */
#ifndef FC_VERBS_DOCTOR_KEYS_H
#define FC_VERBS_DOCTOR_KEYS_H
#include "plugin/site.h"

/* line: mark 0 fine, 1 warning, 2 bad, and a sentence in the process's language. */
typedef void (*fc_doctor_line)(int mark, const char *text);
void fc_doctor_keys(fc_site *site, fc_doctor_line line);
#endif
