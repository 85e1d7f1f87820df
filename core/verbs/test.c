/* Plugins' tests in the real host: a store in memory, a clock that stands where the test puts it, no network.
 * Each `it` gets fresh stores. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/migrations.h"
#include "plugin/test_report.h"
#include "plugin/world.h"
#include "plugin/site_keys.h"
#include "text/json.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#include <dirent.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

typedef struct bench {
    fc_site *site;
    fc_dealership *d;
    fc_gen *gen; /* whose tests these are */
    int passed, failed;
    json_t *modules; /* path -> text of a module below tests */
    const char *only;
    const char *hash; /* the source that is meant, or NULL */
    int json;
    int report; /* of failures, for serve */
} bench;

#define OTHER_SOURCE 3 /* exit code: the folder holds another source than --hash means */

/* Tests may share modules below tests/; plugins themselves never see that folder. Read once for the whole
 * run. */
static const char *test_module(bench *b, const fc_gen *g, const char *file, size_t *n)
{
    char path[4096];
    fc_buf text = {0};
    snprintf(path, sizeof path, "%s/%s", g->source->dir, file);
    json_t *known = json_object_get(b->modules, path);
    if (!known && fc_read_file(path, 1 << 20, &text, NULL) == FC_OK)
        json_object_set_new(b->modules, path, known = json_stringn_nocheck(fc_buf_str(&text), text.len));
    fc_buf_free(&text);
    *n = json_string_length(known);
    return json_string_value(known);
}

static const char *source(void *ctx, const char *plugin, const char *file, size_t *n, const char **chunk)
{
    static char place[512];
    fc_gen *g = fc_live_gen(((bench *)ctx)->d->live, plugin);
    if (!g) return NULL;
    snprintf(place, sizeof place, "%s/%s", g->source->label, file);
    *chunk = place;
    const char *text = fc_source_file(g->source, file, n);
    return text || strncmp(file, "tests/", 6) != 0 ? text : test_module(ctx, g, file, n);
}

static int may_use(void *ctx, const char *home, const char *module)
{
    (void)ctx;
    (void)home;
    (void)module;
    return 1;
}

static int may_need(void *ctx, const char *home, const char *plugin)
{
    (void)home;
    return fc_live_gen(((bench *)ctx)->d->live, plugin) != NULL;
}

static const fc_vm_host host = {source, may_use, may_need};

static int fresh_store(const char *share, const char *schema, fc_store **s, fc_err *err)
{
    char dir[4096];
    fc_store_close(*s);
    *s = NULL;
    snprintf(dir, sizeof dir, "%s/schema/%s", share, schema);
    int rc = fc_store_open(":memory:", s, err);
    if (!rc) fc_call_watch(*s);
    return rc ? rc : fc_store_migrate(*s, dir, err);
}

static int fresh(bench *b, fc_err *err)
{
    int rc = fresh_store(b->site->share, "dealership", &b->d->store, err);
    if (!rc) rc = fc_migrations_run_all(b->d->store, b->d->live, err);
    if (!rc) rc = fresh_store(b->site->share, "site", &b->site->store, err);
    fc_vault_close(b->d->vault);
    b->d->vault = NULL;
    char schema[4096];
    fc_site_keys_schema(b->site, schema, sizeof schema);
    if (!rc && !(b->d->vault = fc_vault_volatile(schema, b->d->id, err))) rc = err->code;
    return rc;
}

/* With the collector at its most aggressive everything takes some twenty times as long. */
static int64_t budget(void)
{
    return getenv("FORECOURT_GC") ? 20 * FC_JOB_NS : FC_JOB_NS;
}

/* Runs the file with `it` number which (0: only count); returns the names, or NULL after a failure. */
static json_t *run_file(bench *b, const char *path, const fc_buf *text, int which, fc_fault *fault)
{
    fc_buf code = {0};
    fc_vm *vm = fc_vm_new(b->gen->source->id, &host, b, 256u << 20);
    fc_vm_phase(vm, FC_RUNNING);
    fc_vm_testing(vm, which);
    fc_call *c = fc_world_call(b->d, FC_BY_USER, "tester", "tester", json_pack("[s]", "it"), FC_ZH, budget());
    c->web = json_object();
    fc_buf_add(&code, text->data, text->len);
    fc_buf_adds(&code, "\nreturn fc_names()");
    json_t *values = fc_call_chunk(c, vm, code.data, code.len, path, fault);
    fc_buf_free(&code);
    fc_world_call_free(c);
    fc_vm_free(vm);
    if (!values) return NULL;
    json_t *names = json_incref(json_array_get(values, 0));
    json_decref(values);
    return names;
}

static void print(bench *b, json_t *v)
{
    fc_buf out = {0};
    if (b->json) {
        fc_json_canonical(v, &out);
        fc_buf_addc(&out, '\n');
    } else {
        fc_test_line(v, fc_process_lang(), b->only != NULL, &out);
    }
    fputs(fc_buf_str(&out), stdout);
    fc_buf_free(&out);
    json_decref(v);
}

static void report(bench *b, const char *path, const char *name, const fc_fault *fault, int64_t ns)
{
    json_t *v = json_pack("{s:s, s:s, s:s, s:b, s:f}", "plugin", b->gen ? b->gen->source->id : "", "file",
                          path, "name", name, "ok", !fault, "ms", (double)(ns / 1000) / 1e3);
    if (fault) {
        b->failed++;
        json_object_set_new(v, "at", json_string(fault->place));
        json_object_set_new(v, "zh", json_string(fault->zh));
        json_object_set_new(v, "en", json_string(fault->en));
        if (fault->code == FC_EINTERNAL) json_object_set_new(v, "trace", json_string(fault->trace));
    } else {
        b->passed++;
    }
    if (fault || !b->report)
        print(b, v);
    else
        json_decref(v);
}

/* What is no test but keeps tests from running. */
static void report_err(bench *b, const char *path, const char *zh, const char *en)
{
    fc_fault fault = {.code = FC_EINVAL};
    snprintf(fault.place, sizeof fault.place, "%s", path);
    snprintf(fault.zh, sizeof fault.zh, "%s", zh);
    snprintf(fault.en, sizeof fault.en, "%s", en);
    report(b, path, FC_TEST_FILE, &fault, 0);
}

static void test_file(bench *b, const char *path)
{
    fc_buf text = {0};
    fc_err err;
    fc_fault fault;
    if (fc_read_file(path, 1 << 20, &text, &err)) {
        report_err(b, path, err.text[FC_ZH], err.text[FC_EN]);
        return;
    }
    json_t *names = run_file(b, path, &text, 0, &fault);
    if (!names) report(b, path, FC_TEST_FILE, &fault, 0);
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (b->only && !strstr(name, b->only) && strcmp(b->only, "all")) continue;
        if (fresh(b, &err)) {
            report_err(b, path, err.text[FC_ZH], err.text[FC_EN]);
            break;
        }
        int64_t began = fc_monotonic();
        json_t *done = run_file(b, path, &text, (int)i + 1, &fault);
        report(b, path, name, done ? NULL : &fault, fc_monotonic() - began);
        json_decref(done);
        fc_dealership_heal(b->d);
        b->gen = fc_live_gen(b->d->live, b->gen->source->id);
    }
    json_decref(names);
    fc_buf_free(&text);
}

static int is_test(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 9 && strcmp(e->d_name + n - 9, "_test.lua") == 0;
}

static void test_plugin(bench *b, fc_gen *g)
{
    char dir[4096], path[8192];
    struct dirent **list;
    fc_gen_ref(g);
    snprintf(dir, sizeof dir, "%s/tests", g->source->dir);
    int n = scandir(dir, &list, is_test, alphasort);
    b->gen = g;
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, list[i]->d_name);
        test_file(b, path);
        free(list[i]);
    }
    if (n >= 0) free(list);
    fc_gen_unref(g);
}

static int same_place(const fc_gen *g, const char *name)
{
    char a[4096], c[4096];
    return strcmp(g->source->id, name) == 0 ||
           (realpath(name, a) && realpath(g->source->dir, c) && strcmp(a, c) == 0);
}

/* Without names a site's own plugins and packs: the shipped ones are tested where they are made, with the
 * settings they come with. */
static int by_default(const bench *b, const fc_gen *g)
{
    return !b->site->dir || strcmp(g->source->origin, "shipped") != 0;
}

/* A plugin that does not load is not among the live ones: its problem has been told already. */
static int told_broken(const bench *b, const char *name)
{
    const char *base = strrchr(name, '/');
    size_t i;
    json_t *p;
    json_array_foreach(b->d->problems, i, p)
    {
        const char *id = json_string_value(json_object_get(p, "plugin"));
        if (id && (!strcmp(id, name) || (base && !strcmp(id, base + 1)))) return 1;
    }
    return 0;
}

static int run_all(bench *b, int argc, char **argv)
{
    size_t i;
    json_t *p;
    json_array_foreach(b->hash ? NULL : b->d->problems, i, p)
        report_err(b, json_string_value(json_object_get(p, "at")),
                   json_string_value(json_object_get(p, "zh")), json_string_value(json_object_get(p, "en")));
    for (int k = 1; k < argc || (argc == 1 && k == 1); k++) {
        int found = 0;
        for (size_t g = 0; g < b->d->live->n; g++) {
            if (argc > 1 ? !same_place(b->d->live->gens[g], argv[k]) : !by_default(b, b->d->live->gens[g]))
                continue;
            if (b->hash && strcmp(b->hash, b->d->live->gens[g]->source->hash) != 0) return OTHER_SOURCE;
            found = 1;
            test_plugin(b, b->d->live->gens[g]);
        }
        if (!found && b->hash) return OTHER_SOURCE;
        if (!found && argc > 1 && !told_broken(b, argv[k]))
            report_err(b, argv[k], "没有这个插件", "there is no such plugin");
    }
    print(b, json_pack("{s:i, s:i}", "passed", b->passed, "failed", b->failed));
    return b->failed ? 1 : 0;
}

/* A folder that belongs to no site and is not shipped is tested with the shipped plugins. */
static const char *extra_folder(const fc_dealership *d, int argc, char **argv)
{
    char path[4096];
    for (int k = 1; k < argc; k++) {
        int known = 0;
        snprintf(path, sizeof path, "%s/plugin.lua", argv[k]);
        for (size_t g = 0; g < d->live->n; g++)
            known |= same_place(d->live->gens[g], argv[k]);
        if (!known && access(path, F_OK) == 0) return argv[k];
    }
    return NULL;
}

static int load(bench *b, int argc, char **argv, fc_err *err)
{
    int changed, rc = fc_site_load(b->site, NULL, err);
    if (rc) return rc;
    b->d = &b->site->dealerships[0];
    const char *extra = extra_folder(b->d, argc, argv);
    return extra ? fc_dealership_reload(b->d, extra, "host", "start", &changed, err) : FC_OK;
}

int fc_verb_test(int argc, char **argv)
{
    bench b = {.modules = json_object()};
    const char *dir = NULL, *json = NULL, *report_to = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹，若它是站点；否则只有随带的插件）",
         "site folder (default: this one if it is a site, else the shipped plugins only)", &dir},
        {"json", NULL, "每个测试一行 JSON，最后一行是总数", "one line of JSON per test, the sum as last line",
         &json},
        {"only", "TEXT", "只运行名称里有这段文字的测试，并逐个列出（all = 全部）",
         "only tests whose name contains this, listed one by one (all = every test)", &b.only},
        {"hash", "H", NULL, NULL, &b.hash},          /* only this very source */
        {"report-to", "FD", NULL, NULL, &report_to}, /* the report goes to this descriptor */
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {"test",
                            "[PLUGIN ...]",
                            "在真实的宿主里运行插件（名称或文件夹；默认站点自己的）tests/ 下的 *_test.lua。",
                            "Runs the *_test.lua files in plugins' tests/ (names or folders; a site's own if "
                            "none is named) in the real host.",
                            options,
                            0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (report_to && (dup2(atoi(report_to), 1) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL))) return 1;
    if (!dir && access("site.lua", F_OK) == 0) dir = ".";
    b.report = report_to != NULL;
    b.json = json || report_to;
    fc_err err;
    fc_log_level(FC_SILENT);
    int rc = fc_site_open(dir, FC_SITE_MEMORY, &b.site, &err);
    if (!rc) rc = load(&b, argc, argv, &err);
    if (rc) {
        fc_site_close(b.site);
        return fc_failed(&err);
    }
    code = run_all(&b, argc, argv);
    fc_site_close(b.site);
    json_decref(b.modules);
    return code;
}
