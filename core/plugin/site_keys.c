/* First every file that has keys is unlocked, then those that have none get some: a wrong master key is found
 * before anything is written. A key store that is missing beside a dealership's data is an error, because a
 * new one would quietly give up all that is sealed there. */
#include "plugin/site_keys.h"
#include "base/log.h"
#include "store/handover.h"
#include "store/scrub.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int inherited = -1;

void fc_site_keys_inherit(int fd)
{
    inherited = fd;
}

void fc_site_keys_path(const fc_site *s, const char *dealership, char *path, size_t cap)
{
    snprintf(path, cap, "%s/data/%s.keys.db", s->dir, dealership);
}

void fc_site_keys_schema(const fc_site *s, char *path, size_t cap)
{
    snprintf(path, cap, "%s/schema/keys", s->share);
}

static int retention_of(const fc_site *s)
{
    json_t *days = json_object_get(json_object_get(s->config, "backup"), "keys_retention_days");
    return json_is_integer(days) && json_integer_value(days) >= 0 ? (int)json_integer_value(days) : 30;
}

static int exists(const fc_site *s, const char *id, const char *ending)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/data/%s%s", s->dir, id, ending);
    return access(path, F_OK) == 0;
}

static int lost(const fc_site *s, const char *id, fc_err *err)
{
    return fc_fail(
        err, FC_ENOTFOUND,
        "%s/data/%s.keys.db: 密钥库不见了，而 %s.db 还在；没有它，密封的内容打不开。请从密钥库的备份恢复"
        "（forecourt restore 站点的备份 --keys 密钥的备份 --to 新文件夹）",
        "%s/data/%s.keys.db: the key store is gone while %s.db is still there; sealed content cannot be "
        "opened without it. Restore it from the key store's backup "
        "(forecourt restore SITE-BACKUP --keys KEYS-BACKUP --to NEWFOLDER)",
        s->dir, id, id);
}

static int open_one(fc_dealership *d, fc_err *err)
{
    char path[PATH_MAX], schema[PATH_MAX];
    int made = 0, has_data = exists(d->site, d->id, ".db");
    fc_keys *keys = NULL;
    if (has_data && !exists(d->site, d->id, ".keys.db")) return lost(d->site, d->id, err);
    fc_site_keys_path(d->site, d->id, path, sizeof path);
    fc_site_keys_schema(d->site, schema, sizeof schema);
    int rc = fc_keys_open(path, schema, d->id, &keys, err);
    if (rc) return rc;
    d->vault = fc_vault_new(keys);
    fc_vault_set_retention(d->vault, retention_of(d->site));
    snprintf(path, sizeof path, "%s/secrets", d->site->dir);
    fc_keys_master_in(keys, path);
    rc = fc_keys_made(keys, &made, err);
    return rc || made || !has_data ? rc : lost(d->site, d->id, err);
}

static int is_made(fc_dealership *d)
{
    int made = 0;
    return fc_keys_made(fc_vault_keys(d->vault), &made, NULL) == FC_OK && made;
}

static int unlock_made(fc_site *s, const fc_master *m, fc_err *err)
{
    int rc = FC_OK;
    for (size_t i = 0; i < s->ndealerships && !rc; i++)
        if (is_made(&s->dealerships[i])) rc = fc_keys_unlock(fc_vault_keys(s->dealerships[i].vault), m, err);
    return rc;
}

static int make_missing(fc_site *s, const fc_master *m, fc_err *err)
{
    int rc = FC_OK;
    for (size_t i = 0; i < s->ndealerships && !rc; i++)
        if (!is_made(&s->dealerships[i])) rc = fc_keys_make(fc_vault_keys(s->dealerships[i].vault), m, err);
    return rc;
}

/* The master key may be changed between reading it and opening the stores: then a second look finds the new
 * one. */
static int unlock(fc_site *s, fc_err *err)
{
    char secrets[PATH_MAX];
    int create = 1, rc = FC_EDENIED;
    snprintf(secrets, sizeof secrets, "%s/secrets", s->dir);
    for (size_t i = 0; i < s->ndealerships; i++)
        create &= !is_made(&s->dealerships[i]);
    for (int attempt = 0; attempt < 2 && rc == FC_EDENIED; attempt++) {
        fc_master *m = NULL;
        rc = fc_master_read(secrets, create, &m, err);
        if (!rc && !(rc = unlock_made(s, m, err))) rc = make_missing(s, m, err);
        fc_master_free(m);
    }
    return rc;
}

static int unlock_given(fc_site *s, fc_err *err)
{
    fc_handed *handed = NULL;
    int rc = fc_handover_read(inherited, &handed, err);
    inherited = -1;
    for (size_t i = 0; i < s->ndealerships && !rc; i++) {
        const fc_pair *pair = fc_handed_pair(handed, s->dealerships[i].id);
        rc = pair ? fc_keys_given(fc_vault_keys(s->dealerships[i].vault), pair, err)
                  : lost(s, s->dealerships[i].id, err);
    }
    fc_handed_free(handed);
    return rc;
}

static int in_memory(fc_site *s, fc_err *err)
{
    char schema[PATH_MAX];
    fc_site_keys_schema(s, schema, sizeof schema);
    for (size_t i = 0; i < s->ndealerships; i++) {
        fc_dealership *d = &s->dealerships[i];
        if (!(d->vault = fc_vault_volatile(schema, d->id, err))) return err->code;
        fc_vault_set_retention(d->vault, retention_of(s));
    }
    return FC_OK;
}

int fc_site_keys(fc_site *s, enum fc_site_mode mode, fc_err *err)
{
    int rc = FC_OK;
    if (mode == FC_SITE_MEMORY) return in_memory(s, err);
    for (size_t i = 0; i < s->ndealerships && !rc; i++)
        rc = open_one(&s->dealerships[i], err);
    if (rc) return rc;
    return inherited >= 0 ? unlock_given(s, err) : unlock(s, err);
}

int fc_site_keys_settle(fc_dealership *d, fc_err *err)
{
    int n = 0, rc = fc_store_scrub_on(d->store, err);
    if (!rc) rc = fc_vault_bury(d->vault, d->store, &n, err);
    if (n)
        fc_log(FC_WARN, "vault",
               fc_say("%s：%d 位已抹除的人又有了密钥（恢复了旧的 keys.db）：已销毁",
                      "%s: %d erased persons had keys again (an old keys.db was restored): destroyed"),
               d->id, n);
    return rc;
}

int fc_site_keys_hand(fc_site *s, int *fd, fc_err *err)
{
    fc_handover *list = fc_alloc(s->ndealerships * sizeof *list);
    int rc = FC_OK;
    for (size_t i = 0; i < s->ndealerships && !rc; i++)
        rc = fc_keys_fresh(fc_vault_keys(s->dealerships[i].vault), err);
    for (size_t i = 0; i < s->ndealerships; i++)
        list[i] = (fc_handover){s->dealerships[i].id, fc_keys_pair(fc_vault_keys(s->dealerships[i].vault))};
    if (!rc) rc = fc_handover_write(list, s->ndealerships, fd, err);
    free(list);
    return rc;
}
