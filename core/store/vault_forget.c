/* Erasing a person. The order matters: first it is written down that the person is erased, then the key goes,
 * then the logs are emptied. A process that dies in between leaves something that the next start (bury) or a
 * second run of the same act finishes; at no point is a key gone of which nobody knows why. */
#include "base/clock.h"
#include "store/scrub.h"
#include "store/vault.h"

static int write_down(fc_store *data, int64_t person, fc_err *err)
{
    fc_value v[] = {fc_int(person), fc_int(fc_now())};
    return fc_run(data, "INSERT INTO host_erased (person, at) VALUES (?, ?) ON CONFLICT (person) DO NOTHING",
                  v, 2, NULL, err);
}

int fc_vault_forget(fc_vault *v, fc_store *data, int64_t person, fc_err *err)
{
    enum fc_person was;
    fc_store *keys = fc_keys_store(fc_vault_keys(v));
    if (person <= 0) return fc_fail(err, FC_EINVAL, "没有指明是谁", "no person is named");
    if (fc_tx_depth(data))
        return fc_fail(err, FC_EINVAL, "删除密钥要在 db.tx 之外进行", "a key is destroyed outside db.tx");
    int rc = write_down(data, person, err);
    if (!rc) rc = fc_keys_forget(fc_vault_keys(v), person, &was, err);
    if (!rc) rc = fc_store_scrub(keys, err);
    return rc ? rc : fc_store_scrub(data, err);
}

static int bury_one(fc_vault *v, int64_t person, int *n, fc_err *err)
{
    enum fc_person was;
    int rc = fc_keys_state(fc_vault_keys(v), person, &was, err);
    if (rc || was == FC_PERSON_ERASED) return rc;
    rc = fc_keys_forget(fc_vault_keys(v), person, &was, err);
    *n += was == FC_PERSON_KNOWN;
    return rc;
}

int fc_vault_bury(fc_vault *v, fc_store *data, int *n, fc_err *err)
{
    static const char sql[] = "SELECT person FROM host_erased ORDER BY person";
    fc_cursor *c;
    fc_value person;
    int row = 0, rc = fc_query(data, sql, sizeof sql - 1, NULL, 0, &c, err);
    *n = 0;
    if (rc) return rc;
    while (!(rc = fc_cursor_next(c, &row, err)) && row) {
        fc_cursor_value(c, 0, &person);
        if ((rc = bury_one(v, person.i, n, err))) break;
    }
    fc_cursor_close(c);
    if (!rc && *n) rc = fc_store_scrub(fc_keys_store(fc_vault_keys(v)), err);
    return rc;
}
