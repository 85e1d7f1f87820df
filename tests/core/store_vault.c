/* The vault: what was sealed opens only at its place, under its person's key, unchanged; and never again once
 * the person is erased. */
#include "store_help.h"

#include "keys_help.h"
#include "store/sealed_check.h"

#define PHONE "13800138000"

static fc_buf sealed_for(fc_vault *v, int64_t person, int64_t row, const char *text)
{
    fc_buf out = {0};
    ok(fc_vault_seal(v, "phone", "number_sealed", row, person, text, strlen(text), &out, err));
    return out;
}

static fc_buf sealed(fc_vault *v, int64_t row, const char *text)
{
    return sealed_for(v, 5, row, text);
}

static void opens_what_it_sealed(void **state)
{
    (void)state;
    fc_vault *v = memory_vault("nanjing");
    fc_buf s = sealed(v, 7, PHONE), out = {0};
    assert_int_equal(s.len, 1 + 8 + 24 + 11 + 16);
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
    fc_vault *v = memory_vault("nanjing");
    fc_buf s = sealed(v, 1, ""), out = {0}, text = {0};
    ok(fc_vault_unseal(v, "phone", "number_sealed", 1, s.data, s.len, &out, err));
    assert_int_equal(out.len, 0);
    fc_buf_free(&s);
    for (int i = 0; i < 50000; i++)
        fc_buf_adds(&text, "客户");
    ok(fc_vault_seal(v, "a", "b", -1, 0, text.data, text.len, &s, err));
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
    fc_vault *v = memory_vault("nanjing");
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
    fc_vault *v = memory_vault("nanjing");
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
    fc_vault *v = memory_vault("nanjing");
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
    fc_master *m = fc_master_random();
    fc_vault *a = file_vault(state, "nanjing", m), *b = file_vault(state, "suzhou", m);
    fc_buf s = sealed(a, 7, PHONE), other = sealed(b, 7, PHONE), nobodys = sealed_for(a, 0, 7, PHONE);
    assert_int_equal(unseal(b, "phone", "number_sealed", 7, &s, NULL), FC_EDENIED);
    assert_int_equal(unseal(b, "phone", "number_sealed", 7, &nobodys, NULL), FC_EDENIED);
    assert_int_equal(unseal(a, "phone", "number_sealed", 7, &other, NULL), FC_EDENIED);
    fc_vault_close(a);
    a = file_vault(state, "nanjing", m);
    ok(unseal(a, "phone", "number_sealed", 7, &s, err));
    ok(unseal(a, "phone", "number_sealed", 7, &nobodys, err));
    fc_buf_free(&s);
    fc_buf_free(&other);
    fc_buf_free(&nobodys);
    fc_vault_close(a);
    fc_vault_close(b);
    fc_master_free(m);
}

/* The person stands in the value; written over, the value opens for neither. */
static void a_value_is_bound_to_its_person(void **state)
{
    (void)state;
    fc_vault *v = memory_vault("nanjing");
    fc_buf s = sealed_for(v, 5, 7, PHONE), t = sealed_for(v, 6, 8, PHONE), n = sealed_for(v, 0, 9, PHONE);
    assert_int_equal(fc_vault_person_of(s.data, s.len), 5);
    assert_int_equal(fc_vault_person_of(n.data, n.len), 0);
    assert_int_equal(fc_vault_person_of("x", 1), -1);
    s.data[1] = 6;
    fails(FC_EDENIED, "does not open", "无法打开", unseal(v, "phone", "number_sealed", 7, &s, err));
    s.data[1] = 0;
    assert_int_equal(unseal(v, "phone", "number_sealed", 7, &s, NULL), FC_EDENIED);
    s.data[1] = 99;
    fails(FC_EDENIED, "this person's key is not in the key store", "密钥不在密钥库里",
          unseal(v, "phone", "number_sealed", 7, &s, err));
    s.data[1] = 5;
    ok(unseal(v, "phone", "number_sealed", 7, &s, err));
    fc_buf_free(&s);
    fc_buf_free(&t);
    fc_buf_free(&n);
    fc_vault_close(v);
}

static fc_store *data_store(const char *path)
{
    fc_store *s = NULL;
    ok(fc_store_open(path, &s, err));
    run(s, "CREATE TABLE host_erased (person INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT");
    run(s, "CREATE TABLE phone (id INTEGER PRIMARY KEY, number_sealed BLOB, note TEXT) STRICT");
    return s;
}

static void insert(fc_store *s, int64_t id, const fc_buf *b)
{
    fc_value v[] = {fc_int(id), fc_bytes(b->data, b->len)};
    ok(fc_run(s, "INSERT INTO phone (id, number_sealed) VALUES (?, ?)", v, 2, NULL, err));
}

static void an_erased_person_opens_no_more(void **state)
{
    fc_master *m = fc_master_random();
    fc_store *data = data_store(in(state, "nanjing.db"));
    fc_vault *v = file_vault(state, "nanjing", m), *running = file_vault(state, "nanjing", m);
    fc_buf s = sealed_for(v, 5, 7, PHONE), other = sealed_for(v, 6, 8, PHONE), out = {0};
    ok(unseal(running, "phone", "number_sealed", 7, &s, err)); /* it remembers the key now */
    ok(fc_vault_forget(v, data, 5, err));
    ok(fc_vault_forget(v, data, 5, err)); /* twice is harmless */
    fails(FC_ENOTFOUND, "(erased on request)", "（已按本人要求删除）",
          unseal(v, "phone", "number_sealed", 7, &s, err));
    assert_int_equal(unseal(running, "phone", "number_sealed", 7, &s, NULL), FC_ENOTFOUND);
    fails(FC_EDENIED, "nothing new can be kept", "不能再记入",
          fc_vault_seal(running, "phone", "number_sealed", 9, 5, "x", 1, &out, err));
    assert_int_equal(out.len, 0);
    ok(unseal(v, "phone", "number_sealed", 8, &other, err));
    assert_int_equal(ask(data, "SELECT count(*) FROM host_erased WHERE person = 5"), 1);
    struct stat st;
    assert_int_equal(stat(in(state, "nanjing.keys.db-wal"), &st), 0);
    assert_int_equal(st.st_size, 0);
    fc_buf_free(&s);
    fc_buf_free(&other);
    fc_buf_free(&out);
    fc_vault_close(v);
    fc_vault_close(running);
    fc_store_close(data);
    fc_master_free(m);
}

static void forgetting_is_refused_where_it_could_be_taken_back(void **state)
{
    (void)state;
    fc_vault *v = memory_vault("nanjing");
    fc_store *data = data_store(":memory:");
    ok(fc_tx_begin(data, err));
    fails(FC_EINVAL, "outside db.tx", "db.tx 之外", fc_vault_forget(v, data, 5, err));
    fc_tx_rollback(data);
    fails(FC_EINVAL, "no person", "没有指明", fc_vault_forget(v, data, 0, err));
    fc_store_close(data);
    fc_vault_close(v);
}

/* Every byte of the key's wrapping is looked for in every file of the folder. */
static int folder_has(void **state, const void *bytes, size_t n)
{
    struct dirent *e;
    int found = 0;
    DIR *d = opendir(*state);
    while ((e = readdir(d))) {
        fc_buf b = {0};
        if (e->d_name[0] != '.' && !fc_read_file(in(state, e->d_name), 1 << 24, &b, NULL) && b.len)
            found |= memmem(b.data, b.len, bytes, n) != NULL;
        fc_buf_free(&b);
    }
    closedir(d);
    return found;
}

static void the_key_leaves_no_trace_on_disk(void **state)
{
    fc_master *m = fc_master_random();
    fc_store *data = data_store(in(state, "nanjing.db"));
    fc_vault *v = file_vault(state, "nanjing", m);
    fc_buf s = sealed_for(v, 5, 7, PHONE);
    unsigned char wrapped[72];
    fc_cursor *c;
    fc_value b;
    int row;
    static const char sql[] = "SELECT wrapped FROM person_key WHERE person = 5";
    ok(fc_query(fc_keys_store(fc_vault_keys(v)), sql, sizeof sql - 1, NULL, 0, &c, err));
    ok(fc_cursor_next(c, &row, err));
    fc_cursor_value(c, 0, &b);
    assert_int_equal(b.n, sizeof wrapped);
    memcpy(wrapped, b.s, sizeof wrapped);
    fc_cursor_close(c);
    assert_true(folder_has(state, wrapped + 24, 24));
    ok(fc_vault_forget(v, data, 5, err));
    for (size_t at = 0; at + 24 <= sizeof wrapped; at += 24)
        assert_false(folder_has(state, wrapped + at, 24));
    fc_buf_free(&s);
    fc_vault_close(v);
    fc_store_close(data);
    fc_master_free(m);
}

/* An old keys.db is put back: what was erased stays erased. */
static void a_restored_key_store_is_buried_again(void **state)
{
    char command[2048];
    int n;
    fc_master *m = fc_master_random();
    fc_store *data = data_store(in(state, "nanjing.db"));
    fc_vault *v = file_vault(state, "nanjing", m);
    fc_buf s = sealed_for(v, 5, 7, PHONE), t = sealed_for(v, 6, 8, PHONE);
    fc_vault_close(v);
    snprintf(command, sizeof command, "cp %s %s", in(state, "nanjing.keys.db"), in(state, "old"));
    assert_int_equal(system(command), 0);
    v = file_vault(state, "nanjing", m);
    ok(fc_vault_forget(v, data, 5, err));
    fc_vault_close(v);
    snprintf(command, sizeof command, "cp %s %s && rm %s", in(state, "old"), in(state, "nanjing.keys.db"),
             in(state, "nanjing.keys.db-sums")); /* today's sums do not fit an old file */
    assert_int_equal(system(command), 0);
    v = file_vault(state, "nanjing", m);
    ok(unseal(v, "phone", "number_sealed", 7, &s, err));
    ok(fc_vault_bury(v, data, &n, err));
    assert_int_equal(n, 1);
    assert_int_equal(unseal(v, "phone", "number_sealed", 7, &s, NULL), FC_ENOTFOUND);
    ok(unseal(v, "phone", "number_sealed", 8, &t, err));
    ok(fc_vault_bury(v, data, &n, err));
    assert_int_equal(n, 0);
    fc_buf_free(&s);
    fc_buf_free(&t);
    fc_vault_close(v);
    fc_store_close(data);
    fc_master_free(m);
}

/* Somebody reads for so long that the log cannot be cut: the key is gone, the act says "again", and again
 * works. */
static void a_long_reader_makes_it_say_again(void **state)
{
    fc_master *m = fc_master_random();
    fc_store *data = data_store(in(state, "nanjing.db")), *reader = NULL;
    fc_vault *v = file_vault(state, "nanjing", m);
    fc_buf s = sealed_for(v, 5, 7, PHONE);
    fc_cursor *c;
    int row;
    static const char sql[] = "SELECT count(*) FROM person_key";
    ok(fc_store_open(in(state, "nanjing.keys.db"), &reader, err));
    ok(fc_query(reader, sql, sizeof sql - 1, NULL, 0, &c, err));
    ok(fc_cursor_next(c, &row, err));
    fc_store_patience(fc_keys_store(fc_vault_keys(v)), 50);
    fails(FC_ELIMIT, "run it again later", "稍后再运行一次", fc_vault_forget(v, data, 5, err));
    assert_int_equal(unseal(v, "phone", "number_sealed", 7, &s, NULL), FC_ENOTFOUND);
    fc_cursor_close(c);
    ok(fc_vault_forget(v, data, 5, err));
    fc_store_close(reader);
    fc_buf_free(&s);
    fc_vault_close(v);
    fc_store_close(data);
    fc_master_free(m);
}

static void the_check_finds_orphans(void **state)
{
    (void)state;
    fc_sealed_report r;
    fc_vault *v = memory_vault("nanjing");
    fc_store *data = data_store(":memory:");
    for (int64_t i = 1; i <= 4; i++) {
        fc_buf s = sealed_for(v, i == 4 ? 0 : i * 10, i, PHONE);
        insert(data, i, &s);
        fc_buf_free(&s);
    }
    ok(fc_sealed_check(v, data, &r, err));
    assert_int_equal(r.persons, 3);
    assert_int_equal(r.orphans + r.foreign + r.erased + r.idle, 0);
    run(fc_keys_store(fc_vault_keys(v)), "DELETE FROM person_key WHERE person = 20");
    ok(fc_vault_forget(v, data, 30, err));
    fc_buf idle = sealed_for(v, 15, 1, "x");
    run(data, "UPDATE phone SET number_sealed = x'0102' WHERE id = 4");
    ok(fc_sealed_check(v, data, &r, err));
    assert_int_equal(r.persons, 3);
    assert_int_equal(r.orphans, 1);
    assert_int_equal(r.erased, 1);
    assert_int_equal(r.idle, 1);
    assert_int_equal(r.foreign, 1);
    assert_string_equal(r.where, "phone.number_sealed");
    fc_buf_free(&idle);
    fc_store_close(data);
    fc_vault_close(v);
}

static void the_index_finds_equal_values_only(void **state)
{
    fc_vault *v, *again, *other;
    char a[FC_INDEX_CAP], b[FC_INDEX_CAP];
    fc_master *m = fc_master_random();
    v = file_vault(state, "nanjing", m);
    again = file_vault(state, "nanjing", m);
    other = file_vault(state, "suzhou", m);
    fc_master_free(m);
    ok(fc_vault_index(v, "mobile", PHONE, 11, a, err));
    ok(fc_vault_index(again, "mobile", PHONE, 11, b, err));
    assert_string_equal(a, b);
    assert_int_equal(strlen(a), 32);
    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
    ok(fc_vault_index(v, "mobile", "13800138001", 11, b, err));
    assert_string_not_equal(a, b);
    ok(fc_vault_index(v, "mobile4", PHONE, 11, b, err));
    assert_string_not_equal(a, b);
    ok(fc_vault_index(v, "mobile1", PHONE + 1, 10, b, err)); /* the border between purpose and value counts */
    assert_string_not_equal(a, b);
    ok(fc_vault_index(other, "mobile", PHONE, 11, b, err));
    assert_string_not_equal(a, b);
    fc_vault_close(v);
    fc_vault_close(again);
    fc_vault_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_what_it_sealed),
        cmocka_unit_test(empty_and_long_values),
        cmocka_unit_test(the_same_twice_looks_different),
        cmocka_unit_test(a_moved_value_does_not_open),
        cmocka_unit_test(every_changed_byte_is_noticed),
        cmocka_unit_test(a_value_is_bound_to_its_person),
        each_in_folder(another_key_does_not_open),
        each_in_folder(the_index_finds_equal_values_only),
        each_in_folder(an_erased_person_opens_no_more),
        cmocka_unit_test(forgetting_is_refused_where_it_could_be_taken_back),
        each_in_folder(the_key_leaves_no_trace_on_disk),
        each_in_folder(a_restored_key_store_is_buried_again),
        each_in_folder(a_long_reader_makes_it_say_again),
        cmocka_unit_test(the_check_finds_orphans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
