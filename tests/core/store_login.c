/* Signing in, sessions and the lock. What takes time is tested by moving the times in the rows, and once with
 * a shifted clock in a process of its own. */
#include "store_help.h"
#include "base/clock.h"
#include "store/users.h"

#include <sys/resource.h>

#define PASSWORD "a good password"

static fc_store *site_at(const char *path)
{
    fc_store *s = NULL;
    ok(fc_store_open(path, &s, err));
    ok(fc_store_migrate(s, SOURCE_DIR "/schema/site", err));
    ok(fc_user_add(s, "li", "李娜", "", "en", PASSWORD, NULL, err));
    return s;
}

static int sign_in(fc_store *s, const char *login, const char *password, char token[65], fc_err *err)
{
    fc_login l;
    int wait;
    int rc = fc_login_begin(s, login, &l, &wait, err);
    assert_true((rc == FC_EDENIED) == (wait > 0));
    return rc ? rc : fc_login_end(s, &l, fc_login_verify(&l, password), token, err);
}

/* A failed attempt without the 0.1 s that finding it out costs. */
static int fail_once(fc_store *s, const char *login, int *wait)
{
    fc_login l;
    char token[65] = "x";
    int rc = fc_login_begin(s, login, &l, wait, NULL);
    if (rc) return rc;
    rc = fc_login_end(s, &l, 0, token, NULL);
    assert_string_equal(token, "");
    return rc;
}

static void the_right_password_opens_a_session(void **state)
{
    (void)state;
    fc_store *s = site_at(":memory:");
    char token[65], other[65];
    fc_session found;
    ok(sign_in(s, "li", PASSWORD, token, err));
    assert_int_equal(strspn(token, "0123456789abcdef"), 64);
    ok(fc_session_find(s, token, &found, err));
    assert_string_equal(found.user.login, "li");
    assert_string_equal(found.user.name, "李娜");
    assert_string_equal(found.lang, "en");
    assert_int_equal(strspn(found.csrf, "0123456789abcdef"), 64);
    assert_string_not_equal(found.csrf, token);
    ok(sign_in(s, "LI", PASSWORD, other, err)); /* capitals of a telephone's keyboard */
    assert_string_not_equal(token, other);
    fc_session second;
    ok(fc_session_find(s, other, &second, err));
    assert_string_not_equal(second.csrf, found.csrf);
    assert_true(second.id != found.id);

    fc_value args[] = {fc_text(token), fc_text(found.csrf)};
    int64_t n;
    int has;
    ok(fc_ask_int(s, "SELECT count(*) FROM site_session WHERE token_hash IN (?, ?)", args, 2, &n, &has, err));
    assert_int_equal(n, 0); /* neither is in the store */
    fc_store_close(s);
}

static void wrong_ones_get_one_sentence(void **state)
{
    (void)state;
    fc_store *s = site_at(":memory:");
    char token[65], longer[400];
    const char *en = "the login or the password is wrong", *zh = "登录名或密码不正确";
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    fails(FC_EDENIED, en, zh, sign_in(s, "li", "a good passworD", token, err));
    fails(FC_EDENIED, en, zh, sign_in(s, "li", "", token, err));
    fails(FC_EDENIED, en, zh, sign_in(s, "nobody", PASSWORD, token, err));
    fails(FC_EDENIED, en, zh, sign_in(s, "", "", token, err));
    fails(FC_EDENIED, en, zh, sign_in(s, longer, longer, token, err));
    ok(fc_user_active(s, "li", 0, err));
    fails(FC_EDENIED, en, zh, sign_in(s, "li", PASSWORD, token, err));
    ok(fc_user_active(s, "li", 1, err));
    ok(sign_in(s, "li", PASSWORD, token, err));
    assert_int_equal(ask(s, "SELECT count(*) FROM site_session"), 1);
    assert_int_equal(ask(s, "SELECT count(*) FROM site_login_lock WHERE login_hash LIKE '%nobody%'"), 0);
    fc_store_close(s);
}

static void unknown_logins_cost_the_same(void **state)
{
    (void)state;
    fc_store *s = site_at(":memory:");
    fc_login known, unknown;
    int wait;
    ok(fc_login_begin(s, "li", &known, &wait, err));
    ok(fc_login_begin(s, "nobody", &unknown, &wait, err));
    assert_true(known.known && !unknown.known);
    assert_int_equal(unknown.user.id, 0);
    assert_memory_equal(known.hash, unknown.hash, strlen("$argon2id$v=19$m=65536,t=3,p=1$"));
    assert_int_equal(strlen(known.hash), strlen(unknown.hash));
    int64_t best[2] = {INT64_MAX, INT64_MAX};
    for (int i = 0; i < 6; i++) {
        int64_t start = fc_cpu();
        assert_int_equal(fc_login_verify(i % 2 ? &unknown : &known, "not the password"), 0);
        int64_t took = fc_cpu() - start;
        if (took < best[i % 2]) best[i % 2] = took;
    }
    assert_true(best[1] > best[0] * 7 / 10 && best[1] < best[0] * 14 / 10);
    unknown.known = 1; /* even then nothing matches */
    assert_int_equal(fc_login_verify(&unknown, "nothing matches this hash, ever!"), 0);
    fc_store_close(s);
}

static void the_lock_backs_off(void **state)
{
    (void)state;
    const char *logins[] = {"li", "nobody"};
    fc_store *s = site_at(":memory:");
    for (int who = 0; who < 2; who++) {
        int wait, expected[] = {30, 60, 120, 240, 480, 900, 900};
        for (int i = 0; i < 4; i++) {
            assert_int_equal(fail_once(s, logins[who], &wait), FC_EDENIED);
            assert_int_equal(wait, 0);
        }
        for (int i = 0; i < 7; i++) {
            assert_int_equal(fail_once(s, logins[who], &wait), FC_EDENIED);
            assert_int_equal(wait, 0);
            assert_int_equal(fail_once(s, logins[who], &wait), FC_EDENIED);
            assert_in_range(wait, expected[i] - 2, expected[i]);
            run(s, "UPDATE site_login_lock SET locked_until = 1");
        }
    }
    assert_int_equal(ask(s, "SELECT count(*) FROM site_login_lock"), 2);
    fc_store_close(s);
}

static void a_locked_login_is_told_to_wait(void **state)
{
    (void)state;
    fc_store *s = site_at(":memory:");
    char token[65];
    fc_login l;
    int wait;
    for (int i = 0; i < 5; i++)
        fail_once(s, "li", &wait);
    fails(FC_EDENIED, "try again in", "秒后重试", fc_login_begin(s, "li", &l, &wait, err));
    assert_in_range(wait, 28, 30);
    assert_int_equal(fc_login_begin(s, "li", &l, NULL, NULL), FC_EDENIED);
    assert_int_equal(fc_login_begin(s, "Li", &l, &wait, NULL), FC_EDENIED);
    run(s, "UPDATE site_login_lock SET locked_until = 1");
    ok(sign_in(s, "li", PASSWORD, token, err));
    assert_int_equal(ask(s, "SELECT count(*) FROM site_login_lock"), 0); /* the row of failures is broken */
    fc_store_close(s);
}

static void a_burst_sent_at_once_is_refused(void **state)
{
    (void)state;
    fc_store *s = site_at(":memory:");
    fc_login tries[20];
    char token[65];
    int wait;
    for (int i = 0; i < 20; i++)
        ok(fc_login_begin(s, "li", &tries[i], &wait, err));
    for (int i = 0; i < 19; i++)
        assert_int_equal(fc_login_end(s, &tries[i], 0, token, NULL), FC_EDENIED);
    fails(FC_EDENIED, "try again in", "秒后重试", fc_login_end(s, &tries[19], 1, token, err));
    assert_string_equal(token, "");
    assert_int_equal(ask(s, "SELECT failures FROM site_login_lock"), 5);
    assert_int_equal(ask(s, "SELECT count(*) FROM site_session"), 0);
    fc_store_close(s);
}

static void a_lock_is_forgotten_after_a_day(void **state)
{
    (void)state;
    fc_store *s = site_at(":memory:");
    int wait;
    for (int i = 0; i < 4; i++)
        fail_once(s, "li", &wait);
    run(s, "UPDATE site_login_lock SET failed_at = failed_at - 86400001");
    fail_once(s, "nobody", &wait);
    assert_int_equal(ask(s, "SELECT count(*) FROM site_login_lock"), 1);
    fail_once(s, "li", &wait);
    assert_int_equal(ask(s, "SELECT max(failures) FROM site_login_lock"), 1);
    /* set by a clock that was turned back since: no lock outlasts 15 minutes */
    run(s, "UPDATE site_login_lock SET locked_until = failed_at + 86400000");
    assert_int_equal(fail_once(s, "li", &wait), FC_EDENIED);
    assert_int_equal(wait, 0);
    fc_store_close(s);
}

static void what_changed_meanwhile_counts(void **state)
{
    (void)state;
    fc_store *s = site_at(":memory:");
    fc_login l;
    char token[65];
    int wait;
    ok(fc_login_begin(s, "li", &l, &wait, err));
    ok(fc_user_active(s, "li", 0, err));
    fails(FC_EDENIED, "wrong", "不正确", fc_login_end(s, &l, 1, token, err));
    ok(fc_user_active(s, "li", 1, err));
    ok(fc_login_begin(s, "li", &l, &wait, err));
    ok(fc_user_password(s, "li", "another password", err));
    fails(FC_EDENIED, "wrong", "不正确", fc_login_end(s, &l, 1, token, err));
    ok(sign_in(s, "li", "another password", token, err));
    fc_store_close(s);
}

static int known(fc_store *s, const char *token)
{
    fc_session found;
    int rc = fc_session_find(s, token, &found, NULL);
    assert_true(rc == FC_OK || (rc == FC_ENOTFOUND && found.id == 0 && !found.csrf[0]));
    return rc == FC_OK;
}

static void sessions_end(void **state)
{
    (void)state;
    fc_store *s = site_at(":memory:");
    char a[65], b[65], changed[65];
    fc_session found;
    ok(sign_in(s, "li", PASSWORD, a, err));
    ok(sign_in(s, "li", PASSWORD, b, err));
    assert_true(known(s, a) && known(s, b));
    ok(fc_session_find(s, a, &found, err));
    ok(fc_session_close(s, found.id, err));
    ok(fc_session_close(s, found.id, err));
    assert_true(!known(s, a) && known(s, b));
    memcpy(changed, b, 65);
    changed[63] = changed[63] == '0' ? '1' : '0';
    assert_false(known(s, changed));
    fails(FC_ENOTFOUND, "sign in again", "请重新登录", fc_session_find(s, "", &found, err));
    fails(FC_ENOTFOUND, "sign in again", "请重新登录", fc_session_find(s, NULL, &found, err));

    ok(fc_user_password(s, "li", "another password", err));
    assert_false(known(s, b));
    ok(sign_in(s, "li", "another password", a, err));
    ok(fc_user_active(s, "li", 0, err));
    assert_false(known(s, a));
    ok(fc_user_active(s, "li", 1, err));
    assert_false(known(s, a));
    fc_store_close(s);
}

static void the_language_is_the_sessions(void **state)
{
    (void)state;
    fc_store *s = site_at(":memory:");
    char token[65];
    fc_session found;
    ok(sign_in(s, "li", PASSWORD, token, err));
    ok(fc_session_find(s, token, &found, err));
    ok(fc_session_lang(s, found.id, "zh", err));
    ok(fc_session_find(s, token, &found, err));
    assert_string_equal(found.lang, "zh");
    assert_string_equal(found.user.lang, "en");
    fails(FC_EINVAL, "zh or en", "zh 或 en", fc_session_lang(s, found.id, "xx", err));
    fails(FC_ENOTFOUND, "sign in", "登录", fc_session_lang(s, 1, "zh", err));
    fc_store_close(s);
}

static void idle_and_old_sessions_end(void **state)
{
    (void)state;
    fc_store *s = site_at(":memory:");
    char token[65];
    ok(sign_in(s, "li", PASSWORD, token, err));
    run(s, "UPDATE site_session SET seen_at = seen_at - 29 * 60000");
    assert_true(known(s, token)); /* seen: the half hour begins anew */
    run(s, "UPDATE site_session SET seen_at = seen_at - 29 * 60000");
    assert_true(known(s, token));
    run(s, "UPDATE site_session SET seen_at = seen_at - 30 * 60000");
    assert_false(known(s, token));
    run(s,
        "UPDATE site_session SET seen_at = seen_at + 30 * 60000, made_at = made_at - 12 * 3600000 + 60000");
    assert_true(known(s, token));
    run(s, "UPDATE site_session SET made_at = made_at - 60000");
    assert_false(known(s, token));
    ok(sign_in(s, "li", PASSWORD, token, err));
    assert_int_equal(ask(s, "SELECT count(*) FROM site_session"), 1); /* signing in sweeps */
    fc_store_close(s);
}

static void limits_can_be_set(void **state)
{
    (void)state;
    fc_store *s = site_at(":memory:");
    char token[65];
    fc_session_limits(300, 100000);
    ok(sign_in(s, "li", PASSWORD, token, err));
    for (int i = 0; i < 5; i++) {
        usleep(100000);
        assert_true(known(s, token));
    }
    usleep(350000);
    assert_false(known(s, token));
    fc_session_limits(30 * 60000, 12 * 3600000);
    fc_store_close(s);
}

static void looking_does_not_write_each_time(void **state)
{
    (void)state;
    fc_store *s = site_at(":memory:");
    char token[65];
    ok(sign_in(s, "li", PASSWORD, token, err));
    int64_t seen = ask(s, "SELECT seen_at FROM site_session");
    usleep(20000);
    for (int i = 0; i < 100; i++)
        assert_true(known(s, token));
    assert_int_equal(ask(s, "SELECT seen_at FROM site_session"), seen);
    run(s, "UPDATE site_session SET seen_at = seen_at - 31000");
    assert_true(known(s, token));
    assert_true(ask(s, "SELECT seen_at FROM site_session") > seen);
    fc_store_close(s);
}

/* Asks another process whose clock stands `shift_ms` later. */
static int found_later(const char *path, const char *token, int64_t shift_ms)
{
    char now[32], *argv[] = {"store_login", "find", (char *)path, (char *)token, NULL};
    fc_civil c;
    fc_civil_of(fc_now() + shift_ms, &c);
    snprintf(now, sizeof now, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
             c.second);
    pid_t pid = fork();
    if (pid == 0) {
        setenv("FORECOURT_NOW", now, 1);
        execv("/proc/self/exe", argv);
        _exit(99);
    }
    return exit_of(pid);
}

static int find_and_exit(const char *path, const char *token)
{
    fc_store *s;
    fc_session found;
    if (fc_store_open(path, &s, NULL)) return 98;
    int rc = fc_session_find(s, token, &found, NULL);
    fc_store_close(s);
    return rc;
}

static void a_shifted_clock_ends_sessions(void **state)
{
    fc_store *s = site_at(in(state, "site.db"));
    char token[65];
    ok(sign_in(s, "li", PASSWORD, token, err));
    const char *path = in(state, "site.db");
    assert_int_equal(found_later(path, token, 28 * 60000), FC_OK);
    assert_int_equal(found_later(path, token, 56 * 60000), FC_OK); /* seen at 28 */
    assert_int_equal(found_later(path, token, 88 * 60000), FC_ENOTFOUND);
    fc_store_close(s);
}

/* Reading goes on when nothing can be written: people stay signed in while somebody frees the disk. */
static void a_locked_site_still_knows_its_sessions(void **state)
{
    const char *path = in(state, "site.db");
    fc_store *s = site_at(path), *other;
    char token[65];
    ok(sign_in(s, "li", PASSWORD, token, err));
    run(s, "UPDATE site_session SET seen_at = seen_at - 60000");
    ok(fc_store_open(path, &other, err));
    ok(fc_tx_begin(other, err));
    assert_true(known(s, token));
    fc_tx_rollback(other);
    fc_store_close(other);
    fc_store_close(s);
}

static int verify_without_memory(void *arg)
{
    fc_login *l = arg;
    struct rlimit limit = {.rlim_cur = 48 << 20, .rlim_max = 48 << 20};
    if (setrlimit(RLIMIT_AS, &limit)) return 2;
    return fc_login_verify(l, PASSWORD);
}

/* The sanitizer's shadow needs more address space than the limit, so there the child is not started. */
static void without_memory_nobody_gets_in(void **state)
{
    (void)state;
    fc_store *s = site_at(":memory:");
    fc_login l;
    char token[65];
    int wait;
    ok(fc_login_begin(s, "li", &l, &wait, err));
#if !defined(__SANITIZE_ADDRESS__)
    assert_int_equal(exit_of(in_child(verify_without_memory, &l)), 0);
#else
    (void)verify_without_memory;
#endif
    fails(FC_EDENIED, "wrong", "不正确", fc_login_end(s, &l, -1, token, err)); /* only 1 is right */
    fc_store_close(s);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "find") == 0) return find_and_exit(argv[2], argv[3]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_password_opens_a_session),
        cmocka_unit_test(wrong_ones_get_one_sentence),
        cmocka_unit_test(unknown_logins_cost_the_same),
        cmocka_unit_test(the_lock_backs_off),
        cmocka_unit_test(a_locked_login_is_told_to_wait),
        cmocka_unit_test(a_burst_sent_at_once_is_refused),
        cmocka_unit_test(a_lock_is_forgotten_after_a_day),
        cmocka_unit_test(what_changed_meanwhile_counts),
        cmocka_unit_test(sessions_end),
        cmocka_unit_test(the_language_is_the_sessions),
        cmocka_unit_test(idle_and_old_sessions_end),
        cmocka_unit_test(limits_can_be_set),
        cmocka_unit_test(looking_does_not_write_each_time),
        each_in_folder(a_shifted_clock_ends_sessions),
        each_in_folder(a_locked_site_still_knows_its_sessions),
        cmocka_unit_test(without_memory_nobody_gets_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
