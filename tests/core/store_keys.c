/* Keys: where the master key may come from, and that a wrong one changes nothing. */
#include "store_help.h"
#include "keys_help.h"
#include "store/handover.h"

#include <fcntl.h>
#include <signal.h>

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static int read_master(const char *secrets, int create, fc_err *err)
{
    fc_master *m;
    int rc = fc_master_read(secrets, create, &m, err);
    if (rc) assert_null(m);
    fc_master_free(m);
    return rc;
}

static void the_key_file_is_private(void **state)
{
    struct stat st;
    mode_t before = umask(0);
    const char *key = in(state, "secrets/master.key"), *secrets = in(state, "secrets");
    ok(read_master(secrets, 1, err));
    umask(before);
    assert_int_equal(stat(key, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, 65);
    stat(secrets, &st);
    assert_int_equal(st.st_mode & 07777, 0700);
    int bad[] = {0644, 0640, 0660, 0604, 0700, 0601};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        chmod(key, (mode_t)bad[i]);
        fails(FC_EDENIED, "run: chmod 600", "请运行 chmod 600", read_master(secrets, 1, err));
    }
    chmod(key, 0400);
    ok(read_master(secrets, 0, err));
}

/* In a container every start may have the same number. */
static void what_a_killed_start_left_is_in_nobodys_way(void **state)
{
    char path[300];
    const char *secrets = in(state, "secrets");
    mkdir(secrets, 0700);
    snprintf(path, sizeof path, "%s/master.key.%ld.tmp", secrets, (long)getpid());
    put(path, "half");
    ok(read_master(secrets, 1, err));
}

static void bad_key_files_are_named(void **state)
{
    const char *key = in(state, "master.key");
    fails(FC_ENOTFOUND, "master.key: the master key is missing", "主密钥不存在", read_master(*state, 0, err));
    const char *bad[] = {
        "",       "hello",  "00112233445566778899aabbccddeeff00112233445566778899aabbccddee",
        HEX "00", HEX " x", "z0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"};
    for (int i = 0; i < 6; i++) {
        put(key, bad[i]);
        fails(FC_EINVAL, "64 hexadecimal digits", "64 位十六进制", read_master(*state, 1, err));
    }
    put(key, "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff\r\n");
    ok(read_master(*state, 0, err));
    unlink(key);
    mkdir(key, 0600);
    fails(FC_EINVAL, "not a regular file", "不是普通文件", read_master(*state, 0, err));
}

static int print_of_new_key(void *path)
{
    fc_master *m;
    char out[300];
    if (fc_master_read(path, 1, &m, NULL)) return 1;
    snprintf(out, sizeof out, "%s.%d", (char *)path, (int)getpid());
    return fc_write_file(out, m->print, 16, 0600, NULL);
}

static void processes_that_make_a_key_agree(void **state)
{
    for (int round = 0; round < 20; round++) {
        char name[32];
        snprintf(name, sizeof name, "s%d", round);
        const char *path = in(state, name);
        pid_t pids[4];
        fc_buf first = {0};
        for (int i = 0; i < 4; i++)
            pids[i] = in_child(print_of_new_key, (void *)path);
        for (int i = 0; i < 4; i++) {
            char out[300];
            fc_buf print = {0};
            assert_int_equal(exit_of(pids[i]), 0);
            snprintf(out, sizeof out, "%s.%d", path, (int)pids[i]);
            ok(fc_read_file(out, 100, &print, err));
            if (!first.len) fc_buf_adds(&first, print.data);
            assert_string_equal(first.data, print.data);
            fc_buf_free(&print);
        }
        fc_buf_free(&first);
    }
}

/* In a child: what is taken from the environment stays with the process. */
static int source_in_child(void *arg)
{
    fc_err err;
    fc_master *m;
    int rc = fc_master_read(arg, 0, &m, &err);
    if (rc) {
        fprintf(stderr, "%s\n", err.text[FC_EN]);
        return 100 + rc;
    }
    return getenv("FORECOURT_MASTER_KEY") ? 99 : (int)m->source;
}

static int source(const char *secrets)
{
    return exit_of(in_child(source_in_child, (void *)secrets));
}

static void three_sources_in_order(void **state)
{
    const char *credentials = in(state, "cred"), *file = in(state, "master.key");
    mkdir(credentials, 0700);
    char credential[300];
    snprintf(credential, sizeof credential, "%s/forecourt.master-key", credentials);
    setenv("FORECOURT_MASTER_KEY", HEX, 1);
    assert_int_equal(source(*state), FC_MASTER_ENV);
    setenv("CREDENTIALS_DIRECTORY", credentials, 1);
    put(credential, HEX);
    chmod(credential, 0440);
    assert_int_equal(source(*state), FC_MASTER_CREDENTIAL);
    put(file, HEX "\n");
    assert_int_equal(source(*state), FC_MASTER_FILE);
    chmod(credential, 0444);
    assert_int_equal(source(*state), 100 + FC_EDENIED);
    chmod(credential, 0400);
    put(file, OTHER);
    assert_int_equal(source(*state), 100 + FC_ECONFLICT);
    unlink(file);
    put(credential, OTHER);
    assert_int_equal(source(*state), 100 + FC_ECONFLICT);
    unlink(credential);
    setenv("FORECOURT_MASTER_KEY", "nonsense", 1);
    assert_int_equal(source(*state), 100 + FC_EINVAL);
    unsetenv("FORECOURT_MASTER_KEY");
    put(file, OTHER);
    put(credential, HEX);
    fails(FC_ECONFLICT, "two places that differ", "两个不同的来源", read_master(*state, 0, err));
    unsetenv("CREDENTIALS_DIRECTORY");
}

/* What is left of the variable where the system put it. */
static int environ_in_child(void *arg)
{
    (void)arg;
    char *where = getenv("FORECOURT_MASTER_KEY");
    fc_master_take_env();
    return where[0] == 0 && !getenv("FORECOURT_MASTER_KEY") ? 0 : 1;
}

static void the_variable_is_taken_away(void **state)
{
    (void)state;
    setenv("FORECOURT_MASTER_KEY", HEX, 1);
    assert_int_equal(exit_of(in_child(environ_in_child, NULL)), 0);
    unsetenv("FORECOURT_MASTER_KEY");
}

static void hash_of(const char *path, char out[65])
{
    char command[400];
    snprintf(command, sizeof command, "sha256sum < %s", path);
    FILE *f = popen(command, "r");
    assert_int_equal(fread(out, 1, 64, f), 64);
    out[64] = 0;
    pclose(f);
}

static void a_wrong_master_key_changes_nothing(void **state)
{
    char before[65], after[65];
    fc_master *right = fc_master_random(), *wrong = fc_master_random();
    fc_vault_close(file_vault(state, "nanjing", right));
    hash_of(in(state, "nanjing.keys.db"), before);
    fc_keys *k = file_keys(state, "nanjing");
    fails(FC_EDENIED, right->print, right->print, fc_keys_unlock(k, wrong, err));
    fails(FC_EDENIED, "Nothing was changed", "什么都没有改动", fc_keys_unlock(k, wrong, err));
    fails(FC_EDENIED, wrong->print, "另一把主密钥", fc_keys_make(k, wrong, err));
    assert_null(fc_keys_pair(k));
    ok(fc_keys_unlock(k, right, err));
    fc_keys_close(k);
    hash_of(in(state, "nanjing.keys.db"), after);
    assert_string_equal(before, after);
    fc_master_free(right);
    fc_master_free(wrong);
}

static void a_damaged_or_foreign_wrapping_is_refused(void **state)
{
    fc_master *m = fc_master_random();
    fc_vault_close(file_vault(state, "nanjing", m));
    char command[400];
    snprintf(command, sizeof command, "cp %s %s", in(state, "nanjing.keys.db"), in(state, "suzhou.keys.db"));
    assert_int_equal(system(command), 0);
    fc_keys *k = file_keys(state, "suzhou");
    fails(FC_EDENIED, "belong to another dealership", "另一家店", fc_keys_unlock(k, m, err));
    fc_keys_close(k);
    k = file_keys(state, "nanjing");
    run(fc_keys_store(k), "UPDATE dealership_key SET wrapped = x'00'");
    fails(FC_EDENIED, "do not open", "打不开", fc_keys_unlock(k, m, err));
    fc_keys_close(k);
    fc_master_free(m);
}

static void new_persons_have_keys_and_spares_go(void **state)
{
    int64_t last = 0, id;
    fc_master *m = fc_master_random();
    fc_vault *v = file_vault(state, "nanjing", m);
    fc_keys *k = fc_vault_keys(v);
    unsigned char key[32];
    enum fc_person how;
    for (int i = 0; i < 700; i++) {
        ok(fc_keys_new_person(k, &id, err));
        assert_true(id > last);
        last = id;
        ok(fc_keys_person(k, id, 0, key, &how, err));
        assert_int_equal(how, FC_PERSON_KNOWN);
    }
    assert_true(ask(fc_keys_store(k), "SELECT count(*) FROM person_key") > 700);
    fc_vault_close(v);
    v = file_vault(state, "nanjing", m);
    assert_int_equal(ask(fc_keys_store(fc_vault_keys(v)), "SELECT count(*) FROM person_key"), 700);
    fc_vault_close(v);
    fc_master_free(m);
}

/* More persons than are remembered: each still has its own key. */
static void the_cache_mixes_nobody_up(void **state)
{
    (void)state;
    fc_vault *v = memory_vault("nanjing");
    unsigned char keys[200][32], key[32];
    enum fc_person how;
    for (int i = 0; i < 200; i++)
        ok(fc_keys_person(fc_vault_keys(v), i + 1, 1, keys[i], &how, err));
    for (int i = 0; i < 1000; i++) {
        int p = (i * 37) % 200;
        ok(fc_keys_person(fc_vault_keys(v), p + 1, 0, key, &how, err));
        assert_int_equal(how, FC_PERSON_KNOWN);
        assert_memory_equal(key, keys[p], 32);
    }
    assert_memory_not_equal(keys[0], keys[1], 32);
    fc_vault_close(v);
}

static int child_reads(void *arg)
{
    fc_handed *h;
    fc_keys *k;
    int *fd = arg;
    if (fc_handover_read(*fd, &h, NULL)) return 1;
    if (fc_handed_pair(h, "wuxi") || !fc_handed_pair(h, "suzhou")) return 2;
    if (fc_keys_open(":memory:", KEY_SCHEMA, "nanjing", &k, NULL)) return 3;
    return fc_keys_given(k, fc_handed_pair(h, "nanjing"), NULL) == FC_EDENIED ? 42 : 4;
}

static void keys_go_to_a_child_through_a_pipe(void **state)
{
    int fd;
    fc_handed *h;
    fc_master *m = fc_master_random();
    fc_vault *a = file_vault(state, "nanjing", m), *b = file_vault(state, "suzhou", m);
    const fc_handover list[] = {{"nanjing", fc_keys_pair(fc_vault_keys(a))},
                                {"suzhou", fc_keys_pair(fc_vault_keys(b))}};
    ok(fc_handover_write(list, 2, &fd, err));
    assert_int_equal(exit_of(in_child(child_reads, &fd)), 42);
    fails(FC_EIO, "no keys came", "没有从上级进程收到密钥", fc_handover_read(fd, &h, err));
    ok(fc_handover_write(list, 2, &fd, err));
    ok(fc_handover_read(fd, &h, err));
    fc_keys *k = file_keys(state, "nanjing");
    ok(fc_keys_given(k, fc_handed_pair(h, "nanjing"), err));
    fails(FC_EDENIED, "not those of this file", "不是这个文件的",
          fc_keys_given(k, fc_handed_pair(h, "suzhou"), err));
    fc_keys_close(k);
    fc_handed_free(h);
    fc_vault_close(a);
    fc_vault_close(b);
    fc_master_free(m);
}

#define alone(fn) cmocka_unit_test_setup_teardown(fn, no_variables, drop_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        alone(the_key_file_is_private),
        alone(what_a_killed_start_left_is_in_nobodys_way),
        alone(bad_key_files_are_named),
        alone(processes_that_make_a_key_agree),
        alone(three_sources_in_order),
        alone(the_variable_is_taken_away),
        alone(a_wrong_master_key_changes_nothing),
        alone(a_damaged_or_foreign_wrapping_is_refused),
        alone(new_persons_have_keys_and_spares_go),
        cmocka_unit_test(the_cache_mixes_nobody_up),
        alone(keys_go_to_a_child_through_a_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
