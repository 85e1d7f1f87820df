/* The vault: what was sealed opens only at its place, under its key, unchanged; the key file is private. */
#include "store_help.h"
#include "store/vault.h"

#define PHONE "13800138000"

static fc_buf sealed(fc_vault *v, int64_t row, const char *text)
{
    fc_buf out = {0};
    assert_int_equal(fc_vault_seal(v, "phone", "number_sealed", row, text, strlen(text), &out), FC_OK);
    return out;
}

static void opens_what_it_sealed(void **state)
{
    (void)state;
    fc_vault *v = fc_vault_volatile("nanjing");
    fc_buf s = sealed(v, 7, PHONE), out = {0};
    assert_int_equal(s.len, 1 + 24 + 11 + 16);
    assert_null(memmem(s.data, s.len, PHONE, 11));
    fc_buf_adds(&out, "before ");
    ok(fc_vault_unseal(v, "phone", "number_sealed", 7, s.data, s.len, &out, err));
    assert_string_equal(out.data, "before " PHONE);
    assert_int_equal(out.len, 18);
    fc_buf_free(&s);
    fc_buf_free(&out);
    fc_vault_close(v);
    fc_vault_close(NULL);
}

static void empty_and_long_values(void **state)
{
    (void)state;
    fc_vault *v = fc_vault_volatile("nanjing");
    fc_buf s = sealed(v, 1, ""), out = {0}, text = {0};
    ok(fc_vault_unseal(v, "phone", "number_sealed", 1, s.data, s.len, &out, err));
    assert_int_equal(out.len, 0);
    fc_buf_free(&s);
    for (int i = 0; i < 50000; i++)
        fc_buf_adds(&text, "客户");
    assert_int_equal(fc_vault_seal(v, "a", "b", -1, text.data, text.len, &s), FC_OK);
    ok(fc_vault_unseal(v, "a", "b", -1, s.data, s.len, &out, err));
    assert_int_equal(out.len, text.len);
    assert_memory_equal(out.data, text.data, text.len);
    fc_buf_free(&s);
    fc_buf_free(&out);
    fc_buf_free(&text);
    fc_vault_close(v);
}

static void the_same_twice_looks_different(void **state)
{
    (void)state;
    fc_vault *v = fc_vault_volatile("nanjing");
    fc_buf a = sealed(v, 7, PHONE), b = sealed(v, 7, PHONE);
    assert_memory_not_equal(a.data, b.data, a.len);
    fc_buf_free(&a);
    fc_buf_free(&b);
    fc_vault_close(v);
}

static int unseal(fc_vault *v, const char *table, const char *column, int64_t row, const fc_buf *s,
                  fc_err *err)
{
    fc_buf out = {0};
    int rc = fc_vault_unseal(v, table, column, row, s->data, s->len, &out, err);
    if (rc) assert_int_equal(out.len, 0);
    fc_buf_free(&out);
    return rc;
}

static void a_moved_value_does_not_open(void **state)
{
    (void)state;
    fc_vault *v = fc_vault_volatile("nanjing");
    fc_buf s = sealed(v, 7, PHONE);
    fails(FC_EDENIED, "phone.number_sealed (row 8)", "记录 8",
          unseal(v, "phone", "number_sealed", 8, &s, err));
    assert_int_equal(unseal(v, "phone", "number", 7, &s, NULL), FC_EDENIED);
    assert_int_equal(unseal(v, "phones", "number_sealed", 7, &s, NULL), FC_EDENIED);
    assert_int_equal(unseal(v, "phonenumber", "_sealed", 7, &s, NULL), FC_EDENIED);
    ok(unseal(v, "phone", "number_sealed", 7, &s, err));
    fc_buf_free(&s);
    fc_vault_close(v);
}

static void every_changed_byte_is_noticed(void **state)
{
    (void)state;
    fc_vault *v = fc_vault_volatile("nanjing");
    fc_buf s = sealed(v, 7, PHONE);
    for (size_t i = 0; i < s.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            s.data[i] ^= (char)(1 << bit);
            assert_int_equal(unseal(v, "phone", "number_sealed", 7, &s, NULL), FC_EDENIED);
            s.data[i] ^= (char)(1 << bit);
        }
    }
    size_t whole = s.len;
    for (s.len = 0; s.len < whole; s.len++)
        assert_int_equal(unseal(v, "phone", "number_sealed", 7, &s, NULL), FC_EDENIED);
    ok(unseal(v, "phone", "number_sealed", 7, &s, err));
    fc_buf_free(&s);
    fc_vault_close(v);
}

static void another_key_does_not_open(void **state)
{
    fc_vault *a, *b, *c;
    const char *key = in(state, "secrets/master.key");
    ok(fc_vault_open(key, 1, "nanjing", &a, err));
    ok(fc_vault_open(key, 1, "suzhou", &b, err));
    ok(fc_vault_open(in(state, "other.key"), 1, "nanjing", &c, err));
    fc_buf s = sealed(a, 7, PHONE);
    assert_int_equal(unseal(b, "phone", "number_sealed", 7, &s, NULL), FC_EDENIED);
    assert_int_equal(unseal(c, "phone", "number_sealed", 7, &s, NULL), FC_EDENIED);
    fc_vault_close(a);
    ok(fc_vault_open(key, 0, "nanjing", &a, err));
    ok(unseal(a, "phone", "number_sealed", 7, &s, err));
    fc_buf_free(&s);
    fc_vault_close(a);
    fc_vault_close(b);
    fc_vault_close(c);
}

static void the_index_finds_equal_values_only(void **state)
{
    fc_vault *v, *again, *other;
    char a[33], b[33];
    ok(fc_vault_open(in(state, "k"), 1, "nanjing", &v, err));
    ok(fc_vault_open(in(state, "k"), 0, "nanjing", &again, err));
    ok(fc_vault_open(in(state, "k"), 0, "suzhou", &other, err));
    fc_vault_index(v, "mobile", PHONE, 11, a);
    fc_vault_index(again, "mobile", PHONE, 11, b);
    assert_string_equal(a, b);
    assert_int_equal(strlen(a), 32);
    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
    fc_vault_index(v, "mobile", "13800138001", 11, b);
    assert_string_not_equal(a, b);
    fc_vault_index(v, "mobile4", PHONE, 11, b);
    assert_string_not_equal(a, b);
    fc_vault_index(v, "mobile1", PHONE + 1, 10, b); /* the border between purpose and value counts */
    assert_string_not_equal(a, b);
    fc_vault_index(other, "mobile", PHONE, 11, b);
    assert_string_not_equal(a, b);
    fc_vault_close(v);
    fc_vault_close(again);
    fc_vault_close(other);
}

static void the_key_file_is_private(void **state)
{
    fc_vault *v;
    struct stat st;
    mode_t before = umask(0);
    const char *key = in(state, "secrets/deep/master.key");
    ok(fc_vault_open(key, 1, "nanjing", &v, err));
    umask(before);
    fc_vault_close(v);
    assert_int_equal(stat(key, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, 65);
    stat(in(state, "secrets"), &st);
    assert_int_equal(st.st_mode & 07777, 0700);
    int bad[] = {0644, 0640, 0660, 0604, 0700, 0601};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        chmod(key, (mode_t)bad[i]);
        fails(FC_EDENIED, "run: chmod 600", "请运行 chmod 600", fc_vault_open(key, 1, "nanjing", &v, err));
        assert_null(v);
    }
    chmod(key, 0400);
    ok(fc_vault_open(key, 0, "nanjing", &v, err));
    fc_vault_close(v);
}

static void bad_key_files_are_named(void **state)
{
    fc_vault *v;
    fails(FC_ENOTFOUND, "k: the key file is missing", "密钥文件不存在",
          fc_vault_open(in(state, "k"), 0, "nanjing", &v, err));
    const char *bad[] = {"",
                         "hello",
                         "00112233445566778899aabbccddeeff00112233445566778899aabbccddee",
                         "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00",
                         "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff x",
                         "z0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"};
    for (int i = 0; i < 6; i++) {
        put(in(state, "k"), bad[i]);
        fails(FC_EINVAL, "64 hexadecimal digits", "64 位十六进制",
              fc_vault_open(in(state, "k"), 1, "nanjing", &v, err));
    }
    put(in(state, "k"), "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff\r\n");
    ok(fc_vault_open(in(state, "k"), 0, "nanjing", &v, err));
    fc_vault_close(v);
    mkdir(in(state, "folder"), 0600);
    fails(FC_EINVAL, "not a regular file", "不是普通文件",
          fc_vault_open(in(state, "folder"), 0, "nanjing", &v, err));
}

static int index_of_new_key(void *path)
{
    fc_vault *v;
    char index[33], out[300];
    if (fc_vault_open(path, 1, "nanjing", &v, NULL)) return 1;
    fc_vault_index(v, "p", "x", 1, index);
    snprintf(out, sizeof out, "%s.%d", (char *)path, (int)getpid());
    return fc_write_file(out, index, 32, 0600, NULL);
}

static void processes_that_make_a_key_agree(void **state)
{
    for (int round = 0; round < 20; round++) {
        char name[32];
        snprintf(name, sizeof name, "key%d", round);
        const char *path = in(state, name);
        pid_t pids[4];
        fc_buf first = {0};
        for (int i = 0; i < 4; i++)
            pids[i] = in_child(index_of_new_key, (void *)path);
        for (int i = 0; i < 4; i++) {
            char out[300];
            fc_buf index = {0};
            assert_int_equal(exit_of(pids[i]), 0);
            snprintf(out, sizeof out, "%s.%d", path, (int)pids[i]);
            ok(fc_read_file(out, 100, &index, err));
            if (!first.len) fc_buf_adds(&first, index.data);
            assert_string_equal(first.data, index.data);
            fc_buf_free(&index);
        }
        fc_buf_free(&first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_what_it_sealed),
        cmocka_unit_test(empty_and_long_values),
        cmocka_unit_test(the_same_twice_looks_different),
        cmocka_unit_test(a_moved_value_does_not_open),
        cmocka_unit_test(every_changed_byte_is_noticed),
        each_in_folder(another_key_does_not_open),
        each_in_folder(the_index_finds_equal_values_only),
        each_in_folder(the_key_file_is_private),
        each_in_folder(bad_key_files_are_named),
        each_in_folder(processes_that_make_a_key_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
