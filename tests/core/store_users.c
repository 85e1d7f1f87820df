/* Users and roles in the site's store. */
#include "store_help.h"
#include "store/users.h"

#define PASSWORD "a good password"

static fc_store *site(void)
{
    fc_store *s = memory_store();
    ok(fc_store_migrate(s, SOURCE_DIR "/schema/site", err));
    return s;
}

static int add(fc_store *s, const char *login, const char *name, const char *mail, const char *lang,
               const char *password, fc_err *err)
{
    int64_t id = 0;
    int rc = fc_user_add(s, login, name, mail, lang, password, &id, err);
    if (!rc)
        assert_true(id > 0);
    else
        assert_int_equal(id, 0);
    return rc;
}

static void add_and_find(void **state)
{
    (void)state;
    fc_store *s = site();
    fc_user u;
    ok(add(s, "li.na-2_x", "李娜", "li@example.com", "zh", PASSWORD, err));
    ok(fc_user_find(s, "li.na-2_x", &u, err));
    assert_true(u.id > 0 && u.active);
    assert_string_equal(u.login, "li.na-2_x");
    assert_string_equal(u.name, "李娜");
    assert_string_equal(u.mail, "li@example.com");
    assert_string_equal(u.lang, "zh");
    fails(FC_ENOTFOUND, "no user with the login wang", "没有登录名为 wang", fc_user_find(s, "wang", &u, err));
    fails(FC_ECONFLICT, "the login li.na-2_x exists already", "已存在",
          add(s, "li.na-2_x", "B", NULL, "en", PASSWORD, err));
    assert_int_equal(
        ask(s, "SELECT count(*) FROM site_user WHERE password LIKE '$argon2id$v=19$m=65536,t=3,p=1$%'"), 1);
    assert_int_equal(ask(s, "SELECT count(*) FROM site_user WHERE password LIKE '%good%'"), 0);
    fc_store_close(s);
}

static void bad_fields_are_refused(void **state)
{
    (void)state;
    fc_store *s = site();
    char long_text[400];
    memset(long_text, 'a', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = 0;
    const char *logins[] = {"", "a", "Li", "li na", "李娜", "li@x", "li'--", long_text, NULL};
    for (int i = 0; i < 9; i++)
        fails(FC_EINVAL, "a login has 2 to 64", "登录名应为",
              add(s, logins[i], "A", NULL, "zh", PASSWORD, err));
    const char *names[] = {"", long_text, "a\nb", "bad \xff utf8", NULL};
    for (int i = 0; i < 5; i++)
        fails(FC_EINVAL, "a name is needed", "姓名", add(s, "li", names[i], NULL, "zh", PASSWORD, err));
    const char *mails[] = {"li", "@x", "li@", "a@b@c", "a b@c", "a@b\nBcc: c@d", "a@b,c"};
    for (int i = 0; i < 7; i++)
        fails(FC_EINVAL, "mail address", "邮箱", add(s, "li", "A", mails[i], "zh", PASSWORD, err));
    fails(FC_EINVAL, "zh or en", "zh 或 en", add(s, "li", "A", NULL, "fr", PASSWORD, err));
    const char *passwords[] = {"", "123456789", long_text, NULL};
    for (int i = 0; i < 4; i++)
        fails(FC_EINVAL, "10 to 256 bytes", "10 到 256", add(s, "li", "A", "", "zh", passwords[i], err));
    fails(FC_EINVAL, "must not be the login", "登录名相同",
          add(s, "li.na.long", "A", "", "zh", "li.na.long", err));
    assert_int_equal(ask(s, "SELECT count(*) FROM site_user"), 0);
    fc_store_close(s);
}

static const char *joined(json_t *roles)
{
    static fc_buf out;
    size_t i;
    json_t *role;
    fc_buf_clear(&out);
    json_array_foreach(roles, i, role) fc_buf_addf(&out, "%s%s", i ? " " : "", json_string_value(role));
    json_decref(roles);
    return fc_buf_str(&out);
}

static void roles_are_held_per_dealership(void **state)
{
    (void)state;
    fc_store *s = site();
    fc_user u;
    ok(add(s, "li", "李娜", "", "zh", PASSWORD, err));
    ok(fc_user_find(s, "li", &u, err));
    ok(fc_user_grant(s, "li", "nanjing", "supervisor", err));
    ok(fc_user_grant(s, "li", "nanjing", "it", err));
    ok(fc_user_grant(s, "li", "nanjing", "it", err));
    ok(fc_user_grant(s, "li", "suzhou", "specialist", err));
    assert_string_equal(joined(fc_user_roles(s, u.id, "nanjing")), "it supervisor");
    assert_string_equal(joined(fc_user_roles(s, u.id, "suzhou")), "specialist");
    assert_string_equal(joined(fc_user_roles(s, u.id, "wuxi")), "");
    assert_string_equal(joined(fc_user_roles(s, 1, "nanjing")), "");
    ok(fc_user_revoke(s, "li", "nanjing", "it", err));
    assert_string_equal(joined(fc_user_roles(s, u.id, "nanjing")), "supervisor");
    fails(FC_ENOTFOUND, "li at nanjing does not have the role it", "没有角色 it",
          fc_user_revoke(s, "li", "nanjing", "it", err));
    fails(FC_ENOTFOUND, "no user", "没有登录名", fc_user_grant(s, "wang", "nanjing", "it", err));
    fails(FC_EINVAL, "the role \"I T\"", "角色“I T”", fc_user_grant(s, "li", "nanjing", "I T", err));
    fails(FC_EINVAL, "the dealership \"\"", "门店“”", fc_user_grant(s, "li", NULL, "it", err));
    fc_store_close(s);
}

static json_t *entry(json_t *list, size_t i, const char *login)
{
    json_t *e = json_array_get(list, i);
    assert_string_equal(json_string_value(json_object_get(e, "login")), login);
    return e;
}

static void lists(void **state)
{
    (void)state;
    fc_store *s = site();
    json_t *list;
    ok(add(s, "zhao", "赵", "", "zh", PASSWORD, err));
    ok(add(s, "li", "李娜", "li@example.com", "en", PASSWORD, err));
    ok(add(s, "wang", "王", "", "zh", PASSWORD, err));
    ok(fc_user_grant(s, "zhao", "nanjing", "it", err));
    ok(fc_user_grant(s, "li", "nanjing", "specialist", err));
    ok(fc_user_grant(s, "li", "nanjing", "advisor", err));
    ok(fc_user_grant(s, "li", "suzhou", "it", err));
    ok(fc_user_active(s, "zhao", 0, err));

    assert_non_null(list = fc_user_list(s, "nanjing", NULL));
    assert_int_equal(json_array_size(list), 2);
    json_t *li = entry(list, 0, "li"), *zhao = entry(list, 1, "zhao");
    assert_string_equal(json_string_value(json_object_get(li, "name")), "李娜");
    assert_string_equal(json_string_value(json_object_get(li, "mail")), "li@example.com");
    assert_string_equal(json_string_value(json_object_get(li, "lang")), "en");
    assert_true(json_is_string(json_object_get(li, "id")) && json_is_true(json_object_get(li, "active")));
    assert_true(json_is_false(json_object_get(zhao, "active")));
    assert_string_equal(joined(json_incref(json_object_get(li, "roles"))), "advisor specialist");
    assert_int_equal(json_object_size(li), 7);
    json_decref(list);

    assert_non_null(list = fc_user_list(s, NULL, NULL));
    assert_int_equal(json_array_size(list), 3);
    assert_string_equal(joined(json_incref(json_object_get(entry(list, 0, "li"), "roles"))),
                        "nanjing/advisor nanjing/specialist suzhou/it");
    assert_string_equal(joined(json_incref(json_object_get(entry(list, 1, "wang"), "roles"))), "");
    json_decref(list);
    assert_non_null(list = fc_user_list(s, "wuxi", NULL));
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    fc_store_close(s);
}

static void a_store_without_users_says_so(void **state)
{
    (void)state;
    fc_store *s = memory_store();
    fc_user u;
    fc_err e;
    assert_null(fc_user_list(s, NULL, &e));
    assert_int_equal(e.code, FC_EINVAL);
    fails(FC_EINVAL, "no such table", "SQL", fc_user_find(s, "li", &u, err));
    assert_string_equal(joined(fc_user_roles(s, 1, "nanjing")), "");
    fc_store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add_and_find),
        cmocka_unit_test(bad_fields_are_refused),
        cmocka_unit_test(roles_are_held_per_dealership),
        cmocka_unit_test(lists),
        cmocka_unit_test(a_store_without_users_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
