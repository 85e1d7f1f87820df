/* For the tests of core/lua: plugins that are texts in a table, and a world that knows nothing else. */
#ifndef LUA_WORLD_H
#define LUA_WORLD_H
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "lua/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct text_file {
    const char *plugin, *file, *text;
} text_file;

static const text_file *world_files; /* ends with a NULL plugin */
static const char *world_uses = "";  /* "|home host.db|home needs other|" */

static const char *world_source(void *ctx, const char *plugin, const char *file, size_t *n,
                                const char **chunk)
{
    static char place[256];
    (void)ctx;
    for (const text_file *f = world_files; f && f->plugin; f++) {
        if (strcmp(f->plugin, plugin) != 0 || strcmp(f->file, file) != 0) continue;
        snprintf(place, sizeof place, "plugins/%s/%s", plugin, file);
        if (chunk) *chunk = place;
        *n = strlen(f->text);
        return f->text;
    }
    return NULL;
}

static int world_says(const char *format, const char *home, const char *what)
{
    char word[200];
    snprintf(word, sizeof word, format, home, what);
    return strstr(world_uses, word) != NULL;
}

static int world_may_use(void *ctx, const char *home, const char *module)
{
    (void)ctx;
    return world_says("|%s %s|", home, module);
}

static int world_may_need(void *ctx, const char *home, const char *plugin)
{
    (void)ctx;
    return world_says("|%s needs %s|", home, plugin);
}

static const fc_vm_host world_host = {world_source, world_may_use, world_may_need};

static inline fc_vm *world_vm(const char *plugin, const text_file *files)
{
    world_files = files;
    return fc_vm_new(plugin, &world_host, NULL, 16u << 20);
}

/* ---- calls */

static fc_vm *world_vms[8];

static fc_vm *world_plugin_vm(fc_call *c, const char *plugin, fc_err *err)
{
    (void)c;
    for (int i = 0; world_vms[i]; i++)
        if (strcmp(fc_vm_plugin(world_vms[i]), plugin) == 0) return world_vms[i];
    fc_fail(err, FC_ENOTFOUND, "插件 %s 不在用", "the plugin %s is not in force", plugin);
    return NULL;
}

static int64_t world_budget =
    20 * 1000000000LL; /* a sanitizer makes everything slow; tests of the budget set their own */
static fc_world world = {.plugin_vm = world_plugin_vm};

static fc_call world_call(void)
{
    return (fc_call){.world = &world,
                     .kind = FC_BY_CLI,
                     .login = "tester",
                     .roles = json_array(),
                     .lang = FC_EN,
                     .id = 1,
                     .budget_ns = world_budget};
}

/* Runs a piece in the vm; NULL: it failed, and *fault says how. */
static inline json_t *world_run(fc_vm *vm, const char *text, fc_fault *fault)
{
    fc_call c = world_call();
    fc_vm_phase(vm, FC_RUNNING);
    json_t *values = fc_call_chunk(&c, vm, text, strlen(text), "piece", fault);
    fc_call_clear(&c);
    return values;
}

static inline void world_gives(fc_vm *vm, const char *text, const char *json)
{
    fc_fault fault;
    json_t *values = world_run(vm, text, &fault);
    if (!values) fail_msg("%s: %s: %s\n%s", text, fault.place, fault.en, fault.trace);
    char *got = json_dumps(values, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    assert_string_equal(got, json);
    free(got);
    json_decref(values);
}

/* Fails with this word in both languages, of this kind; returns the fault. */
static inline fc_fault world_fails(fc_vm *vm, const char *text, int code, const char *en, const char *zh)
{
    fc_fault fault;
    json_t *values = world_run(vm, text, &fault);
    if (values) fail_msg("%s: did not fail", text);
    if (fault.code != code || !strstr(fault.en, en) || !strstr(fault.zh, zh))
        fail_msg("%s: code %d, %s / %s", text, fault.code, fault.en, fault.zh);
    return fault;
}
#endif
