/* A vm is one Lua state: the state of one generation of one plugin for one dealership.
 *
 * It has a memory ceiling, a sandboxed global table, its own `require`, and a phase: while it loads, code may
 * only declare. It never shares a value with another vm; what crosses is copied as data (fc_pack). All
 * entries go through fc_vm_enter, the one protected gateway, which turns whatever is raised into an fc_fault.
 * This header shows no lua.h: the floors above need none. */
#ifndef FC_LUA_VM_H
#define FC_LUA_VM_H
#include "base/buf.h"
#include "base/err.h"
#include <jansson.h>
#include <stdint.h>

typedef struct fc_vm fc_vm;
struct lua_State;

enum fc_phase { FC_LOADING, FC_CHECKING, FC_RUNNING };

/* What the floor above answers while code is loaded. Texts stay valid as long as the vm. */
typedef struct fc_vm_host {
    /* Source of FILE ("define.lua", "exports.lua", "lib/x.lua") of a plugin; NULL if there is none. *chunk is
     * its place for messages, valid until the next question. */
    const char *(*source)(void *ctx, const char *plugin, const char *file, size_t *n, const char **chunk);
    /* 1 if the manifest of `home` lists the host module ("host.db") in `uses`, or the plugin in `needs`. */
    int (*may_use)(void *ctx, const char *home, const char *module);
    int (*may_need)(void *ctx, const char *home, const char *plugin);
} fc_vm_host;

/* One thing that is wrong, with its place. */
typedef struct fc_fault {
    int code; /* FC_EINVAL: raised as {zh, en} for a person; FC_EINTERNAL: a program error; FC_ELIMIT: killed
                 by budget or memory; FC_EIO, FC_EBUSY: the store cannot be written or read now */
    char place[256]; /* "plugins/x/y.lua:12" or "" */
    char here[256];  /* the nearest line of Lua when it was raised, also where the error names no place; or ""
                      */
    char zh[FC_ERR_TEXT], en[FC_ERR_TEXT];
    char trace[2048];
} fc_fault;

fc_vm *fc_vm_new(const char *plugin, const fc_vm_host *host, void *ctx, size_t memory_limit);
void fc_vm_free(fc_vm *vm);
/* Its version, and whether it came with the site and not with the host: for messages and for who watches over
 * the process. */
void fc_vm_who(fc_vm *vm, const char *version, int own);
void fc_vm_phase(fc_vm *vm, enum fc_phase phase);
const char *fc_vm_plugin(const fc_vm *vm);
size_t fc_vm_memory(const fc_vm *vm);
/* Killed inside, or out of memory: must not be entered again; its owner replaces it. */
int fc_vm_spoiled(const fc_vm *vm);

/* Loads one file of a point folder and freezes what it returns. New array of envelopes
 * {"point","id","version","at","data","functions":[path...]} in *out. Problems that did not stop the file are
 * fetched with fc_vm_problems. */
int fc_vm_load_point(fc_vm *vm, const char *point, const char *file, json_t **out, fc_fault *fault);
/* Loads a module of the own plugin ("exports") without using it: to find its errors early. */
int fc_vm_load_module(fc_vm *vm, const char *module, fc_fault *fault);
/* Loads another plugin's constructors, so that fc_vm_check can run its checks here. */
int fc_vm_load_engine(fc_vm *vm, const char *engine, fc_fault *fault);
/* Runs the `check` functions of every engine that was required here over the definitions of the points it
 * opens. */
int fc_vm_check(fc_vm *vm, const char *engine, const json_t *definitions, fc_fault *fault);
/* Moves the problems collected so far: new array of {"at","zh","en"}. */
json_t *fc_vm_problems(fc_vm *vm);
/* Manifests and site files: a table from text in an empty environment, text mode, 5 ms, 1 MiB. */
int fc_lua_data(const char *text, size_t n, const char *chunk, json_t **out, fc_fault *fault);
/* Gives this vm the words of tests (describe, it, before_each, assert, test) and says which `it` runs,
 * counted over the file; 0 = none, only count. Its code may write the tables of every plugin. */
void fc_vm_testing(fc_vm *vm, int which);
/* Gives this vm's chunks `fc_repl` (half/repl.lua). */
void fc_vm_repl(fc_vm *vm);
/* Host modules that need no permission: "define", "clock" ... (name without "host."). */
int fc_module_is_free(const char *name);
/* 1 if a plugin can be given host.NAME at all. */
int fc_module_is_known(const char *name);
const char *fc_lua_version(void); /* of the library that runs: "Lua 5.4.4" */
void fc_fault_to_err(const fc_fault *f, fc_err *err);
#endif
