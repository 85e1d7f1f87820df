/* How far a script is: on the terminal, or in the job that the console shows. */
#include "base/clock.h"
#include "store/store.h"
#include "verbs/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void show(fc_running *r, int64_t done, int64_t total, const json_t *what)
{
    int percent = total > 0 ? (int)(done * 100 / total) : 0;
    const char *text =
        json_is_object(what)
            ? json_string_value(json_object_get(what, fc_process_lang() == FC_EN ? "en" : "zh"))
            : json_string_value(what);
    int terminal = isatty(2);
    if (!terminal && percent / 10 == r->quiet_percent / 10 && r->shown_at) return;
    if (terminal && fc_monotonic() - r->shown_at < 50000000 && done < total) return;
    r->quiet_percent = percent;
    r->shown_at = fc_monotonic();
    if (terminal) {
        fprintf(stderr, "\r\033[K[%-30.*s] %3d%% %s%s", percent * 30 / 100, "##############################",
                percent, text ? text : "", done >= total ? "\n" : "");
    } else {
        fprintf(stderr, "%lld/%lld %s\n", (long long)done, (long long)total, text ? text : "");
    }
}

static int store_progress(fc_running *r, int64_t done, int64_t total, const json_t *what)
{
    fc_err err;
    int64_t n = 0;
    int found = 0;
    char *text = what ? json_dumps(what, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    fc_value v[] = {fc_int(done), fc_int(total), fc_text(text), fc_int(r->job)};
    if (!text) v[2].type = FC_NULL;
    if (fc_tx_depth(r->d->store) == 0)
        fc_run(r->d->store,
               "UPDATE host_job SET done = ?, total = ?, what = ? WHERE id = ? AND state = 'running'", v, 4,
               NULL, &err);
    free(text);
    fc_value id = fc_int(r->job);
    fc_ask_int(r->d->store, "SELECT count(*) FROM host_job WHERE id = ? AND state = 'cancelled'", &id, 1, &n,
               &found, &err);
    return n > 0;
}

int fc_run_progress(fc_call *c, int64_t done, int64_t total, const json_t *what)
{
    fc_running *r = c->data;
    if (r->job) return store_progress(r, done, total, what);
    show(r, done, total, what);
    return 0;
}
