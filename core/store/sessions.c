/* Sessions. The browser holds a token of 256 random bits, the store only its hash: who reads the store cannot
 * sign in with it. The CSRF word is derived from the token, so it needs no row and a stolen store does not
 * give it away.
 *
 * A session ends when it was idle too long, when it is too old, when its user is switched off or gets another
 * password. "Last seen" is written at most twice a minute, else each request would wait for the disk; a
 * session may therefore end up to half a minute early, never late. */
#include "store/site.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"

#include <sodium.h>
#include <string.h>

#define TOKEN_BYTES 32
#define TOUCH_MS 30000LL
#define TOUCH_PATIENCE_MS 20

static int64_t idle_limit = 30 * 60000LL;
static int64_t absolute_limit = 12 * 3600000LL;

void fc_session_limits(int64_t idle_ms, int64_t absolute_ms)
{
    idle_limit = idle_ms;
    absolute_limit = absolute_ms;
}

static int64_t touch_after(void)
{
    return idle_limit / 10 < TOUCH_MS ? idle_limit / 10 : TOUCH_MS;
}

static bool is_token(const char *token)
{
    return token && strlen(token) == TOKEN_BYTES * 2 && strspn(token, "0123456789abcdef") == TOKEN_BYTES * 2;
}

static void hash_of(const char *token, char out[FC_HASH_HEX])
{
    fc_hash(token, TOKEN_BYTES * 2, out);
}

static void csrf_of(const char *token, char out[65])
{
    static const unsigned char use[] = "forecourt csrf";
    unsigned char raw[32];
    crypto_generichash(raw, sizeof raw, use, sizeof use, (const unsigned char *)token, TOKEN_BYTES * 2);
    sodium_bin2hex(out, 65, raw, sizeof raw);
}

static int not_found(fc_err *err)
{
    return fc_fail(err, FC_ENOTFOUND, "登录已失效，请重新登录",
                   "you are no longer signed in; please sign in again");
}

/* Sign-ins are rare: the right moment to sweep what has ended. */
static int sweep(fc_store *site, int64_t now, fc_err *err)
{
    fc_value args[] = {fc_int(now - idle_limit), fc_int(now - absolute_limit)};
    return fc_run(site, "DELETE FROM site_session WHERE seen_at <= ? OR made_at <= ?", args, 2, NULL, err);
}

int fc_session_make(fc_store *site, int64_t user, char token[65], fc_err *err)
{
    unsigned char raw[TOKEN_BYTES];
    char hash[FC_HASH_HEX];
    int64_t now = fc_now();
    int rc = sweep(site, now, err);
    if (rc) return rc;
    randombytes_buf(raw, sizeof raw);
    sodium_bin2hex(token, 65, raw, sizeof raw);
    sodium_memzero(raw, sizeof raw);
    hash_of(token, hash);
    fc_value row[] = {fc_int(fc_id()), fc_text(hash), fc_int(user), fc_int(now), fc_int(now)};
    return fc_run(
        site, "INSERT INTO site_session (id, token_hash, user_id, made_at, seen_at) VALUES (?, ?, ?, ?, ?)",
        row, 5, NULL, err);
}

/* A site that cannot be written just now (a full disk, a lock) still answers who is signed in, and at once:
 * the next request touches the session again. */
static void touch(fc_store *site, int64_t session, int64_t now)
{
    fc_err err;
    fc_value args[] = {fc_int(now), fc_int(session)};
    fc_store_patience(site, TOUCH_PATIENCE_MS);
    int rc = fc_run(site, "UPDATE site_session SET seen_at = ? WHERE id = ?", args, 2, NULL, &err);
    fc_store_patience(site, -1);
    if (rc && rc != FC_EBUSY) fc_log(FC_WARN, "session", "%s", err.text[fc_process_lang()]);
}

static int read_session(fc_store *site, const char *hash, fc_session *out, int64_t *made, int64_t *seen,
                        fc_err *err)
{
    static const char sql[] =
        "SELECT " FC_USER_COLUMNS ", s.id, s.made_at, s.seen_at, s.lang FROM site_session s"
        " JOIN site_user u ON u.id = s.user_id WHERE s.token_hash = ? AND u.active = 1";
    fc_cursor *c;
    fc_value arg = fc_text(hash), v;
    int row = 0, rc = fc_query(site, sql, sizeof sql - 1, &arg, 1, &c, err);
    if (rc) return rc;
    rc = fc_cursor_next(c, &row, err);
    if (!rc && !row) rc = not_found(err);
    if (!rc) {
        fc_user_row(c, 0, &out->user);
        fc_cursor_value(c, FC_USER_COLUMN_COUNT, &v);
        out->id = v.i;
        fc_cursor_value(c, FC_USER_COLUMN_COUNT + 1, &v);
        *made = v.i;
        fc_cursor_value(c, FC_USER_COLUMN_COUNT + 2, &v);
        *seen = v.i;
        fc_column_text(c, FC_USER_COLUMN_COUNT + 3, out->lang, sizeof out->lang);
    }
    fc_cursor_close(c);
    return rc;
}

int fc_session_find(fc_store *site, const char *token, fc_session *out, fc_err *err)
{
    char hash[FC_HASH_HEX];
    int64_t made, seen, now = fc_now();
    memset(out, 0, sizeof *out);
    if (!is_token(token)) return not_found(err);
    hash_of(token, hash);
    int rc = read_session(site, hash, out, &made, &seen, err);
    if (rc) return rc;
    if (now - seen >= idle_limit || now - made >= absolute_limit) {
        memset(out, 0, sizeof *out);
        return not_found(err);
    }
    if (now - seen >= touch_after()) touch(site, out->id, now);
    if (!out->lang[0]) memcpy(out->lang, out->user.lang, sizeof out->lang);
    csrf_of(token, out->csrf);
    return FC_OK;
}

int fc_session_close(fc_store *site, int64_t session, fc_err *err)
{
    fc_value arg = fc_int(session);
    return fc_run(site, "DELETE FROM site_session WHERE id = ?", &arg, 1, NULL, err);
}

int fc_session_end_all(fc_store *site, int64_t user, fc_err *err)
{
    fc_value arg = fc_int(user);
    return fc_run(site, "DELETE FROM site_session WHERE user_id = ?", &arg, 1, NULL, err);
}

int fc_session_lang(fc_store *site, int64_t session, const char *lang, fc_err *err)
{
    if (!fc_lang_known(lang))
        return fc_fail(err, FC_EINVAL, "语言只能是 zh 或 en", "the language is zh or en");
    fc_value args[] = {fc_text(lang), fc_int(session)};
    int64_t changed;
    int rc = fc_run(site, "UPDATE site_session SET lang = ? WHERE id = ?", args, 2, &changed, err);
    return rc || changed ? rc : not_found(err);
}
