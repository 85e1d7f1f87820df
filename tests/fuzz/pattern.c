/* First line: the pattern; the rest, repeated: the text. A match ends in time and its spans lie inside the
 * text. */
#include "text/pattern.h"
#include "base/buf.h"
#include "base/clock.h"
#include "fuzz.h"

#define LONGEST_NS INT64_C(3000000000)

static void try_match(fc_pattern *p, const char *text, size_t n)
{
    size_t spans[20];
    int matched;
    fc_err err;
    int64_t began = fc_cpu();
    int rc = fc_pattern_match(p, text, n, 0, &matched, spans, 10, &err);
    PROMISE(fc_cpu() - began < LONGEST_NS);
    if (rc != FC_OK) {
        PROMISE(!matched);
        check_sentence(&err);
        return;
    }
    for (int i = 0; matched && i < 10; i++) {
        if (spans[2 * i] == (size_t)-1) continue;
        PROMISE(spans[2 * i] <= spans[2 * i + 1] && spans[2 * i + 1] <= n);
        PROMISE(i <= fc_pattern_groups(p));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const uint8_t *line = memchr(data, '\n', n);
    size_t pattern_n = line ? (size_t)(line - data) : n, text_n = line ? n - pattern_n - 1 : 0;
    const char *subject = line ? (const char *)line + 1 : "";
    fc_pattern *p;
    fc_err err;
    int rc = fc_pattern_compile((const char *)data, pattern_n, &p, &err);
    if (rc != FC_OK) {
        check_sentence(&err);
        return 0;
    }
    fc_buf text = {0};
    for (int i = 0; text_n && i < 60; i++)
        fc_buf_add(&text, subject, text_n);
    try_match(p, subject, text_n);
    try_match(p, fc_buf_str(&text), text.len);
    fc_pattern_free(p);
    fc_buf_free(&text);
    return 0;
}
