/* The keys: the site is open when this runs, so they open it; what is left to say is how they stand, and
 * whether each sealed value has its key. */
#include "plugin/health.h"
#include "base/folder.h"
#include "store/change_pair.h"
#include "store/key_file.h"
#include "store/sealed_check.h"

#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void fc_health_key(const fc_site *site, fc_findings *f)
{
    char secrets[4096];
    fc_err err;
    fc_master *m = NULL;
    int64_t count = 0, since, unfinished = 0;
    snprintf(secrets, sizeof secrets, "%s/secrets", site->dir);
    if (fc_master_read(secrets, 0, &m, &err)) {
        fc_find(f, FC_BAD, "key", "", "%s%.0s", "%.0s%s", err.text[FC_ZH], err.text[FC_EN]);
        return;
    }
    int rc = FC_OK;
    for (size_t i = 0; i < site->ndealerships && !rc; i++) {
        rc = fc_keys_wrappings(fc_vault_keys(site->dealerships[i].vault), m, &count, &since, &err);
        unfinished += count > 1;
    }
    if (rc)
        fc_find(f, FC_BAD, "key", "", "%s%.0s", "%.0s%s", err.text[FC_ZH], err.text[FC_EN]);
    else if (unfinished)
        fc_find(f, FC_WARNING, "key", "", "主密钥 %s：一次更换没有完成；请运行 forecourt key rotate",
                "master key %s: a change was not finished; run forecourt key rotate", m->print);
    else if (m->source == FC_MASTER_FILE)
        fc_find(f, FC_GOOD, "key", "", "主密钥 %s，来自 %s，只有所有者可读",
                "master key %s from %s, readable by its owner only", m->print, m->place);
    else
        fc_find(f, FC_GOOD, "key", "", "主密钥 %s，来自 %s", "master key %s from %s", m->print, m->place);
    fc_master_free(m);
}

/* Everything opens all the same: what is behind only keeps the earlier key worth stealing. */
static void pair_finished(const fc_dealership *d, fc_findings *f)
{
    char before[FC_PRINT_CAP], after[FC_PRINT_CAP];
    int64_t behind = 0;
    int open = 0;
    fc_err err;
    int rc = fc_keys_changing(fc_vault_keys(d->vault), &open, before, after, &err);
    if (!rc) rc = fc_pair_behind(d->vault, d->store, &behind, &err);
    if (rc)
        fc_find(f, FC_BAD, "key", d->id, "%s%.0s", "%.0s%s", err.text[FC_ZH], err.text[FC_EN]);
    else if (open || behind)
        fc_find(f, FC_WARNING, "key", d->id,
                "门店密钥的更换没有完成：还有 %lld 项在旧密钥下；请运行 forecourt key rotate "
                "--dealership-key --dealership %s",
                "the change of the dealership's key was not finished: %lld items still lie under an earlier "
                "key; run forecourt key rotate --dealership-key --dealership %s",
                (long long)behind, d->id);
}

/* The server goes on without it and only its log says so: rows wait unsigned. */
static void signing_key(const char *secrets, fc_findings *f)
{
    char path[4200];
    unsigned char seed[FC_KEY_BYTES];
    fc_err err;
    snprintf(path, sizeof path, "%s/audit.key", secrets);
    if (access(path, F_OK) != 0) return; /* made by the next serve */
    if (fc_key_read(path, 0, seed, NULL, &err))
        fc_find(f, FC_BAD, "key", "", "审计日志无法签名：%s%.0s", "the audit log cannot be signed: %.0s%s",
                err.text[FC_ZH], err.text[FC_EN]);
    sodium_memzero(seed, sizeof seed);
}

/* Names and plates stand plainly in a database. */
static void open_databases(const char *dir, fc_findings *f)
{
    char path[4200];
    struct stat st;
    fc_names files;
    snprintf(path, sizeof path, "%s/data", dir);
    fc_names_read(path, ".db", &files);
    for (size_t i = 0; i < files.n; i++) {
        snprintf(path, sizeof path, "%s/data/%s", dir, files.names[i]);
        if (stat(path, &st) == 0 && st.st_mode & 077)
            fc_find(f, FC_WARNING, "mode", "", "%s 的权限是 %04o，其他人可能读到它；请运行 chmod 600 %s",
                    "%s has mode %04o, others may read it; run: chmod 600 %s", path,
                    (unsigned)(st.st_mode & 07777), path);
    }
    fc_names_free(&files);
}

void fc_health_modes(const fc_site *site, fc_findings *f)
{
    char secrets[4096];
    snprintf(secrets, sizeof secrets, "%s/secrets", site->dir);
    signing_key(secrets, f);
    open_databases(site->dir, f);
}

void fc_health_sealed(const fc_dealership *d, fc_findings *f)
{
    fc_sealed_report r;
    fc_err err;
    pair_finished(d, f);
    if (fc_sealed_check(d->vault, d->store, &r, &err)) {
        fc_find(f, FC_BAD, "sealed", d->id, "无法检查密封的字段：%s%.0s",
                "sealed fields cannot be checked: %.0s%s", err.text[FC_ZH], err.text[FC_EN]);
        return;
    }
    if (r.orphans)
        fc_find(f, FC_BAD, "sealed", d->id,
                "%lld 个人的密封字段没有密钥（如 %s）：请从备份恢复 data/%s.keys.db",
                "sealed fields of %lld persons have no key (as in %s): restore data/%s.keys.db from a backup",
                (long long)r.orphans, r.where, d->id);
    if (r.foreign)
        fc_find(f, FC_BAD, "sealed", d->id, "%lld 种密封字段的格式不认识（如 %s）：可能被其他程序写过",
                "%lld kinds of sealed fields have an unknown form (as in %s): another program may have "
                "written them",
                (long long)r.foreign, r.where);
    if (!r.orphans && !r.foreign)
        fc_find(f, FC_GOOD, "sealed", d->id,
                "%lld 个人的密封字段都有密钥，其中 %lld 人已删除；%lld 个密钥没有用到（无害）",
                "sealed fields of %lld persons have their keys, %lld of them are erased; %lld keys are "
                "unused (harmless)",
                (long long)r.persons, (long long)r.erased, (long long)r.idle);
}
