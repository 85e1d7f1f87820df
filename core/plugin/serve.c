/* One loop. Scripts run in a process of their own
 * (forecourt run --job N), one at a time, so that a long import never holds up the console; they meet only in
 * the store. */
#include "plugin/serve.h"
#include "plugin/site_keys.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/audit_job.h"
#include "plugin/backup_job.h"
#include "lua/door.h"
#include "plugin/copies.h"
#include "plugin/outbox.h"
#include "plugin/pages.h"
#include "plugin/reload_job.h"
#include "plugin/world.h"
#include "text/json.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct server {
    fc_site *site;
    fc_loop *loop;
    fc_http *http;
    fc_timer *jobs, *mail;
    fc_outbox *outbox;
    fc_audit_job *audit;
    fc_backup_job *backup;
    fc_reload_job *reload;
    int job_running;
    int64_t job_id;
    fc_dealership *job_dealership;
} server;

static server *the_server; /* fc_site's hooks carry no context of ours */

static void on_request(void *ctx, fc_req *r)
{
    fc_pages_handle(((server *)ctx)->site, r);
}

static void pool(void (*work)(void *), void (*done)(void *), void *ctx)
{
    fc_pool(the_server->loop, work, done, ctx);
}

static void soon(void (*fn)(void *), void *ctx)
{
    fc_soon(the_server->loop, fn, ctx);
}

/* ---- scripts */

static void start_job(server *s);

static void fail_job(fc_dealership *d, int64_t id, const char *zh, const char *en)
{
    fc_err err;
    json_t *text = json_pack("{s:s, s:s}", "zh", zh, "en", en);
    char *dump = json_dumps(text, JSON_COMPACT);
    fc_value v[] = {fc_text(dump), fc_int(fc_now()), fc_int(id)};
    fc_run(d->store,
           "UPDATE host_job SET state = 'failed', error = ?, ended_at = ? WHERE id = ? AND state IN "
           "('queued', 'running')",
           v, 3, NULL, &err);
    free(dump);
    json_decref(text);
}

static void drop_file(fc_dealership *d, const char *name)
{
    char path[PATH_MAX];
    if (!name || !*name || strchr(name, '/')) return;
    snprintf(path, sizeof path, "%s/%s", d->site->files, name);
    unlink(path);
}

static json_t *params_of(fc_dealership *d, int64_t id, const json_t **script)
{
    static const char sql[] = "SELECT script, params FROM host_job WHERE id = ?";
    fc_cursor *c;
    fc_err err;
    fc_value arg = fc_int(id), name, text;
    json_t *params = NULL;
    int row = 0;
    if (fc_query(d->store, sql, sizeof sql - 1, &arg, 1, &c, &err)) return NULL;
    if (fc_cursor_next(c, &row, &err) == FC_OK && row) {
        char word[128];
        fc_cursor_value(c, 0, &name);
        snprintf(word, sizeof word, "%.*s", (int)name.n, name.s);
        *script = fc_live_definition(d->live, "scripts", word);
        fc_cursor_value(c, 1, &text);
        fc_json_parse(text.s, text.n, 1 << 20, &params, &err);
    }
    fc_cursor_close(c);
    return params;
}

/* A script takes away the files it was given when it ends; one that was killed could not, and what people
 * import may be private. */
static void drop_files(fc_dealership *d, int64_t id)
{
    const json_t *script = NULL;
    json_t *params = params_of(d, id, &script), *p;
    size_t i;
    json_array_foreach(json_object_get(json_object_get(script, "data"), "params"), i, p)
    {
        const char *type = json_string_value(json_object_get(p, "type")),
                   *name = json_string_value(json_object_get(p, "name"));
        if (type && name && strcmp(type, "file") == 0)
            drop_file(d, json_string_value(json_object_get(params, name)));
    }
    json_decref(params);
}

static void job_ended(void *ctx, int code)
{
    server *s = ctx;
    s->job_running = 0;
    if (code != 0) drop_files(s->job_dealership, s->job_id);
    if (code != 0)
        fail_job(s->job_dealership, s->job_id, "运行脚本的进程意外结束；已完成的部分已保存，可以再运行一次",
                 "the process that ran the script ended unexpectedly; what was done is kept, run it again");
    start_job(s);
}

static int spawn_job(server *s, fc_dealership *d, int64_t id)
{
    char exe[PATH_MAX], number[32];
    fc_err err;
    int64_t pid;
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n <= 0) return 0;
    exe[n] = 0;
    snprintf(number, sizeof number, "%lld", (long long)id);
    /* The job's number last: is_alive looks there. */
    const char *argv[] = {exe, "run",   "--site", s->site->dir, "--dealership", d->id, "--keys-from",
                          "3", "--job", number,   NULL};
    int keys = -1;
    s->job_id = id;
    s->job_dealership = d;
    int rc = fc_site_keys_hand(s->site, &keys, &err);
    if (!rc) rc = fc_spawn(s->loop, argv, keys, job_ended, s, &pid, &err);
    if (keys >= 0) close(keys);
    if (rc) {
        fail_job(d, id, err.text[FC_ZH], err.text[FC_EN]);
        return 0;
    }
    return s->job_running = 1;
}

static void start_job(server *s)
{
    for (size_t i = 0; i < s->site->ndealerships && !s->job_running && !s->site->safe; i++) {
        fc_err err;
        int64_t id;
        int found = 0;
        fc_dealership *d = &s->site->dealerships[i];
        if (fc_ask_int(d->store,
                       "SELECT id FROM host_job WHERE state = 'queued' ORDER BY made_at, id LIMIT 1", NULL, 0,
                       &id, &found, &err))
            continue;
        if (found) spawn_job(s, d, id);
    }
}

static void jobs_tick(void *ctx)
{
    start_job(ctx);
}

static void jobs_changed(fc_site *site)
{
    (void)site;
    fc_timer_set(the_server->jobs, 1, 1000);
}

/* Does this process run this job? Another server may have the same site open. */
static int is_alive(int64_t pid, int64_t job)
{
    char path[64], number[32], words[8192];
    snprintf(path, sizeof path, "/proc/%lld/cmdline", (long long)pid);
    snprintf(number, sizeof number, "%lld", (long long)job);
    FILE *f = fopen(path, "re");
    if (!f) return 0;
    size_t n = fread(words, 1, sizeof words - 1, f), len = strlen(number);
    fclose(f);
    words[n] = 0;
    return n > len && strcmp(words + n - 1 - len, number) == 0;
}

static void abandon_job(fc_dealership *d, int64_t id)
{
    fc_err err;
    fc_value v = fc_int(id);
    int64_t pid = 0;
    int found = 0;
    if (fc_ask_int(d->store, "SELECT pid FROM host_job WHERE id = ? AND pid IS NOT NULL", &v, 1, &pid, &found,
                   &err) == FC_OK &&
        found && is_alive(pid, id))
        return;
    drop_files(d, id);
    fail_job(d, id, "服务器重启，脚本中断；可以再运行一次",
             "the server was restarted, the script was interrupted; run it again");
}

/* A job that was running when the last server ended was killed with it (run --job). */
static void abandon_jobs(fc_site *site)
{
    static const char sql[] =
        "SELECT id FROM host_job WHERE state = 'running' AND id > ? ORDER BY id LIMIT 1";
    for (size_t i = 0; i < site->ndealerships; i++) {
        fc_dealership *d = &site->dealerships[i];
        fc_err err;
        fc_value after = fc_int(0);
        int64_t id;
        int found = 0;
        while (fc_ask_int(d->store, sql, &after, 1, &id, &found, &err) == FC_OK && found) {
            abandon_job(d, id);
            after = fc_int(id);
        }
    }
}

/* What came in together is read from one snapshot, which ends before the loop waits again. */
static void share_reads(fc_site *site, int on)
{
    fc_store_share(site->store, on);
    for (size_t i = 0; i < site->ndealerships; i++)
        fc_store_share(site->dealerships[i].store, on);
}

static void refresh_reads(void *ctx)
{
    const fc_site *site = ctx;
    fc_store_refresh(site->store);
    for (size_t i = 0; i < site->ndealerships; i++)
        fc_store_refresh(site->dealerships[i].store);
}

/* Commits happen beside the loop, long reads in the pool. */
static int serve_stores(fc_site *site, fc_loop *l, fc_err *err)
{
    int rc = fc_store_serve(site->store, l, err);
    for (size_t i = 0; i < site->ndealerships && !rc; i++)
        rc = fc_store_serve(site->dealerships[i].store, l, err);
    return rc;
}

static void unserve_stores(fc_site *site)
{
    fc_store_unserve(site->store);
    for (size_t i = 0; i < site->ndealerships; i++)
        fc_store_unserve(site->dealerships[i].store);
}

static void start_services(server *s, const fc_serve_opts *o)
{
    the_server = s;
    fc_plugin_world.pool = pool;
    fc_plugin_world.soon = soon;
    s->site->jobs_changed = jobs_changed;
    s->jobs = fc_timer_new(s->loop, jobs_tick, s);
    fc_timer_set(s->jobs, 200, 1000);
    s->outbox = fc_outbox_start(s->loop, s->site);
    s->audit = fc_audit_job_start(s->loop, s->site);
    s->backup = fc_backup_job_start(s->loop, s->site);
    fc_copies_sweep(s->site->files);
    abandon_jobs(s->site);
    share_reads(s->site, 1);
    fc_loop_each_turn(s->loop, refresh_reads, s->site);
    if (!s->site->safe)
        s->reload = fc_reload_job_start(s->loop, s->site, o->watch && fc_site_watches(s->site));
}

static void stop_services(server *s)
{
    fc_loop_each_turn(s->loop, NULL, NULL);
    share_reads(s->site, 0);
    fc_outbox_stop(s->outbox);
    fc_backup_job_stop(s->backup);
    fc_timer_free(s->jobs);
    fc_checks_drop();
    fc_calls_end();
    unserve_stores(s->site); /* who waits for a commit is told while there is still somebody to tell */
    fc_reload_job_stop(s->reload);
    fc_audit_job_stop(s->audit);
    if (s->http) fc_http_close(s->http);
}

int fc_serve(fc_site *site, const fc_serve_opts *o, fc_err *err)
{
    server s = {.site = site};
    fc_http_opts http = {o->address, o->port, site->files};
    int rc = fc_loop_new(&s.loop, err);
    if (rc) return rc;
    rc = fc_http_listen(s.loop, &http, on_request, &s, &s.http, err);
    if (rc == FC_OK) rc = serve_stores(site, s.loop, err);
    if (rc == FC_OK) {
        start_services(&s, o);
        o->ready(o->address, fc_http_port(s.http));
        fc_loop_run(s.loop, 1);
        stop_services(&s);
    }
    fc_loop_free(s.loop);
    return rc;
}
