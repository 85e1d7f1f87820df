/* The site is open when this runs, so its keys open it; what is left to say is how they stand. */
#include "verbs/doctor_keys.h"
#include "store/sealed_check.h"

#include <stdarg.h>
#include <stdio.h>

enum { FINE, WARNING, BAD };

static void say(fc_doctor_line line, int mark, const char *zh, const char *en, ...)
{
    char text[1024];
    va_list args;
    va_start(args, en);
    vsnprintf(text, sizeof text, fc_say(zh, en), args);
    va_end(args);
    line(mark, text);
}

static void master(const fc_site *site, fc_doctor_line line)
{
    char secrets[4096];
    fc_err err;
    fc_master *m = NULL;
    int64_t count = 0, since, unfinished = 0;
    snprintf(secrets, sizeof secrets, "%s/secrets", site->dir);
    if (fc_master_read(secrets, 0, &m, &err)) {
        say(line, BAD, "%s", "%s", fc_err_text(&err, fc_process_lang()));
        return;
    }
    for (size_t i = 0; i < site->ndealerships; i++)
        if (!fc_keys_wrappings(fc_vault_keys(site->dealerships[i].vault), m, &count, &since, &err))
            unfinished += count > 1;
    if (unfinished)
        say(line, WARNING, "主密钥 %s：一次更换没有完成；请运行 forecourt key rotate",
            "master key %s: a change was not finished; run forecourt key rotate", m->print);
    else
        say(line, FINE, "主密钥 %s，来自 %s，只有所有者可读",
            "master key %s from %s, readable by its owner only", m->print, m->place);
    fc_master_free(m);
}

static void sealed(const fc_dealership *d, fc_doctor_line line)
{
    fc_sealed_report r;
    fc_err err;
    if (fc_sealed_check(d->vault, d->store, &r, &err)) {
        say(line, BAD, "%s: 无法检查密封的字段：%s", "%s: sealed fields cannot be checked: %s", d->id,
            fc_err_text(&err, fc_process_lang()));
        return;
    }
    if (r.orphans)
        say(line, BAD, "%s: %lld 个人的密封字段没有密钥（如 %s）：请从备份恢复 data/%s.keys.db",
            "%s: sealed fields of %lld persons have no key (as in %s): restore data/%s.keys.db from a backup",
            d->id, (long long)r.orphans, r.where, d->id);
    if (r.foreign)
        say(line, BAD, "%s: %lld 种密封字段的格式不认识（如 %s）：可能被其他程序写过",
            "%s: %lld kinds of sealed fields have an unknown form (as in %s): another program may have "
            "written them",
            d->id, (long long)r.foreign, r.where);
    if (!r.orphans && !r.foreign)
        say(line, FINE, "%s: %lld 个人的密封字段都有密钥，其中 %lld 人已删除；%lld 个密钥没有用到（无害）",
            "%s: sealed fields of %lld persons have their keys, %lld of them are erased; %lld keys are "
            "unused (harmless)",
            d->id, (long long)r.persons, (long long)r.erased, (long long)r.idle);
}

void fc_doctor_keys(fc_site *site, fc_doctor_line line)
{
    master(site, line);
    for (size_t i = 0; i < site->ndealerships; i++)
        sealed(&site->dealerships[i], line);
}
