/* Whether one is due is read from the record in the site's store each time, and once more by the process that
 * was started, under the lock: so several servers, a restart and a clock that jumps make one backup, not two.
 * A clock that runs wild is held by this process's own monotonic one, too. */
#include "plugin/backup_job.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/backup_plan.h"
#include "store/master.h"

#include <stdlib.h>
#include <unistd.h>

#define FIRST_MS 3000
#define TICK_MS 20000
#define APART_NS (30LL * 60 * 1000000000) /* two starts of one process, whatever the clock says */

struct fc_backup_job {
    fc_loop *loop;
    fc_site *site;
    fc_timer *timer;
    fc_backup_plan plan;
    int running, starting, stopped;
    int64_t started; /* monotonic, 0 = not yet */
};

static void ended(void *ctx, int code)
{
    fc_backup_job *j = ctx;
    j->running = 0;
    if (code)
        fc_log(FC_ERROR, "backup",
               fc_say("定时备份失败（退出码 %d）；一小时后再试",
                      "the scheduled backup failed (exit %d); it is tried again in an hour"),
               code);
    if (j->stopped) free(j);
}

static void start(fc_backup_job *j, const char *why)
{
    char exe[PATH_MAX];
    fc_err err;
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n <= 0) return;
    exe[n] = 0;
    const char *argv[] = {exe, "backup", "--site", j->site->dir, "--if-due", why, NULL, "3", NULL};
    int key = -1;
    j->started = fc_monotonic();
    int rc = fc_master_hand(&key, &err);
    if (key >= 0) argv[6] = "--master-from";
    if (!rc) rc = fc_spawn(j->loop, argv, (const int[2]){key, -1}, ended, j, NULL, &err);
    if (key >= 0) close(key);
    j->running = !rc;
    if (rc) fc_log(FC_ERROR, "backup", "%s", fc_err_text(&err, fc_process_lang()));
}

static void tick(void *ctx)
{
    fc_backup_job *j = ctx;
    fc_backup_times t;
    int starting = j->starting;
    j->starting = 0;
    if (j->running || (j->started && fc_monotonic() - j->started < APART_NS)) return;
    if (fc_backup_log_times(j->site->store, &t, NULL)) return;
    if (fc_backup_due(j->plan.at_minute, &t, fc_now(), starting)) start(j, starting ? "start" : "clock");
}

fc_backup_job *fc_backup_job_start(fc_loop *l, fc_site *s)
{
    fc_err err;
    fc_backup_job *j = fc_alloc(sizeof *j);
    int rc = fc_backup_plan_of(s->dir, s->config, &j->plan, &err);
    if (rc) fc_log(FC_ERROR, "backup", "%s", fc_err_text(&err, fc_process_lang()));
    if (rc || !j->plan.scheduled) {
        free(j);
        return NULL;
    }
    j->loop = l;
    j->site = s;
    j->starting = 1;
    j->timer = fc_timer_new(l, tick, j);
    fc_timer_set(j->timer, FIRST_MS, TICK_MS);
    return j;
}

/* A backup that runs goes on without us. */
void fc_backup_job_stop(fc_backup_job *j)
{
    if (!j) return;
    fc_timer_free(j->timer);
    j->stopped = 1;
    if (!j->running) free(j);
}
