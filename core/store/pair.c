/* The step from a dealership's pair to the next one.
 *
 * The step is one commit: from then on the new pair is the present one and the one before it is a past one,
 * wrapped with the new. Nobody ever finds a file between two pairs. Whoever had the file open meanwhile sees
 * key_change counted up and opens the new pair with the master key, which it reads anew: a pair wrapped with
 * the one before it would be open to whoever stole that. */
#include "base/clock.h"
#include "store/keys_parts.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

void fc_keys_master_in(fc_keys *k, const char *secrets)
{
    free(k->secrets);
    k->secrets = fc_strdup(secrets);
}

/* Another process may have made the step: its pair is opened with the master key as it is now. Two attempts,
 * because that key may be changed at the same moment. */
static int open_anew(fc_keys *k, fc_err *err)
{
    int rc = FC_EDENIED;
    if (!k->secrets)
        return fc_fail(err, FC_EDENIED, "%s: 门店的密钥刚刚更换了；请重新启动这个程序",
                       "%s: the dealership's key has just been changed; start this program again",
                       fc_store_path(k->store));
    for (int attempt = 0; attempt < 2 && rc == FC_EDENIED; attempt++) {
        fc_master *m = NULL;
        rc = fc_master_read(k->secrets, 0, &m, err);
        if (!rc) rc = fc_keys_unlock(k, m, err);
        fc_master_free(m);
    }
    return rc;
}

/* k->pair is the file's. */
static int is_present(fc_keys *k, const fc_pair *pair, int *yes, fc_err *err)
{
    char print[FC_PRINT_CAP];
    int64_t n = 0;
    int found;
    fc_pair_print(pair, print);
    fc_value v = fc_text(print);
    int rc =
        fc_ask_int(k->store, "SELECT count(*) FROM dealership_key WHERE pair = ?", &v, 1, &n, &found, err);
    *yes = n > 0;
    return rc;
}

int fc_keys_fresh(fc_keys *k, fc_err *err)
{
    int64_t n = 0;
    int found, present = 1;
    int rc = fc_ask_int(k->store, "SELECT n FROM key_change WHERE id = 1", NULL, 0, &n, &found, err);
    if (rc || n == k->change) return rc;
    fc_cache_wipe(k);
    rc = is_present(k, k->pair, &present, err);
    if (!rc && !present) rc = open_anew(k, err);
    if (!rc) k->change = n;
    return rc;
}

int fc_keys_given(fc_keys *k, const fc_pair *pair, fc_err *err)
{
    int present = 0, rc = is_present(k, pair, &present, err);
    if (rc) return rc;
    if (!present && k->secrets) return open_anew(k, err); /* changed since it was handed over */
    if (!present)
        return fc_fail(err, FC_EDENIED, "%s: 上级进程给出的密钥不是这个文件的",
                       "%s: the keys that the process above gave are not those of this file",
                       fc_store_path(k->store));
    if ((rc = fc_pasts_read(k, pair, err))) return rc;
    fc_pair *own = fc_locked(sizeof *own);
    *own = *pair;
    fc_keys_keep(k, own);
    return FC_OK;
}

/* ---- the step */

static int may_begin(fc_keys *k, const fc_master *m, fc_err *err)
{
    int64_t count, since;
    int rc = fc_keys_wrappings(k, m, &count, &since, err);
    if (rc) return rc;
    if (count != 1 || !since)
        return fc_fail(err, FC_ECONFLICT, "%s: 主密钥的更换还没有完成；请先运行 forecourt key rotate",
                       "%s: the master key's change is not finished; run forecourt key rotate first",
                       fc_store_path(k->store));
    if (k->pasts == FC_PAST)
        return fc_fail(err, FC_ELIMIT, "%s: 门店的密钥最多更换 %d 次",
                       "%s: a dealership's key is changed at "
                       "most %d times",
                       fc_store_path(k->store), FC_PAST);
    return FC_OK;
}

static int note_change(fc_keys *k, const fc_pair *next, fc_err *err)
{
    char before[FC_PRINT_CAP], after[FC_PRINT_CAP];
    fc_pair_print(k->pair, before);
    fc_pair_print(next, after);
    fc_value v[] = {fc_int(fc_now()), fc_text(before), fc_text(after)};
    int rc = fc_run(k->store, "INSERT INTO pair_change (id, begun_at, before, after) VALUES (1, ?, ?, ?)", v,
                    3, NULL, err);
    return rc ? rc : fc_run(k->store, "UPDATE key_change SET n = n + 1 WHERE id = 1", NULL, 0, NULL, err);
}

static int write_step(fc_keys *k, const fc_master *m, const fc_pair *next, fc_err *err)
{
    int rc = fc_past_write(k, next, k->pair, k->pasts, err);
    for (int i = 0; i < k->pasts && !rc; i++)
        rc = fc_past_write(k, next, &k->past[i], i, err);
    if (!rc) rc = fc_run(k->store, "DELETE FROM dealership_key", NULL, 0, NULL, err);
    if (!rc) rc = fc_keys_insert(k, m, next, err);
    return rc ? rc : note_change(k, next, err);
}

int fc_keys_step(fc_keys *k, const fc_master *m, fc_err *err)
{
    int rc = fc_tx_begin(k->store, err);
    if (rc) return rc;
    rc = fc_keys_fresh(k, err);
    if (!rc) rc = may_begin(k, m, err);
    if (!rc) {
        fc_pair *next = fc_locked(sizeof *next);
        randombytes_buf(next, sizeof *next);
        rc = write_step(k, m, next, err);
        fc_locked_free(next);
    }
    if (rc) {
        fc_tx_rollback(k->store);
        return rc;
    }
    rc = fc_tx_commit(k->store, err);
    return rc ? rc : fc_keys_unlock(k, m, err);
}

static void copy_print(fc_cursor *c, int column, char out[FC_PRINT_CAP])
{
    fc_value v;
    fc_cursor_value(c, column, &v);
    size_t n = v.n < FC_PRINT_CAP ? v.n : FC_PRINT_CAP - 1;
    memcpy(out, v.s, n);
    out[n] = 0;
}

int fc_keys_changing(fc_keys *k, int *open, char before[FC_PRINT_CAP], char after[FC_PRINT_CAP], fc_err *err)
{
    static const char sql[] = "SELECT before, after FROM pair_change";
    fc_cursor *c;
    *open = 0;
    int rc = fc_query(k->store, sql, sizeof sql - 1, NULL, 0, &c, err);
    if (rc) return rc;
    rc = fc_cursor_next(c, open, err);
    if (!rc && *open) {
        copy_print(c, 0, before);
        copy_print(c, 1, after);
    }
    fc_cursor_close(c);
    return rc;
}

int fc_keys_changed(fc_keys *k, fc_err *err)
{
    return fc_run(k->store, "DELETE FROM pair_change", NULL, 0, NULL, err);
}
