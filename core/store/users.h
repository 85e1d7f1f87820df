/* Users, roles and sessions: they live in the site's store (schema/site). Roles are plain words given by the
 * plugins (the core knows only "it", the role of who installs); a role is held per dealership.
 *
 * Passwords: argon2id, 64 MiB, 3 passes; fc_users_check costs about 0.1 s and belongs in the thread pool.
 * Sessions: 256 bit random token, only its hash is stored; idle 30 min, absolute 12 h (settable in
 * fc_session_limits). Lock with back-off: after 5 wrong passwords in a row a login waits 30 s, doubling to 15
 * min; the same for unknown logins, same time spent, same sentence. */
#ifndef FC_STORE_USERS_H
#define FC_STORE_USERS_H
#include "store/store.h"
#include <jansson.h>

typedef struct fc_user {
    int64_t id;
    char login[65];
    char name[129];
    char mail[255];
    char lang[3]; /* "zh", "en" */
    int active;
} fc_user;

int fc_user_add(fc_store *site, const char *login, const char *name, const char *mail, const char *lang,
                const char *password, int64_t *id,
                fc_err *err); /* login [a-z0-9._-]{2,64}; password 10..256 bytes */
int fc_user_password(fc_store *site, const char *login, const char *password,
                     fc_err *err); /* ends all sessions */
int fc_user_active(fc_store *site, const char *login, int active, fc_err *err);
int fc_user_grant(fc_store *site, const char *login, const char *dealership, const char *role, fc_err *err);
int fc_user_revoke(fc_store *site, const char *login, const char *dealership, const char *role, fc_err *err);
int fc_user_find(fc_store *site, const char *login, fc_user *out, fc_err *err); /* FC_ENOTFOUND */
/* New array of {"id","login","name","mail","lang","active","roles":[...]} of one dealership (NULL: all);
 * owned by the caller. */
json_t *fc_user_list(fc_store *site, const char *dealership, fc_err *err);
/* New array of role names of a user in a dealership. */
json_t *fc_user_roles(fc_store *site, int64_t user, const char *dealership);

/* Signing in, in three parts, because the middle one is slow and touches no store:
 * fc_login_begin reads the stored hash and the lock (FC_EDENIED with seconds to wait in *wait when locked);
 * fc_login_verify runs in any thread; fc_login_end records success or failure and makes the session. */
typedef struct fc_login {
    fc_user user;
    int known;
    char hash[256];
    char login[65];
} fc_login;
int fc_login_begin(fc_store *site, const char *login, fc_login *out, int *wait, fc_err *err);
int fc_login_verify(const fc_login *l, const char *password); /* 1 right, else 0 */
int fc_login_end(fc_store *site, const fc_login *l, int right, char token[65], fc_err *err);

typedef struct fc_session {
    int64_t id;
    fc_user user;
    char csrf[65];
    char lang[3];
} fc_session;
int fc_session_find(fc_store *site, const char *token, fc_session *out,
                    fc_err *err); /* touches it; FC_ENOTFOUND */
int fc_session_close(fc_store *site, int64_t session, fc_err *err);
int fc_session_lang(fc_store *site, int64_t session, const char *lang, fc_err *err);
void fc_session_limits(int64_t idle_ms, int64_t absolute_ms);
#endif
