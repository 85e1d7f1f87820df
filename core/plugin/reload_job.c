/* The watcher only says "look". Then the folders have to be still: twice the same names, sizes and times, 20
 * ms apart, and no git in the middle of a checkout. The reload compares content.
 *
 * Every 20 ms one number is read from each store (2 us): it moves with every change of what is in force,
 * whoever made it. One process looks at the folders, the one with the lease; if it ends, another takes over.
 */
#include "plugin/reload_job.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/lease.h"
#include "plugin/ledger.h"
#include "plugin/live_rows.h"
#include "plugin/stage.h"
#include "plugin/trial.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PULSE_MS 20
#define STILL_MS 20
#define NOTICE_MS 5          /* an event's neighbours */
#define LONGEST_WAIT_MS 1000 /* for folders that are never still */
#define LONGEST_GIT_MS 3000
#define LEASE_MS 200
#define JUDGE_MS 250
#define COUNT_MS 60000 /* where nothing is on trial */

struct fc_reload_job {
    fc_site *site;
    fc_loop *loop;
    fc_watch *watches[8];
    size_t nwatches;
    fc_timer *pulse, *look;
    fc_stage_runner *tests;
    int watch;
    int64_t leased, judged, counted; /* when it was last tried or done, fc_monotonic */
    uint64_t seen;                   /* the folders' print at the last look */
    int64_t unrest_since; /* fc_monotonic of the first look that has not led to a reload; 0: none */
};

/* ---- is everything still? */

static uint64_t mix(uint64_t h, const void *bytes, size_t n)
{
    for (const unsigned char *p = bytes; n--; p++)
        h = (h ^ *p) * 1099511628211ULL;
    return h;
}

/* The sum over all entries, so that their order does not matter. */
static uint64_t print_of(const char *dir, int depth)
{
    uint64_t sum = 0;
    DIR *list = opendir(dir);
    for (const struct dirent *e; list && (e = readdir(list));) {
        char path[PATH_MAX];
        struct stat st;
        if (e->d_name[0] == '.' || !strcmp(e->d_name, "node_modules") || !strcmp(e->d_name, "assets"))
            continue;
        if (snprintf(path, sizeof path, "%s/%s", dir, e->d_name) >= (int)sizeof path || stat(path, &st))
            continue;
        if (S_ISDIR(st.st_mode) && depth < 6) sum += print_of(path, depth + 1);
        int64_t facts[] = {st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (int64_t)st.st_ino};
        sum += mix(mix(14695981039346656037ULL, path, strlen(path)), facts, sizeof facts);
    }
    if (list) closedir(list);
    return sum;
}

static const char *const shared[] = {"plugins", "scripts", "packs", NULL};

static uint64_t folders_print(const fc_site *s)
{
    uint64_t sum = 0;
    for (const char *const *f = shared; *f; f++) {
        char dir[PATH_MAX];
        snprintf(dir, sizeof dir, "%s/%s", s->share, *f);
        sum += print_of(dir, 0);
        snprintf(dir, sizeof dir, "%s/%s", s->dir, *f);
        sum += print_of(dir, 0);
    }
    return sum;
}

/* git holds this file while it writes the files of another branch. */
static int git_is_busy(const char *dir)
{
    char path[PATH_MAX], lock[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s", dir);
    for (char *slash; (slash = strrchr(path, '/')) && slash != path; *slash = 0) {
        snprintf(lock, sizeof lock, "%s/.git/index.lock", path);
        if (access(lock, F_OK) == 0) return 1;
    }
    return 0;
}

/* ---- loading */

static void reload(fc_dealership *d, const char *actor, const char *why)
{
    fc_err err;
    int changed = 0;
    int64_t began = fc_monotonic();
    if (fc_dealership_reload(d, NULL, actor, why, &changed, &err))
        fc_log(FC_ERROR, "reload", "%s: %s", d->id, err.text[fc_process_lang()]);
    else if (changed)
        fc_log(FC_INFO, "reload",
               fc_say("%s：替换了 %d 个插件，用时 %.1f 毫秒（构建 %.1f，写入 %.1f，切换 %.3f）",
                      "%s: %d plugin(s) replaced in %.1f ms (built %.1f, written %.1f, swapped %.3f)"),
               d->id, changed, (double)(fc_monotonic() - began) / 1e6, (double)d->spent.build / 1e6,
               (double)d->spent.write / 1e6, (double)d->spent.swap / 1e6);
}

static void on_look(void *ctx)
{
    fc_reload_job *j = ctx;
    uint64_t now = folders_print(j->site);
    if (!j->unrest_since) j->unrest_since = fc_monotonic();
    int64_t waited = (fc_monotonic() - j->unrest_since) / 1000000;
    int busy = (now != j->seen && waited < LONGEST_WAIT_MS) ||
               (git_is_busy(j->site->dir) && waited < LONGEST_GIT_MS);
    j->seen = now;
    if (busy) {
        fc_timer_set(j->look, STILL_MS, 0);
        return;
    }
    j->unrest_since = 0;
    for (size_t i = 0; i < j->site->ndealerships; i++)
        reload(&j->site->dealerships[i], "watcher", "save");
    fc_stage_next(j->tests, 1);
}

/* What was seen before counts for nothing: a look has to find the same twice from now on. */
static void look_soon(fc_reload_job *j)
{
    if (!fc_lease_held(j->site) || j->unrest_since) return;
    j->seen = folders_print(j->site);
    j->unrest_since = fc_monotonic();
    fc_timer_set(j->look, STILL_MS, 0);
}

static void on_event(void *ctx)
{
    look_soon(ctx);
}

static void tested(void *ctx)
{
    fc_reload_job *j = ctx;
    for (size_t i = 0; i < j->site->ndealerships; i++)
        if (json_array_size(j->site->dealerships[i].staged))
            reload(&j->site->dealerships[i], "watcher", "save");
    fc_stage_next(j->tests, 0);
}

/* ---- the pulse */

static void obey(fc_reload_job *j, fc_dealership *d)
{
    char actor[100];
    int64_t n = fc_change_number(d), asked;
    if (n < 0 || n == d->change) return;
    if (fc_lease_held(j->site) && fc_reload_asked(d, &asked, actor, sizeof actor)) {
        reload(d, actor, "reload");
        fc_reload_answer(d, asked);
        fc_stage_next(j->tests, 1);
        return;
    }
    fc_dealership_follow(d);
    if (j->watch) look_soon(j);
}

static int is_due(int64_t *last, int64_t ms)
{
    int64_t now = fc_monotonic();
    if (now - *last < ms * 1000000) return 0;
    *last = now;
    return 1;
}

static void count(fc_reload_job *j, fc_dealership *d, int all)
{
    int on_trial = json_object_size(d->trials) > 0, back = 0;
    fc_err err;
    if ((on_trial || all) && fc_trial_counted(d)) fc_trial_queue(d);
    if (!on_trial || !fc_lease_held(j->site)) return;
    if (fc_trial_judge(d, fc_now(), &back, &err))
        fc_log(FC_ERROR, "plugin", "%s", err.text[fc_process_lang()]);
    fc_trial_look(d);
    if (back) obey(j, d);
}

static void on_pulse(void *ctx)
{
    fc_reload_job *j = ctx;
    int judge = is_due(&j->judged, JUDGE_MS), all = is_due(&j->counted, COUNT_MS);
    if (!fc_lease_held(j->site) && is_due(&j->leased, LEASE_MS) && fc_lease_take(j->site, 0)) {
        fc_log(
            FC_INFO, "reload",
            fc_say("从现在起由这个进程看管插件目录", "this process looks at the plugin folders from now on"));
        if (j->watch) look_soon(j);
    }
    for (size_t i = 0; i < j->site->ndealerships; i++) {
        fc_dealership *d = &j->site->dealerships[i];
        obey(j, d);
        if (judge) count(j, d, all);
    }
}

static void watch(fc_reload_job *j, const char *root, const char *below)
{
    char dir[PATH_MAX], real[PATH_MAX];
    fc_err err;
    if (!root || j->nwatches >= 8) return;
    snprintf(dir, sizeof dir, "%s/%s", root, below);
    if (!realpath(dir, real))
        snprintf(real, sizeof real, "%s", dir); /* not there yet: the watch waits for it */
    if (fc_watch_new(j->loop, real, NOTICE_MS, on_event, j, &j->watches[j->nwatches], &err))
        fc_log(FC_WARN, "watch", "%s", fc_err_text(&err, fc_process_lang()));
    else
        j->nwatches++;
}

fc_reload_job *fc_reload_job_start(fc_loop *l, fc_site *s, int watch_folders)
{
    fc_reload_job *j = fc_alloc(sizeof *j);
    *j = (fc_reload_job){.site = s, .loop = l, .watch = watch_folders};
    j->pulse = fc_timer_new(l, on_pulse, j);
    j->look = fc_timer_new(l, on_look, j);
    j->tests = fc_stage_start(l, s, tested, j);
    fc_timer_set(j->pulse, PULSE_MS, PULSE_MS);
    fc_stage_next(j->tests, 1);
    for (const char *const *f = shared; *f && watch_folders; f++) {
        watch(j, s->share, *f);
        watch(j, s->dir, *f);
    }
    return j;
}

void fc_reload_job_stop(fc_reload_job *j)
{
    if (!j) return;
    for (size_t i = 0; i < j->nwatches; i++)
        fc_watch_free(j->watches[i]);
    fc_timer_free(j->pulse);
    fc_timer_free(j->look);
    fc_stage_stop(j->tests);
    for (size_t i = 0; i < j->site->ndealerships; i++)
        fc_trial_flush(&j->site->dealerships[i]);
    fc_lease_release(j->site);
    free(j);
}
