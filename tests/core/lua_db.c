/* host.db in a served store: calls wait for the common commit and for the pool, through exports too, and give
 * the same results as on the spot. */
#include "lua_world.h"
#include "store/driver.h"

static const text_file files[] = {
    {"home", "exports.lua",
     "local db = require 'host.db'\n"
     "local other = require 'other'\n"
     "local file = require 'host.file'\n"
     "local x = {}\n"
     "function x.insert(n) return db.tx(function() db.run('INSERT INTO t (x) VALUES (?)', n) return n, "
     "'told' end) end\n"
     "function x.plain(n) return db.run('INSERT INTO t (x) VALUES (?)', n) end\n"
     "function x.returning(n) return db.one('INSERT INTO t (x) VALUES (?) RETURNING x, x + 1 AS y', n) end\n"
     "function x.says_no(n)\n"
     "  local ok, why = pcall(db.tx, function() db.run('INSERT INTO t (x) VALUES (?)', n) error({ zh = '不', "
     "en = 'no' }) end)\n"
     "  return ok, why.en\n"
     "end\n"
     "function x.through(n) local r = other.insert(n) return r, other.count() end\n"
     "function x.through_sorted() return other.sorted() end\n"
     "function x.through_error(n) local ok, why = pcall(other.says_no, n) return ok, why.en end\n"
     "function x.through_callback(n)\n"
     "  local out = {}\n"
     "  table.sort({ 2, 1 }, function(a, b) out[1] = out[1] or other.insert(n) return a < b end)\n"
     "  return out[1]\n"
     "end\n"
     "function x.in_coroutine(n)\n"
     "  local co = coroutine.wrap(function() coroutine.yield(db.run('INSERT INTO t (x) VALUES (?)', n)) "
     "end)\n"
     "  return co()\n"
     "end\n"
     "function x.sees(n)\n"
     "  db.run('INSERT INTO t (x) VALUES (?)', n)\n"
     "  return db.one('SELECT count(*) AS n FROM t WHERE x = ?', n).n\n"
     "end\n"
     "function x.sorted() return db.all('SELECT x, x % 3 AS r FROM big ORDER BY r, x LIMIT 7') end\n"
     "function x.sorted_one() return db.one('SELECT x, x % 3 AS r FROM big ORDER BY r DESC, x LIMIT 1') end\n"
     "function x.wrong() return pcall(db.all, 'SELECT nix FROM big ORDER BY x % 3') end\n"
     "function x.sum()\n"
     "  local sum, rows = 0, 0\n"
     "  for row in db.each('SELECT x FROM big') do sum = sum + row.x rows = rows + 1 end\n"
     "  return sum, rows\n"
     "end\n"
     "function x.file_in_tx()\n"
     "  local ok, why = pcall(db.tx, function() file.write('a.txt', 'b') end)\n"
     "  return ok, why.en:match 'after it'\n"
     "end\n"
     "function x.few()\n"
     "  for row in db.each('SELECT x FROM big ORDER BY x') do if row.x == 3 then return row.x end end\n"
     "end\n"
     "function x.endless() return db.one('WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) "
     "SELECT x "
     "FROM c ORDER BY x % 3 LIMIT 1') end\n"
     "function x.loops(n) db.tx(function() db.run('INSERT INTO t (x) VALUES (?)', n) while true do end end) "
     "end\n"
     "function x.orphan(n)\n"
     "  return (pcall(db.one, 'INSERT INTO child (x) VALUES (?) RETURNING x', n))\n"
     "end\n"
     "function x.nested(n)\n"
     "  return db.tx(function()\n"
     "    db.run('INSERT INTO t (x) VALUES (?)', n)\n"
     "    local ok = pcall(db.tx, function() db.run('INSERT INTO t (x) VALUES (?)', n + 1) error('inner') "
     "end)\n"
     "    db.tx(function() db.run('INSERT INTO t (x) VALUES (?)', n + 2) end)\n"
     "    return ok\n"
     "  end)\n"
     "end\n"
     "return x\n"},
    {"other", "exports.lua",
     "local db = require 'host.db'\n"
     "local x = {}\n"
     "function x.insert(n) return db.tx(function() db.run('INSERT INTO t (x) VALUES (?)', n) return n end) "
     "end\n"
     "function x.count() return db.one('SELECT count(*) AS n FROM t').n end\n"
     "function x.says_no(n) db.tx(function() db.run('INSERT INTO t (x) VALUES (?)', n) error({ zh = '不', en "
     "= 'no' }) end) end\n"
     "function x.sorted()\n"
     "  local row = db.one('SELECT x, x % 3 AS r FROM big ORDER BY r DESC, x LIMIT 1')\n"
     "  return row.x\n"
     "end\n"
     "return x\n"},
    {NULL, NULL, NULL}};

#include "lua_db_help.h"

static void a_transaction_waits_and_answers(void **state)
{
    (void)state;
    gives("insert", 1, "[1,\"told\"]");
    gives("plain", 2, "[1]");
    gives("returning", 3, "[{\"x\":3,\"y\":4}]");
    gives("sees", 4, "[1]");
    assert_int_equal(count("SELECT count(*) FROM t"), 4);
}

static int commits;

static int count_commit(void *ctx)
{
    (void)ctx;
    commits++;
    return 0;
}

static void many_calls_are_one_commit(void **state)
{
    (void)state;
    asked a[20] = {0};
    commits = 0;
    sqlite3_commit_hook(store->write->db, count_commit, NULL);
    for (int i = 0; i < 20; i++)
        start(&a[i], i % 2 ? "insert" : "through", 100 + i);
    turn();
    assert_int_equal(count("SELECT count(*) FROM t"), 20);
    assert_in_range(commits, 1, 2);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(a[i].failed, 0);
        end(&a[i]);
    }
}

static void an_error_reaches_the_caller_unchanged(void **state)
{
    (void)state;
    gives("says_no", 1, "[false,\"no\"]");
    gives("through_error", 2, "[false,\"no\"]");
    assert_int_equal(count("SELECT count(*) FROM t"), 0);
}

static void exports_wait_too(void **state)
{
    (void)state;
    gives("through", 1, "[1,1]");
    gives("through_callback", 2, "[2]");
    gives("in_coroutine", 3, "[1]");
    assert_int_equal(count("SELECT count(*) FROM t"), 3);
}

static void inside_it_is_a_savepoint(void **state)
{
    (void)state;
    gives("nested", 1, "[false]");
    assert_int_equal(count("SELECT sum(x) FROM t"), 1 + 3);
}

static void reads_in_the_pool_give_the_same(void **state)
{
    (void)state;
    static const char *const exports[] = {"sorted", "sorted_one", "wrong", "sum", "few"};
    for (size_t i = 0; i < sizeof exports / sizeof *exports; i++) {
        char *text = now(exports[i], 0);
        gives(exports[i], 0, text);
        free(text);
    }
}

static void a_body_uses_nothing_but_the_database(void **state)
{
    (void)state;
    gives("file_in_tx", 0, "[false,\"after it\"]");
}

/* What breaks a rule only at the statement's end is told, also where one row was wanted. */
static void a_row_that_was_not_kept_is_not_returned(void **state)
{
    (void)state;
    gives("orphan", 1, "[false]");
    gives_now("orphan", 1, "[false]");
}

static void cancel(void *ctx)
{
    fc_call_cancel(ctx);
}

static void a_cancel_ends_the_read(void **state)
{
    (void)state;
    asked a = {0};
    start(&a, "endless", 0);
    fc_timer *t = fc_timer_new(loop, cancel, &a.call);
    fc_timer_set(t, 30, 0);
    turn();
    assert_int_equal(a.failed, 1);
    assert_non_null(strstr(a.fault.en, "cancelled"));
    fc_timer_free(t);
    end(&a);
}

/* A body that never ends is killed; what its neighbours wrote stays, what it wrote goes. */
static void a_killed_body_takes_nobody_with_it(void **state)
{
    (void)state;
    asked a[3] = {0};
    int64_t usual = world_budget;
    start(&a[0], "insert", 1);
    world_budget = 30 * 1000000LL;
    start(&a[1], "loops", 2);
    world_budget = usual;
    start(&a[2], "through", 3);
    turn();
    assert_int_equal(a[0].failed, 0); /* they wait in the vm that the kill spoiled */
    assert_int_equal(a[2].failed, 0);
    assert_int_equal(a[1].failed, 1);
    assert_int_equal(a[1].fault.code, FC_ELIMIT);
    assert_int_equal(count("SELECT count(*) FROM t WHERE x = 2"), 0);
    assert_int_equal(count("SELECT count(*) FROM t WHERE x = 1"), 1);
    assert_int_equal(fc_tx_depth(store), 0);
    for (int i = 0; i < 3; i++)
        end(&a[i]);
}

/* Its time was used up while another plugin waited for the pool; that one would return at once. */
static void who_waited_too_long_is_named(void **state)
{
    (void)state;
    asked a = {0};
    start(&a, "through_sorted", 0);
    assert_non_null(a.call.state);
    a.call.state->spent = a.call.budget_ns;
    turn();
    assert_int_equal(a.failed, 1);
    assert_int_equal(a.fault.code, FC_ELIMIT);
    assert_non_null(strstr(a.fault.en, "plugin other: function sorted used up its time budget"));
    assert_non_null(strstr(a.fault.place, "other/exports.lua:"));
    end(&a);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_transaction_waits_and_answers),
        T(many_calls_are_one_commit),
        T(an_error_reaches_the_caller_unchanged),
        T(exports_wait_too),
        T(inside_it_is_a_savepoint),
        T(reads_in_the_pool_give_the_same),
        T(a_body_uses_nothing_but_the_database),
        T(a_row_that_was_not_kept_is_not_returned),
        T(a_cancel_ends_the_read),
        T(a_killed_body_takes_nobody_with_it),
        T(who_waited_too_long_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
