#include "plugin/test_report.h"

#include <string.h>

static const char *text(const json_t *v, const char *key)
{
    const char *s = json_string_value(json_object_get(v, key));
    return s ? s : "";
}

static void add_name(const json_t *v, enum fc_lang lang, fc_buf *out)
{
    const char *name = text(v, "name");
    if (lang == FC_ZH && strcmp(name, FC_TEST_FILE) == 0) name = "（文件）";
    fc_buf_addf(out, "%s: %s", text(v, "file"), name);
}

static void add_failure(const json_t *v, enum fc_lang lang, fc_buf *out)
{
    const char *at = text(v, "at");
    fc_buf_adds(out, lang == FC_EN ? "FAIL  " : "失败  ");
    add_name(v, lang, out);
    fc_buf_addf(out, "\n      %s%s%s\n", at, *at ? ": " : "", text(v, lang == FC_EN ? "en" : "zh"));
    /* where an assertion failed is said; the way there helps only where the program broke */
    if (*text(v, "trace")) fc_buf_addf(out, "      %s\n", text(v, "trace"));
}

void fc_test_line(const json_t *v, enum fc_lang lang, int all, fc_buf *out)
{
    const json_t *passed = json_object_get(v, "passed");
    if (passed) {
        fc_buf_addf(out, lang == FC_EN ? "%lld passed, %lld failed\n" : "%lld 个通过，%lld 个失败\n",
                    (long long)json_integer_value(passed),
                    (long long)json_integer_value(json_object_get(v, "failed")));
    } else if (!json_is_true(json_object_get(v, "ok"))) {
        add_failure(v, lang, out);
    } else if (all) {
        fc_buf_adds(out, lang == FC_EN ? "ok    " : "通过  ");
        add_name(v, lang, out);
        fc_buf_addf(out, lang == FC_EN ? " (%.0f ms)\n" : "（%.0f 毫秒）\n",
                    json_number_value(json_object_get(v, "ms")));
    }
}

void fc_test_text(const char *report, size_t n, enum fc_lang lang, fc_buf *out)
{
    for (const char *p = report, *end = report + n; p < end;) {
        const char *line = p, *eol = memchr(p, '\n', (size_t)(end - p));
        p = eol ? eol + 1 : end;
        json_t *v = json_loadb(line, (size_t)(p - line), 0, NULL);
        if (v) fc_test_line(v, lang, 0, out);
        json_decref(v);
    }
}
