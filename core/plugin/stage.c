/* A verdict is kept under the hash of the source and that of its tests, so it survives a restart, and one for
 * a folder that has changed meanwhile counts for what it was, not for what is there now (the process says by
 * its exit code that it found another source). */
#include "plugin/stage.h"
#include "plugin/lease.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/candidates.h"
#include "plugin/live_build.h"
#include "plugin/live_rows.h"
#include "plugin/problem.h"
#include "plugin/test_report.h"
#include "text/utf8.h"

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST_MS 120000
#define REPORT (32u << 10) /* as JSON, in both languages */
#define SHOWN (8u << 10)
#define OTHER_SOURCE 3 /* exit code of forecourt test --hash */

/* ---- which */

static int is_lua(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 4 && e->d_name[0] != '.' && strcmp(e->d_name + n - 4, ".lua") == 0;
}

static int is_test(const char *name)
{
    size_t n = strlen(name);
    return n > 9 && strcmp(name + n - 9, "_test.lua") == 0;
}

/* 1 and the hash of the folder tests/; 0: there are no tests. */
static int hash_tests(const fc_source *s, char out[FC_HASH_HEX])
{
    char dir[PATH_MAX], path[PATH_MAX + 300];
    struct dirent **list;
    fc_buf all = {0};
    int any = 0;
    snprintf(dir, sizeof dir, "%s/tests", s->dir);
    int n = scandir(dir, &list, is_lua, alphasort);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, list[i]->d_name);
        fc_buf_addf(&all, "%s\n", list[i]->d_name);
        fc_read_file(path, 1 << 20, &all, NULL);
        any |= is_test(list[i]->d_name);
        free(list[i]);
    }
    if (n >= 0) free(list);
    fc_hash(fc_buf_str(&all), all.len, out);
    fc_buf_free(&all);
    return any;
}

enum verdict { NONE, FAILED, PASSED };

static void add_report(fc_buf *out, const fc_value *report, enum fc_lang lang)
{
    fc_buf text = {0};
    fc_test_text(report->s, report->n, lang, &text);
    size_t n = text.len < SHOWN ? text.len : SHOWN;
    while (n < text.len && n && ((unsigned char)text.data[n] & 0xC0) == 0x80)
        n--;
    fc_buf_add(out, fc_buf_str(&text), n);
    fc_buf_free(&text);
}

static void failed_tests(fc_dealership *d, const fc_source *s, const fc_value *report)
{
    fc_buf zh = {0}, en = {0};
    char at[600];
    snprintf(at, sizeof at, "%s/tests", s->label);
    fc_buf_adds(&zh, "测试没有通过，原来的版本继续使用：\n");
    fc_buf_adds(&en, "the tests failed, the version before stays in force:\n");
    add_report(&zh, report, FC_ZH);
    add_report(&en, report, FC_EN);
    fc_problem(d->problems, s->id, at, fc_buf_str(&zh), fc_buf_str(&en));
    fc_buf_free(&zh);
    fc_buf_free(&en);
}

static enum verdict verdict_of(fc_dealership *d, const fc_source *s, const char *tests)
{
    static const char sql[] =
        "SELECT passed, report FROM host_plugin_test WHERE plugin = ? AND hash = ? AND tests = ?";
    fc_value v[] = {fc_text(s->id), fc_text(s->hash), fc_text(tests)}, passed, report;
    fc_cursor *c;
    fc_err err;
    int row = 0;
    enum verdict out = NONE;
    if (fc_query(d->store, sql, sizeof sql - 1, v, 3, &c, &err)) return NONE;
    if (!fc_cursor_next(c, &row, &err) && row) {
        fc_cursor_value(c, 0, &passed);
        fc_cursor_value(c, 1, &report);
        out = passed.i ? PASSED : FAILED;
        if (out == FAILED) {
            failed_tests(d, s, &report);
        }
    }
    fc_cursor_close(c);
    return out;
}

static json_t *waiting(const char *plugin, const char *hash, const char *version, const char *tests,
                       const json_t *before)
{
    size_t i;
    json_t *w;
    json_array_foreach((json_t *)before, i,
                       w) if (strcmp(json_string_value(json_object_get(w, "plugin")), plugin) == 0 &&
                              strcmp(json_string_value(json_object_get(w, "hash")), hash) == 0 &&
                              strcmp(json_string_value(json_object_get(w, "tests")), tests) ==
                                  0) return json_incref(w);
    return json_pack("{s:s, s:s, s:s, s:s, s:I}", "plugin", plugin, "hash", hash, "version", version, "tests",
                     tests, "since", (json_int_t)fc_now());
}

static int differs(const json_t *hashes, const fc_source *s)
{
    const char *now = json_string_value(json_object_get(hashes, s->id));
    return !now || strcmp(now, s->hash) != 0;
}

/* What is wrong with a candidate is said at once, not after its tests: only what can be built waits. */
static void only_buildable(fc_dealership *d, fc_source **list, json_t *out)
{
    const char *id;
    json_t *v;
    void *tmp;
    json_t *ignored = json_array();
    fc_live *l = fc_live_build(list, d->live, ignored);
    json_object_foreach_safe(out, tmp, id, v)
    {
        fc_gen *g = fc_live_gen(l, id);
        if (json_is_object(v) &&
            (!g || strcmp(g->source->hash, json_string_value(json_object_get(v, "hash"))) != 0))
            json_object_del(out, id);
    }
    fc_live_unref(l);
    json_decref(ignored);
}

/* What changed with it and is tied to it, to the end of the chain. */
static void add_tied(fc_source **list, const json_t *hashes, json_t *out)
{
    for (int more = 1; more;) {
        more = 0;
        for (fc_source **s = list; *s; s++) {
            if (json_object_get(out, (*s)->id) || (*s)->back || !differs(hashes, *s)) continue;
            for (fc_source **o = list; *o && !json_object_get(out, (*s)->id); o++)
                if (json_object_get(out, (*o)->id) &&
                    (fc_source_needs(*s, (*o)->id) || fc_source_needs(*o, (*s)->id)))
                    more = json_object_set_new(out, (*s)->id, json_true()) == 0;
        }
    }
}

void fc_stage(fc_dealership *d, fc_source **list)
{
    json_t *before = d->staged, *hashes, *out = json_object(), *v;
    const char *id;
    int any = 0;
    d->staged = json_array();
    hashes = d->site->passing ? json_object() : fc_live_hashes(d);
    for (fc_source **s = list; json_object_size(hashes) && *s; s++) {
        char tests[FC_HASH_HEX];
        if ((*s)->back || !strcmp((*s)->origin, "shipped") || !differs(hashes, *s) || !hash_tests(*s, tests))
            continue;
        enum verdict known = verdict_of(d, *s, tests);
        if (known == FAILED) json_object_set_new(out, (*s)->id, json_false());
        if (known != NONE) continue;
        json_object_set_new(out, (*s)->id,
                            waiting((*s)->id, (*s)->hash, fc_source_version(*s), tests, before));
        any = 1;
    }
    if (any) only_buildable(d, list, out);
    add_tied(list, hashes, out);
    for (fc_source **s = list; *s;)
        if (!json_object_get(out, (*s)->id) || fc_candidate_back(d, hashes, s)) s++;
    json_object_foreach(out, id, v) if (json_is_object(v)) json_array_append(d->staged, v);
    json_decref(out);
    json_decref(hashes);
    json_decref(before);
}

/* ---- the verdict */

static void record(fc_site *site, const json_t *w, int passed, const char *report)
{
    const char *plugin = json_string_value(json_object_get(w, "plugin"));
    for (size_t i = 0; i < site->ndealerships; i++) {
        fc_dealership *d = &site->dealerships[i];
        fc_err err;
        fc_value v[] = {fc_text(plugin),
                        fc_text(json_string_value(json_object_get(w, "hash"))),
                        fc_text(json_string_value(json_object_get(w, "tests"))),
                        fc_int(fc_now()),
                        fc_int(passed),
                        fc_text(report)};
        int rc = fc_tx_begin(d->store, &err);
        if (!rc) {
            rc = fc_run(
                d->store,
                "INSERT INTO host_plugin_test (plugin, hash, tests, at, passed, report) VALUES (?, ?, ?, "
                "?, ?, ?) ON CONFLICT (plugin, hash, tests) DO UPDATE SET at = excluded.at, passed = "
                "excluded.passed, report = excluded.report",
                v, 6, NULL, &err);
            if (!rc)
                rc = fc_plugin_audit(d, "host", passed ? "plugin.tested" : "plugin.test_failed", plugin,
                                     json_string_value(json_object_get(w, "hash")), &err);
            if (rc)
                fc_tx_rollback(d->store);
            else
                rc = fc_tx_commit(d->store, &err);
        }
        if (rc) fc_log(FC_ERROR, "plugin", "%s: %s", plugin, err.text[fc_process_lang()]);
    }
}

static void read_report(int fd, char *out, size_t cap)
{
    ssize_t n = pread(fd, out, cap - 1, 0);
    out[n > 0 ? n : 0] = 0;
    for (char *p = out; *p; p++)
        if (*p == '\t' || *p == '\r') *p = ' ';
    out[fc_utf8_check(out, strlen(out))] = 0;
}

/* Whether there is a verdict: the folder may have changed, or what the plugin needs is broken in it. */
static int ended(fc_site *site, const json_t *w, int code, int fd)
{
    char report[REPORT];
    read_report(fd, report, sizeof report - 400);
    if (code == OTHER_SOURCE) return 0;
    if (code > 128) {
        size_t n = strlen(report);
        snprintf(report + n, sizeof report - n,
                 "\n{\"file\":\"tests\",\"name\":\"" FC_TEST_FILE
                 "\",\"zh\":\"测试进程被终止（超过 2 分钟，或崩溃）"
                 "\",\"en\":\"the process of the tests was ended (it took over 2 minutes, or crashed)\"}\n");
    }
    record(site, w, code == 0, report);
    return 1;
}

struct command {
    char exe[PATH_MAX];
    const char *argv[10];
};

static int command_for(const fc_site *s, const json_t *w, struct command *c)
{
    ssize_t n = readlink("/proc/self/exe", c->exe, sizeof c->exe - 1);
    if (n <= 0) return 0;
    c->exe[n] = 0;
    const char *argv[] = {c->exe,
                          "test",
                          "--site",
                          s->dir,
                          "--report-to",
                          "3",
                          "--hash",
                          json_string_value(json_object_get(w, "hash")),
                          json_string_value(json_object_get(w, "plugin")),
                          NULL};
    memcpy(c->argv, argv, sizeof argv);
    return 1;
}

/* ---- beside the loop */

struct fc_stage_runner {
    fc_loop *loop;
    fc_site *site;
    void (*ended)(void *ctx);
    void *ctx;
    fc_timer *limit;
    json_t *running; /* what is tested now; NULL: nothing */
    int64_t pid;
    int report;
    int stopped;
    char refused[FC_HASH_HEX]; /* tried without a verdict: not again before the folders change */
};

static void too_long(void *ctx)
{
    const fc_stage_runner *r = ctx;
    if (r->running) kill((pid_t)r->pid, SIGKILL);
}

static void child_ended(void *ctx, int code)
{
    fc_stage_runner *r = ctx;
    json_t *w = r->running;
    r->running = NULL;
    if (!r->stopped) {
        fc_timer_set(r->limit, 0, 0);
        r->refused[0] = 0;
        if (!ended(r->site, w, code, r->report))
            snprintf(r->refused, sizeof r->refused, "%s", json_string_value(json_object_get(w, "hash")));
    }
    close(r->report);
    json_decref(w);
    if (r->stopped)
        free(r);
    else
        r->ended(r->ctx);
}

fc_stage_runner *fc_stage_start(fc_loop *l, fc_site *s, void (*fn)(void *ctx), void *ctx)
{
    fc_stage_runner *r = fc_alloc(sizeof *r);
    *r = (fc_stage_runner){.loop = l, .site = s, .ended = fn, .ctx = ctx};
    r->limit = fc_timer_new(l, too_long, r);
    return r;
}

static json_t *first_waiting(fc_site *s, const char *refused)
{
    size_t k;
    json_t *w;
    for (size_t i = 0; i < s->ndealerships; i++)
        json_array_foreach(s->dealerships[i].staged, k,
                           w) if (strcmp(json_string_value(json_object_get(w, "hash")), refused) !=
                                  0) return w;
    return NULL;
}

void fc_stage_next(fc_stage_runner *r, int looked)
{
    struct command c;
    fc_err err;
    if (looked) r->refused[0] = 0;
    json_t *w = r->running || !fc_lease_held(r->site) ? NULL : first_waiting(r->site, r->refused);
    if (!w || !command_for(r->site, w, &c)) return;
    r->report = memfd_create("report", MFD_CLOEXEC);
    r->running = json_incref(w);
    if (fc_spawn(r->loop, c.argv, (const int[2]){r->report, -1}, child_ended, r, &r->pid, &err)) {
        fc_log(FC_ERROR, "plugin", "%s", err.text[fc_process_lang()]);
        json_decref(r->running);
        r->running = NULL;
        close(r->report);
        return;
    }
    fc_log(FC_INFO, "plugin", fc_say("%s %s 已暂存：正在运行它的测试", "%s %s is staged: its tests run"),
           json_string_value(json_object_get(w, "plugin")), json_string_value(json_object_get(w, "version")));
    fc_timer_set(r->limit, LONGEST_MS, 0);
}

void fc_stage_stop(fc_stage_runner *r)
{
    if (!r) return;
    fc_timer_free(r->limit);
    r->stopped = 1;
    if (r->running)
        kill((pid_t)r->pid, SIGKILL); /* child_ended frees, if the loop still turns */
    else
        free(r);
}

/* ---- on the spot */

int fc_stage_now(fc_dealership *d)
{
    size_t i;
    json_t *w;
    int ran = 0;
    json_array_foreach(d->staged, i, w)
    {
        struct command c;
        posix_spawn_file_actions_t files;
        pid_t pid;
        int status = 0, report = memfd_create("report", MFD_CLOEXEC);
        if (report < 0 || !command_for(d->site, w, &c)) continue;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_adddup2(&files, report, 3);
        if (posix_spawn(&pid, c.exe, &files, NULL, (char *const *)(uintptr_t)c.argv, environ) == 0) {
            waitpid(pid, &status, 0);
            ran += ended(d->site, w, WIFEXITED(status) ? WEXITSTATUS(status) : 129, report);
        }
        posix_spawn_file_actions_destroy(&files);
        close(report);
    }
    return ran;
}
