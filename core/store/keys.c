/* The dealership's pair of keys and its wrappings.
 *
 * Opening checks before it writes: a master key that does not open the file is found by its fingerprint, a
 * wrapping that was tampered with by its tag. The pair is kept read-only; what is derived from no key but
 * lies wrapped in the file can be destroyed, which is why it is random. */
#include "store/keys.h"
#include "base/clock.h"
#include "store/keys_parts.h"
#include "store/scrub.h"

#include <sodium.h>
#include <stdlib.h>

static const char pair_use[] = "forecourt 2: dealership keys";

int fc_keys_open(const char *path, const char *schema, const char *dealership, fc_keys **out, fc_err *err)
{
    *out = NULL;
    fc_keys *k = fc_alloc(sizeof *k);
    k->dealership = fc_strdup(dealership);
    k->cache = fc_locked(FC_CACHED * sizeof *k->cache);
    k->past = fc_locked(FC_PAST * sizeof *k->past);
    int rc = fc_store_open(path, &k->store, err);
    if (!rc) rc = fc_store_scrub_on(k->store, err);
    if (!rc && (rc = fc_store_migrate(k->store, schema, err))) fc_wrap(err, path);
    if (rc)
        fc_keys_close(k);
    else
        *out = k;
    return rc;
}

/* Spare keys belong to nobody: without this each process would leave some. */
static void drop_spare(fc_keys *k)
{
    if (!k->store || !k->spares || fc_tx_begin(k->store, NULL)) return;
    for (int i = 0; i < k->spares; i++) {
        fc_value v = fc_int(k->spare[i]);
        fc_run(k->store, "DELETE FROM person_key WHERE person = ?", &v, 1, NULL, NULL);
    }
    fc_tx_commit(k->store, NULL);
}

void fc_keys_read_only(fc_keys *k)
{
    fc_store_read_only(k->store);
}

void fc_keys_close(fc_keys *k)
{
    if (!k) return;
    drop_spare(k);
    fc_locked_free(k->pair);
    fc_locked_free(k->cache);
    fc_locked_free(k->past);
    fc_store_close(k->store);
    free(k->secrets);
    free(k->dealership);
    free(k);
}

fc_store *fc_keys_store(fc_keys *k)
{
    return k->store;
}

const fc_pair *fc_keys_pair(const fc_keys *k)
{
    return k->pair;
}

int fc_keys_made(fc_keys *k, int *made, fc_err *err)
{
    int64_t n = 0;
    int found;
    int rc = fc_ask_int(k->store, "SELECT count(*) FROM dealership_key", NULL, 0, &n, &found, err);
    *made = n > 0;
    return rc;
}

void fc_keys_keep(fc_keys *k, fc_pair *pair)
{
    fc_locked_free(k->pair);
    sodium_mprotect_readonly(pair);
    k->pair = pair;
}

static int other_master(fc_keys *k, const fc_master *m, fc_err *err)
{
    static const char sql[] = "SELECT master FROM dealership_key ORDER BY wrapped_at DESC LIMIT 1";
    fc_cursor *c;
    fc_value v = {0};
    int row = 0, rc = fc_query(k->store, sql, sizeof sql - 1, NULL, 0, &c, err);
    if (rc) return rc;
    rc = fc_cursor_next(c, &row, err);
    if (row) fc_cursor_value(c, 0, &v);
    if (!rc)
        rc = fc_fail(
            err, FC_EDENIED,
            "%s: 这个文件是用另一把主密钥（指纹 %.*s）加密的，%s 给出的是指纹 %s；请恢复正确的主密钥。"
            "什么都没有改动",
            "%s: this file was wrapped with another master key (fingerprint %.*s); %s gives the one with "
            "fingerprint %s. Restore the right master key. Nothing was changed",
            fc_store_path(k->store), (int)v.n, v.s ? v.s : "", m->place, m->print);
    fc_cursor_close(c);
    return rc;
}

static int open_wrapping(fc_keys *k, const fc_master *m, const fc_value *wrapped, fc_err *err)
{
    fc_pair *pair = fc_locked(sizeof *pair);
    if (wrapped->n != sizeof *pair + FC_WRAP_EXTRA ||
        fc_unwrap_key(m->key, pair_use, k->dealership, 0, wrapped->s, wrapped->n, pair)) {
        fc_locked_free(pair);
        return fc_keys_damaged(k, err);
    }
    int rc = fc_pasts_read(k, pair, err);
    if (rc)
        fc_locked_free(pair);
    else
        fc_keys_keep(k, pair);
    return rc;
}

static int unlock_once(fc_keys *k, const fc_master *m, fc_err *err)
{
    static const char sql[] = "SELECT wrapped FROM dealership_key WHERE master = ?";
    fc_cursor *c;
    fc_value v = fc_text(m->print), wrapped;
    int row = 0, rc = fc_query(k->store, sql, sizeof sql - 1, &v, 1, &c, err);
    if (rc) return rc;
    rc = fc_cursor_next(c, &row, err);
    if (!rc && row) {
        fc_cursor_value(c, 0, &wrapped);
        rc = open_wrapping(k, m, &wrapped, err);
    }
    fc_cursor_close(c);
    return rc || row ? rc : other_master(k, m, err);
}

/* The step to a new pair may be committed between reading the pair and reading the past ones. */
int fc_keys_unlock(fc_keys *k, const fc_master *m, fc_err *err)
{
    int rc = unlock_once(k, m, err);
    return rc == FC_EDENIED ? unlock_once(k, m, err) : rc;
}

void fc_pair_print(const fc_pair *pair, char out[FC_PRINT_CAP])
{
    unsigned char raw[(FC_PRINT_CAP - 1) / 2];
    static const char use[] = "forecourt dealership keys: fingerprint";
    crypto_generichash(raw, sizeof raw, (const unsigned char *)use, sizeof use, pair->seal, FC_KEY_BYTES);
    sodium_bin2hex(out, FC_PRINT_CAP, raw, sizeof raw);
}

int fc_keys_insert(fc_keys *k, const fc_master *m, const fc_pair *pair, fc_err *err)
{
    fc_buf wrapped = {0};
    char print[FC_PRINT_CAP];
    fc_pair_print(pair, print);
    fc_wrap_key(m->key, pair_use, k->dealership, 0, pair, sizeof *pair, &wrapped);
    fc_value v[] = {fc_text(m->print), fc_bytes(wrapped.data, wrapped.len), fc_text(print), fc_int(fc_now())};
    int rc = fc_run(k->store,
                    "INSERT INTO dealership_key (master, wrapped, pair, wrapped_at) VALUES (?, ?, ?, ?) ON "
                    "CONFLICT (master) "
                    "DO NOTHING",
                    v, 4, NULL, err);
    fc_buf_free(&wrapped);
    return rc;
}

/* Two processes may both come here for a new site: the second finds the pair of the first. */
int fc_keys_make(fc_keys *k, const fc_master *m, fc_err *err)
{
    int made = 0, rc = fc_tx_begin(k->store, err);
    if (rc) return rc;
    rc = fc_keys_made(k, &made, err);
    if (!rc && !made) {
        fc_pair *pair = fc_locked(sizeof *pair);
        randombytes_buf(pair, sizeof *pair);
        rc = fc_keys_insert(k, m, pair, err);
        fc_locked_free(pair);
    }
    if (rc) {
        fc_tx_rollback(k->store);
        return rc;
    }
    rc = fc_tx_commit(k->store, err);
    return rc ? rc : fc_keys_unlock(k, m, err);
}

int fc_keys_wrap(fc_keys *k, const fc_master *next, fc_err *err)
{
    return fc_keys_insert(k, next, k->pair, err);
}

int fc_keys_only(fc_keys *k, const fc_master *m, fc_err *err)
{
    fc_value v = fc_text(m->print);
    int rc = fc_run(k->store, "DELETE FROM dealership_key WHERE master <> ?", &v, 1, NULL, err);
    return rc ? rc : fc_store_scrub(k->store, err);
}

int fc_keys_wrappings(fc_keys *k, const fc_master *m, int64_t *count, int64_t *since, fc_err *err)
{
    fc_value v = fc_text(m->print);
    int found;
    *count = *since = 0;
    int rc = fc_ask_int(k->store, "SELECT count(*) FROM dealership_key", NULL, 0, count, &found, err);
    return rc ? rc
              : fc_ask_int(k->store, "SELECT wrapped_at FROM dealership_key WHERE master = ?", &v, 1, since,
                           &found, err);
}
