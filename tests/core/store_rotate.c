/* Changing the master key: safe at every step, and unnoticed by who is at work. */
#include "store_help.h"
#include "keys_help.h"
#include "store/rotate.h"

#include <signal.h>

#define OTHER "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

typedef struct spin {
    fc_rotation r;
    const char *paths[2], *ids[2];
    char path[2][300], secrets[300];
    int stop_at;
} spin;

static void stop(void *ctx, int number, const char *what)
{
    (void)what;
    if (((spin *)ctx)->stop_at == number) kill(getpid(), SIGKILL);
}

/* A site with two dealerships and a value in each. */
static void make_spin(void **state, spin *s, fc_buf values[2])
{
    fc_master *m;
    memset(s, 0, sizeof *s);
    snprintf(s->secrets, sizeof s->secrets, "%s/secrets", (char *)*state);
    ok(fc_master_read(s->secrets, 1, &m, err));
    s->ids[0] = "nanjing", s->ids[1] = "suzhou";
    for (int i = 0; i < 2; i++) {
        fc_vault *v = file_vault(state, s->ids[i], m);
        ok(fc_vault_seal(v, "t", "c", 1, 5, "secret", 6, &values[i], err));
        fc_vault_close(v);
        snprintf(s->path[i], sizeof s->path[i], "%s/%s.keys.db", (char *)*state, s->ids[i]);
        s->paths[i] = s->path[i];
    }
    fc_master_free(m);
    s->r = (fc_rotation){s->secrets, KEY_SCHEMA, s->paths, s->ids, 2, stop, s};
}

static int rotate(spin *s, enum fc_rotated *result, fc_err *err)
{
    char before[FC_PRINT_CAP], after[FC_PRINT_CAP];
    return fc_rotate(&s->r, result, before, after, err);
}

static int rotate_in_child(void *arg)
{
    enum fc_rotated result;
    return rotate(arg, &result, NULL);
}

static void all_opens(void **state, const fc_master *m, const fc_buf values[2])
{
    const char *ids[] = {"nanjing", "suzhou"};
    for (int i = 0; i < 2; i++) {
        fc_buf out = {0};
        fc_keys *k = file_keys(state, ids[i]);
        ok(fc_keys_unlock(k, m, err));
        fc_vault *v = fc_vault_new(k);
        ok(fc_vault_unseal(v, "t", "c", 1, values[i].data, values[i].len, &out, err));
        assert_string_equal(out.data, "secret");
        fc_buf_free(&out);
        fc_vault_close(v);
    }
}

static void rotation_is_safe_at_every_step(void **state)
{
    int steps = 0;
    for (int at = 1;; at++) {
        spin s;
        fc_buf values[2] = {{0}, {0}};
        fc_master *old, *now;
        enum fc_rotated result;
        make_spin(state, &s, values);
        s.stop_at = at;
        ok(fc_master_read(s.secrets, 0, &old, err));
        int code = exit_of(in_child(rotate_in_child, &s));
        if (code == 0) { /* there was no such step */
            fc_master_free(old);
            steps = at - 1;
            for (int i = 0; i < 2; i++)
                fc_buf_free(&values[i]);
            break;
        }
        assert_int_equal(code, 1000 + SIGKILL);
        ok(fc_master_read(s.secrets, 0, &now, err));
        all_opens(state, now, values); /* the key in place opens everything */
        fc_master_free(now);
        s.stop_at = 0;
        ok(rotate(&s, &result, err)); /* and the same command finishes what was begun */
        assert_int_equal(result,
                         at < 6 ? FC_ROTATED_RESUME : FC_ROTATED); /* after the last nothing is left */
        ok(fc_master_read(s.secrets, 0, &now, err));
        assert_string_not_equal(now->print, old->print);
        all_opens(state, now, values);
        for (int i = 0; i < 2; i++) {
            fc_keys *k = file_keys(state, s.ids[i]);
            assert_int_equal(ask(fc_keys_store(k), "SELECT count(*) FROM dealership_key"), 1);
            fails(FC_EDENIED, "another master key", "另一把主密钥", fc_keys_unlock(k, old, err));
            fc_keys_close(k);
            fc_buf_free(&values[i]);
        }
        assert_int_not_equal(access(in(state, "secrets/master.key.next"), F_OK), 0);
        fc_master_free(now);
        fc_master_free(old);
        char command[400];
        snprintf(command, sizeof command, "rm -rf '%s'/*", (char *)*state);
        assert_int_equal(system(command), 0);
    }
    assert_int_equal(steps,
                     6); /* next made, 2 wrapped, in place, 2 old removed (the last is the end but one) */
}

static void a_running_vault_does_not_notice(void **state)
{
    spin s;
    fc_buf values[2] = {{0}, {0}}, sealed = {0}, out = {0};
    fc_master *m;
    enum fc_rotated result;
    make_spin(state, &s, values);
    ok(fc_master_read(s.secrets, 0, &m, err));
    fc_vault *v = file_vault(state, "nanjing", m), *fresh;
    fc_master_free(m);
    ok(rotate(&s, &result, err));
    assert_int_equal(result, FC_ROTATED);
    ok(fc_vault_unseal(v, "t", "c", 1, values[0].data, values[0].len, &out, err));
    ok(fc_vault_seal(v, "t", "c", 2, 6, "later", 5, &sealed, err));
    ok(fc_master_read(s.secrets, 0, &m, err));
    fresh = file_vault(state, "nanjing", m);
    fc_buf_clear(&out);
    ok(fc_vault_unseal(fresh, "t", "c", 2, sealed.data, sealed.len, &out, err));
    assert_string_equal(out.data, "later");
    fc_master_free(m);
    fc_vault_close(v);
    fc_vault_close(fresh);
    fc_buf_free(&sealed);
    fc_buf_free(&out);
    fc_buf_free(&values[0]);
    fc_buf_free(&values[1]);
}

static void a_wrong_key_or_a_missing_store_stops_it_before_the_start(void **state)
{
    spin s;
    fc_buf values[2] = {{0}, {0}};
    enum fc_rotated result;
    make_spin(state, &s, values);
    put(in(state, "secrets/master.key"), OTHER);
    fails(FC_EDENIED, "another master key", "另一把主密钥", rotate(&s, &result, err));
    assert_int_not_equal(access(in(state, "secrets/master.key.next"), F_OK), 0);
    s.paths[1] = in(state, "none.keys.db");
    s.paths[0] = s.paths[1];
    fails(FC_ENOTFOUND, "key store is missing", "密钥库不存在", rotate(&s, &result, err));
    fc_buf_free(&values[0]);
    fc_buf_free(&values[1]);
}

/* The key is a credential: the new one is left for whoever starts the site, and the second call ends it. */
static void a_credential_is_put_in_place_by_hand(void **state)
{
    spin s;
    fc_buf values[2] = {{0}, {0}}, key = {0};
    fc_master *m;
    enum fc_rotated result;
    char credential[300];
    make_spin(state, &s, values);
    snprintf(credential, sizeof credential, "%s/forecourt.master-key", (char *)*state);
    rename(in(state, "secrets/master.key"), credential);
    setenv("CREDENTIALS_DIRECTORY", *state, 1);
    ok(rotate(&s, &result, err));
    assert_int_equal(result, FC_ROTATED_WAITS);
    ok(fc_master_read(s.secrets, 0, &m, err));
    all_opens(state, m, values);
    fc_master_free(m);
    ok(fc_read_file(in(state, "secrets/master.key.next"), 100, &key, err));
    put(credential, key.data);
    ok(rotate(&s, &result, err));
    assert_int_equal(result, FC_ROTATED_RESUME);
    assert_int_not_equal(access(in(state, "secrets/master.key.next"), F_OK), 0);
    ok(fc_master_read(s.secrets, 0, &m, err));
    all_opens(state, m, values);
    fc_master_free(m);
    unsetenv("CREDENTIALS_DIRECTORY");
    fc_buf_free(&key);
    fc_buf_free(&values[0]);
    fc_buf_free(&values[1]);
}

#define alone(fn) cmocka_unit_test_setup_teardown(fn, no_variables, drop_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        alone(rotation_is_safe_at_every_step),
        alone(a_running_vault_does_not_notice),
        alone(a_wrong_key_or_a_missing_store_stops_it_before_the_start),
        alone(a_credential_is_put_in_place_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
