/* Shared by the files of core/lua only. */
#ifndef FC_LUA_INTERNAL_H
#define FC_LUA_INTERNAL_H
#include "base/often.h"
#include "loop/heart.h"
#include "lua/call.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#define FC_NEAR_SQL 64 /* power of two */

/* A text of SQL by the place where it lies. */
typedef struct fc_near_sql {
    const char *sql; /* NULL: none */
    uint64_t shape;  /* of the cursor whose columns' names lie at `names` in the registry; 0: none do */
    int names;       /* 0: none ever did */
} fc_near_sql;

struct fc_vm {
    lua_State *L;
    char *plugin;
    fc_who who; /* the same for who watches over the process */
    const fc_vm_host *host;
    void *ctx;
    const struct fc_modules *modules; /* require.c */
    enum fc_phase phase;
    size_t used, limit;
    int spoiled;
    int incremental; /* its collector goes in small steps, for it is large; -1: leave it alone */
    int any_table;   /* tests: they make what they need in every plugin's tables */
    int known_sql;   /* sql.c: texts judged so far */
    fc_near_sql near[FC_NEAR_SQL]; /* ... and where the last ones lie */
    int near_ref;                  /* table in the registry: at i + 1 the text that near[i] is of */
    struct fc_db_cursor *cursor;   /* mod_db.c: for all queries that end before they return, or NULL */
    int open_reads;                /* rows of db.each that have not been read to their end */
    json_t *problems;
    int exports_ref;     /* its table of exports in the registry, 0: not yet asked for */
    lua_State *loader;   /* the coroutine in which something is loaded or checked now, or NULL */
    const char *loading; /* chunk of the point file that is being loaded */
    lua_State *idle;     /* coroutine that the last call left for the next one, or NULL */
    int idle_ref;
    char main_place[320]; /* last line run in a file's main chunk while it loads: `return f "x" {...}` is a
                             tail call and leaves no frame */
};

/* What a host function that waits left behind when it yielded. A call that waits is resumed from its
 * outermost coroutine; each export on the way resumes the one below it, and the function that waited goes on
 * in its continuation. */
typedef struct fc_wait {
    void (*work)(void *ctx);  /* in the pool, or ... */
    fc_tx *tx;                /* a transaction that the store is to queue, or ... */
    struct fc_web_place *web; /* a request to another server; all NULL: it is in the store's hands */
    void *ctx;
} fc_wait;

/* One turn at a time; nested entries push and pop. */
typedef struct fc_turn {
    lua_State *L;
    fc_vm *vm;
    struct fc_turn *outer;
    int64_t budget, began; /* CPU ns of the thread; began 0: not yet known */
    int64_t prior;         /* ... of the call's earlier turns */
    int64_t from;          /* fc_monotonic() when it began; 0: its call's first */
    unsigned tick;
    int yields;        /* it may be preempted */
    const char *entry; /* the name of the export that it is, or NULL */
    int hard, killed_hard;
    int64_t hard_began;
} fc_turn;

struct fc_call_state {
    fc_vm *vm; /* the vm it began in */
    lua_State *co;
    int co_ref;
    lua_State *top; /* the innermost coroutine that the host itself resumed: a yield of the script's own
                       there has nobody to go to */
    fc_call_done done;
    fc_wait wait;
    /* Why the innermost coroutine has just yielded: to the host, through all that stand between. Neither:
     * to the plugin. */
    int waiting, preempted;
    int pinned;    /* coroutines that were resumed where their resumer cannot yield */
    int nargs;     /* of its first slice */
    int64_t spent; /* CPU ns of its earlier turns, in whole ticks of the watchdog */
    int resumed;   /* it has had a turn */
    fc_call *next; /* slices.c: who waits behind it */
    void (*go_on)(fc_call *c);
    fc_read *reading;      /* in the pool now, for a cancel */
    struct fc_web *asking; /* the same */
    const char *asker;     /* the plugin whose request that is */
    int cancelled;         /* nobody waits for its answer */
    struct fc_down {
        fc_vm *vm;
        lua_State *co;
        int ref;
    } down[16]; /* the coroutines of exports in which it stands between two turns */
    int downs;
    int holds;    /* ... and in a coroutine of the plugin's own, which others may know */
    fc_turn turn; /* the one that goes on, or the last */
    int results;  /* ... what it left on the coroutine's stack */
    int killed;   /* ... it was */
    int depth;
    int tx_depth;     /* transactions and savepoints begun by this call on the spot */
    fc_vm *stack[16]; /* vms entered, for re-entry */
    /* Function or file, for who watches over the process: whoever began the call holds it during its first
     * turn, `kept` from then on. */
    const char *what;
    char kept[104];
};

/* From here on from the bottom up: what a file calls stands above it here, in the floors below, or in a
 * header of its own. */

/* memory.c: lua_Alloc of a vm (ud) */
void *fc_vm_alloc(void *ud, void *ptr, size_t osize, size_t nsize);
fc_vm *fc_vm_of(lua_State *L);
void fc_vm_tune(fc_vm *vm); /* its collector by its size */

/* trouble.c: FC_EIO, FC_EBUSY or FC_ECANCEL of a text that host.db raised, FC_ELIMIT of one that tells of a
 * plugin's end, 0 for any other */
void fc_trouble_note(const fc_err *err, const char *text);
void fc_trouble_limit(const char *text);
int fc_trouble_of(const char *text);

/* scratch.c: pushes a to-be-closed userdata that owns both; it is freed when the C function ends, however. */
typedef struct fc_scratch {
    fc_buf buf;
    json_t *json;
} fc_scratch;
fc_scratch *fc_scratch_push(lua_State *L);

/* slices.c */
int fc_slices_full(const fc_call *c); /* this turn of the loop is for others */
/* go_on(c) in a later one; who was preempted has filled this one. */
void fc_slices_wait(fc_call *c, void (*go_on)(fc_call *c));
void fc_slices_preempted(fc_call *c, void (*go_on)(fc_call *c));
void fc_slices_end(void (*stop)(fc_call *c)); /* the worker stops: takes all that wait */

/* chunks.c: the same as luaL_loadbufferx of text */
int fc_load_shared(lua_State *L, const char *text, size_t n, const char *name);

/* where.c */
typedef struct fc_where {
    char name[2][80]; /* by language */
    char place[256];
} fc_where;
/* The innermost function of Lua that runs in this coroutine, and its line; 0: there is none. `entry` is the
 * name by which the host called the outermost one, or NULL. */
int fc_where_runs(lua_State *L, const char *entry, fc_where *w);
void fc_push_caller(lua_State *L); /* "file:line: " of the plugin's line that called, or nothing */
/* "file:line" of the nearest Lua function that runs; pushes nothing and returns 0 where there is none. */
int fc_push_nearest(lua_State *L);

/* raise.c: {zh, en}, and in .at the place */
int fc_raise(lua_State *L, const fc_err *err); /* without a place */
int fc_raise_at(lua_State *L, const char *zh, const char *en, const char *place);
int fc_raise_text(lua_State *L, const char *zh, const char *en, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));
/* Text, numbers and booleans as they are, anything else by its type: a place in memory is nobody's business.
 * No metamethods. */
const char *fc_shown(lua_State *L, int at);

/* misuse.c. A program error that the host finds, in both languages: raised as text in English with its line,
 * and found again by whoever reads the error. Both sentences are literals for lua_pushvfstring (%s, %d) with
 * the same conversions in the same order, at most four; each says what, why and what to do. */
int fc_misuse(lua_State *L, const char *zh, const char *en, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));
int fc_misuse_arg(lua_State *L, int arg, const char *zh, const char *en); /* no conversions */
int fc_misuse_err(lua_State *L, const fc_err *err, enum fc_lang lang);    /* the text in this language */
int fc_misuse_told(lua_State *L); /* host.core.misuse(zh, en): the caller's line */
void fc_misuse_note(const char *zh,
                    const char *en); /* remembers a pair that is raised as text by whoever calls */
/* For who reads the error. The i-th pair of literals that was raised so far; 0: there are no more. */
int fc_misuse_raised(size_t i, const char **zh, const char **en);
int fc_misuse_noted(const char *text, const char **zh, const char **en); /* the pair that the text is of */

/* running.c */
fc_call *fc_call_current(void);                                            /* or NULL */
fc_call *fc_call_switch(fc_call *c);                                       /* it runs now; who ran before */
fc_call *fc_call_need(lua_State *L);                                       /* raises outside a call */
void fc_only_running(lua_State *L, const char *what);                      /* raises while loading */
fc_call *fc_call_running(lua_State *L, const fc_vm *vm, const char *what); /* both */

/* wait.c */
int fc_may_yield(lua_State *L); /* to the host, from here */
int fc_may_wait(lua_State *L);  /* ... and without holding anybody up meanwhile */
int fc_outward(void);           /* what was resumed has yielded to the host, not to the plugin */
void fc_call_stands_in(fc_vm *vm, lua_State *co, int ref); /* an export that has yielded to the host */
int fc_wait_for(lua_State *L, fc_wait wait, lua_KFunction go_on, lua_KContext ctx); /* yields */
/* How much a function in C may do in one go: less where others wait for the loop. */
size_t fc_at_once(size_t alone, size_t among_others);
#define FC_JSON_ALONE (4u << 20)
void fc_not_in_tx(lua_State *L, const char *what); /* raises inside a transaction */

/* ended.c. From a hook or a function in C: whose function, where, and that it used up so many ms. */
int fc_raise_ended(lua_State *L, const char *entry, int in_tx, long long ms); /* entry: as fc_where_runs */
void fc_ended_forget(void);                                                   /* a new turn */
void fc_fault_ended(const fc_vm *vm, fc_fault *fault);

/* budget.c */
void fc_turn_begin(fc_turn *t, fc_vm *vm, lua_State *L, int64_t budget_ns);
void fc_turn_end(fc_turn *t);
void fc_turn_switch(lua_State *L); /* the running coroutine changed */
/* CPU ns. A call's first turn is mostly its only one and ends before a tick, and costs nothing; one that
 * waits again and again has many, and no tick comes while it waits. */
int64_t fc_turn_used(const fc_turn *t);
int fc_turn_killed(void);
void fc_turn_kill(lua_State *L);
void fc_turn_renew(int64_t budget_ns);
void fc_turn_hard(int on);             /* a body of db.tx begins or ends: 20 ms and no more */
void fc_raise_if_killed(lua_State *L); /* raises again after a kill */
/* For loops in C that may be long: raises after a kill; 1 if the loop of the worker was held long enough and
 * the function may leave with fc_step_aside, which yields to it. */
int fc_late(lua_State *L);
int fc_step_aside(lua_State *L, lua_KFunction go_on, lua_KContext ctx);

/* lua_says.c. What Lua itself or the host says of a program, also behind the places that exports put in
 * front: the sentences in both languages are appended and 1 returned; 0 if the text is not Lua's. */
int fc_lua_says(const char *text, fc_buf *zh, fc_buf *en);
size_t fc_lua_in_front(const char *text); /* length of "b.half: " or "plugins/b/exports.lua:2: ", 0 without */

/* fault.c */
int fc_traceback(lua_State *L);                              /* message handler */
void fc_fault_from(lua_State *L, int status, fc_fault *out); /* pops the error value */
/* The same; entry as fc_where_runs. */
void fc_fault_in(lua_State *L, int status, const char *entry, fc_fault *out);

/* sink.c: text that grows in a userdata at place `at` of the stack, and survives a yield */
typedef struct fc_sink {
    size_t n, cap;
    char text[];
} fc_sink;
void fc_sink_push(lua_State *L, size_t cap);
char *fc_sink_room(lua_State *L, int at, size_t n); /* n bytes more, for the caller to fill at once */
void fc_sink_add(lua_State *L, int at, const char *text, size_t n);
void fc_sink_result(lua_State *L, int at); /* pushes the text */

/* require.c */
typedef struct fc_modules {                           /* what `require` gives that comes from no file */
    const luaL_Reg *host;                             /* "db" pushes host.db; ends with a NULL name */
    int (*exports)(lua_State *L, const char *plugin); /* pushes a proxy of what the plugin exports */
} fc_modules;
void fc_require_open(lua_State *L, const fc_modules *given);
int fc_require_knows(const fc_modules *given, const char *name);        /* can a plugin be given host.NAME? */
int fc_require_named(lua_State *L, const char *home, const char *name); /* pushes the module */
/* Pushes a function or an error. */
int fc_load_chunk(lua_State *L, const char *home, const char *text, size_t n, const char *chunk);

/* coroutine.c: the coroutines in which calls and exports run */
void fc_co_take(fc_vm *vm, lua_State **co, int *ref);
void fc_co_leave(fc_vm *vm, lua_State *co, int ref);
void fc_co_fault(lua_State *co, int status, const char *entry, fc_fault *out); /* entry: as fc_fault_in */
int fc_protected(lua_State *L, lua_CFunction fn, void *arg, fc_fault *fault);

/* json_bridge.c */
enum { FC_EMPTY_OBJECT = 0, FC_EMPTY_ARRAY = 1 };
int fc_to_json(lua_State *L, int at, int empty, json_t **out,
               fc_err *err); /* raw access, depth 64, no functions */
/* 1: an array of *n, for it was marked as one or its keys are 1..n. */
int fc_is_array(lua_State *L, int at, int empty, lua_Unsigned *n);
void fc_push_json(lua_State *L, const json_t *v);
int fc_array_marked(lua_State *L, int at);
void fc_array_mark(lua_State *L); /* sets the array metatable on the table at the top */

/* json_text.c: appends what a browser gets of the value; 0: not one of the usual shapes, nothing appended */
int fc_to_text(lua_State *L, int at, fc_buf *out);

/* pack.c: values between states */
int fc_pack(lua_State *L, int at, fc_buf *out, fc_err *err);
const char *fc_unpack(lua_State *L, const char *p, const char *end); /* raises on memory only */

/* freeze.c */
int fc_freeze(lua_State *L, int at, const char *name, json_t **out, json_t *functions, fc_err *err);

/* What of Lua's own library plugins are given, and can be ended: tostring.c, sort.c, gsub.c, find.c, list.c,
 * strings.c, threads.c, sandbox.c */
#define FC_MOST_VALUES 200000 /* on the stack at once */
int fc_tostring(lua_State *L);
int fc_sort(lua_State *L); /* table.sort */
int fc_gsub(lua_State *L); /* string.gsub */
extern const luaL_Reg fc_match_functions[], fc_list_functions[];
void fc_open_strings(lua_State *L);
void fc_open_coroutine(lua_State *L);
int *fc_catchers(lua_State *L); /* pcalls that stand in this coroutine */
void fc_sandbox_open(lua_State *L);

/* sql.c: may this state run the text at `at`, which is sql? Costs nothing where it is known. *near is where
 * it is known, NULL for the host's own. */
int fc_sql_allowed(lua_State *L, fc_vm *vm, int at, const char *sql, size_t n, fc_near_sql **near,
                   fc_err *err);
/* Pushes a table with the names of the cursor's columns in their order. */
void fc_sql_names(lua_State *L, fc_near_sql *near, const fc_cursor *c);

/* export.c */
int fc_export_proxy(lua_State *L, const char *plugin);
/* Pushes where it is found and the function that `ref` names: a definition's ("point/id#path") or an export.
 * Raises if there is none. */
void fc_push_entry(lua_State *L, fc_vm *vm, const char *ref);

/* begin.c: what a call begins with. It belongs to who makes the call, for the call's first turn. */
typedef struct fc_begin {
    fc_call *c;
    const char *ref, *text, *chunk; /* a function's name, or a text of n bytes and whose it is */
    size_t n;
    const json_t *args;
    const fc_member *table; /* in place of args */
} fc_begin;
void fc_begin_push(lua_State *co,
                   const fc_begin *b); /* onto an empty coroutine, which is to be resumed at once */
int fc_begin_prepare(lua_State *L); /* of a light fc_begin: a coroutine, the function and arguments on it */

/* call.c */
void fc_call_go_on(fc_call *c); /* whoever had it in his hands is through with it */

/* mod_text.c: pushes what the JSON text at 1 says */
int fc_decode(lua_State *L, size_t most);

/* mod_*.c and export.c: each pushes a module */
#define FC_MODULE(name) int fc_mod_##name(lua_State *L)
FC_MODULE(db);
FC_MODULE(own_db);
FC_MODULE(point);
FC_MODULE(definition);
FC_MODULE(call);
FC_MODULE(who);
FC_MODULE(clock);
FC_MODULE(calendar);
FC_MODULE(vault);
FC_MODULE(rules);
FC_MODULE(csv);
FC_MODULE(file);
FC_MODULE(json);
FC_MODULE(re);
FC_MODULE(text);
FC_MODULE(log);
FC_MODULE(progress);
FC_MODULE(session);
FC_MODULE(settings);
FC_MODULE(plugins);
FC_MODULE(core);
FC_MODULE(http);

/* modules.c */
extern const fc_modules fc_all_modules;
#endif
