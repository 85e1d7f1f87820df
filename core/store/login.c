/* Signing in. begin reads, verify computes (in the pool), end decides and writes, in one transaction.
 *
 * A login nobody has, one that is switched off and a wrong password take the same steps and the same time and
 * get the same sentence. The lock is looked at again in end: a hundred tries sent at once have all passed
 * begin, but once five of them failed the rest is refused whatever they typed, and the right password among
 * them is not told. */
#include "store/site.h"

#include <ctype.h>
#include <string.h>

static void copy_login(const char *login, char out[65])
{
    size_t n = 0;
    for (; login[n] && n < 64; n++)
        out[n] = (char)tolower((unsigned char)login[n]);
    out[n] = 0;
}

static int locked(int wait, fc_err *err)
{
    return fc_fail(err, FC_EDENIED, "密码连续输错次数过多，请在 %d 秒后重试",
                   "too many wrong passwords in a row; try again in %d seconds", wait);
}

static int wrong(fc_err *err)
{
    return fc_fail(err, FC_EDENIED, "登录名或密码不正确", "the login or the password is wrong");
}

static int read_user(fc_store *site, fc_login *out, fc_err *err)
{
    static const char sql[] = "SELECT " FC_USER_COLUMNS ", u.password FROM site_user u WHERE u.login = ?";
    fc_cursor *c;
    fc_value arg = fc_text(out->login);
    int row = 0, rc = fc_query(site, sql, sizeof sql - 1, &arg, 1, &c, err);
    if (rc) return rc;
    rc = fc_cursor_next(c, &row, err);
    if (!rc && row) {
        fc_user_row(c, 0, &out->user);
        fc_column_text(c, FC_USER_COLUMN_COUNT, out->hash, sizeof out->hash);
    }
    fc_cursor_close(c);
    out->known = out->user.active && out->hash[0];
    if (out->known) return rc;
    memset(&out->user, 0, sizeof out->user);
    memcpy(out->hash, fc_password_nobody, strlen(fc_password_nobody) + 1);
    return rc;
}

int fc_login_begin(fc_store *site, const char *login, fc_login *out, int *wait, fc_err *err)
{
    int seconds;
    memset(out, 0, sizeof *out);
    copy_login(login, out->login);
    int rc = fc_lock_wait(site, out->login, &seconds, err);
    if (wait) *wait = rc ? 0 : seconds;
    if (rc) return rc;
    if (seconds) return locked(seconds, err);
    return read_user(site, out, err);
}

/* Between begin and end the user may have been switched off or have got another password. */
static int still_valid(fc_store *site, const fc_login *l, bool *valid, fc_err *err)
{
    fc_value args[] = {fc_int(l->user.id), fc_text(l->hash)};
    int64_t one;
    int found;
    int rc = fc_ask_int(site, "SELECT 1 FROM site_user WHERE id = ? AND password = ? AND active = 1", args, 2,
                        &one, &found, err);
    *valid = !rc && found;
    return rc;
}

static int succeed(fc_store *site, const fc_login *l, char token[65], fc_err *err)
{
    int rc = fc_lock_clear(site, l->login, err);
    return rc ? rc : fc_session_make(site, l->user.id, token, err);
}

/* *refused: the sentence stands in err, and what was written is to be kept all the same. */
static int decide(fc_store *site, const fc_login *l, int right, char token[65], bool *refused, fc_err *err)
{
    int wait;
    bool valid = false;
    int rc = fc_lock_wait(site, l->login, &wait, err);
    if (rc) return rc;
    if (wait) {
        *refused = true;
        return locked(wait, err);
    }
    if (right == 1 && l->known) rc = still_valid(site, l, &valid, err);
    if (rc) return rc;
    if (valid) return succeed(site, l, token, err);
    rc = fc_lock_failed(site, l->login, err);
    if (rc) return rc;
    *refused = true;
    return wrong(err);
}

int fc_login_end(fc_store *site, const fc_login *l, int right, char token[65], fc_err *err)
{
    bool refused = false;
    token[0] = 0;
    int rc = fc_tx_begin(site, err);
    if (rc) return rc;
    rc = decide(site, l, right, token, &refused, err);
    if (rc && !refused) {
        fc_tx_rollback(site);
        token[0] = 0;
        return rc;
    }
    fc_err commit;
    int committed = fc_tx_commit(site, &commit);
    if (!committed) return rc;
    token[0] = 0;
    if (err) *err = commit;
    return committed;
}
