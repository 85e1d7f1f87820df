/* host.db, row by row: what a loop over rows sees and holds, and what the store keeps of a text that it
 * knows. */
#include "lua_world.h"

static const text_file files[] = {
    {"home", "exports.lua",
     "local db = require 'host.db'\n"
     "local x = {}\n"
     "function x.plain(n) return db.run('INSERT INTO t (x) VALUES (?)', n) end\n"
     "function x.sum()\n"
     "  local sum, rows = 0, 0\n"
     "  for row in db.each('SELECT x FROM big') do sum = sum + row.x rows = rows + 1 end\n"
     "  return sum, rows\n"
     "end\n"
     "function x.million()\n"
     "  local n = 0\n"
     "  for row in db.each('WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c LIMIT 1000000) "
     "SELECT x, x * 2 AS y FROM c') do\n"
     "    n = n + 1\n"
     "  end\n"
     "  return n\n"
     "end\n"
     "function x.each_and_write()\n"
     "  local n = 0\n"
     "  for row in db.each('SELECT x FROM big WHERE x <= 1200 ORDER BY x') do\n"
     "    if row.x % 400 == 0 then db.run('INSERT INTO t (x) VALUES (?)', 5000 + row.x) end\n"
     "    n = n + 1\n"
     "  end\n"
     "  return n\n"
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
     "return x\n"},
    {"other", "exports.lua", "return {}\n"},
    {NULL, NULL, NULL}};

#include "lua_db_help.h"

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

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(names_of_columns_are_those_of_now),
        T(another_text_in_its_place_is_judged),
        T(a_million_rows_need_no_memory),
        T(each_goes_on_while_it_writes),
        T(each_keeps_what_it_was_given),
        T(a_read_inside_each_sees_what_was_written),
        T(each_only_reads),
        T(each_ends_with_its_transaction),
        T(a_loop_belongs_to_one_call_at_a_time),
        T(what_is_no_number_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
