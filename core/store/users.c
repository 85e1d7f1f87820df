/* Users: adding, changing, finding. Each change of a password or of "active" ends the user's sessions in the
 * same transaction. What fails: a login, name, mail or language that is none, a login that exists, a user
 * that does not. */
#include "store/site.h"

#include "base/clock.h"

#include <string.h>

/* Text of a line: UTF-8 without control characters. jansson refuses to make a string of anything but UTF-8.
 */
static bool clean_text(const char *text, size_t max)
{
    size_t n = text ? strlen(text) : 0;
    if (n > max) return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) return false;
    json_t *check = json_stringn(n ? text : "", n);
    json_decref(check);
    return check != NULL;
}

static bool mail_shaped(const char *mail)
{
    const char *at = strchr(mail, '@');
    return at && at > mail && at[1] && !strchr(at + 1, '@') && !strpbrk(mail, " ,;<>\"");
}

static int check_fields(const char *login, const char *name, const char *mail, const char *lang, fc_err *err)
{
    size_t n = login ? strlen(login) : 0;
    if (n < 2 || n > 64 || strspn(login, "abcdefghijklmnopqrstuvwxyz0123456789._-") != n)
        return fc_fail(err, FC_EINVAL, "登录名应为 2 到 64 个小写字母、数字或 . _ -",
                       "a login has 2 to 64 lower case letters, digits or . _ -");
    if (!name || !*name || !clean_text(name, 128))
        return fc_fail(err, FC_EINVAL, "%s: 姓名不能为空，最多 128 字节",
                       "%s: a name is needed, of at most 128 bytes", login);
    if (mail && *mail && (!clean_text(mail, 254) || !mail_shaped(mail)))
        return fc_fail(err, FC_EINVAL, "%s: 邮箱地址应为 name@example.com 的形式",
                       "%s: a mail address has the form name@example.com", login);
    if (!fc_lang_known(lang))
        return fc_fail(err, FC_EINVAL, "%s: 语言只能是 zh 或 en", "%s: the language is zh or en", login);
    return FC_OK;
}

int fc_user_add(fc_store *site, const char *login, const char *name, const char *mail, const char *lang,
                const char *password, int64_t *id, fc_err *err)
{
    char hash[256];
    int rc = check_fields(login, name, mail, lang, err);
    if (!rc) rc = fc_password_check(password, login, err);
    if (!rc) rc = fc_password_hash(password, hash, err);
    if (rc) return rc;
    int64_t now = fc_now(), own = fc_id();
    fc_value row[] = {fc_int(own),   fc_text(login), fc_text(name), fc_text(mail ? mail : ""),
                      fc_text(lang), fc_text(hash),  fc_int(now),   fc_int(now)};
    rc = fc_run(site,
                "INSERT INTO site_user (id, login, name, mail, lang, password, made_at, password_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row, 8, NULL, err);
    if (rc == FC_ECONFLICT)
        return fc_fail(err, FC_ECONFLICT, "登录名 %s 已存在；请另选一个",
                       "the login %s exists already; choose another", login);
    if (!rc && id) *id = own;
    return rc;
}

static int no_user(const char *login, fc_err *err)
{
    return fc_fail(err, FC_ENOTFOUND, "没有登录名为 %.64s 的用户", "there is no user with the login %.64s",
                   login);
}

int fc_user_find(fc_store *site, const char *login, fc_user *out, fc_err *err)
{
    static const char sql[] = "SELECT " FC_USER_COLUMNS " FROM site_user u WHERE u.login = ?";
    fc_cursor *c;
    fc_value arg = fc_text(login);
    int row = 0;
    memset(out, 0, sizeof *out);
    int rc = fc_query(site, sql, sizeof sql - 1, &arg, 1, &c, err);
    if (rc) return rc;
    rc = fc_cursor_next(c, &row, err);
    if (!rc && row) fc_user_row(c, 0, out);
    fc_cursor_close(c);
    return rc || row ? rc : no_user(login, err);
}

/* Ends the transaction: commit when all went well, else back. */
static int finish(fc_store *site, int rc, fc_err *err)
{
    if (!rc) return fc_tx_commit(site, err);
    fc_tx_rollback(site);
    return rc;
}

int fc_user_password(fc_store *site, const char *login, const char *password, fc_err *err)
{
    char hash[256];
    fc_user user;
    int rc = fc_user_find(site, login, &user, err);
    if (!rc) rc = fc_password_check(password, login, err);
    if (!rc) rc = fc_password_hash(password, hash, err);
    if (!rc) rc = fc_tx_begin(site, err);
    if (rc) return rc;
    fc_value args[] = {fc_text(hash), fc_int(fc_now()), fc_int(user.id)};
    rc = fc_run(site, "UPDATE site_user SET password = ?, password_at = ? WHERE id = ?", args, 3, NULL, err);
    if (!rc) rc = fc_session_end_all(site, user.id, err);
    if (!rc) rc = fc_lock_clear(site, login, err);
    return finish(site, rc, err);
}

int fc_user_active(fc_store *site, const char *login, int active, fc_err *err)
{
    fc_user user;
    int rc = fc_user_find(site, login, &user, err);
    if (!rc) rc = fc_tx_begin(site, err);
    if (rc) return rc;
    fc_value args[] = {fc_int(active ? 1 : 0), fc_int(user.id)};
    rc = fc_run(site, "UPDATE site_user SET active = ? WHERE id = ?", args, 2, NULL, err);
    if (!rc && !active) rc = fc_session_end_all(site, user.id, err);
    return finish(site, rc, err);
}
