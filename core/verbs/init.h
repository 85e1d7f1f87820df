/* The site that init makes from what it was told. */
#ifndef FC_VERBS_INIT_H
#define FC_VERBS_INIT_H
#include "base/err.h"

typedef struct fc_init {
    const char *name, *id, *login, *user_name, *password_file;
} fc_init;

/* All of it or nothing: what is wrong is found before anything is made, and what fails later is taken back.
 */
int fc_init_site(const char *dir, const fc_init *a, const char *password, fc_err *err);
#endif
