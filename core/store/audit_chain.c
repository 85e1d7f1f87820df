/* Signing. The chain goes on from the highest number that anything knows (rows, seals, the site's head):
 * where the end of the log was cut off, new rows are numbered after what is missing, and the gap stays to be
 * seen instead of being filled. */
#include "store/audit_chain.h"

#include "base/buf.h"
#include "base/clock.h"

#include <fcntl.h>
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PATIENCE_MS 20

struct fc_audit_signer { /* from sodium_malloc */
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    unsigned char public[crypto_sign_PUBLICKEYBYTES];
    char id[17];
    int lock;
};

typedef struct place {
    int64_t seq;
    unsigned char hash[FC_AUDIT_HASH];
} place;

static int take_lock(const char *path, int *lock, fc_err *err)
{
    *lock = open(path, O_RDONLY | O_CLOEXEC);
    if (*lock < 0) return fc_fail(err, FC_EIO, "%s: 无法打开：%m", "%s: cannot be opened: %m", path);
    if (flock(*lock, LOCK_EX | LOCK_NB) == 0) return FC_OK;
    close(*lock);
    *lock = -1;
    return fc_fail(err, FC_ECONFLICT, "%s: 另一个进程正在签名", "%s: another process is signing", path);
}

static int record_key(fc_audit_signer *s, fc_store *site, fc_err *err)
{
    unsigned char raw[16];
    char public[crypto_sign_PUBLICKEYBYTES * 2 + 1];
    crypto_generichash(raw, sizeof raw, s->public, sizeof s->public, NULL, 0);
    sodium_bin2hex(s->id, sizeof s->id, raw, 8);
    sodium_bin2hex(public, sizeof public, s->public, sizeof s->public);
    fc_value v[] = {fc_text(s->id), fc_text(public), fc_int(fc_now())};
    return fc_run(
        site, "INSERT INTO site_audit_key (id, public, made_at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
        v, 3, NULL, err);
}

int fc_audit_open(const char *key_path, fc_store *site, fc_audit_signer **out, fc_err *err)
{
    unsigned char seed[FC_KEY_BYTES];
    int lock = -1;
    *out = NULL;
    int rc = fc_key_read(key_path, 1, seed, NULL, err);
    if (!rc) rc = take_lock(key_path, &lock, err);
    if (rc) {
        sodium_memzero(seed, sizeof seed);
        return rc;
    }
    fc_audit_signer *s = sodium_malloc(sizeof *s);
    if (!s) abort();
    memset(s, 0, sizeof *s);
    s->lock = lock;
    crypto_sign_seed_keypair(s->public, s->secret, seed);
    sodium_memzero(seed, sizeof seed);
    rc = record_key(s, site, err);
    if (rc)
        fc_audit_close(s);
    else
        *out = s;
    return rc;
}

void fc_audit_close(fc_audit_signer *s)
{
    if (!s) return;
    close(s->lock);
    sodium_free(s);
}

/* Keeps the later of *at and what the query says (seq, hash). */
static int later(fc_store *s, const char *sql, const fc_value *args, int n, place *at, fc_err *err)
{
    fc_cursor *c;
    fc_value seq, hash;
    int row = 0, rc = fc_query(s, sql, strlen(sql), args, n, &c, err);
    if (rc) return rc;
    rc = fc_cursor_next(c, &row, err);
    if (!rc && row) {
        fc_cursor_value(c, 0, &seq);
        fc_cursor_value(c, 1, &hash);
        if (seq.i > at->seq && hash.n == FC_AUDIT_HASH) {
            at->seq = seq.i;
            memcpy(at->hash, hash.s, FC_AUDIT_HASH);
        }
    }
    fc_cursor_close(c);
    return rc;
}

static int find_end(const char *dealership, fc_store *store, fc_store *site, place *at, fc_err *err)
{
    fc_value id = fc_text(dealership);
    at->seq = 0;
    fc_audit_genesis(dealership, at->hash);
    int rc = later(site, "SELECT seq, hash FROM site_audit_head WHERE dealership = ?", &id, 1, at, err);
    if (!rc)
        rc =
            later(store, "SELECT seq, hash FROM host_audit_seal ORDER BY seq DESC LIMIT 1", NULL, 0, at, err);
    if (!rc)
        rc = later(store, "SELECT seq, hash FROM host_audit WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1",
                   NULL, 0, at, err);
    return rc;
}

typedef struct chained {
    int64_t id;
    unsigned char hash[FC_AUDIT_HASH];
} chained;

/* Read first, written then: a cursor does not like its index to move under it. */
static int read_waiting(fc_store *store, place *at, chained *links, int *n, fc_err *err)
{
    static const char sql[] =
        "SELECT " FC_AUDIT_COLUMNS " FROM host_audit WHERE seq IS NULL ORDER BY id LIMIT 200";
    fc_cursor *c;
    int row = 0, rc = fc_query(store, sql, sizeof sql - 1, NULL, 0, &c, err);
    *n = 0;
    if (rc) return rc;
    while (!(rc = fc_cursor_next(c, &row, err)) && row && *n < FC_AUDIT_BATCH) {
        fc_value id;
        fc_cursor_value(c, 0, &id);
        fc_audit_hash(at->hash, at->seq + 1, c, 0, at->hash);
        at->seq++;
        links[*n].id = id.i;
        memcpy(links[(*n)++].hash, at->hash, FC_AUDIT_HASH);
    }
    fc_cursor_close(c);
    return rc;
}

static int write_links(fc_store *store, const chained *links, int n, int64_t last, fc_err *err)
{
    int rc = FC_OK;
    for (int i = 0; i < n && !rc; i++) {
        fc_value v[] = {fc_int(last - n + 1 + i), fc_bytes((const char *)links[i].hash, FC_AUDIT_HASH),
                        fc_int(links[i].id)};
        rc = fc_run(store, "UPDATE host_audit SET seq = ?, hash = ? WHERE id = ?", v, 3, NULL, err);
    }
    return rc;
}

static int write_seal(fc_audit_signer *s, const char *dealership, fc_store *store, const place *at, int more,
                      fc_err *err)
{
    unsigned char text[512], signature[FC_AUDIT_SIGNATURE];
    int64_t now = fc_now();
    size_t n = fc_audit_statement(dealership, at->seq, now, more, at->hash, text);
    crypto_sign_detached(signature, NULL, text, n, s->secret);
    fc_value v[] = {fc_int(at->seq), fc_int(now),    fc_bytes((const char *)at->hash, FC_AUDIT_HASH),
                    fc_int(more),    fc_text(s->id), fc_bytes((const char *)signature, sizeof signature)};
    return fc_run(
        store,
        "INSERT INTO host_audit_seal (seq, at, hash, more, key_id, signature) VALUES (?, ?, ?, ?, ?, ?)", v,
        6, NULL, err);
}

static int chain_batch(fc_audit_signer *s, const char *dealership, fc_store *store, fc_store *site, int *rows,
                       fc_err *err)
{
    place at;
    chained *links = fc_alloc(FC_AUDIT_BATCH * sizeof *links);
    int rc = find_end(dealership, store, site, &at, err);
    if (!rc) rc = read_waiting(store, &at, links, rows, err);
    if (!rc) rc = write_links(store, links, *rows, at.seq, err);
    if (!rc && *rows) rc = write_seal(s, dealership, store, &at, *rows >= FC_AUDIT_BATCH, err);
    free(links);
    return rc;
}

/* The last seal, copied as it is. It only ever goes forward. */
static int move_head(const char *dealership, fc_store *store, fc_store *site, fc_err *err)
{
    static const char sql[] =
        "SELECT seq, at, hash, more, key_id, signature FROM host_audit_seal ORDER BY seq DESC LIMIT 1";
    fc_cursor *c;
    int64_t known;
    int row = 0, found;
    fc_value v[7] = {fc_text(dealership)};
    int rc =
        fc_ask_int(site, "SELECT seq FROM site_audit_head WHERE dealership = ?", v, 1, &known, &found, err);
    if (!rc) rc = fc_query(store, sql, sizeof sql - 1, NULL, 0, &c, err);
    if (rc) return rc;
    rc = fc_cursor_next(c, &row, err);
    if (!rc && row) {
        for (int i = 0; i < 6; i++)
            fc_cursor_value(c, i, &v[i + 1]);
        if (!found || v[1].i > known)
            rc = fc_run(site,
                        "INSERT INTO site_audit_head (dealership, seq, at, hash, more, key_id, signature) "
                        "VALUES (?, ?, ?, "
                        "?, ?, ?, ?) ON CONFLICT (dealership) DO UPDATE SET seq = excluded.seq, at = "
                        "excluded.at, hash = "
                        "excluded.hash, more = excluded.more, key_id = excluded.key_id, signature = "
                        "excluded.signature",
                        v, 7, NULL, err);
    }
    fc_cursor_close(c);
    return rc;
}

int fc_audit_chain(fc_audit_signer *s, const char *dealership, fc_store *store, fc_store *site, int *rows,
                   fc_err *err)
{
    int64_t waiting = 0;
    int found;
    *rows = 0;
    int rc = fc_ask_int(store, "SELECT id FROM host_audit WHERE seq IS NULL LIMIT 1", NULL, 0, &waiting,
                        &found, err);
    if (!rc && found) {
        fc_store_patience(store, PATIENCE_MS);
        rc = fc_tx_begin(store, err);
        fc_store_patience(store, -1);
        if (rc) return rc;
        rc = chain_batch(s, dealership, store, site, rows, err);
        if (rc) {
            fc_tx_rollback(store);
            return rc;
        }
        rc = fc_tx_commit(store, err);
    }
    return rc ? rc : move_head(dealership, store, site, err);
}

/* ---- beside a loop: both writes wait for their common commits */

typedef struct queued {
    fc_tx chain, head;
    fc_audit_signer *signer;
    const char *dealership;
    fc_store *store, *site;
    int rows;
    fc_err err;
    void (*done)(void *ctx, int rows, const fc_err *err);
    void *ctx;
} queued;

static queued *of_head(fc_tx *t)
{
    return (queued *)((char *)t - offsetof(queued, head));
}

static void end_queued(queued *q, const fc_err *err)
{
    q->done(q->ctx, q->rows, err);
    free(q);
}

static int head_body(fc_tx *t)
{
    queued *q = of_head(t);
    return q->err.code = move_head(q->dealership, q->store, q->site, &q->err);
}

static void head_done(fc_tx *t, const fc_err *err)
{
    queued *q = of_head(t);
    end_queued(q, err ? err : q->err.code ? &q->err : NULL);
}

static int chain_body(fc_tx *t)
{
    queued *q = (queued *)t;
    return q->err.code = chain_batch(q->signer, q->dealership, q->store, q->site, &q->rows, &q->err);
}

static void chain_done(fc_tx *t, const fc_err *err)
{
    queued *q = (queued *)t;
    if (err || q->err.code)
        end_queued(q, err ? err : &q->err);
    else
        fc_tx_queue(q->site, &q->head);
}

void fc_audit_queue(fc_audit_signer *s, const char *dealership, fc_store *store, fc_store *site,
                    void (*done)(void *ctx, int rows, const fc_err *err), void *ctx)
{
    queued *q = fc_alloc(sizeof *q);
    *q = (queued){.chain = {.body = chain_body, .done = chain_done},
                  .head = {.body = head_body, .done = head_done},
                  .signer = s,
                  .dealership = dealership,
                  .store = store,
                  .site = site,
                  .done = done,
                  .ctx = ctx};
    fc_tx_queue(store, &q->chain);
}

int fc_audit_waiting(fc_store *store)
{
    int64_t id;
    int found = 0;
    return !fc_ask_int(store, "SELECT id FROM host_audit WHERE seq IS NULL LIMIT 1", NULL, 0, &id, &found,
                       NULL) &&
           found;
}
