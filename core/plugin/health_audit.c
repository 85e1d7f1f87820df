#include "base/clock.h"
#include "plugin/health.h"
#include "store/audit_chain.h"

static void keys(const fc_dealership *d, const fc_audit_report *r, fc_findings *f)
{
    fc_civil c;
    if (r->keys < 2) return;
    fc_civil_of(r->key_at, &c);
    fc_find(f, FC_WARNING, "audit", d->id,
            "审计日志的签名密钥换过，最近一次在 %04d-%02d-%02d %02d:%02d：恢复备份后是正常的，否则请查明原因",
            "the key that signs the audit log was changed, the last time on %04d-%02d-%02d %02d:%02d: as "
            "expected "
            "after a restore, else find out why",
            c.year, c.month, c.day, c.hour, c.minute);
}

void fc_health_audit(fc_site *s, const fc_dealership *d, fc_findings *f)
{
    fc_audit_report r;
    fc_err err;
    if (fc_audit_check(d->id, d->store, s->store, &r, &err)) {
        fc_find(f, FC_BAD, "audit", d->id, "审计日志无法检查：%s%.0s",
                "the audit log cannot be checked: %.0s%s", err.text[FC_ZH], err.text[FC_EN]);
        return;
    }
    if (r.broken)
        fc_find(f, FC_BAD, "audit", d->id,
                "审计日志的链断了：%s%.0s。请保留这些文件，与最近的备份比对，查明谁动过它",
                "the chain of the audit log is broken: %.0s%s. Keep the files, compare them with the last "
                "backup and find out who touched them",
                r.what.text[FC_ZH], r.what.text[FC_EN]);
    else
        fc_find(f, FC_GOOD, "audit", d->id, "审计日志完好：%lld 条已签名，%lld 条等待签名",
                "the audit log is sound: %lld rows signed, %lld waiting", (long long)r.rows,
                (long long)r.waiting);
    keys(d, &r, f);
}
