/* The process that was started becomes the supervisor: it opens the socket, so that a used port is its own
 * error, and forks workers (loop/supervise.h). A worker opens the site, writes down how the one before it
 * ended, loads the plugins and serves. With --workers 0 there is only this one process, which does all of it:
 * for a debugger, or where something else restarts it. */
#include "base/clock.h"
#include "base/log.h"
#include "lua/door.h"
#include "plugin/off.h"
#include "plugin/serve.h"
#include "plugin/site_log.h"
#include "store/master.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNSET (-1)

typedef struct serving {
    const char *dir;
    char host[256];
    int port, socket, watch, safe;
    int workers; /* UNSET: as site.lua says */
} serving;

static void say_address(const char *address, int port)
{
    int v6 = strchr(address, ':') != NULL;
    printf(fc_say("工作台：http://%s%s%s:%d/\n", "console: http://%s%s%s:%d/\n"), v6 ? "[" : "", address,
           v6 ? "]" : "", port);
    fflush(stdout);
}

/* "127.0.0.1:8080", "[::1]:8080", ":8080", "8080" */
static int parse_listen(const char *text, char *host, size_t cap, int *port)
{
    const char *colon = strrchr(text, ':');
    const char *digits = colon ? colon + 1 : text;
    char *end;
    long value = strtol(digits, &end, 10);
    if (!*digits || *end || value < 0 || value > 65535) return 0;
    *port = (int)value;
    size_t n = colon ? (size_t)(colon - text) : 0;
    if (n && text[0] == '[' && text[n - 1] == ']') {
        text++;
        n -= 2;
    }
    if (n)
        snprintf(host, cap, "%.*s", (int)n, text);
    else
        snprintf(host, cap, "127.0.0.1");
    return 1;
}

static int parse_workers(const char *text, int *n)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (!*text || *end || value < 0 || value > FC_WORKERS_MOST) return 0;
    *n = (int)value;
    return 1;
}

static int workers_of(const json_t *config, int *n, fc_err *err)
{
    const json_t *v = json_object_get(config, "workers");
    json_int_t value = json_integer_value(v);
    *n = v ? (int)value : 1;
    if (!v || (json_is_integer(v) && value >= 1 && value <= FC_WORKERS_MOST)) return FC_OK;
    return fc_fail(err, FC_EINVAL, "site.lua: workers 应为 1 到 %d 的整数（接受 HTTP 的进程数）",
                   "site.lua: workers should be a number from 1 to %d (processes that take HTTP)",
                   FC_WORKERS_MOST);
}

static void prepare(fc_site *site, const serving *v, int follows)
{
    site->safe = v->safe;
    site->keep_lease = 1;
    site->follows = follows;
}

/* ---- alone */

static void alone_ready(const fc_serve_opts *o, int port)
{
    say_address(o->address, port);
}

static int serve_alone(const serving *v)
{
    fc_err err;
    fc_site *site = NULL;
    fc_serve_opts o = {
        .http = 1, .jobs = 1, .address = v->host, .port = v->port, .watch = v->watch, .ready = alone_ready};
    int rc = fc_site_open(v->dir, FC_SITE_OPEN, &site, &err);
    if (!rc) prepare(site, v, 0);
    if (!rc) rc = fc_site_load(site, NULL, &err);
    if (!rc) rc = fc_serve(site, &o, &err);
    fc_site_close(site);
    return rc ? fc_failed(&err) : 0;
}

/* ---- as a worker */

static void worker_ready(const fc_serve_opts *o, int port)
{
    fc_board_stage(o->board, FC_READY, port);
}

/* Before anything of a plugin is loaded: what killed the last one must not kill this one. Where it cannot be
 * written (a full disk) people are served all the same. */
static void write_down(fc_site *site, fc_board *b, const fc_death *death)
{
    int off = 0;
    fc_err err;
    if (death && fc_off_after(site, death, &off, &err))
        fc_log(FC_ERROR, "worker", "%s", fc_err_text(&err, fc_process_lang()));
    fc_board_stage(b, FC_RECORDED, 0);
}

static int work(void *ctx, fc_board *b, int slot, const fc_death *death)
{
    const serving *v = ctx;
    fc_err err;
    fc_site *site = NULL;
    int workers = v->workers, http = slot != FC_SLOT_JOBS;
    fc_serve_opts o = {.http = http,
                       .jobs = !http,
                       .address = v->host,
                       .port = v->port,
                       .socket = v->socket,
                       .watch = v->watch,
                       .board = b,
                       .ready = worker_ready};
    fc_master_relock_env();
    int rc = fc_site_open(v->dir, FC_SITE_OPEN, &site, &err);
    if (!rc && workers == UNSET) rc = workers_of(site->config, &workers, &err);
    if (!rc && slot == FC_SLOT_FIRST) fc_board_workers(b, workers);
    if (!rc) prepare(site, v, slot != FC_SLOT_FIRST);
    if (!rc) write_down(site, b, death);
    if (!rc) rc = fc_site_load(site, NULL, &err);
    if (!rc && !http) close(v->socket);
    if (!rc) rc = fc_serve(site, &o, &err);
    fc_site_close(site);
    return rc ? fc_failed(&err) : 0;
}

/* ---- as the supervisor */

/* Also here, for a new site has no folder for its log before its first worker. What the supervisor has to
 * tell, that a worker died, belongs into the site's log too. */
static void ready(void *ctx, int port)
{
    const serving *v = ctx;
    fc_site_log_open(v->dir);
    say_address(v->host, port);
}

static void ending(void *ctx)
{
    close(((const serving *)ctx)->socket);
}

static int supervise(serving *v)
{
    fc_err err;
    const fc_http_opts http = {.address = v->host, .port = v->port};
    const fc_supervised o = {work, ready, ending, v};
    if (fc_http_socket(&http, &v->socket, &v->port, &err)) return fc_failed(&err);
    fc_door_share();
    fc_site_log_open(v->dir);
    fc_now(); /* a clock that FORECOURT_NOW has set goes on over all workers */
    return fc_supervise(&o);
}

int fc_verb_serve(int argc, char **argv)
{
    serving v = {.dir = ".", .workers = UNSET};
    const char *listen = "127.0.0.1:8080", *no_watch = NULL, *workers = NULL, *safe = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &v.dir},
        {"listen", "HOST:PORT", "地址和端口（默认 127.0.0.1:8080；端口 0 = 任意）",
         "address and port (default 127.0.0.1:8080; port 0 = any)", &listen},
        {"workers", "N",
         "接受 HTTP 的进程数（默认取 site.lua 的 workers，否则为 1；0 = 只用一个进程，无人看护）",
         "processes that take HTTP (default: workers in site.lua, else 1; 0 = one process for everything, "
         "which nobody watches)",
         &workers},
        {"no-watch", NULL, "不监视插件文件夹", "do not watch the plugin folders", &no_watch},
        {"safe", NULL, "只运行随带的工作台，其他插件都不启用：用来修复",
         "nothing but the shipped console: for repairs", &safe},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {
        "serve",
        "",
        "运行站点的工作台，直到 SIGTERM 或 Ctrl-C。SIGHUP：重新查看插件文件夹。",
        "Runs the site's console until SIGTERM or Ctrl-C. SIGHUP: looks at the plugin folders again.",
        options,
        0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    v.watch = !no_watch;
    v.safe = safe != NULL;
    if (argc > 1) return fc_wrong_use(&usage, "多余的参数 %s", "unexpected argument %s", argv[1]);
    if (!parse_listen(listen, v.host, sizeof v.host, &v.port))
        return fc_wrong_use(&usage, "'%s' 不是 HOST:PORT", "'%s' is no HOST:PORT", listen);
    if (workers && !parse_workers(workers, &v.workers))
        return fc_wrong_use(&usage, "--workers 应为 0 到 16 的整数，不是 '%s'",
                            "--workers should be a number from 0 to 16, not '%s'", workers);
    return v.workers == 0 ? serve_alone(&v) : supervise(&v);
}
