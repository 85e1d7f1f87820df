/* host.db in a served store: calls wait for the common commit and for the pool, through exports too, and give
 * the same results as on the spot. */
#include "lua_world.h"
#include "store/driver.h"

#include <sys/stat.h>
#include <unistd.h>

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
     "function x.million()\n"
     "  local n = 0\n"
     "  for row in db.each('WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c LIMIT 1000000) "
     "SELECT x, x * 2 AS y FROM c') do\n"
     "    n = n + 1\n"
     "  end\n"
     "  return n\n"
     "end\n"
     "function x.few()\n"
     "  for row in db.each('SELECT x FROM big ORDER BY x') do if row.x == 3 then return row.x end end\n"
     "end\n"
     "function x.each_and_write()\n"
     "  local n = 0\n"
     "  for row in db.each('SELECT x FROM big WHERE x <= 1200 ORDER BY x') do\n"
     "    if row.x % 400 == 0 then db.run('INSERT INTO t (x) VALUES (?)', 5000 + row.x) end\n"
     "    n = n + 1\n"
     "  end\n"
     "  return n\n"
     "end\n"
     "function x.endless() return db.one('WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) "
     "SELECT x "
     "FROM c ORDER BY x % 3 LIMIT 1') end\n"
     "function x.loops(n) db.tx(function() db.run('INSERT INTO t (x) VALUES (?)', n) while true do end end) "
     "end\n"
     "function x.shaped() local t = db.one('SELECT * FROM shaped') return t.first, t.second end\n"
     "function x.all_shaped() local t = db.all('SELECT * FROM shaped')[1] return t.first, t.second end\n"
     "function x.impostors()\n"
     "  local refused = 0\n"
     "  for i = 1, 513 do\n" /* one more than are remembered */
     "    db.one(('SELECT COALESCE(NULL, %05d) AS n FROM big WHERE x = 1'):format(i))\n"
     "  end\n"
     "  local heap = {}\n"
     "  for i = 1, 50000 do heap[i] = { i } end\n" /* a full collection */
     "  for i = 1, 2000 do\n"
     "    local ok = pcall(db.one, ('SELECT IFNULL(NULL, %07d) AS n FROM big WHERE x = 1'):format(i))\n"
     "    refused = refused + (ok and 0 or 1)\n"
     "  end\n"
     "  return refused\n"
     "end\n"
     "function x.each_keeps()\n"
     "  local bad, text = 0, ('ab'):rep(500)\n"
     "  local function rows() return db.each('SELECT x, ? AS p FROM big LIMIT 3000', ('ab'):rep(500)) end\n"
     "  db.tx(function()\n"
     "    for row in rows() do\n"
     "      local junk = ('x'):rep(900 + row.x % 200)\n"
     "      if row.p ~= text or #junk < 900 then bad = bad + 1 end\n"
     "    end\n"
     "  end)\n"
     "  return bad\n"
     "end\n"
     "function x.each_sees(n)\n"
     "  local seen = ''\n"
     "  local co = coroutine.wrap(function()\n"
     "    for row in db.each('SELECT x FROM big LIMIT 3') do\n"
     "      db.run('INSERT INTO t (x) VALUES (?)', n + row.x)\n"
     "      seen = seen .. db.one('SELECT count(*) AS n FROM t WHERE x > ?', n).n\n"
     "    end\n"
     "  end)\n"
     "  co()\n"
     "  return seen\n"
     "end\n"
     "function x.each_writes(n)\n"
     "  local ok, why = pcall(function() for _ in db.each('INSERT INTO t (x) VALUES (?) RETURNING x', n) do "
     "end end)\n"
     "  return ok, why:match 'only reads'\n"
     "end\n"
     "function x.escapes()\n"
     "  x.kept = db.tx(function() local next = db.each('SELECT x FROM big') next() return next end)\n"
     "  return true\n"
     "end\n"
     "function x.goes_on() local ok, why = pcall(x.kept) return ok, why:match 'transaction' end\n"
     "function x.nan() local ok, why = pcall(db.one, 'SELECT ? AS x', 0/0) return ok, why:match 'not a "
     "number' "
     "end\n"
     "function x.first()\n"
     "  local _, _, _, box\n"
     "  x.rows, _, _, box = db.each('SELECT x FROM big ORDER BY x % 7, x')\n"
     "  x.box = box\n"
     "  return x.rows().x\n"
     "end\n"
     "function x.second() local ok, why = pcall(x.rows) return ok, why:match 'another call' end\n"
     "function x.closes() do local box <close> = x.box end return (pcall(x.rows)) end\n"
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

static char dir[64];
static fc_loop *loop;
static fc_store *store;
static fc_vm *home;

static void pool(void (*work)(void *), void (*done)(void *), void *ctx)
{
    fc_pool(loop, work, done, ctx);
}

static void must(const char *sql)
{
    fc_err err;
    if (fc_run(store, sql, NULL, 0, NULL, &err)) fail_msg("%s", err.text[FC_EN]);
}

static int setup(void **state)
{
    (void)state;
    char path[80];
    fc_err err;
    strcpy(dir, "/tmp/fc-luadb-XXXXXX");
    if (!mkdtemp(dir) || fc_loop_new(&loop, NULL)) return -1;
    snprintf(path, sizeof path, "%s/a.db", dir);
    if (fc_store_open(path, &store, &err)) return -1;
    must("CREATE TABLE t (x INTEGER PRIMARY KEY) STRICT");
    must("CREATE TABLE big (x INTEGER PRIMARY KEY) STRICT");
    must("INSERT INTO big WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c LIMIT 20000) SELECT x "
         "FROM c");
    must("CREATE TABLE child (x INTEGER REFERENCES t (x) DEFERRABLE INITIALLY DEFERRED) STRICT");
    if (fc_store_serve(store, loop, &err)) return -1;
    fc_call_watch(store);
    world.pool = pool;
    world_uses = "|home host.db|home host.file|home needs other|other host.db|";
    world_vms[0] = home = world_vm("home", files);
    world_vms[1] = world_vm("other", files);
    fc_vm_phase(world_vms[0], FC_RUNNING);
    fc_vm_phase(world_vms[1], FC_RUNNING);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    char command[100];
    fc_store_unserve(store);
    for (int i = 0; world_vms[i]; i++)
        fc_vm_free(world_vms[i]);
    memset(world_vms, 0, sizeof world_vms);
    fc_store_close(store);
    fc_loop_free(loop);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

typedef struct asked {
    fc_call call;
    char *text;
    fc_fault fault;
    int failed;
} asked;

static int open_calls, turning;

static void answered(fc_call *c, json_t *result, const fc_fault *fault)
{
    asked *a = (asked *)c;
    a->failed = fault != NULL;
    if (fault)
        a->fault = *fault;
    else
        a->text = json_dumps(result, JSON_COMPACT | JSON_SORT_KEYS);
    if (--open_calls == 0 && turning) fc_loop_stop(loop);
}

static void turn(void)
{
    turning = 1;
    if (open_calls) fc_loop_run(loop, 0);
    turning = 0;
}

static void start(asked *a, const char *export, int n)
{
    json_t *args = json_pack("[i]", n);
    a->call = world_call();
    a->call.store = store;
    a->call.files = dir;
    open_calls++;
    fc_call_start(&a->call, home, export, args, answered);
    json_decref(args);
}

static void end(asked *a)
{
    free(a->text);
    a->text = NULL;
    fc_call_clear(&a->call);
}

static void gives(const char *export, int n, const char *json)
{
    asked a = {0};
    start(&a, export, n);
    turn();
    if (a.failed) fail_msg("%s: %s: %s", export, a.fault.place, a.fault.en);
    assert_string_equal(a.text, json);
    end(&a);
}

/* On the spot, as in a verb. */
static char *now(const char *export, int n)
{
    fc_fault fault;
    fc_call c = world_call();
    json_t *args = json_pack("[i]", n);
    c.store = store;
    json_t *values = fc_call_now(&c, home, export, args, &fault);
    if (!values) fail_msg("%s: %s: %s", export, fault.place, fault.en);
    char *text = json_dumps(values, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(values);
    json_decref(args);
    fc_call_clear(&c);
    return text;
}

static void gives_now(const char *export, int n, const char *json)
{
    char *text = now(export, n);
    assert_string_equal(text, json);
    free(text);
}

static int64_t count(const char *sql)
{
    int64_t n;
    int found;
    assert_int_equal(fc_ask_int(store, sql, NULL, 0, &n, &found, NULL), 0);
    return n;
}

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

static long resident_kib(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_int_equal(fscanf(f, "%*d %ld", &pages), 1);
    fclose(f);
    return pages * 4;
}

/* The names are kept with the text; the table may change under it. */
static void names_of_columns_are_those_of_now(void **state)
{
    (void)state;
    must("CREATE TABLE shaped (first TEXT, third TEXT)");
    must("INSERT INTO shaped VALUES ('a', 'b')");
    gives("shaped", 0, "[\"a\",null]");
    gives("shaped", 0, "[\"a\",null]");
    gives("all_shaped", 0, "[\"a\",null]");
    must("ALTER TABLE shaped RENAME COLUMN third TO second");
    gives("shaped", 0, "[\"a\",\"b\"]");
    gives("all_shaped", 0, "[\"a\",\"b\"]");
}

/* A text that was allowed is known by its place in memory; when it is gone another may lie there. */
static void another_text_in_its_place_is_judged(void **state)
{
    (void)state;
    gives("impostors", 0, "[2000]");
}

static void a_million_rows_need_no_memory(void **state)
{
    (void)state;
    gives("sum", 0, "[200010000,20000]");
    long before = resident_kib();
    gives("million", 0, "[1000000]");
    assert_true(fc_vm_memory(home) < 8u << 20);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed for a while */
    if (resident_kib() - before > 8192) fail_msg("%ld KiB more", resident_kib() - before);
#else
    (void)before;
#endif
}

static void each_goes_on_while_it_writes(void **state)
{
    (void)state;
    gives("each_and_write", 0, "[1200]");
    assert_int_equal(count("SELECT count(*) FROM t"), 3);
}

static void each_keeps_what_it_was_given(void **state)
{
    (void)state;
    gives("each_keeps", 0, "[0]");
    gives_now("each_keeps", 0, "[0]");
}

/* What is read meanwhile is not as old as the loop around it. */
static void a_read_inside_each_sees_what_was_written(void **state)
{
    (void)state;
    gives("each_sees", 100, "[\"123\"]");
    gives_now("each_sees", 200, "[\"123\"]");
    fc_store_unserve(store);
    gives_now("each_sees", 300, "[\"123\"]");
}

static void each_only_reads(void **state)
{
    (void)state;
    gives("each_writes", 1, "[false,\"only reads\"]");
    gives_now("each_writes", 1, "[false,\"only reads\"]");
    assert_int_equal(count("SELECT count(*) FROM t"), 0);
}

/* A loop that left its transaction would hold the writer at an old snapshot, and nobody could write. */
static void each_ends_with_its_transaction(void **state)
{
    (void)state;
    fc_store *other;
    fc_err err;
    for (int spot = 0; spot < 2; spot++) {
        (spot ? gives_now : gives)("escapes", 0, "[true]");
        assert_int_equal(fc_store_open(fc_store_path(store), &other, &err), 0);
        fc_value id = fc_int(spot);
        assert_int_equal(fc_run(other, "INSERT INTO t (x) VALUES (?)", &id, 1, NULL, &err), 0);
        fc_store_close(other);
        gives("plain", 10 + spot, "[1]");
        gives("goes_on", 0, "[false,\"transaction\"]");
    }
}

/* What breaks a rule only at the statement's end is told, also where one row was wanted. */
static void a_row_that_was_not_kept_is_not_returned(void **state)
{
    (void)state;
    gives("orphan", 1, "[false]");
    gives_now("orphan", 1, "[false]");
}

/* Calls share their state's variables, so one may reach into the loop of another that waits for the pool. */
static void a_loop_belongs_to_one_call_at_a_time(void **state)
{
    (void)state;
    asked a[2] = {0};
    start(&a[0], "first", 0);
    start(&a[1], "second", 0);
    turn();
    assert_int_equal(a[0].failed, 0);
    assert_string_equal(a[0].text, "[7]");
    assert_int_equal(a[1].failed, 0);
    assert_string_equal(a[1].text, "[false,\"another call\"]");
    end(&a[0]);
    end(&a[1]);
    start(&a[0], "first", 0);
    start(&a[1], "closes", 0);
    turn();
    assert_int_equal(a[0].failed, 1);
    assert_non_null(strstr(a[0].fault.en, "cancelled"));
    assert_int_equal(a[1].failed, 0);
    end(&a[0]);
    end(&a[1]);
}

/* SQLite would keep NULL in its place and say nothing. */
static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    gives("nan", 0, "[false,\"not a number\"]");
    gives_now("nan", 0, "[false,\"not a number\"]");
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
        T(names_of_columns_are_those_of_now),
        T(another_text_in_its_place_is_judged),
        T(a_million_rows_need_no_memory),
        T(each_goes_on_while_it_writes),
        T(each_keeps_what_it_was_given),
        T(a_read_inside_each_sees_what_was_written),
        T(each_only_reads),
        T(each_ends_with_its_transaction),
        T(a_row_that_was_not_kept_is_not_returned),
        T(a_loop_belongs_to_one_call_at_a_time),
        T(what_is_no_number_is_refused),
        T(a_cancel_ends_the_read),
        T(a_killed_body_takes_nobody_with_it),
        T(who_waited_too_long_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
