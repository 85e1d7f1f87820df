/* The lock of the sign-in: after 5 wrong passwords in a row a login waits 30 s, then twice as long after each
 * further one, up to 15 minutes. It is kept for whatever was typed, known login or not, so that the lock
 * tells nothing. A day after the last failure it is forgotten. */
#include "store/site.h"

#include "base/clock.h"
#include "base/hash.h"

#include <string.h>

#define FREE_TRIES 5
#define FIRST_WAIT_MS 30000LL
#define LONGEST_WAIT_MS 900000LL
#define FORGET_MS 86400000LL

static int64_t wait_after(int64_t failures)
{
    if (failures < FREE_TRIES) return 0;
    int64_t doublings = failures - FREE_TRIES;
    if (doublings >= 5) return LONGEST_WAIT_MS;
    return FIRST_WAIT_MS << doublings;
}

static void key_of(const char *login, char key[FC_HASH_HEX])
{
    fc_hash(login, strlen(login), key);
}

/* A lock that would end later than the longest wait was set by a clock that has been turned back since. */
int fc_lock_wait(fc_store *site, const char *login, int *wait, fc_err *err)
{
    char key[FC_HASH_HEX];
    int64_t until;
    int found;
    *wait = 0;
    key_of(login, key);
    fc_value arg = fc_text(key);
    int rc = fc_ask_int(site, "SELECT locked_until FROM site_login_lock WHERE login_hash = ?", &arg, 1,
                        &until, &found, err);
    if (rc || !found) return rc;
    int64_t left = until - fc_now();
    if (left > 0 && left <= LONGEST_WAIT_MS) *wait = (int)((left + 999) / 1000);
    return FC_OK;
}

static int forget_old(fc_store *site, int64_t now, fc_err *err)
{
    fc_value arg = fc_int(now - FORGET_MS);
    return fc_run(site, "DELETE FROM site_login_lock WHERE failed_at < ?", &arg, 1, NULL, err);
}

int fc_lock_failed(fc_store *site, const char *login, fc_err *err)
{
    char key[FC_HASH_HEX];
    int64_t now = fc_now(), failures;
    int found;
    key_of(login, key);
    int rc = forget_old(site, now, err);
    if (rc) return rc;
    fc_value arg = fc_text(key);
    rc = fc_ask_int(site, "SELECT failures FROM site_login_lock WHERE login_hash = ?", &arg, 1, &failures,
                    &found, err);
    if (rc) return rc;
    failures = found ? failures + 1 : 1;
    int64_t wait = wait_after(failures);
    fc_value row[] = {fc_text(key), fc_int(failures), fc_int(now), fc_int(wait ? now + wait : 0)};
    return fc_run(
        site,
        "INSERT INTO site_login_lock (login_hash, failures, failed_at, locked_until) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (login_hash) DO UPDATE SET failures = excluded.failures,"
        " failed_at = excluded.failed_at, locked_until = excluded.locked_until",
        row, 4, NULL, err);
}

int fc_lock_clear(fc_store *site, const char *login, fc_err *err)
{
    char key[FC_HASH_HEX];
    key_of(login, key);
    fc_value arg = fc_text(key);
    return fc_run(site, "DELETE FROM site_login_lock WHERE login_hash = ?", &arg, 1, NULL, err);
}
