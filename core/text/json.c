/* JSON on jansson.
 *
 * Reading: measure (bytes, depth), then json_loadb with duplicate keys refused. The depth is counted before
 * parsing because jansson's own limit (2048) is far above what a definition or a request needs, and every
 * writer and every json_decref recurses over what was read. jansson's messages quote the input, which may
 * hold a phone, so our sentences give line and column instead.
 *
 * Writing: one walk; runs of plain bytes are copied whole. Keys are sorted as bytes, so the text depends on
 * nothing but the value; a real is the shortest text that reads back as the same double and always shows that
 * it is a real. Writing cannot fail. */
#include "text/json.h"
#include "text/number.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 64
#define FEW_KEYS 24
#define BROWSER_EXACT (INT64_C(1) << 53)

/* ---- reading ---- */

#define FAIL_AT(code, zh, en)                                                                                \
    fc_fail(err, code, "JSON 第 %d 行第 %d 列：" zh, "JSON line %d column %d: " en, line, column)

/* Where the value is nested too deep: line and column in bytes, from 1. Returns 0 if it is not. */
static int too_deep(const char *text, size_t n, int *line, int *column)
{
    int depth = 0, in_string = 0;
    size_t line_start = 0;
    *line = 1;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = 0;
            continue;
        }
        if (c == '"')
            in_string = 1;
        else if (c == '\n') {
            ++*line;
            line_start = i + 1;
        } else if (c == ']' || c == '}') {
            depth--;
        } else if ((c == '[' || c == '{') && ++depth > MAX_DEPTH) {
            *column = (int)(i - line_start) + 1;
            return 1;
        }
    }
    return 0;
}

static int refuse(const json_error_t *why, fc_err *err)
{
    int line = why->line, column = why->column;
    switch (json_error_code(why)) {
    case json_error_duplicate_key:
        return FAIL_AT(FC_EINVAL, "同一个对象里有两个相同的键；请删去一个",
                       "an object has the same key twice; remove one of them");
    case json_error_invalid_utf8:
        return FAIL_AT(FC_EINVAL, "不是有效的 UTF-8；请以 UTF-8 保存", "not valid UTF-8; save it as UTF-8");
    case json_error_premature_end_of_input:
        return FAIL_AT(FC_EINVAL, "内容在中途结束；缺少右括号或引号",
                       "the text ends in the middle; a closing bracket or quote is missing");
    case json_error_end_of_input_expected:
        return FAIL_AT(FC_EINVAL, "值已经结束，后面还有多余的内容",
                       "there is more text after the end of the value");
    case json_error_numeric_overflow:
        return FAIL_AT(FC_EINVAL, "数字太大；整数最多 64 位",
                       "the number is too large; integers have at most 64 bits");
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return FAIL_AT(FC_EINVAL, "文字里有 NUL 字符（\\u0000）", "a text holds the character NUL (\\u0000)");
    default:
        return FAIL_AT(FC_EINVAL, "不是有效的 JSON；请检查逗号、引号和括号",
                       "this is not valid JSON; check commas, quotes and brackets");
    }
}

int fc_json_parse(const char *text, size_t n, size_t max, json_t **out, fc_err *err)
{
    int line, column;
    *out = NULL;
    if (n > max)
        return fc_fail(err, FC_ELIMIT, "JSON 有 %zu 字节，超过 %zu 字节的上限",
                       "the JSON has %zu bytes, the limit is %zu", n, max);
    if (too_deep(text, n, &line, &column))
        return FAIL_AT(FC_ELIMIT, "嵌套超过 64 层", "nested deeper than 64 levels");
    json_error_t why;
    *out = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    return *out ? FC_OK : refuse(&why, err);
}

/* ---- writing ---- */

typedef struct member {
    const char *key;
    size_t len;
    const json_t *value;
} member;

static void write_value(const json_t *v, fc_buf *out, int browser);

/* 0: copied as it is; 'u': \u00XX; else the letter after the backslash. */
static const unsigned char escapes[256] = {
    [0 ... 7] = 'u', ['\b'] = 'b', ['\t'] = 't',      ['\n'] = 'n', [11] = 'u',
    ['\f'] = 'f',    ['\r'] = 'r', [14 ... 31] = 'u', ['"'] = '"',  ['\\'] = '\\',
};

/* None of the eight bytes is a control character, a quote or a backslash. It may say no for others beside
 * one. */
static int eight_plain(const char *s)
{
    const uint64_t each = UINT64_C(0x0101010101010101), high = each << 7;
    uint64_t v;
    memcpy(&v, s, 8);
    uint64_t quote = v ^ each * '"', slash = v ^ each * '\\';
    return !((((v - each * 0x20) & ~v) | ((quote - each) & ~quote) | ((slash - each) & ~slash)) & high);
}

void fc_json_text(const char *s, size_t n, fc_buf *out)
{
    fc_buf_addc(out, '"');
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        while (i + 8 <= n && eight_plain(s + i))
            i += 8;
        if (i == n) break;
        unsigned char how = escapes[(unsigned char)s[i]];
        if (!how) continue;
        fc_buf_add(out, s + from, i - from);
        from = i + 1;
        if (how == 'u')
            fc_buf_addf(out, "\\u%04x", (unsigned)(unsigned char)s[i]);
        else
            fc_buf_add(out, (char[2]){'\\', (char)how}, 2);
    }
    fc_buf_add(out, s + from, n - from);
    fc_buf_addc(out, '"');
}

void fc_json_integer(int64_t v, int browser, fc_buf *out)
{
    char text[FC_NUMBER_TEXT];
    int quoted = browser && (v > BROWSER_EXACT || v < -BROWSER_EXACT);
    size_t n = fc_int_text(v, text);
    if (quoted) fc_buf_addc(out, '"');
    fc_buf_add(out, text, n);
    if (quoted) fc_buf_addc(out, '"');
}

void fc_json_real(double v, fc_buf *out)
{
    char text[FC_NUMBER_TEXT];
    fc_buf_add(out, text, fc_real_text(v, 1, text));
    if (!strpbrk(text, ".e")) fc_buf_add(out, ".0", 2);
}

static int by_key(const void *left, const void *right)
{
    const member *a = left, *b = right;
    size_t shorter = a->len < b->len ? a->len : b->len;
    int order = memcmp(a->key, b->key, shorter);
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

static void sort_members(member *all, size_t n)
{
    if (n > FEW_KEYS) {
        qsort(all, n, sizeof *all, by_key);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        member m = all[i];
        size_t at = i;
        for (; at > 0 && by_key(&all[at - 1], &m) > 0; at--)
            all[at] = all[at - 1];
        all[at] = m;
    }
}

static void write_object(json_t *v, fc_buf *out, int browser)
{
    member few[FEW_KEYS];
    size_t n = json_object_size(v), i = 0;
    member *all = n > FEW_KEYS ? fc_alloc(n * sizeof *all) : few;
    for (void *it = json_object_iter(v); it; it = json_object_iter_next(v, it))
        all[i++] =
            (member){json_object_iter_key(it), json_object_iter_key_len(it), json_object_iter_value(it)};
    sort_members(all, n);
    fc_buf_addc(out, '{');
    for (i = 0; i < n; i++) {
        if (i) fc_buf_addc(out, ',');
        fc_json_text(all[i].key, all[i].len, out);
        fc_buf_addc(out, ':');
        write_value(all[i].value, out, browser);
    }
    fc_buf_addc(out, '}');
    if (all != few) free(all);
}

static void write_array(const json_t *v, fc_buf *out, int browser)
{
    fc_buf_addc(out, '[');
    for (size_t i = 0; i < json_array_size(v); i++) {
        if (i) fc_buf_addc(out, ',');
        write_value(json_array_get(v, i), out, browser);
    }
    fc_buf_addc(out, ']');
}

static void write_value(const json_t *v, fc_buf *out, int browser)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        write_object((json_t *)v, out, browser); /* jansson's iterators are not const */
        break;
    case JSON_ARRAY:
        write_array(v, out, browser);
        break;
    case JSON_STRING:
        fc_json_text(json_string_value(v), json_string_length(v), out);
        break;
    case JSON_INTEGER:
        fc_json_integer(json_integer_value(v), browser, out);
        break;
    case JSON_REAL:
        fc_json_real(json_real_value(v), out);
        break;
    default:
        fc_buf_adds(out, json_is_true(v) ? "true" : json_is_false(v) ? "false" : "null");
    }
}

void fc_json_canonical(const json_t *v, fc_buf *out)
{
    write_value(v, out, 0);
}

void fc_json_for_browser(const json_t *v, fc_buf *out)
{
    write_value(v, out, 1);
}

void fc_json_hash(const json_t *v, char out[FC_HASH_HEX])
{
    fc_buf text = {0};
    write_value(v, &text, 0);
    fc_hash(text.data, text.len, out);
    fc_buf_free(&text);
}
