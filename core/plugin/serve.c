/* One loop. A worker takes HTTP, or does the
 * host's own work (scripts, mail, backups, signing the audit log), or both where it is alone. */
#include "plugin/serve.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/audit_job.h"
#include "plugin/backup_job.h"
#include "lua/door.h"
#include "plugin/copies.h"
#include "plugin/off.h"
#include "plugin/old_sources.h"
#include "plugin/outbox.h"
#include "plugin/ledger.h"
#include "plugin/lease.h"
#include "plugin/pages.h"
#include "plugin/reload_job.h"
#include "plugin/scripts_job.h"
#include "plugin/world.h"

#define BEAT_MS 500
#define DRAIN_NS (5 * 1000000000LL)

typedef struct server {
    fc_site *site;
    fc_loop *loop;
    fc_board *board; /* NULL: alone */
    fc_http *http;
    fc_timer *heart, *draining;
    fc_poll *bell;
    fc_outbox *outbox;
    fc_audit_job *audit;
    fc_backup_job *backup;
    fc_old_sources *old_sources;
    fc_scripts_job *scripts;
    fc_reload_job *reload;
    int64_t drain_until;
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

/* What came in together is read from one snapshot, which ends before the loop waits again. */
static void share_reads(fc_site *site, int on)
{
    fc_store_share(site->store, on);
    for (size_t i = 0; i < site->ndealerships; i++)
        fc_store_share(site->dealerships[i].store, on);
}

static void each_turn(void *ctx)
{
    const fc_site *site = ctx;
    fc_heart_beat();
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

/* ---- other workers */

static void hear(void *ctx, int events)
{
    server *s = ctx;
    (void)events;
    if (fc_board_rung(s->board) && s->scripts) fc_scripts_job_look(s->scripts);
}

static void jobs_changed(fc_site *site)
{
    (void)site;
    if (the_server->scripts)
        fc_scripts_job_look(the_server->scripts);
    else
        fc_board_ring(the_server->board, FC_SLOT_JOBS);
}

static void script_crashed(void *ctx, const fc_death *death)
{
    server *s = ctx;
    fc_err err;
    int off = 0;
    if (fc_off_after(s->site, death, &off, &err))
        fc_log(FC_ERROR, "plugin", "%s", err.text[fc_process_lang()]);
}

/* SIGHUP reaches every worker; the one that looks at the folders does it. */
static void ask_reload(void *ctx)
{
    const server *s = ctx;
    for (size_t i = 0; i < s->site->ndealerships && fc_lease_held(s->site); i++) {
        fc_err err;
        int64_t n;
        if (fc_reload_ask(&s->site->dealerships[i], "host", &n, &err))
            fc_log(FC_ERROR, "reload", "%s", fc_err_text(&err, fc_process_lang()));
    }
}

/* ---- starting and ending */

/* A worker without work must turn, too, or its supervisor takes it for dead. */
static void beat(void *ctx)
{
    (void)ctx;
    fc_heart_beat();
    fc_calls_look();
}

static void start_jobs(server *s)
{
    s->scripts = fc_scripts_job_start(s->loop, s->site, script_crashed, s);
    s->outbox = fc_outbox_start(s->loop, s->site);
    s->audit = fc_audit_job_start(s->loop, s->site);
    s->backup = fc_backup_job_start(s->loop, s->site);
    s->old_sources = fc_old_sources_start(s->loop, s->site);
}

static void start_services(server *s, const fc_serve_opts *o)
{
    the_server = s;
    fc_plugin_world.pool = pool;
    fc_plugin_world.soon = soon;
    s->site->jobs_changed = jobs_changed;
    s->heart = fc_timer_new(s->loop, beat, s);
    fc_timer_set(s->heart, BEAT_MS, BEAT_MS);
    if (o->jobs) start_jobs(s);
    fc_copies_sweep(s->site->files);
    share_reads(s->site, 1);
    fc_loop_each_turn(s->loop, each_turn, s->site);
    fc_loop_on_hup(s->loop, ask_reload, s);
    if (s->board) s->bell = fc_poll_new(s->loop, fc_board_bell(s->board), 1, hear, s);
    if (!s->site->safe)
        s->reload = fc_reload_job_start(s->loop, s->site, o->watch && fc_site_watches(s->site));
}

static void is_drained(void *ctx)
{
    server *s = ctx;
    if (!fc_http_busy(s->http) || fc_monotonic() > s->drain_until) fc_loop_stop(s->loop);
}

/* Whoever has asked already gets his answer. */
static void drain(server *s)
{
    fc_http_quiet(s->http);
    if (!fc_http_busy(s->http)) return;
    s->drain_until = fc_monotonic() + DRAIN_NS;
    s->draining = fc_timer_new(s->loop, is_drained, s);
    fc_timer_set(s->draining, 5, 5);
    fc_loop_run(s->loop, 1);
    fc_timer_free(s->draining);
}

static void stop_services(server *s)
{
    fc_loop_each_turn(s->loop, NULL, NULL);
    fc_loop_on_hup(s->loop, NULL, NULL);
    fc_timer_free(s->heart);
    fc_poll_free(s->bell);
    share_reads(s->site, 0);
    fc_outbox_stop(s->outbox);
    fc_backup_job_stop(s->backup);
    fc_scripts_job_stop(s->scripts);
    fc_checks_drop();
    fc_calls_end();
    unserve_stores(s->site); /* who waits for a commit is told while there is still somebody to tell */
    fc_reload_job_stop(s->reload);
    fc_audit_job_stop(s->audit);
    fc_old_sources_stop(s->old_sources);
    if (s->http) fc_http_close(s->http);
}

int fc_serve(fc_site *site, const fc_serve_opts *o, fc_err *err)
{
    server s = {.site = site, .board = o->board};
    fc_http_opts http = {o->address, o->port, site->files, o->socket};
    int rc = fc_loop_new(&s.loop, err);
    if (rc) return rc;
    if (o->http) rc = fc_http_listen(s.loop, &http, on_request, &s, &s.http, err);
    if (rc == FC_OK) rc = serve_stores(site, s.loop, err);
    if (rc == FC_OK) {
        start_services(&s, o);
        o->ready(o, s.http ? fc_http_port(s.http) : 0);
        fc_loop_run(s.loop, o->board ? FC_ONLY_TERM : 1);
        if (s.http) drain(&s);
        stop_services(&s);
    }
    fc_loop_free(s.loop);
    return rc;
}
