/* What is accepted has one canonical text, which reads back as itself. */
#include "text/json.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    json_t *v, *again;
    fc_err err;
    fc_buf first = {0}, second = {0}, browser = {0};
    if (fc_json_parse((const char *)data, n, 1 << 20, &v, &err) != FC_OK) {
        PROMISE(v == NULL);
        check_sentence(&err);
        return 0;
    }
    fc_json_canonical(v, &first);
    PROMISE(fc_utf8_check(first.data, first.len) == first.len);
    PROMISE(fc_json_parse(first.data, first.len, 8 << 20, &again, &err) == FC_OK);
    fc_json_canonical(again, &second);
    PROMISE(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    PROMISE(json_equal(v, again));
    fc_json_for_browser(v, &browser);
    json_decref(v);
    json_decref(again);
    PROMISE(fc_json_parse(browser.data, browser.len, 8 << 20, &v, &err) == FC_OK);
    json_decref(v);
    fc_buf_free(&first);
    fc_buf_free(&second);
    fc_buf_free(&browser);
    return 0;
}
