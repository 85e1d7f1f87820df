/* One key a person. Its row is committed before anything is sealed with it: a value can so never be older
 * than its key. The other way round (a key whose value was rolled back) is harmless.
 *
 * Unwrapped keys are remembered (person_cache.c). Another process may erase a person meanwhile: it counts
 * key_change up, and whoever sees the number changed forgets what it remembers before the next use. */
#include "base/clock.h"
#include "store/keys_parts.h"

#include <sodium.h>
#include <string.h>

static const char person_use[] = "forecourt 2: person key";

static int does_not_open(int64_t person, fc_err *err)
{
    return fc_fail(
        err, FC_EDENIED, "编号 %lld 的密钥打不开：内容被更改过；请从备份恢复密钥库",
        "the key of person %lld does not open: it was changed; restore the key store from a backup",
        (long long)person);
}

/* The row may have been wrapped with any pair there was: tried from the present one back. */
static int unwrap(fc_keys *k, int64_t person, const fc_value *wrapped, unsigned char *key)
{
    int bad = 1;
    if (wrapped->n != FC_KEY_BYTES + FC_WRAP_EXTRA) return 1;
    for (int64_t n = fc_keys_pair_number(k); n >= 0 && bad; n--)
        bad = fc_unwrap_key(fc_keys_pair_at(k, n)->seal, person_use, k->dealership, person, wrapped->s,
                            wrapped->n, key);
    return bad;
}

static int read_row(fc_keys *k, fc_cursor *c, int64_t person, unsigned char *key, enum fc_person *state,
                    fc_err *err)
{
    fc_value wrapped;
    fc_cursor_value(c, 0, &wrapped);
    if (wrapped.type == FC_NULL) {
        *state = FC_PERSON_ERASED;
        return FC_OK;
    }
    *state = FC_PERSON_KNOWN;
    return unwrap(k, person, &wrapped, key) ? does_not_open(person, err) : FC_OK;
}

static int read_key(fc_keys *k, int64_t person, unsigned char *key, enum fc_person *state, fc_err *err)
{
    static const char sql[] = "SELECT wrapped FROM person_key WHERE person = ?";
    fc_cursor *c;
    fc_value v = fc_int(person);
    int row = 0, rc = fc_query(k->store, sql, sizeof sql - 1, &v, 1, &c, err);
    if (rc) return rc;
    *state = FC_PERSON_NONE;
    rc = fc_cursor_next(c, &row, err);
    if (!rc && row) rc = read_row(k, c, person, key, state, err);
    fc_cursor_close(c);
    return rc;
}

static int insert(fc_keys *k, int64_t person, fc_err *err)
{
    unsigned char *key = fc_locked(FC_KEY_BYTES);
    fc_buf wrapped = {0};
    randombytes_buf(key, FC_KEY_BYTES);
    fc_wrap_key(k->pair->seal, person_use, k->dealership, person, key, FC_KEY_BYTES, &wrapped);
    fc_locked_free(key);
    fc_value v[] = {fc_int(person), fc_bytes(wrapped.data, wrapped.len), fc_int(fc_now()),
                    fc_int(fc_keys_pair_number(k))};
    int rc = fc_run(k->store,
                    "INSERT INTO person_key (person, wrapped, made_at, pair) VALUES (?, ?, ?, ?) ON CONFLICT "
                    "(person) DO NOTHING",
                    v, 4, NULL, err);
    fc_buf_free(&wrapped);
    return rc;
}

/* Asked again inside the transaction: nothing new is wrapped with a pair that has just become a past one. */
static int insert_one(fc_keys *k, int64_t person, fc_err *err)
{
    int rc = fc_tx_begin(k->store, err);
    if (rc) return rc;
    rc = fc_keys_fresh(k, err);
    if (!rc) rc = insert(k, person, err);
    if (!rc) return fc_tx_commit(k->store, err);
    fc_tx_rollback(k->store);
    return rc;
}

int fc_keys_person(fc_keys *k, int64_t person, int make, unsigned char key[FC_KEY_BYTES],
                   enum fc_person *state, fc_err *err)
{
    int rc = fc_keys_fresh(k, err);
    if (rc) return rc;
    const unsigned char *known = fc_cache_find(k, person);
    if (known) {
        memcpy(key, known, FC_KEY_BYTES);
        *state = FC_PERSON_KNOWN;
        return FC_OK;
    }
    rc = read_key(k, person, key, state, err);
    if (!rc && *state == FC_PERSON_NONE && make && !(rc = insert_one(k, person, err)))
        rc = read_key(k, person, key, state, err);
    if (!rc && *state == FC_PERSON_KNOWN) fc_cache_add(k, person, key);
    return rc;
}

/* Twice as many each time: one new person costs one key, an import of thousands few commits. */
static int make_spare(fc_keys *k, fc_err *err)
{
    k->batch = k->batch ? k->batch * 2 : 1;
    if (k->batch > FC_SPARE) k->batch = FC_SPARE;
    int rc = fc_tx_begin(k->store, err);
    if (!rc) rc = fc_keys_fresh(k, err);
    for (int i = 0; !rc && i < k->batch; i++) {
        k->spare[i] = fc_id();
        rc = insert(k, k->spare[i], err);
    }
    if (rc) {
        if (fc_tx_depth(k->store)) fc_tx_rollback(k->store);
        return rc;
    }
    rc = fc_tx_commit(k->store, err);
    if (!rc) k->spares = k->batch;
    return rc;
}

int fc_keys_new_person(fc_keys *k, int64_t *person, fc_err *err)
{
    int rc = k->spares ? FC_OK : make_spare(k, err);
    if (rc) return rc;
    *person = k->spare[0]; /* in the order in which they were made: ids are ordered by time */
    k->spares--;
    memmove(k->spare, k->spare + 1, (size_t)k->spares * sizeof *k->spare);
    return FC_OK;
}

static int mark_erased(fc_keys *k, int64_t person, fc_err *err)
{
    fc_value v[] = {fc_int(person), fc_int(fc_now()), fc_int(fc_now())};
    int rc = fc_run(k->store,
                    "INSERT INTO person_key (person, wrapped, made_at, erased_at) VALUES (?, NULL, ?, ?) ON "
                    "CONFLICT (person) DO UPDATE SET wrapped = NULL, erased_at = excluded.erased_at WHERE "
                    "person_key.wrapped IS NOT NULL",
                    v, 3, NULL, err);
    return rc ? rc : fc_run(k->store, "UPDATE key_change SET n = n + 1 WHERE id = 1", NULL, 0, NULL, err);
}

int fc_keys_state(fc_keys *k, int64_t person, enum fc_person *state, fc_err *err)
{
    fc_value v = fc_int(person);
    int64_t has = 0;
    int found;
    int rc = fc_ask_int(k->store,
                        "SELECT CASE WHEN wrapped IS NULL THEN 0 ELSE 1 END FROM person_key WHERE person = ?",
                        &v, 1, &has, &found, err);
    *state = !found ? FC_PERSON_NONE : has ? FC_PERSON_KNOWN : FC_PERSON_ERASED;
    return rc;
}

int fc_keys_forget(fc_keys *k, int64_t person, enum fc_person *was, fc_err *err)
{
    *was = FC_PERSON_NONE;
    int rc = fc_tx_begin(k->store, err);
    if (rc) return rc;
    rc = fc_keys_state(k, person, was, err);
    if (!rc && *was != FC_PERSON_ERASED) rc = mark_erased(k, person, err);
    if (rc)
        fc_tx_rollback(k->store);
    else
        rc = fc_tx_commit(k->store, err);
    fc_cache_wipe(k);
    return rc;
}

/* ---- under a new pair */

#define AT_ONCE 256 /* keys in one commit: about a millisecond */

typedef struct batch {
    fc_keys *k;
    int64_t persons[AT_ONCE];
    unsigned char *keys; /* locked memory */
    int n;
} batch;

static int read_batch(batch *b, int64_t last, fc_err *err)
{
    static const char sql[] =
        "SELECT person, wrapped FROM person_key WHERE person > ? AND wrapped IS NOT NULL "
        "AND pair < ? ORDER BY person LIMIT ?";
    fc_cursor *c;
    fc_value v[] = {fc_int(last), fc_int(fc_keys_pair_number(b->k)), fc_int(AT_ONCE)}, person, wrapped;
    int row = 0, rc = fc_query(b->k->store, sql, sizeof sql - 1, v, 3, &c, err);
    if (rc) return rc;
    while (!rc && !(rc = fc_cursor_next(c, &row, err)) && row) {
        fc_cursor_value(c, 0, &person);
        fc_cursor_value(c, 1, &wrapped);
        b->persons[b->n] = person.i;
        if (unwrap(b->k, person.i, &wrapped, b->keys + (size_t)b->n * FC_KEY_BYTES))
            rc = does_not_open(person.i, err);
        b->n++;
    }
    fc_cursor_close(c);
    return rc;
}

/* A person erased since it was read stays erased. */
static int write_one(batch *b, int i, fc_err *err)
{
    fc_keys *k = b->k;
    fc_buf wrapped = {0};
    fc_wrap_key(k->pair->seal, person_use, k->dealership, b->persons[i], b->keys + (size_t)i * FC_KEY_BYTES,
                FC_KEY_BYTES, &wrapped);
    fc_value v[] = {fc_bytes(wrapped.data, wrapped.len), fc_int(fc_keys_pair_number(k)),
                    fc_int(b->persons[i])};
    int rc = fc_run(k->store,
                    "UPDATE person_key SET wrapped = ?, pair = ? WHERE person = ? AND wrapped IS NOT NULL", v,
                    3, NULL, err);
    fc_buf_free(&wrapped);
    return rc;
}

static int write_batch(batch *b, fc_err *err)
{
    int rc = fc_tx_begin(b->k->store, err);
    if (rc) return rc;
    for (int i = 0; i < b->n && !rc; i++)
        rc = write_one(b, i, err);
    if (!rc) return fc_tx_commit(b->k->store, err);
    fc_tx_rollback(b->k->store);
    return rc;
}

int fc_keys_rewrap(fc_keys *k, int64_t *last, int64_t *n, fc_err *err)
{
    batch b = {.k = k, .keys = fc_locked((size_t)AT_ONCE * FC_KEY_BYTES)};
    int rc = read_batch(&b, *last, err);
    if (!rc && b.n) rc = write_batch(&b, err);
    fc_locked_free(b.keys);
    *n = b.n;
    if (b.n) *last = b.persons[b.n - 1];
    return rc;
}

int fc_keys_behind(fc_keys *k, int64_t *n, fc_err *err)
{
    fc_value v = fc_int(fc_keys_pair_number(k));
    int found;
    return fc_ask_int(k->store, "SELECT count(*) FROM person_key WHERE wrapped IS NOT NULL AND pair < ?", &v,
                      1, n, &found, err);
}
