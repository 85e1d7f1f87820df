/* What is written down of packs: who did what, and which are in force. */
#include "plugin/pack_install_internal.h"
#include "pack/acts.h"
#include "pack/lock.h"
#include "pack/unpack.h"

void fc_install_note(fc_install *in, const char *what, const char *by, const char *id, const json_t *entry,
                     const char *before, json_t *more)
{
    static const char *const keys[] = {"version", "hash", "key", "asks", "dev", NULL};
    json_t *act = json_object();
    for (const char *const *k = keys; *k; k++)
        if (json_object_get(entry, *k)) json_object_set(act, *k, json_object_get(entry, *k));
    if (before) json_object_set_new(act, "before", json_string(before));
    if (more) json_object_set_new(act, "more", more);
    fc_act_note(in->acts, what, by, id, act);
}

int fc_install_write(fc_install *in, fc_err *err)
{
    int rc = fc_lock_write(in->site, in->lock, in->acts, err);
    if (rc) return rc;
    fc_lock_nudge(in->site);
    fc_pack_tidy(in->site, in->lock);
    return FC_OK;
}
