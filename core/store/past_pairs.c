/* The pairs of a dealership in their order: those before the present one lie in the file wrapped with it. */
#include "base/clock.h"
#include "store/keys_parts.h"

static const char past_use[] = "forecourt 2: past pair";

int64_t fc_keys_pair_number(const fc_keys *k)
{
    return k->pasts;
}

const fc_pair *fc_keys_pair_at(const fc_keys *k, int64_t n)
{
    if (n == k->pasts) return k->pair;
    return n >= 0 && n < k->pasts ? &k->past[n] : NULL;
}

int fc_pasts_read(fc_keys *k, const fc_pair *with, fc_err *err)
{
    static const char sql[] = "SELECT wrapped FROM past_pair ORDER BY n";
    fc_cursor *c;
    fc_value v;
    int row = 0, n = 0, bad = 0, rc = fc_query(k->store, sql, sizeof sql - 1, NULL, 0, &c, err);
    if (rc) return rc;
    while (!bad && !(rc = fc_cursor_next(c, &row, err)) && row) {
        fc_cursor_value(c, 0, &v);
        bad = n == FC_PAST || v.n != sizeof(fc_pair) + FC_WRAP_EXTRA ||
              fc_unwrap_key(with->seal, past_use, k->dealership, n, v.s, v.n, &k->past[n]);
        n++;
    }
    fc_cursor_close(c);
    if (bad) return fc_keys_damaged(k, err);
    if (!rc) k->pasts = n;
    return rc;
}

int fc_past_write(fc_keys *k, const fc_pair *with, const fc_pair *pair, int64_t n, fc_err *err)
{
    fc_buf wrapped = {0};
    fc_wrap_key(with->seal, past_use, k->dealership, n, pair, sizeof *pair, &wrapped);
    fc_value v[] = {fc_int(n), fc_bytes(wrapped.data, wrapped.len), fc_int(fc_now())};
    int rc = fc_run(k->store,
                    "INSERT INTO past_pair (n, wrapped, left_at) VALUES (?, ?, ?) ON CONFLICT (n) DO UPDATE "
                    "SET wrapped = excluded.wrapped",
                    v, 3, NULL, err);
    fc_buf_free(&wrapped);
    return rc;
}
