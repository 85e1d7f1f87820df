/* What calls cost: bench_call STORE WHAT NUMBER. Prints ns of CPU a call (rest: KiB a plugin).
 *   resume  a bare lua_resume of a table's function in a coroutine that is kept      call    fc_call_start of
 * an export export  an export of another plugin with a table of ten fields and back  json    the same as JSON
 * text, both ways rest    what a plugin that does nothing holds (resident memory of 400) */
#include "host.h"

static const char a_exports[] =
    "local M, b, json = {}, require 'b', require 'host.json'\n"
    "local row = { id = 911783031710781440, plate = 'A12345', model = 'CS55 PLUS', km = 48211, on = "
    "'2026-11-21', "
    "open = true, share = 0.25, name = 'Wang Fang', state = 'waiting', tries = 3 }\n"
    "function M.nothing() end\n"
    "function M.export(n) local s = 0 for _ = 1, n do s = s + b.echo(row).km end return s end\n"
    "local function echo(t) return t end\n"
    "function M.json(n) local s = 0 for _ = 1, n do s = s + "
    "json.decode(json.encode(echo(json.decode(json.encode(row)))))"
    ".km end return s end\n"
    "return M\n";
static const char b_exports[] = "return { echo = function(t) return t end }\n";

static fc_vm *a, *b;

static const char *source(void *ctx, const char *plugin, const char *file, size_t *n, const char **chunk)
{
    (void)ctx;
    if (strcmp(file, "exports.lua") != 0) return NULL;
    const char *text = *plugin == 'a' ? a_exports : b_exports;
    if (chunk) *chunk = "bench/exports.lua";
    *n = strlen(text);
    return text;
}

static const fc_vm_host host = {source, bench_yes, bench_yes};

static fc_vm *plugin_vm(fc_call *c, const char *plugin, fc_err *err)
{
    (void)c;
    (void)err;
    return *plugin == 'a' ? a : b;
}

static void soon(void (*fn)(void *), void *ctx)
{
    fc_soon(loop, fn, ctx);
}

static int64_t sum;
static int ended;

static void done(fc_call *c, json_t *result, const fc_fault *fault)
{
    (void)c;
    if (fault) {
        fprintf(stderr, "%s %s\n", fault->place, fault->en);
        exit(1);
    }
    sum += json_integer_value(json_array_get(result, 0));
    ended++;
}

static double bare(int64_t n)
{
    lua_State *L = a->L, *co = lua_newthread(L);
    int results;
    if (luaL_loadstring(L, "return { nothing = function() end }") || lua_pcall(L, 0, 1, 0)) exit(1);
    int64_t began = fc_cpu();
    for (int64_t i = 0; i < n; i++) {
        lua_getfield(L, -1, "nothing");
        lua_xmove(L, co, 1);
        if (lua_resume(co, L, 0, &results) != LUA_OK) exit(1);
        lua_settop(co, 0);
    }
    return (double)(fc_cpu() - began) / (double)n;
}

static fc_call new_call(void)
{
    return (fc_call){.world = &bench_world, .store = store, .budget_ns = INT64_MAX / 2, .roles = no_args};
}

static double calls(int64_t n)
{
    fc_call c = new_call(); /* whose it is, is a request's work, as the bare coroutine is made once */
    int64_t began = fc_cpu();
    for (int64_t i = 0; i < n; i++) {
        fc_call_start(&c, a, "nothing", no_args, done);
    }
    if (ended != n) exit(1);
    return (double)(fc_cpu() - began) / (double)n;
}

static double inside(const char *what, int64_t n)
{
    fc_call c = new_call();
    json_t *args = json_pack("[I]", (json_int_t)n);
    int64_t began = fc_cpu();
    bench_world.soon = NULL; /* all in one turn: the calls are measured, not the loop */
    fc_call_start(&c, a, what, args, done);
    if (!ended || sum != 48211 * n) exit(1);
    return (double)(fc_cpu() - began) / (double)n;
}

static long resident_kib(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f || fscanf(f, "%*d %ld", &pages) != 1) exit(1);
    fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static double rest(void)
{
    enum { PLUGINS = 400 };
    fc_fault fault;
    long before = resident_kib();
    for (int i = 0; i < PLUGINS; i++) {
        fc_vm *one = fc_vm_new("b", &host, NULL, 64u << 20);
        if (fc_vm_load_module(one, "exports", &fault)) exit(1);
        fc_vm_phase(one, FC_RUNNING);
        fc_call c = new_call();
        fc_call_start(&c, one, "echo", no_args, done);
    }
    return (double)(resident_kib() - before) / PLUGINS;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bench_call STORE resume|call|export|json|rest NUMBER\n");
        return 2;
    }
    const char *what = argv[2];
    int64_t n = atoll(argv[3]);
    bench_open(argv[1], a_exports);
    bench_world.soon = soon;
    bench_world.plugin_vm = plugin_vm;
    a = fc_vm_new("a", &host, NULL, 64u << 20);
    b = fc_vm_new("b", &host, NULL, 64u << 20);
    fc_vm_phase(a, FC_RUNNING);
    fc_vm_phase(b, FC_RUNNING);
    double figure = strcmp(what, "resume") == 0 ? bare(n)
                    : strcmp(what, "call") == 0 ? calls(n)
                    : strcmp(what, "rest") == 0 ? rest()
                                                : inside(what, n);
    printf("%.1f\n", figure);
    bench_close();
    return 0;
}
