/* Each second, and only where a row waits (asked of an index that holds nothing else), a batch is queued like
 * any other transaction of the store; the next one of a dealership waits until the last has been told. What
 * fails is logged once and tried again. */
#include "plugin/audit_job.h"
#include "base/buf.h"
#include "base/log.h"
#include "store/audit_chain.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define TICK_MS 1000
#define MORE_MS 50  /* while there is more than a batch */
#define ASK_AGAIN 5 /* ticks, while another process signs */

struct fc_audit_job {
    fc_site *site;
    fc_timer *timer;
    fc_audit_signer *signer;
    int wait, failed, queued; /* batches under way */
};

static int open_signer(fc_audit_job *j, fc_err *err)
{
    char path[PATH_MAX];
    if (j->signer) return FC_OK;
    snprintf(path, sizeof path, "%s/secrets/audit.key", j->site->dir);
    int rc = fc_audit_open(path, j->site->store, &j->signer, err);
    if (rc == FC_ECONFLICT) j->wait = ASK_AGAIN;
    return rc;
}

static void say_failure(fc_audit_job *j, const fc_err *err)
{
    if (err && !j->failed) fc_log(FC_ERROR, "audit", "%s", fc_err_text(err, fc_process_lang()));
    j->failed = err != NULL;
}

static void chained(void *ctx, int rows, const fc_err *err)
{
    fc_audit_job *j = ctx;
    j->queued--;
    say_failure(j, err);
    if (rows >= FC_AUDIT_BATCH && j->timer) fc_timer_set(j->timer, MORE_MS, TICK_MS);
}

static void tick(void *ctx)
{
    fc_audit_job *j = ctx;
    fc_err err;
    if (j->queued || (j->wait && j->wait--)) return;
    int rc = open_signer(j, &err);
    if (rc) {
        if (rc != FC_ECONFLICT) say_failure(j, &err);
        return;
    }
    for (size_t i = 0; i < j->site->ndealerships; i++) {
        fc_dealership *d = &j->site->dealerships[i];
        if (!fc_audit_waiting(d->store)) continue;
        j->queued++;
        fc_audit_queue(j->signer, d->id, d->store, j->site->store, chained, j);
    }
}

fc_audit_job *fc_audit_job_start(fc_loop *l, fc_site *s)
{
    fc_audit_job *j = fc_alloc(sizeof *j);
    j->site = s;
    j->timer = fc_timer_new(l, tick, j);
    fc_timer_set(j->timer, TICK_MS, TICK_MS);
    return j;
}

/* After the stores are no longer served, so that nothing is under way. What this process wrote last is signed
 * yet, if it is the one that signs. */
void fc_audit_job_stop(fc_audit_job *j)
{
    fc_err err;
    int rows;
    if (!j) return;
    fc_timer_free(j->timer);
    for (size_t i = 0; j->signer && i < j->site->ndealerships; i++) {
        fc_dealership *d = &j->site->dealerships[i];
        fc_audit_chain(j->signer, d->id, d->store, j->site->store, &rows, &err);
    }
    fc_audit_close(j->signer);
    free(j);
}

int fc_audit_key_make(fc_site *s, fc_err *err)
{
    char path[PATH_MAX];
    fc_audit_signer *signer;
    snprintf(path, sizeof path, "%s/secrets/audit.key", s->dir);
    int rc = fc_audit_open(path, s->store, &signer, err);
    if (!rc) fc_audit_close(signer);
    return rc;
}
