/* Roles: words that plugins give meaning to, held per dealership. They are read at each request, so what is
 * granted or revoked is in force at once. */
#include "store/site.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int check_word(const char *what_zh, const char *what_en, const char *word, fc_err *err)
{
    size_t n = word ? strlen(word) : 0;
    if (n >= 1 && n <= 64 && strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n) return FC_OK;
    return fc_fail(err, FC_EINVAL, "%s%.0s“%.64s”应为 1 到 64 个小写字母、数字或 _ -",
                   "%.0s%s \"%.64s\" must have 1 to 64 lower case letters, digits or _ -", what_zh, what_en,
                   word ? word : "");
}

static int check_role(fc_store *site, const char *login, const char *dealership, const char *role,
                      fc_user *user, fc_err *err)
{
    int rc = check_word("门店", "the dealership", dealership, err);
    if (!rc) rc = check_word("角色", "the role", role, err);
    return rc ? rc : fc_user_find(site, login, user, err);
}

int fc_user_grant(fc_store *site, const char *login, const char *dealership, const char *role, fc_err *err)
{
    fc_user user;
    int rc = check_role(site, login, dealership, role, &user, err);
    if (rc) return rc;
    fc_value row[] = {fc_int(user.id), fc_text(dealership), fc_text(role), fc_int(fc_now())};
    return fc_run(site,
                  "INSERT INTO site_user_role (user_id, dealership, role, made_at) VALUES (?, ?, ?, ?)"
                  " ON CONFLICT (user_id, dealership, role) DO NOTHING",
                  row, 4, NULL, err);
}

int fc_user_revoke(fc_store *site, const char *login, const char *dealership, const char *role, fc_err *err)
{
    fc_user user;
    int64_t changed = 0;
    int rc = check_role(site, login, dealership, role, &user, err);
    if (rc) return rc;
    fc_value row[] = {fc_int(user.id), fc_text(dealership), fc_text(role)};
    rc = fc_run(site, "DELETE FROM site_user_role WHERE user_id = ? AND dealership = ? AND role = ?", row, 3,
                &changed, err);
    if (rc || changed) return rc;
    return fc_fail(err, FC_ENOTFOUND, "%s 在门店 %s 没有角色 %s", "%s at %s does not have the role %s", login,
                   dealership, role);
}

json_t *fc_user_roles(fc_store *site, int64_t user, const char *dealership)
{
    static const char sql[] =
        "SELECT role FROM site_user_role WHERE user_id = ? AND dealership = ? ORDER BY role";
    json_t *roles = json_array();
    fc_cursor *c;
    fc_value args[] = {fc_int(user), fc_text(dealership)}, v;
    int row = 0;
    if (fc_query(site, sql, sizeof sql - 1, args, 2, &c, NULL)) return roles;
    while (!fc_cursor_next(c, &row, NULL) && row) {
        fc_cursor_value(c, 0, &v);
        json_array_append_new(roles, json_stringn(v.s, v.n));
    }
    fc_cursor_close(c);
    return roles;
}

static json_t *user_json(const fc_user *u)
{
    char id[24];
    snprintf(id, sizeof id, "%" PRId64, u->id);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:[]}", "id", id, "login", u->login, "name", u->name,
                     "mail", u->mail, "lang", u->lang, "active", u->active, "roles");
}

/* One row a role; the rows of a user stand together. Where all dealerships are asked for, a role is named
 * with its own. */
static void add_row(json_t *list, const fc_cursor *c, bool all, int64_t *last)
{
    fc_user user;
    char dealership[65], role[65], both[136];
    fc_user_row(c, 0, &user);
    if (user.id != *last) json_array_append_new(list, user_json(&user));
    *last = user.id;
    fc_column_text(c, FC_USER_COLUMN_COUNT, dealership, sizeof dealership);
    fc_column_text(c, FC_USER_COLUMN_COUNT + 1, role, sizeof role);
    if (!role[0]) return;
    snprintf(both, sizeof both, "%s/%s", dealership, role);
    json_t *entry = json_array_get(list, json_array_size(list) - 1);
    json_array_append_new(json_object_get(entry, "roles"), json_string(all ? both : role));
}

json_t *fc_user_list(fc_store *site, const char *dealership, fc_err *err)
{
    static const char one[] =
        "SELECT " FC_USER_COLUMNS ", r.dealership, r.role FROM site_user u JOIN site_user_role r"
        " ON r.user_id = u.id WHERE r.dealership = ? ORDER BY u.login, r.role";
    static const char all[] = "SELECT " FC_USER_COLUMNS ", r.dealership, r.role FROM site_user u LEFT JOIN"
                              " site_user_role r ON r.user_id = u.id ORDER BY u.login, r.dealership NULLS "
                              "FIRST, r.role NULLS FIRST";
    fc_cursor *c;
    fc_value arg = fc_text(dealership);
    int64_t last = 0;
    int row = 0, rc;
    rc = dealership ? fc_query(site, one, sizeof one - 1, &arg, 1, &c, err)
                    : fc_query(site, all, sizeof all - 1, NULL, 0, &c, err);
    if (rc) return NULL;
    json_t *list = json_array();
    while (!(rc = fc_cursor_next(c, &row, err)) && row)
        add_row(list, c, !dealership, &last);
    fc_cursor_close(c);
    if (!rc) return list;
    json_decref(list);
    return NULL;
}
