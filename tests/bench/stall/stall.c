/* How long the loop stands still because of a plugin, and how late a kill comes: bench_stall FILE [ONLY].
 * Each piece runs as a request until its budget ends it. Both are CPU of the loop's thread, so that other
 * work on the machine is not counted: the most between two turns of the loop, and what was used beyond the
 * budget. Prints a line for each piece: stall and lateness in ms. */
#include "host.h"

#define BUDGET_NS (250 * 1000000LL)

typedef struct piece {
    const char *name, *text;
} piece;

static const char exports[] = "return {}";

static const piece pieces[] = {
    {"loop", "while true do end"},
    {"catch", "while true do pcall(function() while true do end end) end"},
    {"tree", "local function t() pcall(t) pcall(t) end while true do t() end"},
    {"coroutines",
     "while true do coroutine.wrap(function() for i = 1, 1000 do coroutine.yield(i) end end)() end"},
    {"deep", "local function f(n) return 1 + f(n + 1) end while true do pcall(f, 1) end"},
    {"deep handler", "local function f(n) return 1 + f(n + 1) end while true do xpcall(f, function() return "
                     "f(1) end, 1) end"},
    {"garbage", "local t = {} for i = 1, 200000 do t[i] = { i } end while true do local x = { {}, {} } end"},
    {"sort",
     "local t = {} for i = 1, 500000 do t[i] = i * 7919 % 500009 end while true do table.sort(t) end"},
    {"comparator",
     "local t = {} for i = 1, 5000 do t[i] = -i end while true do table.sort(t, function(a, b) return a "
     "< b end) end"},
    {"insert", "local t = {} for i = 1, 900000 do t[i] = i end while true do table.insert(t, 1, 1) end"},
    {"concat", "local t = {} for i = 1, 900000 do t[i] = 'abcdef' end while true do local s = "
               "table.concat(t, ',') end"},
    {"unpack",
     "local t = {} for i = 1, 200000 do t[i] = i end while true do select('#', table.unpack(t)) end"},
    {"pattern", "local s = ('a'):rep(100000) while true do s:find '.-.-.-.-b' end"},
    {"gsub", "local s = ('ab '):rep(500000) while true do s:gsub('%w', '%0%0') end"},
    {"plain find", "local s = ('a'):rep(8 << 20) while true do s:find('aaaaaaaaaaaab', 1, true) end"},
    {"rep", "while true do local s = ('x'):rep(8 << 20) end"},
    {"upper", "local s = ('x'):rep(8 << 20) while true do s:upper() end"},
    {"reverse", "local s = ('x'):rep(8 << 20) while true do s:reverse() end"},
    {"bytes", "local s = ('x'):rep(200000) while true do s:byte(1, -1) end"},
    {"utf8.len", "local s = ('x'):rep(8 << 20) while true do utf8.len(s) end"},
    {"utf8.offset", "local s = ('x'):rep(8 << 20) while true do utf8.offset(s, 7 << 20) end"},
    {"format", "local s = ('x'):rep(2 << 20) while true do ('%s%s'):format(s, s) end"},
    {"format wide",
     "while true do ('%99.99f'):rep(2000):format(table.unpack(setmetatable({}, { __index = function() "
     "return 1e308 end }), 1, 2000)) end"},
    {"tonumber", "local s = ('1'):rep(8 << 20) while true do tonumber(s) end"},
    {"tonumber base", "local s = ('1'):rep(8 << 20) while true do tonumber(s, 2) end"},
    {"operator ..", "local s = ('x'):rep(8 << 20) while true do local t = s .. 'y' end"},
    {"operator <",
     "local s, t = ('x'):rep(8 << 20), ('x'):rep(8 << 20) .. 'y' while true do local b = s < t end"},
    {"load", "local s = ('x = 1 '):rep(40000) while true do load(s, 's', 't', {}) end"},
    {"json.encode",
     "local j = require 'host.json' local t = {} for i = 1, 22000 do t[i] = { i } end while true do "
     "j.encode(t) end"},
    {"json.decode", "local j = require 'host.json' local s = '[' .. ('1,'):rep(62000) .. '1]' while true do "
                    "j.decode(s) end"},
    {"re.test", "local re = require 'host.re' local s = ('a'):rep(100000) while true do pcall(re.test, s, "
                "'(a+)+$b') end"},
    {"re.gsub",
     "local re = require 'host.re' local s = ('ab '):rep(300000) while true do re.gsub(s, '[a-z]', '$0$0') "
     "end"},
    {"text.clean", "local x = require 'host.text' local s = ('x'):rep(8 << 20) while true do x.clean(s) end"},
    {"text.length",
     "local x = require 'host.text' local s = ('x'):rep(8 << 20) while true do x.length(s) end"},
    {"db rows",
     "local db = require 'host.db' while true do db.all(\"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT "
     "i + 1 FROM n WHERE i < 9000) SELECT i, 'text' AS t FROM n\") end"},
    {"db.tx",
     "local db = require 'host.db' while true do db.tx(function() local x = 0 for i = 1, 200000 do x = x + i "
     "end end) end"},
    {"error", "while true do pcall(error, ('x'):rep(1 << 20)) end"},
    {"log",
     "local log = require 'host.log' local s = ('x'):rep(1 << 20) while true do local t = s:lower() end"},
};

static int64_t last_turn, longest;
static int done;
static char ended_by[FC_ERR_TEXT];

static void each_turn(void *ctx)
{
    (void)ctx;
    int64_t now = fc_cpu();
    if (last_turn && now - last_turn > longest) longest = now - last_turn;
    last_turn = now;
    fc_store_refresh(store);
}

static void soon(void (*fn)(void *), void *ctx)
{
    fc_soon(loop, fn, ctx);
}

static void piece_done(fc_call *c, json_t *result, const fc_fault *fault)
{
    (void)c;
    (void)result;
    done = 1;
    snprintf(ended_by, sizeof ended_by, "%s", fault ? fault->en : "it ended by itself");
    fc_loop_stop(loop);
}

static const piece *begun;
static fc_call call;
static int64_t began;

static void begin(void *ctx)
{
    (void)ctx;
    call = (fc_call){.world = &bench_world, .store = store, .budget_ns = BUDGET_NS, .roles = no_args};
    longest = 0;
    last_turn = began = fc_cpu();
    fc_call_text(&call, vm, begun->text, strlen(begun->text), "piece", piece_done);
}

static void run(const piece *p)
{
    begun = p;
    done = 0;
    vm = fc_vm_new("bench", &bench_vm_host, NULL, 64u << 20);
    fc_vm_phase(vm, FC_RUNNING);
    fc_soon(loop, begin, NULL);
    fc_loop_run(loop, 0);
    int64_t now = fc_cpu();
    if (now - last_turn > longest) longest = now - last_turn;
    double late = strstr(ended_by, "budget") ? (double)(now - began - BUDGET_NS) / 1e6 : 0;
    printf("%-14s %8.2f %8.2f  %.40s\n", p->name, (double)longest / 1e6, late > 0 ? late : 0, ended_by);
    fflush(stdout);
    fc_vm_free(vm);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_stall FILE [ONLY]\n");
        return 2;
    }
    bench_open(argv[1], exports);
    fc_vm_free(vm);
    bench_world.soon = soon;
    fc_loop_each_turn(loop, each_turn, NULL);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        if (argc < 3 || strstr(pieces[i].name, argv[2])) run(&pieces[i]);
    bench_close();
    return 0;
}
