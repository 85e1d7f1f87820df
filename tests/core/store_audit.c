/* The chain of the audit log: what is as it was signed passes; every kind of tampering is found, and the
 * first row that is hit is named; a kill between any two steps leaves it right. */
#include "store_help.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/audit_chain.h"

#include <signal.h>
#include <sodium.h>

typedef struct log_ {
    fc_store *store, *site;
    fc_audit_signer *signer;
    int64_t ids[12];
} audit_log;

static void add(fc_store *s, int64_t id, const char *what)
{
    fc_value v[] = {fc_int(id), fc_int(fc_now()), fc_text("cli:root"), fc_text(what), fc_text("zhou")};
    ok(fc_run(s, "INSERT INTO host_audit (id, at, actor, what, subject) VALUES (?, ?, ?, ?, ?)", v, 5, NULL,
              err));
}

/* As fc_id makes them; that one does not go back with the clock. */
static int64_t id_at(int64_t ms)
{
    return ((ms - 1577836800000LL) << 22) + 5;
}

static int chain(audit_log *l)
{
    int rows = 0;
    ok(fc_audit_chain(l->signer, "nanjing", l->store, l->site, &rows, err));
    return rows;
}

/* Three batches of four, an hour and more between them. */
static audit_log open_log(void **state)
{
    audit_log l;
    ok(fc_store_open(in(state, "n.db"), &l.store, err));
    ok(fc_store_open(in(state, "site.db"), &l.site, err));
    ok(fc_store_migrate(l.store, SOURCE_DIR "/schema/dealership", err));
    ok(fc_store_migrate(l.site, SOURCE_DIR "/schema/site", err));
    ok(fc_audit_open(in(state, "audit.key"), l.site, &l.signer, err));
    return l;
}

static audit_log filled(void **state)
{
    int64_t start = 1795000000000;
    audit_log l = open_log(state);
    for (int i = 0; i < 12; i++) {
        fc_clock_set(start + i * 3000000LL);
        l.ids[i] = id_at(fc_now());
        add(l.store, l.ids[i], "unmask");
        if (i % 4 == 3) assert_int_equal(chain(&l), 4);
    }
    return l;
}

static void close_log(audit_log *l)
{
    fc_audit_close(l->signer);
    fc_store_close(l->store);
    fc_store_close(l->site);
}

static fc_audit_report check(audit_log *l)
{
    fc_audit_report r;
    ok(fc_audit_check("nanjing", l->store, l->site, &r, err));
    return r;
}

static void unlink_all(void **state)
{
    static const char *const files[] = {"n.db", "n.db-sums", "site.db", "site.db-sums", "audit.key"};
    for (int i = 0; i < 5; i++)
        unlink(in(state, files[i]));
}

static void untouched(void **state)
{
    audit_log l = open_log(state);
    fc_audit_report r = check(&l);
    assert_int_equal(r.broken + (int)r.rows, 0);
    assert_int_equal(chain(&l), 0);
    close_log(&l);
    unlink_all(state);
    l = filled(state);
    r = check(&l);
    if (r.broken) fail_msg("%s", r.what.text[FC_EN]);
    assert_int_equal(r.rows, 12);
    assert_int_equal(r.keys, 1);
    assert_int_equal(r.waiting, 0);
    assert_int_equal(ask(l.site, "SELECT seq FROM site_audit_head"), 12);
    add(l.store, id_at(fc_now()) + 1, "later");
    r = check(&l);
    assert_int_equal(r.waiting, 1);
    assert_int_equal(r.broken, 0);
    close_log(&l);
}

/* SQL with one %lld for the id of row `hit` (0-based); the row that must be named, -1 for none. */
static void tamper(void **state, const char *sql, int hit, int site, int named, const char *en,
                   const char *zh)
{
    char text[1024];
    audit_log l = filled(state);
    snprintf(text, sizeof text, sql, (long long)l.ids[hit]);
    run(site ? l.site : l.store, text);
    fc_audit_report r = check(&l);
    if (!r.broken) fail_msg("not seen: %s", text);
    if (!strstr(r.what.text[FC_EN], en)) fail_msg("%s: no \"%s\" in: %s", text, en, r.what.text[FC_EN]);
    if (!strstr(r.what.text[FC_ZH], zh)) fail_msg("%s: no \"%s\" in: %s", text, zh, r.what.text[FC_ZH]);
    if (named >= 0 && r.row != l.ids[named])
        fail_msg("%s: row %lld named, not %lld", text, (long long)r.row, (long long)l.ids[named]);
    close_log(&l);
    unlink_all(state);
}

static void changed(void **state)
{
    static const char *const columns[] = {
        "at = at + 1", "actor = 'x'",  "what = 'x'",  "subject = 'lin'",   "subject = NULL",
        "detail = ''", "hash = x'00'", "id = id + 1", "subject = 'zhou '", "hash = zeroblob(32)"};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        char sql[200];
        snprintf(sql, sizeof sql, "UPDATE host_audit SET %s WHERE id = %%lld", columns[i]);
        tamper(state, sql, 5, 0, strncmp(columns[i], "id", 2) ? 5 : -1, "changed", "更改");
    }
}

static void deleted_or_cut(void **state)
{
    tamper(state, "DELETE FROM host_audit WHERE id = %lld", 5, 0, 6, "were deleted", "被删除");
    tamper(state, "DELETE FROM host_audit WHERE id = %lld", 0, 0, 1, "were deleted", "被删除");
    tamper(state, "DELETE FROM host_audit WHERE id = %lld", 11, 0, -1, "cut off", "截掉");
    tamper(state, "DELETE FROM host_audit WHERE id >= %lld", 8, 0, -1, "cut off", "截掉");
    tamper(state, "DELETE FROM host_audit WHERE id > 0 OR id = %lld", 0, 0, -1, "log is empty", "是空的");
    tamper(state, "UPDATE host_audit SET seq = NULL, hash = NULL WHERE id >= %lld", 8, 0, -1, "cut off",
           "截掉");
}

/* Together with its seals: only the site's head knows. */
static void cut_with_its_seal(void **state)
{
    audit_log l = filled(state);
    run(l.store, "DELETE FROM host_audit WHERE seq > 8");
    run(l.store, "DELETE FROM host_audit_seal WHERE seq > 8");
    fc_audit_report r = check(&l);
    assert_true(r.broken && strstr(r.what.text[FC_EN], "numbers 9 to 12 are gone"));
    add(l.store, id_at(fc_now()) + 1, "after"); /* the job does not fill the gap */
    assert_int_equal(chain(&l), 1);
    r = check(&l);
    assert_true(r.broken && strstr(r.what.text[FC_EN], "numbers 9 to 12 are gone"));
    close_log(&l);
}

static void inserted(void **state)
{
    tamper(state, "INSERT INTO host_audit (id, at, actor, what) VALUES (%lld + 1, 1795003000000, 'x', 'y')",
           1, 0, -1, "was inserted after", "之后插入");
    /* with an id of today */
    tamper(state, "INSERT INTO host_audit (id, at, actor, what) VALUES (%lld + 1, 1795003000000, 'x', 'y')",
           11, 0, -1, "was inserted after", "之后插入");
    tamper(state,
           "INSERT INTO host_audit (id, at, actor, what, seq, hash) VALUES (%lld + 1, 1, 'x', 'y', 13, "
           "zeroblob(32))",
           1, 0, -1, "changed", "更改");
}

static void inserted_and_chained(void **state)
{
    audit_log l = filled(state);
    char sql[200];
    snprintf(sql, sizeof sql, "INSERT INTO host_audit (id, at, actor, what) VALUES (%lld, 1, 'x', 'y')",
             (long long)l.ids[1] + 1);
    run(l.store, sql);
    assert_int_equal(chain(&l), 1);
    fc_audit_report r = check(&l);
    assert_true(r.broken && r.row == l.ids[1] + 1);
    assert_true(strstr(r.what.text[FC_EN], "was inserted after"));
    close_log(&l);
}

static void the_clock_was_set_back(void **state)
{
    audit_log l = filled(state);
    fc_clock_set(1795000000000 - 86400000);
    add(l.store, id_at(fc_now()), "after the clock was mended");
    assert_int_equal(chain(&l), 1);
    fc_audit_report r = check(&l);
    if (r.broken) fail_msg("%s", r.what.text[FC_EN]);
    close_log(&l);
}

/* More than a batch waited, of old dates: nothing of it was inserted. */
static void a_long_queue_of_old_rows(void **state)
{
    audit_log l = open_log(state);
    fc_clock_set(1795000000000);
    ok(fc_tx_begin(l.store, err));
    for (int i = 0; i < FC_AUDIT_BATCH * 2 + 10; i++)
        add(l.store, id_at(1795000000000 - 86400000LL * 30 + i), "imported");
    ok(fc_tx_commit(l.store, err));
    assert_int_equal(chain(&l), FC_AUDIT_BATCH);
    fc_clock_set(1795000100000);
    while (chain(&l))
        continue;
    fc_audit_report r = check(&l);
    if (r.broken) fail_msg("%s", r.what.text[FC_EN]);
    assert_int_equal(r.rows, FC_AUDIT_BATCH * 2 + 10);
    add(l.store, id_at(1795000000000 - 86400000LL * 20), "inserted");
    r = check(&l);
    assert_true(r.broken && strstr(r.what.text[FC_EN], "was inserted after"));
    run(l.store, "UPDATE host_audit_seal SET more = 1 WHERE seq = 410");
    r = check(&l);
    assert_true(r.broken);
    close_log(&l);
}

/* Whoever reckons all hashes anew cannot sign them. */
static void forged_without_the_key(void **state)
{
    static const char sql[] = "SELECT " FC_AUDIT_COLUMNS ", seq FROM host_audit ORDER BY seq";
    audit_log l = filled(state);
    unsigned char hash[13][FC_AUDIT_HASH];
    fc_cursor *c;
    int row, n = 0;
    run(l.store, "UPDATE host_audit SET actor = 'nobody' WHERE seq = 6");
    fc_audit_genesis("nanjing", hash[0]);
    ok(fc_query(l.store, sql, sizeof sql - 1, NULL, 0, &c, err));
    for (;;) {
        ok(fc_cursor_next(c, &row, err));
        if (!row) break;
        n++;
        fc_audit_hash(hash[n - 1], n, c, 0, hash[n]);
    }
    fc_cursor_close(c);
    for (int i = 1; i <= n; i++) {
        fc_value v[] = {fc_bytes((const char *)hash[i], FC_AUDIT_HASH), fc_int(i)};
        ok(fc_run(l.store, "UPDATE host_audit SET hash = ? WHERE seq = ?", v, 2, NULL, err));
        ok(fc_run(l.store, "UPDATE host_audit_seal SET hash = ? WHERE seq = ?", v, 2, NULL, err));
    }
    fc_audit_report r = check(&l);
    assert_true(r.broken && r.seq == 8);
    assert_true(strstr(r.what.text[FC_EN], "is not what was signed"));
    close_log(&l);
}

static void the_head(void **state)
{
    tamper(state, "UPDATE site_audit_head SET seq = 4 OR %lld", 0, 1, -1, "signed head", "签名");
    tamper(state, "DELETE FROM site_audit_head WHERE 1 OR %lld", 0, 1, -1, "no signed head",
           "没有审计日志的签名");
    tamper(state, "DELETE FROM site_audit_key WHERE 1 OR %lld", 0, 1, -1, "not signed by this site", "签名");
}

static void one_signs_at_a_time(void **state)
{
    audit_log l = open_log(state);
    fails(FC_ECONFLICT, "another process", "另一个进程",
          fc_audit_open(in(state, "audit.key"), l.site, &(fc_audit_signer *){NULL}, err));
    close_log(&l);
    l = open_log(state);
    close_log(&l);
}

static int sign_for_ever(void *folder)
{
    void *state = folder;
    audit_log l = open_log(&state);
    for (;;) {
        add(l.store, fc_id(), "killed");
        if (fc_id() % 3) chain(&l);
    }
    return 0;
}

static void killed_at_any_point(void **state)
{
    fc_clock_set(1795000000000);
    for (int i = 0; i < 40; i++) {
        pid_t pid = in_child(sign_for_ever, *state);
        usleep(20000 + (useconds_t)(i * 1700));
        kill(pid, SIGKILL);
        exit_of(pid);
        audit_log l = open_log(state);
        fc_audit_report r = check(&l);
        if (r.broken) fail_msg("kill %d: %s", i, r.what.text[FC_EN]);
        chain(&l);
        r = check(&l);
        if (r.broken || r.waiting > 0) fail_msg("kill %d: %s", i, r.what.text[FC_EN]);
        close_log(&l);
    }
}

int main(void)
{
    assert_true(sodium_init() >= 0);
    fc_log_level(FC_SILENT);
    const struct CMUnitTest tests[] = {
        each_in_folder(untouched),
        each_in_folder(changed),
        each_in_folder(deleted_or_cut),
        each_in_folder(cut_with_its_seal),
        each_in_folder(inserted),
        each_in_folder(inserted_and_chained),
        each_in_folder(the_head),
        each_in_folder(forged_without_the_key),
        each_in_folder(one_signs_at_a_time),
        each_in_folder(killed_at_any_point),
        each_in_folder(the_clock_was_set_back),
        each_in_folder(a_long_queue_of_old_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
