/* Each second, and when somebody says so, the oldest queued row of a dealership is given to a child. The
 * child claims the row; how it ended is seen by its exit code and, where it died, by its heart.
 *
 * A child that does not listen is ended: ten seconds after the script was cancelled, or when it has used the
 * processor for much longer than its budget without a word (a single call into C cannot be interrupted). */
#include "plugin/scripts_job.h"
#include "base/buf.h"
#include "base/clock.h"
#include "plugin/live.h"
#include "plugin/site_keys.h"
#include "plugin/world.h"
#include "text/json.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 1000
#define MOST_CPU (FC_JOB_NS + 10 * 1000000000LL)
#define CANCEL_NS (10 * 1000000000LL)

struct fc_scripts_job {
    fc_site *site;
    fc_loop *loop;
    fc_timer *timer;
    void (*crashed)(void *ctx, const fc_death *death);
    void *ctx;
    int64_t id, pid; /* of the one that runs; pid 0: none */
    fc_dealership *d;
    fc_heart *heart;
    uint64_t beats;
    int64_t cpu;       /* of the child, when it was last heard of */
    int64_t cancelled; /* monotonic, when that was first seen; 0: not */
    int stuck, stopped;
};

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

static void start_next(fc_scripts_job *j);

/* Before the row is failed, so that who reads of it finds the plugin named. */
static void tell_death(fc_scripts_job *j, int code)
{
    fc_death death = {.pid = (int)j->pid, .signal = code > 128 ? code - 128 : 0, .stuck = j->stuck};
    snprintf(death.worker, sizeof death.worker, "script");
    death.busy = j->stuck;
    death.in_call = j->heart && fc_heart_call(j->heart, &death.call);
    if (death.signal && death.in_call && j->crashed) j->crashed(j->ctx, &death);
}

static void ended(void *ctx, int code)
{
    fc_scripts_job *j = ctx;
    if (j->stopped) return;
    tell_death(j, code);
    fc_heart_free(j->heart);
    j->heart = NULL;
    j->pid = 0;
    if (code != 0) {
        drop_files(j->d, j->id);
        fail_job(j->d, j->id, "运行脚本的进程意外结束；已完成的部分已保存，可以再运行一次",
                 "the process that ran the script ended unexpectedly; what was done is kept, run it again");
    }
    start_next(j);
}

/* Without a heart a script runs all the same; nobody will know where it died. */
static int spawn(fc_scripts_job *j, fc_dealership *d, int64_t id)
{
    char exe[PATH_MAX], number[32];
    fc_err err;
    int given[2] = {-1, -1};
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n <= 0) return 0;
    exe[n] = 0;
    snprintf(number, sizeof number, "%lld", (long long)id);
    j->id = id;
    j->d = d;
    j->beats = 0;
    j->cpu = j->cancelled = j->stuck = 0;
    j->heart = fc_heart_new(&given[1]);
    /* The job's number last: is_alive looks there. */
    const char *with[] = {exe, "run",          "--site", j->site->dir, "--dealership", d->id, "--keys-from",
                          "3", "--heart-from", "4",      "--job",      number,         NULL};
    const char *without[] = {exe, "run",   "--site", j->site->dir, "--dealership", d->id, "--keys-from",
                             "3", "--job", number,   NULL};
    int rc = fc_site_keys_hand(j->site, &given[0], &err);
    if (!rc) rc = fc_spawn(j->loop, j->heart ? with : without, given, ended, j, &j->pid, &err);
    for (int i = 0; i < 2; i++)
        if (given[i] >= 0) close(given[i]);
    if (!rc) return 1;
    j->pid = 0;
    fc_heart_free(j->heart);
    j->heart = NULL;
    fail_job(d, id, err.text[FC_ZH], err.text[FC_EN]);
    return 0;
}

static void start_next(fc_scripts_job *j)
{
    for (size_t i = 0; i < j->site->ndealerships && !j->pid && !j->site->safe; i++) {
        fc_err err;
        int64_t id;
        int found = 0;
        fc_dealership *d = &j->site->dealerships[i];
        if (fc_ask_int(d->store,
                       "SELECT id FROM host_job WHERE state = 'queued' ORDER BY made_at, id LIMIT 1", NULL, 0,
                       &id, &found, &err))
            continue;
        if (found) spawn(j, d, id);
    }
}

/* ---- one that does not listen */

static int64_t cpu_of(int64_t pid)
{
    clockid_t id;
    struct timespec t;
    if (clock_getcpuclockid((pid_t)pid, &id) != 0 || clock_gettime(id, &t) != 0) return 0;
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int used_too_much(fc_scripts_job *j)
{
    uint64_t beats = j->heart ? fc_heart_pulse(j->heart) : 0;
    int64_t cpu = cpu_of(j->pid);
    if (!j->heart || beats != j->beats) {
        j->beats = beats;
        j->cpu = cpu;
    }
    return cpu - j->cpu > MOST_CPU;
}

static int cancelled_long_ago(fc_scripts_job *j)
{
    fc_value v = fc_int(j->id);
    int64_t one;
    int found = 0;
    if (!j->cancelled &&
        fc_ask_int(j->d->store, "SELECT 1 FROM host_job WHERE id = ? AND state = 'cancelled'", &v, 1, &one,
                   &found, NULL) == FC_OK)
        j->cancelled = found ? fc_monotonic() : 0;
    return j->cancelled && fc_monotonic() - j->cancelled > CANCEL_NS;
}

static void tick(void *ctx)
{
    fc_scripts_job *j = ctx;
    if (!j->pid) {
        start_next(j);
        return;
    }
    int hangs = used_too_much(j);
    if (!hangs && !cancelled_long_ago(j)) return;
    j->stuck = hangs;
    kill((pid_t)j->pid, SIGKILL);
}

void fc_scripts_job_look(fc_scripts_job *j)
{
    fc_timer_set(j->timer, 1, TICK_MS);
}

/* ---- those of a server that is gone */

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

fc_scripts_job *fc_scripts_job_start(fc_loop *l, fc_site *s,
                                     void (*crashed)(void *ctx, const fc_death *death), void *ctx)
{
    fc_scripts_job *j = fc_alloc(sizeof *j);
    *j = (fc_scripts_job){.site = s, .loop = l, .crashed = crashed, .ctx = ctx};
    j->timer = fc_timer_new(l, tick, j);
    fc_timer_set(j->timer, 200, TICK_MS);
    abandon_jobs(s);
    return j;
}

/* A script that runs ends with this process (run --job asks the kernel for that). */
void fc_scripts_job_stop(fc_scripts_job *j)
{
    if (!j) return;
    fc_timer_free(j->timer);
    j->stopped = 1;
    if (j->pid) return; /* its child's handle still names it */
    free(j);
}
