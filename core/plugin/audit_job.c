/* On the loop, with the stores that are open anyway: a batch is a few milliseconds, and only when a row
 * waits (asked of an index that holds nothing else). No further connection of this process is opened for it,
 * because opening a store opens and closes its file, which takes this process's locks on it away.
 *
 * A store that somebody else writes for long is not waited for: the next second will do. What fails is logged
 * once and tried again. */
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
    int wait, failed;
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

static int chain_all(fc_audit_job *j, int *more, fc_err *err)
{
    int rc = open_signer(j, err), rows;
    for (size_t i = 0; i < j->site->ndealerships && !rc; i++) {
        fc_dealership *d = &j->site->dealerships[i];
        if (fc_tx_depth(d->store)) continue; /* a call is in the middle of one */
        rc = fc_audit_chain(j->signer, d->id, d->store, j->site->store, &rows, err);
        if (rc == FC_ELIMIT) rc = FC_OK;
        *more |= rows >= FC_AUDIT_BATCH;
    }
    return rc;
}

static void tick(void *ctx)
{
    fc_audit_job *j = ctx;
    fc_err err;
    int more = 0;
    if (j->wait && j->wait--) return;
    int rc = chain_all(j, &more, &err);
    if (rc && rc != FC_ECONFLICT && !j->failed) fc_log(FC_ERROR, "audit", "%s", err.text[FC_EN]);
    j->failed = rc != FC_OK;
    if (more) fc_timer_set(j->timer, MORE_MS, TICK_MS);
}

fc_audit_job *fc_audit_job_start(fc_loop *l, fc_site *s)
{
    fc_audit_job *j = fc_alloc(sizeof *j);
    j->site = s;
    j->timer = fc_timer_new(l, tick, j);
    fc_timer_set(j->timer, TICK_MS, TICK_MS);
    return j;
}

/* What this process wrote last is signed yet, if it is the one that signs. */
void fc_audit_job_stop(fc_audit_job *j)
{
    int more = 0;
    fc_err err;
    if (!j) return;
    fc_timer_free(j->timer);
    if (j->signer) chain_all(j, &more, &err);
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
