/* SQLite runs out of memory at its 1st, 2nd, 3rd ... call of the allocator, once or from there on: an error
 * with a sentence or success, never half a transaction or a wrong value, nothing leaks, and the same handle
 * works when there is memory again. (The host's own allocator ends the process by design.) */
#include "store_help.h"
#include "base/log.h"
#include "store/driver.h"

#include <stdatomic.h>

/* ---- the allocator */

static sqlite3_mem_methods system_memory;
static atomic_long calls, live, hits;
static atomic_long fail_at; /* 0: never */
static atomic_bool fail_on; /* all from fail_at on */

static bool fails_now(void)
{
    long n = atomic_fetch_add(&calls, 1) + 1, at = atomic_load(&fail_at);
    if (!at || n < at || (n > at && !atomic_load(&fail_on))) return false;
    atomic_fetch_add(&hits, 1);
    return true;
}

static void *get(int n)
{
    void *p = fails_now() ? NULL : system_memory.xMalloc(n);
    if (p) atomic_fetch_add(&live, 1);
    return p;
}

static void *resize(void *p, int n)
{
    return fails_now() ? NULL : system_memory.xRealloc(p, n);
}

static void give_back(void *p)
{
    if (p) atomic_fetch_sub(&live, 1);
    system_memory.xFree(p);
}

static void replace_allocator(void)
{
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &system_memory);
    sqlite3_mem_methods mine = system_memory;
    mine.xMalloc = get;
    mine.xRealloc = resize;
    mine.xFree = give_back;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &mine);
}

static void fail_from(long at, bool on)
{
    atomic_store(&fail_on, on);
    atomic_store(&calls, 0);
    atomic_store(&hits, 0);
    atomic_store(&fail_at, at);
}

static void lift(void)
{
    atomic_store(&fail_at, 0);
}

/* ---- flows: `act` runs while memory fails, `check` afterwards */

typedef struct flow {
    const char *folder;
    fc_store *s;
    fc_loop *loop;
    int rc;
    fc_err err;
    int told, left;
    bool kept[8]; /* which rows were acknowledged */
} flow;

static const char *path_of(const flow *f)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/a.db", f->folder);
    return path;
}

static void prepare(flow *f)
{
    char command[600];
    snprintf(command, sizeof command, "rm -f '%s/'a.db*", f->folder);
    assert_int_equal(system(command), 0);
    ok(fc_store_open(path_of(f), &f->s, err));
    run(f->s, "CREATE TABLE t (x INTEGER PRIMARY KEY, words TEXT NOT NULL, bytes BLOB NOT NULL) STRICT");
}

/* More than a page, so that the value is put together. */
static const char *words(void)
{
    static char text[9001];
    if (!*text)
        for (int i = 0; i < 9000; i++)
            text[i] = (char)('a' + i % 26);
    return text;
}

static int insert(flow *f, int x)
{
    fc_value v[] = {fc_int(x), fc_text(words()), fc_bytes(words(), 9000)};
    return fc_run(f->s, "INSERT INTO t VALUES (?, ?, ?)", v, 3, NULL, &f->err);
}

static int64_t rows(flow *f)
{
    return ask(f->s, "SELECT count(*) FROM t");
}

static void whole_rows(flow *f)
{
    fc_value v[] = {fc_text(words()), fc_bytes(words(), 9000)};
    int64_t n = 0;
    int found;
    ok(fc_ask_int(f->s, "SELECT count(*) FROM t WHERE words = ? AND bytes = ?", v, 2, &n, &found, err));
    assert_int_equal(n, rows(f));
    assert_int_equal(ask(f->s, "SELECT count(*) FROM t WHERE x = 999"), 0);
}

/* The same handle, with memory again. */
static void usable(flow *f)
{
    int64_t before = rows(f);
    ok(fc_tx_begin(f->s, err));
    assert_int_equal(insert(f, 500), 0);
    ok(fc_tx_commit(f->s, err));
    assert_int_equal(insert(f, 501), 0);
    assert_int_equal(rows(f), before + 2);
    run(f->s, "DELETE FROM t WHERE x >= 500");
}

static void has_a_sentence(const flow *f)
{
    if (!f->rc) return;
    if (!*f->err.text[FC_EN] || !*f->err.text[FC_ZH]) fail_msg("code %d without a sentence", f->rc);
    if (f->err.code != f->rc) fail_msg("code %d, but in the error %d", f->rc, f->err.code);
}

/* Opening, and a first read. */
static void open_and_read(flow *f)
{
    fc_store_close(f->s);
    f->s = NULL;
    int64_t n = -1;
    int found;
    f->rc = fc_store_open(path_of(f), &f->s, &f->err);
    if (!f->rc) f->rc = fc_ask_int(f->s, "SELECT count(*) FROM t", NULL, 0, &n, &found, &f->err);
    if (!f->rc) assert_int_equal(n, 0);
}

static void opened(flow *f)
{
    if (!f->s) ok(fc_store_open(path_of(f), &f->s, err));
}

/* A transaction with a savepoint that is undone. */
static void transaction(flow *f)
{
    f->rc = fc_tx_begin(f->s, &f->err);
    if (f->rc) return;
    f->rc = insert(f, 1);
    if (!f->rc) f->rc = fc_tx_begin(f->s, &f->err);
    if (!f->rc) {
        int failed = insert(f, 999);
        fc_tx_rollback(f->s);
        if (failed) f->rc = failed;
    }
    if (!f->rc) f->rc = insert(f, 2);
    if (f->rc)
        fc_tx_rollback(f->s);
    else
        f->rc = fc_tx_commit(f->s, &f->err);
}

static void all_or_nothing(flow *f)
{
    assert_int_equal(fc_tx_depth(f->s), 0);
    assert_int_equal(rows(f), f->rc ? 0 : 2);
}

/* A statement of its own commits by itself. */
static void single(flow *f)
{
    f->rc = insert(f, 1);
}

static void one_or_none(flow *f)
{
    assert_int_equal(rows(f), f->rc ? 0 : 1);
}

/* ---- the common commit */

typedef struct order {
    fc_tx tx;
    flow *f;
    int x, rc;
} order;

static int body(fc_tx *tx)
{
    order *o = (order *)tx;
    return o->rc = insert(o->f, o->x);
}

static void told(fc_tx *tx, const fc_err *err)
{
    order *o = (order *)tx;
    flow *f = o->f;
    f->told++;
    f->kept[o->x] = !err && !o->rc;
    if (err) {
        f->rc = err->code;
        f->err = *err;
        has_a_sentence(f);
    }
    if (--f->left == 0) fc_loop_stop(f->loop);
}

enum { ORDERS = 5 };

static void group(flow *f)
{
    order o[ORDERS] = {0};
    fc_err err;
    assert_int_equal(fc_loop_new(&f->loop, NULL), 0);
    if (fc_store_serve(f->s, f->loop, &err) == FC_OK) {
        f->left = ORDERS;
        for (int i = 0; i < ORDERS; i++) {
            o[i] = (order){.tx = {.body = body, .done = told}, .f = f, .x = i + 1};
            fc_tx_queue(f->s, &o[i].tx);
        }
        fc_loop_run(f->loop, 0);
        assert_int_equal(f->told, ORDERS);
    }
    lift();
    if (fc_store_served(f->s)) { /* the same writer, with memory again */
        o[0] = (order){.tx = {.body = body, .done = told}, .f = f, .x = 7};
        f->left = 1;
        fc_tx_queue(f->s, &o[0].tx);
        fc_loop_run(f->loop, 0);
        assert_true(f->kept[7]);
    }
    fc_store_unserve(f->s);
    fc_loop_free(f->loop);
    f->rc = 0;
}

static void who_was_told(flow *f)
{
    for (int x = 1; x < 8; x++) {
        fc_value v = fc_int(x);
        int64_t n;
        int found;
        ok(fc_ask_int(f->s, "SELECT count(*) FROM t WHERE x = ?", &v, 1, &n, &found, err));
        if (n != f->kept[x]) fail_msg("row %d: told %d, there %d", x, f->kept[x], (int)n);
    }
}

/* ---- reads: the value itself */

static void right_value(const fc_value *v, enum fc_type type)
{
    assert_int_equal(v->type, type);
    assert_int_equal(v->n, 9000);
    assert_memory_equal(v->s, words(), 9000);
}

static void with_rows(flow *f)
{
    assert_int_equal(insert(f, 1), 0);
    assert_int_equal(insert(f, 2), 0);
    fc_store_close(f->s); /* nothing in the caches */
    ok(fc_store_open(path_of(f), &f->s, err));
}

static const char reading[] = "SELECT words, bytes, x || '' FROM t ORDER BY x";

static void inline_read(flow *f)
{
    fc_cursor *c;
    fc_value v;
    int row = 0, n = 0;
    f->rc = fc_query(f->s, reading, sizeof reading - 1, NULL, 0, &c, &f->err);
    if (f->rc) return;
    while (!(f->rc = fc_cursor_next(c, &row, &f->err)) && row) {
        n++;
        fc_cursor_value(c, 0, &v);
        right_value(&v, FC_TEXT);
        fc_cursor_value(c, 1, &v);
        right_value(&v, FC_BLOB);
        fc_cursor_value(c, 2, &v);
        assert_int_equal(v.n, 1);
        assert_int_equal(*v.s, '0' + n);
    }
    if (!f->rc) assert_int_equal(n, 2);
    fc_cursor_close(c);
}

static void pool_read(flow *f)
{
    fc_read *r;
    fc_value v;
    int n = 0;
    assert_int_equal(fc_loop_new(&f->loop, NULL), 0);
    f->rc = fc_store_serve(f->s, f->loop, &f->err);
    if (!f->rc) f->rc = fc_read_open(f->s, reading, sizeof reading - 1, NULL, 0, 60000, &r, &f->err);
    if (!f->rc) {
        f->rc = fc_read_fetch(r, INT64_MAX);
        if (f->rc) f->err = *fc_read_error(r);
        for (; fc_read_row(r); n++) {
            fc_read_value(r, 0, &v);
            right_value(&v, FC_TEXT);
            fc_read_value(r, 1, &v);
            right_value(&v, FC_BLOB);
        }
        if (!f->rc) assert_int_equal(n, 2);
        fc_read_close(r);
    }
    lift();
    fc_store_unserve(f->s);
    fc_loop_free(f->loop);
}

static void two_rows(flow *f)
{
    assert_int_equal(rows(f), 2);
}

/* ---- migrations */

enum { FILES = 3 };

static void write_files(flow *f)
{
    char path[600], text[400];
    snprintf(path, sizeof path, "%s/schema", f->folder);
    mkdir(path, 0700);
    for (int i = 1; i <= FILES; i++) {
        snprintf(path, sizeof path, "%s/schema/%04d_m.sql", f->folder, i);
        snprintf(
            text, sizeof text,
            "CREATE TABLE m%d (x INTEGER PRIMARY KEY, y TEXT) STRICT;\nINSERT INTO m%d VALUES (1, 'a');\n"
            "CREATE INDEX m%d_y ON m%d (y);\n",
            i, i, i, i);
        put(path, text);
    }
}

static void migrate(flow *f)
{
    char dir[600];
    snprintf(dir, sizeof dir, "%s/schema", f->folder);
    f->rc = fc_store_migrate(f->s, dir, &f->err);
}

static void file_by_file(flow *f)
{
    static const char tables[] =
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('m1', 'm2', 'm3')";
    int64_t done = ask(f->s, "SELECT count(*) FROM sqlite_schema WHERE name = 'fc_migration'");
    if (done) done = ask(f->s, "SELECT count(*) FROM fc_migration");
    assert_int_equal(ask(f->s, tables), done);
    assert_int_equal(ask(f->s, "SELECT count(*) FROM sqlite_schema WHERE name IN ('m1_y', 'm2_y', 'm3_y')"),
                     done);
    if (!f->rc) assert_int_equal(done, FILES);
    migrate(f); /* what is left of it */
    if (f->rc) fail_msg("%s", f->err.text[FC_EN]);
    assert_int_equal(ask(f->s, tables), FILES);
}

/* ---- every N */

static long kept_live; /* what SQLite keeps for itself while it is not shut down */

static bool once(flow *f, void (*before)(flow *), void (*act)(flow *), void (*check)(flow *), long at,
                 bool on)
{
    const char *folder = f->folder;
    *f = (flow){.folder = folder};
    prepare(f);
    if (before) before(f);
    fail_from(at, on);
    act(f);
    lift();
    bool hit = atomic_load(&hits) > 0;
    has_a_sentence(f);
    if (!hit && f->rc) fail_msg("fails with all the memory: %s", f->err.text[FC_EN]);
    check(f);
    usable(f);
    fc_store_close(f->s);
    if (at && atomic_load(&live) != kept_live)
        fail_msg("call %ld%s: %ld allocations are left", at, on ? " and on" : "",
                 atomic_load(&live) - kept_live);
    ok(fc_store_open(path_of(f), &f->s, err));
    check(f);
    whole_rows(f);
    assert_int_equal(ask(f->s, "SELECT count(*) FROM pragma_integrity_check() WHERE integrity_check = 'ok'"),
                     1);
    fc_store_close(f->s);
    return hit;
}

/* The first ones all; then with growing steps, unless FORECOURT_LONG asks for each. */
static long next_of(long n)
{
    const char *all = getenv("FORECOURT_LONG");
    return (all && *all) || n < 40 ? n + 1 : n + 1 + n / 12;
}

static void every(void **state, void (*before)(flow *), void (*act)(flow *), void (*check)(flow *))
{
    flow f = {.folder = *state};
    lift();
    once(&f, before, act, check, 0, false);
    kept_live = atomic_load(&live);
    for (int on = 0; on < 2; on++) {
        long n = 1;
        while (once(&f, before, act, check, n, on))
            n = next_of(n);
        if (n < 5) fail_msg("it ends after %ld calls: nothing was tested", n);
    }
}

#define FLOW(name, before, act, check)                                                                       \
    static void name(void **state)                                                                           \
    {                                                                                                        \
        every(state, before, act, check);                                                                    \
    }

FLOW(a_store_opens, NULL, open_and_read, opened)
FLOW(a_transaction, NULL, transaction, all_or_nothing)
FLOW(a_statement_of_its_own, NULL, single, one_or_none)
FLOW(the_common_commit, NULL, group, who_was_told)
FLOW(a_read, with_rows, inline_read, two_rows)
FLOW(a_read_in_the_pool, with_rows, pool_read, two_rows)
FLOW(migrations, write_files, migrate, file_by_file)

/* Thousands of databases: in memory where that can be had, for nothing here is about the disk. */
static int quick_folder(void **state)
{
    char *path = strdup("/dev/shm/fc-store-XXXXXX");
    *state = mkdtemp(path);
    if (*state) return 0;
    free(path);
    return make_folder(state);
}

int main(void)
{
    replace_allocator();
    fc_log_level(FC_SILENT); /* each failure is expected */
#define T(name) cmocka_unit_test_setup_teardown(name, quick_folder, drop_folder)
    const struct CMUnitTest tests[] = {
        T(a_store_opens),      T(a_transaction), T(a_statement_of_its_own), T(the_common_commit), T(a_read),
        T(a_read_in_the_pool), T(migrations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
