/* A template that compiles never lets a value out of its place: with evil data the page has exactly as many
 * raw < > " ' as with harmless data of the same shape. */
#include "text/template.h"
#include "fuzz.h"

static const char *find_text(void *ctx, const char *key, enum fc_lang lang)
{
    (void)ctx;
    (void)lang;
    return key[0] == 'k' ? "<x {a} {b} {" : NULL;
}

static const fc_template *find_part(void *ctx, const char *name)
{
    return name[0] == 'p' ? *(fc_template **)ctx : NULL;
}

static void count_key(void *ctx, const char *key, int line)
{
    PROMISE(key[0] && line > 0);
    ++*(int *)ctx;
}

static json_t *make_data(const char *text)
{
    json_t *v =
        json_pack("{s:s,s:{s:i,s:[i,f,{s:s}],s:s},s:[{s:b},{s:n},[s]],s:b,s:b,s:s}", "a", text, "b", "a", 1,
                  "b", 1, 2.5, "a", text, "zh", text, "l", "a", 1, "a", text, "t", 1, "f", 0, "u", text);
    PROMISE(v != NULL);
    return v;
}

static void render(const fc_template *t, const char *text, fc_buf *page)
{
    fc_err err;
    json_t *data = make_data(text);
    fc_render r = {
        .data = data, .globals = data, .text = find_text, .part = find_part, .ctx = &t, .body = ""};
    if (fc_template_render(t, &r, page, &err) != FC_OK) {
        check_sentence(&err);
        PROMISE(page->len == 0);
    }
    json_decref(data);
}

static int count(const fc_buf *page, char c)
{
    int n = 0;
    for (size_t i = 0; i < page->len; i++)
        n += page->data[i] == c;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    fc_template *t;
    fc_err err;
    int keys = 0;
    if (fc_template_compile("fuzz.html", (const char *)data, n, &t, &err) != FC_OK) {
        PROMISE(t == NULL);
        check_sentence(&err);
        return 0;
    }
    fc_template_keys(t, count_key, &keys);
    fc_buf evil = {0}, harmless = {0};
    render(t, "<a>\"b'c&", &evil);
    render(t, "abc", &harmless);
    for (const char *c = "<>\"'"; *c; c++)
        PROMISE(count(&evil, *c) == count(&harmless, *c));
    fc_template_free(t);
    fc_buf_free(&evil);
    fc_buf_free(&harmless);
    return 0;
}
