/* A served store, and calls into a plugin that uses it. Include it behind the plugins' texts, `files`. */
#ifndef LUA_DB_HELP_H
#define LUA_DB_HELP_H
#include "lua_world.h"

#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static fc_loop *loop;
static fc_store *store;
static fc_vm *home;

static inline void pool(void (*work)(void *), void (*done)(void *), void *ctx)
{
    fc_pool(loop, work, done, ctx);
}

static inline void must(const char *sql)
{
    fc_err err;
    if (fc_run(store, sql, NULL, 0, NULL, &err)) fail_msg("%s", err.text[FC_EN]);
}

static inline int setup(void **state)
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

static inline int teardown(void **state)
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

static inline void answered(fc_call *c, json_t *result, const fc_fault *fault)
{
    asked *a = (asked *)c;
    a->failed = fault != NULL;
    if (fault)
        a->fault = *fault;
    else
        a->text = json_dumps(result, JSON_COMPACT | JSON_SORT_KEYS);
    if (--open_calls == 0 && turning) fc_loop_stop(loop);
}

static inline void turn(void)
{
    turning = 1;
    if (open_calls) fc_loop_run(loop, 0);
    turning = 0;
}

static inline void start(asked *a, const char *export, int n)
{
    json_t *args = json_pack("[i]", n);
    a->call = world_call();
    a->call.store = store;
    a->call.files = dir;
    open_calls++;
    fc_call_start(&a->call, home, export, args, answered);
    json_decref(args);
}

static inline void end(asked *a)
{
    free(a->text);
    a->text = NULL;
    fc_call_clear(&a->call);
}

static inline void gives(const char *export, int n, const char *json)
{
    asked a = {0};
    start(&a, export, n);
    turn();
    if (a.failed) fail_msg("%s: %s: %s", export, a.fault.place, a.fault.en);
    assert_string_equal(a.text, json);
    end(&a);
}

/* On the spot, as in a verb. */
static inline char *now(const char *export, int n)
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

static inline void gives_now(const char *export, int n, const char *json)
{
    char *text = now(export, n);
    assert_string_equal(text, json);
    free(text);
}

static inline int64_t count(const char *sql)
{
    int64_t n;
    int found;
    assert_int_equal(fc_ask_int(store, sql, NULL, 0, &n, &found, NULL), 0);
    return n;
}
#endif
