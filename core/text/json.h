/* JSON: jansson values everywhere; canonical text = keys sorted, no blanks, UTF-8 kept, integers exact.
 * Reading refuses duplicate keys, depth over 64, more than `max` bytes. */
#ifndef FC_TEXT_JSON_H
#define FC_TEXT_JSON_H
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include <jansson.h>
#include <stdint.h>

int fc_json_parse(const char *text, size_t n, size_t max, json_t **out, fc_err *err);
void fc_json_canonical(const json_t *v, fc_buf *out);
void fc_json_hash(const json_t *v, char out[FC_HASH_HEX]);
/* As canonical, but integers beyond 2^53 become strings: for browsers, which would round them. */
void fc_json_for_browser(const json_t *v, fc_buf *out);
/* The writer's parts, for who has the value in another form. Text is UTF-8, a real is finite. */
void fc_json_text(const char *s, size_t n, fc_buf *out);
void fc_json_integer(int64_t v, int browser, fc_buf *out);
void fc_json_real(double v, fc_buf *out);
#endif
