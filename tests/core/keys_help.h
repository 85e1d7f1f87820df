/* For the tests of vault and keys: vaults in memory and in the test's folder. */
#ifndef KEYS_HELP_H
#define KEYS_HELP_H
#include "store/vault.h"

#define KEY_SCHEMA SOURCE_DIR "/schema/keys"

static inline fc_vault *memory_vault(const char *dealership)
{
    fc_err why;
    fc_vault *v = fc_vault_volatile(KEY_SCHEMA, dealership, &why);
    if (!v) fail_msg("%s", why.text[FC_EN]);
    return v;
}

static inline fc_keys *file_keys(void **state, const char *dealership)
{
    char name[100];
    fc_keys *k = NULL;
    snprintf(name, sizeof name, "%s.keys.db", dealership);
    ok(fc_keys_open(in(state, name), KEY_SCHEMA, dealership, &k, err));
    return k;
}

/* FOLDER/DEALERSHIP.keys.db, made if it is not there. */
static inline fc_vault *file_vault(void **state, const char *dealership, const fc_master *m)
{
    fc_keys *k = file_keys(state, dealership);
    ok(fc_keys_make(k, m, err));
    return fc_vault_new(k);
}
/* A folder, and no key but what a test puts there. */
static inline int no_variables(void **state)
{
    unsetenv("CREDENTIALS_DIRECTORY");
    return make_folder(state);
}
#endif
