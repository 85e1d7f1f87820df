/* What the files about users, sessions and the sign-in share; not for others. */
#ifndef FC_STORE_SITE_H
#define FC_STORE_SITE_H
#include "store/users.h"
#include <stdbool.h>

/* user_row.c. The columns that fc_user_row reads, in its order. */
#define FC_USER_COLUMNS "u.id, u.login, u.name, u.mail, u.lang, u.active"
#define FC_USER_COLUMN_COUNT 6

void fc_user_row(const fc_cursor *c, int first, fc_user *out);
/* Copies text column i, cut on a character border. */
void fc_column_text(const fc_cursor *c, int i, char *out, size_t size);
bool fc_lang_known(const char *lang);

/* password.c */
int fc_password_check(const char *password, const char *login, fc_err *err); /* its length and so on */
int fc_password_hash(const char *password, char out[256], fc_err *err);
extern const char fc_password_nobody[]; /* a hash that nothing matches and that costs the same to check */

/* sessions.c */
int fc_session_make(fc_store *site, int64_t user, char token[65], fc_err *err);
int fc_session_end_all(fc_store *site, int64_t user, fc_err *err);

/* lock.c: *wait = seconds until the login may be tried again, 0 now */
int fc_lock_wait(fc_store *site, const char *login, int *wait, fc_err *err);
int fc_lock_failed(fc_store *site, const char *login, fc_err *err);
int fc_lock_clear(fc_store *site, const char *login, fc_err *err);
#endif
