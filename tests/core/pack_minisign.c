/* Keys and signatures, also those that the minisign program itself made (fixtures/minisign: minisign 0.11).
 */
#include "pack/minisign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void fixture(const char *name, fc_buf *out)
{
    char path[600];
    fc_err err;
    snprintf(path, sizeof path, FIXTURES "/minisign/%s", name);
    if (fc_read_file(path, 1 << 20, out, &err)) fail_msg("%s", err.text[FC_EN]);
}

static void what_minisign_signed(void **state)
{
    (void)state;
    fc_buf pub = {0}, text = {0}, sig = {0}, old = {0};
    fc_sign_public key;
    fc_signature s;
    fc_err err;
    fixture("key.pub", &pub);
    fixture("text", &text);
    fixture("text.minisig", &sig);
    fixture("legacy.minisig", &old);
    assert_int_equal(fc_sign_public_parse(pub.data, &key, &err), 0);
    if (fc_signature_parse(sig.data, sig.len, &s, &err)) fail_msg("%s", err.text[FC_EN]);
    assert_string_equal(s.comment, "id:acme\tseq:7");
    if (fc_sign_verify(&s, &key, text.data, text.len, &err)) fail_msg("%s", err.text[FC_EN]);
    text.data[0] ^= 1;
    assert_int_equal(fc_sign_verify(&s, &key, text.data, text.len, &err), FC_EDENIED);
    text.data[0] ^= 1;
    s.comment[3] = 'x';
    assert_int_equal(fc_sign_verify(&s, &key, text.data, text.len, &err), FC_EDENIED);
    assert_non_null(strstr(err.text[FC_EN], "trusted comment"));
    assert_int_equal(fc_signature_parse(old.data, old.len, &s, &err), FC_EINVAL);
    fc_buf_free(&pub);
    fc_buf_free(&text);
    fc_buf_free(&sig);
    fc_buf_free(&old);
}

static void minisigns_own_keys(void **state)
{
    (void)state;
    fc_buf open = {0}, pub = {0}, line = {0};
    fc_sign_secret *s;
    fc_sign_public a, b;
    fc_err err;
    fixture("key.plain", &open);
    fixture("key.pub", &pub);
    assert_false(fc_sign_secret_locked(open.data));
    if (fc_sign_secret_parse(open.data, NULL, &s, &err)) fail_msg("%s", err.text[FC_EN]);
    fc_sign_public_of(s, &a);
    assert_int_equal(fc_sign_public_parse(pub.data, &b, &err), 0);
    assert_memory_equal(&a, &b, sizeof a);
    fc_sign_public_line(&a, &line);
    assert_int_equal(fc_sign_public_parse(line.data, &b, &err), 0);
    assert_memory_equal(&a, &b, sizeof a);
    open.data[200] ^= 1; /* in the key */
    fc_sign_free(s);
    assert_int_equal(fc_sign_secret_parse(open.data, NULL, &s, &err), FC_EINVAL);
    fc_buf_free(&open);
    fc_buf_free(&pub);
    fc_buf_free(&line);
}

static void a_password(void **state)
{
    (void)state;
    fc_buf file = {0};
    fc_sign_secret *s, *again;
    fc_sign_public a, b;
    fc_err err;
    assert_int_equal(fc_sign_new(&s, &err), 0);
    fc_sign_public_of(s, &a);
    assert_int_equal(fc_sign_secret_write(s, "geheim", &file, &err), 0);
    assert_true(fc_sign_secret_locked(file.data));
    assert_int_equal(fc_sign_secret_parse(file.data, "falsch", &again, &err), FC_EDENIED);
    assert_null(again);
    assert_int_equal(fc_sign_secret_parse(file.data, "geheim", &again, &err), 0);
    fc_sign_public_of(again, &b);
    assert_memory_equal(&a, &b, sizeof a);
    fc_sign_free(again);
    fc_sign_free(s);
    fc_buf_free(&file);
}

static void what_we_sign(void **state)
{
    (void)state;
    fc_buf one = {0}, two = {0};
    fc_sign_secret *s, *other;
    fc_sign_public key, wrong;
    fc_signature sig;
    fc_err err;
    fc_sign_new(&s, &err);
    fc_sign_new(&other, &err);
    fc_sign_public_of(s, &key);
    fc_sign_public_of(other, &wrong);
    assert_int_equal(fc_sign(s, "text", 4, "id:a", &one, &err), 0);
    assert_int_equal(fc_sign(s, "text", 4, "id:a", &two, &err), 0);
    assert_string_equal(one.data, two.data);
    assert_int_equal(fc_signature_parse(one.data, one.len, &sig, &err), 0);
    assert_int_equal(fc_sign_verify(&sig, &key, "text", 4, &err), 0);
    assert_int_equal(fc_sign_verify(&sig, &wrong, "text", 4, &err), FC_EDENIED);
    memcpy(wrong.id, key.id, 8); /* an id is a name, not a proof */
    assert_int_equal(fc_sign_verify(&sig, &wrong, "text", 4, &err), FC_EDENIED);
    assert_int_equal(fc_sign(s, "text", 4, "two\nlines", &two, &err), FC_EINVAL);
    for (size_t i = 0; i < one.len; i++)
        assert_int_equal(fc_signature_parse(one.data, i, &sig, &err) ? 0 : i < one.len - 1, 0);
    assert_int_equal(fc_sign_public_parse("", &key, &err), FC_EINVAL);
    assert_int_equal(fc_sign_public_parse("RWabc", &key, &err), FC_EINVAL);
    fc_sign_free(s);
    fc_sign_free(other);
    fc_buf_free(&one);
    fc_buf_free(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_minisign_signed),
        cmocka_unit_test(minisigns_own_keys),
        cmocka_unit_test(a_password),
        cmocka_unit_test(what_we_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
