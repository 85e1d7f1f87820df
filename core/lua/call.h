/* A call is one entry from the core into Lua: a request, a script, a test, a check. One coroutine, one
 * dealership, one actor, one budget.
 *
 * While it runs host functions find their store, actor and live set in it (running.c). An export runs in
 * another vm on the same call. What a host function must ask the floors above goes through `world`, filled by
 * who makes the call. */
#ifndef FC_LUA_CALL_H
#define FC_LUA_CALL_H
#include "lua/vm.h"
#include "rules/rules.h"
#include "sched/calendar.h"
#include "store/store.h"
#include "store/users.h"
#include "store/vault.h"

typedef struct fc_call fc_call;

typedef struct fc_world {
    json_t *(*point)(fc_call *c, const char *name);      /* borrowed array of envelopes */
    json_t *(*definition)(fc_call *c, const char *hash); /* new; NULL if unknown */
    json_t *(*live_definition)(fc_call *c, const char *point, const char *id); /* borrowed; NULL if unknown */
    fc_vm *(*plugin_vm)(fc_call *c, const char *plugin, fc_err *err);          /* of the call's live set */
    const fc_rule_set *(*rule_set)(fc_call *c, const char *point, const char *id, const char **hash,
                                   fc_err *err);
    const fc_calendar *(*calendar)(fc_call *c);
    json_t *(*settings)(fc_call *c, const char *plugin);      /* new object */
    json_t *(*settings_form)(fc_call *c, const char *plugin); /* new array */
    json_t *(*setting_read)(fc_call *c, const char *plugin, const char *key, const char *said,
                            fc_err *err); /* new value */
    json_t *(*plugins)(fc_call *c);       /* new array */
    /* What the store knows of plugins ("states", "history", "changes") or what is asked for ("disable",
     * "enable", "rollback"). Further words may be NULL. New, or NULL and err. */
    json_t *(*plugin_ask)(fc_call *c, const char *what, const char *plugin, const char *to, const char *from,
                          fc_err *err);
    const char *(*text)(fc_call *c, const char *plugin, const char *key, enum fc_lang lang); /* locale */
    /* The plugin that alone writes the table: "" the host itself, NULL none in force. May be NULL: everybody
     * writes everything. */
    const char *(*table_owner)(fc_call *c, const char *table);
    void (*jobs_changed)(fc_call *c); /* may be NULL */
    int (*progress)(fc_call *c, int64_t done, int64_t total,
                    const json_t *what); /* non-zero: cancelled; may be NULL */
    void (*pool)(void (*work)(void *), void (*done)(void *), void *ctx); /* NULL: run at once */
    void (*soon)(void (*fn)(void *), void *ctx); /* on the loop's next turn; NULL: nobody is preempted */
    int pool_elsewhere; /* others wait for this thread, though this very call cannot let them in */
    const json_t *(*manifest)(fc_call *c, const char *plugin, const char *key); /* borrowed, or NULL */
    const json_t *(*site_says)(fc_call *c, const char *key);                    /* of site.lua; borrowed */
    /* The value of a secret that the manifest names, appended; the caller wipes it. */
    int (*secret)(fc_call *c, const char *plugin, const char *name, fc_buf *out, fc_err *err);
} fc_world;

enum fc_actor_kind { FC_BY_USER, FC_BY_CLI, FC_BY_JOB };

struct fc_call {
    const fc_world *world;
    void *live;  /* the live set it began with; the owner counts references */
    void *owner; /* the dealership it runs for */
    void *data;  /* of who made the call */
    fc_store *store, *site;
    fc_vault *vault;
    const char *dealership;
    json_t *dealership_name; /* Text */
    const char *files;       /* folder of host.file and host.csv */
    enum fc_actor_kind kind;
    char login[80], name[129];
    json_t *roles; /* array, owned */
    enum fc_lang lang;
    int64_t id;
    int64_t budget_ns;   /* CPU the call may use, in all its turns together */
    char token[65];      /* session token set by sign_in: the answer sets the cookie; "-" = sign out */
    fc_session *session; /* or NULL */
    int64_t decision;    /* the last one of rules.decide in this call, 0 none; and its "point/id" */
    char decided[160];
    char remote[48]; /* the address it came from; "" where wrong passwords are not counted by address */
    json_t *web;     /* tests: {"answers", "asked"} of host.http, owned; NULL: the network */
    fc_buf *text;    /* where set, a plain first result is written here as JSON for a browser: done gets
                        neither result nor fault */
    /* private to core/lua */
    struct fc_call_state *state;
};

/* Begins: calls `function` of vm's module (or definition function `ref` "point/id#path") with JSON args
 * (array, borrowed). done is called exactly once, maybe before fc_call_start returns: result = array of
 * returned values (borrowed) or NULL and fault. */
typedef void (*fc_call_done)(fc_call *c, json_t *result, const fc_fault *fault);
void fc_call_start(fc_call *c, fc_vm *vm, const char *ref, const json_t *args, fc_call_done done);
/* The same with one argument, a table that needs no JSON: its members (text, else json, else flag) up to one
 * without key. */
typedef struct fc_member {
    const char *key, *text;
    const json_t *json;
    int flag;
} fc_member;
void fc_call_with(fc_call *c, fc_vm *vm, const char *ref, const fc_member *table, fc_call_done done);
/* The same for a call that must end at once (verbs, frame): waits are done inline. New array or NULL. */
json_t *fc_call_now(fc_call *c, fc_vm *vm, const char *ref, const json_t *args, fc_fault *fault);
/* Source text run as a throwaway chunk (eval, tests); values it returns as array. */
json_t *fc_call_chunk(fc_call *c, fc_vm *vm, const char *text, size_t n, const char *chunk, fc_fault *fault);
/* The same, as it comes. */
void fc_call_text(fc_call *c, fc_vm *vm, const char *text, size_t n, const char *chunk, fc_call_done done);
/* Now and then: who stands in line for something else than the loop while his time is up goes on. */
void fc_calls_look(void);
/* The worker stops: ends the calls that wait for a turn of the loop. */
void fc_calls_end(void);
/* Nobody waits for the answer any more: a read that is under way ends, the call hears of it as an error; one
 * that computes ends at its next slice. Its done is called as ever, with FC_ECANCEL; what it has committed,
 * or given to the store to commit, stays. */
void fc_call_cancel(fc_call *c);
void fc_call_clear(fc_call *c); /* frees what the struct owns, not the struct */
/* Statements of this store end when the running call has spent its budget. */
void fc_call_watch(fc_store *s);
#endif
