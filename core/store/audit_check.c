/* Checking: rows and seals side by side, in the order of their numbers. The first thing that is wrong ends
 * the walk; what stands behind it cannot be trusted anyway. */
#include "store/audit_chain.h"

#include "base/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define EPOCH_2020 1577836800000LL
#define ID_SHIFT 22       /* below it: worker and sequence, see fc_id */
#define LATE_MS 3600000LL /* longest transaction, and more */

typedef struct seal {
    int there;
    int64_t seq, at, more;
    unsigned char hash[FC_AUDIT_HASH], signature[FC_AUDIT_SIGNATURE];
    char key[32];
} seal;

typedef struct walk {
    const char *dealership;
    fc_store *store, *site;
    fc_cursor *seals;
    seal head, before, next; /* the site's; the last one passed; the one to come */
    int64_t seq, row, at;    /* of the last row */
    int64_t sealed_row;      /* the last one of the batch before */
    unsigned char hash[FC_AUDIT_HASH];
    fc_audit_report *r;
} walk;

static const char *when(int64_t at, char out[32])
{
    fc_civil c;
    fc_civil_of(at, &c);
    snprintf(out, 32, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
    return out;
}

#define broken(w, number, id, ...)                                                                           \
    ((w)->r->broken = 1, (w)->r->seq = (number), (w)->r->row = (id),                                         \
     (void)fc_fail(&(w)->r->what, FC_EINVAL, __VA_ARGS__))

/* 1 where it has another form: then it is nobody's signature. */
static int read_seal(const fc_cursor *c, seal *s)
{
    fc_value v[6];
    for (int i = 0; i < 6; i++)
        fc_cursor_value(c, i, &v[i]);
    memset(s, 0, sizeof *s);
    s->there = 1;
    s->seq = v[0].i;
    s->at = v[1].i;
    s->more = v[3].i;
    snprintf(s->key, sizeof s->key, "%.*s", (int)(v[4].n < 31 ? v[4].n : 31), v[4].s ? v[4].s : "");
    if (v[2].n != sizeof s->hash || v[5].n != sizeof s->signature) return 1;
    memcpy(s->hash, v[2].s, sizeof s->hash);
    memcpy(s->signature, v[5].s, sizeof s->signature);
    return 0;
}

static int read_key(fc_store *site, const char *id, unsigned char key[crypto_sign_PUBLICKEYBYTES])
{
    static const char sql[] = "SELECT public FROM site_audit_key WHERE id = ?";
    fc_cursor *c;
    fc_value arg = fc_text(id), v;
    int row = 0, good = 0;
    size_t n = 0;
    if (fc_query(site, sql, sizeof sql - 1, &arg, 1, &c, NULL)) return 0;
    if (!fc_cursor_next(c, &row, NULL) && row) {
        fc_cursor_value(c, 0, &v);
        good = sodium_hex2bin(key, crypto_sign_PUBLICKEYBYTES, v.s, v.n, NULL, &n, NULL) == 0 &&
               n == crypto_sign_PUBLICKEYBYTES;
    }
    fc_cursor_close(c);
    return good;
}

static int is_signed(walk *w, const seal *s)
{
    unsigned char key[crypto_sign_PUBLICKEYBYTES], text[512];
    size_t n = fc_audit_statement(w->dealership, s->seq, s->at, s->more, s->hash, text);
    return read_key(w->site, s->key, key) && crypto_sign_verify_detached(s->signature, text, n, key) == 0;
}

static int next_seal(walk *w, fc_err *err)
{
    int row = 0;
    w->before = w->next;
    w->next.there = 0;
    int rc = fc_cursor_next(w->seals, &row, err);
    if (!rc && row && read_seal(w->seals, &w->next)) memset(w->next.signature, 0, sizeof w->next.signature);
    return rc;
}

static int read_head(walk *w, fc_err *err)
{
    static const char sql[] =
        "SELECT seq, at, hash, more, key_id, signature FROM site_audit_head WHERE dealership = ?";
    fc_cursor *c;
    fc_value arg = fc_text(w->dealership);
    int row = 0, bad = 0, rc = fc_query(w->site, sql, sizeof sql - 1, &arg, 1, &c, err);
    if (rc) return rc;
    rc = fc_cursor_next(c, &row, err);
    if (!rc && row) bad = read_seal(c, &w->head);
    fc_cursor_close(c);
    if (!rc && row && (bad || !is_signed(w, &w->head)))
        broken(w, w->head.seq, 0, "站点数据库中审计日志的签名（第 %lld 条）被更改过，或不是本站点的签名",
               "the signed head of the audit log in the site's database (number %lld) was changed, or is not "
               "signed by this site",
               (long long)w->head.seq);
    return rc;
}

/* Id and date were made before the row was committed, the row was not there when the batch before was signed,
 * and its own batch was signed by a clock that says the same: it was dated back. A full batch left rows of
 * later ids to the next. */
static void check_date(walk *w, int64_t seq, int64_t id, int64_t at, int64_t own_at)
{
    char a[32], b[32];
    int64_t made = (id >> ID_SHIFT) + EPOCH_2020;
    if (at < made) made = at; /* a new id does not make an old date true */
    int64_t least = w->before.at < own_at ? w->before.at : own_at;
    if (!w->before.there || made + LATE_MS >= least) return;
    if (w->before.more && id > w->sealed_row) return;
    broken(w, seq, id, "记录 %lld（标为 %s）是在 %s 之后插入的：那时签名的日志里没有它",
           "row %lld (dated %s) was inserted after %s: it was not in the log that was signed then",
           (long long)id, when(at, a), when(w->before.at, b));
}

static void check_hash(walk *w, int64_t seq, int64_t id, int64_t at, const fc_cursor *c)
{
    char a[32];
    fc_value stored;
    unsigned char hash[FC_AUDIT_HASH];
    if (seq > w->seq + 1) {
        broken(w, w->seq + 1, id, "第 %lld 至 %lld 条记录不见了（记录 %lld，%s 之前）：它们被删除了",
               "numbers %lld to %lld are gone, before row %lld of %s: they were deleted",
               (long long)w->seq + 1, (long long)seq - 1, (long long)id, when(at, a));
        return;
    }
    fc_cursor_value(c, 1, &stored);
    fc_audit_hash(w->hash, seq, c, 2, hash);
    if (seq == w->seq + 1 && stored.n == sizeof hash && memcmp(stored.s, hash, sizeof hash) == 0) {
        memcpy(w->hash, hash, sizeof hash);
        return;
    }
    broken(w, seq, id, "记录 %lld（%s，第 %lld 条）在签名后被更改，或被换成了另一条",
           "row %lld of %s (number %lld) was changed after it was signed, or another was put in its place",
           (long long)id, when(at, a), (long long)seq);
}

static void check_seal(walk *w, const seal *s, int64_t id, int64_t at, int head)
{
    char a[32];
    if (memcmp(s->hash, w->hash, FC_AUDIT_HASH) == 0 && (head || is_signed(w, s))) return;
    broken(w, s->seq, id,
           "到记录 %lld（%s，第 %lld 条）为止的日志与当时的签名不符：其中有记录被更改、删除或插入",
           "the log up to row %lld of %s (number %lld) is not what was signed: a row of it was changed, "
           "deleted or "
           "inserted",
           (long long)id, when(at, a), (long long)s->seq);
}

static int check_row(walk *w, const fc_cursor *c, fc_err *err)
{
    fc_value seq, id, at;
    int rc = FC_OK;
    fc_cursor_value(c, 0, &seq);
    fc_cursor_value(c, 2, &id);
    fc_cursor_value(c, 3, &at);
    check_hash(w, seq.i, id.i, at.i, c);
    if (!w->r->broken && w->next.there) check_date(w, seq.i, id.i, at.i, w->next.at);
    if (!w->r->broken && w->head.there && w->head.seq == seq.i) check_seal(w, &w->head, id.i, at.i, 1);
    if (!w->r->broken && w->next.there && w->next.seq == seq.i) {
        check_seal(w, &w->next, id.i, at.i, 0);
        w->sealed_row = id.i;
        rc = next_seal(w, err);
    }
    w->seq = seq.i;
    w->row = id.i;
    w->at = at.i;
    w->r->rows++;
    return rc;
}

static int check_rows(walk *w, fc_err *err)
{
    static const char sql[] =
        "SELECT seq, hash, " FC_AUDIT_COLUMNS " FROM host_audit WHERE seq IS NOT NULL ORDER BY seq";
    fc_cursor *c;
    int row = 0, rc = fc_query(w->store, sql, sizeof sql - 1, NULL, 0, &c, err);
    if (rc) return rc;
    while (!(rc = fc_cursor_next(c, &row, err)) && row && !w->r->broken && !(rc = check_row(w, c, err)))
        continue;
    fc_cursor_close(c);
    return rc;
}

static void check_end(walk *w)
{
    char a[32];
    int64_t to = w->head.there && w->head.seq > w->seq ? w->head.seq : w->next.there ? w->next.seq : 0;
    if (to > w->seq && !w->seq)
        broken(w, 1, 0, "日志是空的，而第 1 至 %lld 条已签名：记录被删除了，或 data/%s.db 来自别处",
               "the log is empty while numbers 1 to %lld were signed: they were deleted, or data/%s.db comes "
               "from elsewhere",
               (long long)to, w->dealership);
    else if (to > w->seq)
        broken(w, w->seq + 1, 0, "日志的结尾被截掉：第 %lld 至 %lld 条不见了（最后一条是记录 %lld，%s）",
               "the end of the log was cut off: numbers %lld to %lld are gone (the last row is %lld of %s)",
               (long long)w->seq + 1, (long long)to, (long long)w->row, when(w->at, a));
    else if (w->before.seq < w->seq)
        broken(w, w->before.seq + 1, w->row, "第 %lld 至 %lld 条记录有编号而没有签名：是别的程序写的",
               "numbers %lld to %lld are not signed: another program wrote them",
               (long long)w->before.seq + 1, (long long)w->seq);
}

/* A head is written right after the first batch: without one there is at most that batch. */
static int check_head_there(walk *w, fc_err *err)
{
    int64_t seals;
    int found;
    int rc = fc_ask_int(w->store, "SELECT count(*) FROM host_audit_seal", NULL, 0, &seals, &found, err);
    if (!rc && !w->head.there && seals > 1)
        broken(w, 1, 0, "站点数据库中没有审计日志的签名：它被删除了，或站点数据库比日志旧",
               "the site's database has no signed head of the audit log: it was deleted, or that database is "
               "older "
               "than the log");
    return rc;
}

static int check_waiting(walk *w, fc_err *err)
{
    static const char sql[] = "SELECT id, at FROM host_audit WHERE seq IS NULL ORDER BY id";
    fc_cursor *c;
    fc_value id, at;
    int row = 0, rc = fc_query(w->store, sql, sizeof sql - 1, NULL, 0, &c, err);
    if (rc) return rc;
    while (!(rc = fc_cursor_next(c, &row, err)) && row) {
        fc_cursor_value(c, 0, &id);
        fc_cursor_value(c, 1, &at);
        w->r->waiting++;
        if (!w->r->broken) check_date(w, 0, id.i, at.i, fc_now());
    }
    fc_cursor_close(c);
    return rc;
}

static int count_keys(walk *w, fc_err *err)
{
    int64_t n;
    int found;
    int rc = fc_ask_int(w->site, "SELECT count(*) FROM site_audit_key", NULL, 0, &n, &found, err);
    w->r->keys = (int)n;
    if (rc) return rc;
    return fc_ask_int(w->site, "SELECT max(made_at) FROM site_audit_key", NULL, 0, &w->r->key_at, &found,
                      err);
}

static int walk_all(walk *w, fc_err *err)
{
    static const char sql[] =
        "SELECT seq, at, hash, more, key_id, signature FROM host_audit_seal ORDER BY seq";
    int rc = fc_query(w->store, sql, sizeof sql - 1, NULL, 0, &w->seals, err);
    if (rc) return rc;
    rc = next_seal(w, err);
    if (!rc) rc = check_rows(w, err);
    if (!rc && !w->r->broken) check_end(w);
    if (!rc && !w->r->broken) rc = check_head_there(w, err);
    fc_cursor_close(w->seals);
    return rc ? rc : check_waiting(w, err);
}

/* The head is read first: it may be older than the log, never newer. The log itself is read from one
 * snapshot, because somebody may be signing meanwhile. */
int fc_audit_check(const char *dealership, fc_store *store, fc_store *site, fc_audit_report *r, fc_err *err)
{
    walk w = {.dealership = dealership, .store = store, .site = site, .r = r};
    memset(r, 0, sizeof *r);
    fc_audit_genesis(dealership, w.hash);
    int rc = count_keys(&w, err);
    if (!rc) rc = read_head(&w, err);
    if (rc || r->broken) return rc;
    fc_store_share(store, 1);
    rc = walk_all(&w, err);
    fc_store_share(store, 0);
    return rc;
}
