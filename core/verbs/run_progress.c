/* How far a script is: on the terminal, or in the job that the console shows. */
#include "loop/heart.h"
#include "store/store.h"
#include "verbs/run.h"

#include <stdlib.h>

static void show(fc_running *r, int64_t done, int64_t total, const json_t *what)
{
    const char *text =
        json_is_object(what)
            ? json_string_value(json_object_get(what, fc_process_lang() == FC_EN ? "en" : "zh"))
            : json_string_value(what);
    fc_progress_show(&r->bar, done, total, text);
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
    fc_heart_beat();
    if (r->job) return store_progress(r, done, total, what);
    show(r, done, total, what);
    return 0;
}
