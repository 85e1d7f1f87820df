/* What `forecourt test --json` says, line by line, as a person reads it: for the verb itself, and for a
 * report that another process made while the site runs and that is read in both languages. */
#ifndef FC_PLUGIN_TEST_REPORT_H
#define FC_PLUGIN_TEST_REPORT_H
#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>

#define FC_TEST_FILE "(file)" /* the name of what is no test but keeps tests from running */

/* A test ({file, name, ok, ms, at, zh, en, trace}) or the sum ({passed, failed}); appends its lines. One that
 * passed has a line only if `all`. */
void fc_test_line(const json_t *v, enum fc_lang lang, int all, fc_buf *out);
/* A whole report; a line that is no JSON (a report was cut) is left away. */
void fc_test_text(const char *report, size_t n, enum fc_lang lang, fc_buf *out);
#endif
