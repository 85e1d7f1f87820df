/* When was the last good backup? A warning, not a fault: the site itself is well. */
#include "base/clock.h"
#include "plugin/backup_plan.h"
#include "plugin/health.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define OLD_MS (2 * 86400000LL)

static void last_error(fc_store *site, char text[2][400])
{
    static const char sql[] =
        "SELECT error_zh, error_en, ok, ended_at FROM site_backup ORDER BY started_at DESC LIMIT 1";
    fc_cursor *c;
    fc_value v[4];
    int row = 0;
    text[0][0] = text[1][0] = 0;
    if (fc_query(site, sql, sizeof sql - 1, NULL, 0, &c, NULL)) return;
    if (!fc_cursor_next(c, &row, NULL) && row) {
        for (int i = 0; i < 4; i++)
            fc_cursor_value(c, i, &v[i]);
        for (int i = 0; i < 2 && v[2].type == FC_INT && !v[2].i; i++)
            snprintf(text[i], sizeof text[i], i ? "; the last try failed: %.*s" : "；最近一次失败：%.*s",
                     (int)v[i].n, v[i].s ? v[i].s : "");
        if (v[3].type == FC_NULL) {
            snprintf(text[FC_ZH], sizeof text[0], "；最近一次没有结束（正在进行，或被中断）");
            snprintf(text[FC_EN], sizeof text[0], "; the last try did not end (it runs, or was killed)");
        }
    }
    fc_cursor_close(c);
}

/* The file of the last good one may have been taken elsewhere; where it is known to be gone is worth a word.
 */
static void last_file(fc_store *site, fc_findings *f)
{
    static const char sql[] = "SELECT file FROM site_backup WHERE ok = 1 ORDER BY started_at DESC LIMIT 1";
    fc_cursor *c;
    fc_value v;
    char path[PATH_MAX];
    int row = 0;
    if (fc_query(site, sql, sizeof sql - 1, NULL, 0, &c, NULL)) return;
    if (!fc_cursor_next(c, &row, NULL) && row) {
        fc_cursor_value(c, 0, &v);
        snprintf(path, sizeof path, "%.*s", (int)v.n, v.s ? v.s : "");
        if (access(path, F_OK) != 0)
            fc_find(f, FC_WARNING, "backup", "", "最近一份备份 %s 不在原处",
                    "the last backup %s is not there any more", path);
    }
    fc_cursor_close(c);
}

static void settings(fc_site *s, fc_findings *f)
{
    fc_backup_plan *p = fc_alloc(sizeof *p);
    fc_err err;
    if (fc_backup_plan_of(s->dir, s->config, p, &err))
        fc_find(f, FC_BAD, "backup", "", "%s%.0s", "%.0s%s", err.text[FC_ZH], err.text[FC_EN]);
    else if (!p->scheduled)
        fc_find(f, FC_WARNING, "backup", "", "没有定时备份：请在 site.lua 中写 backup = { at = \"02:30\" }",
                "no backups are scheduled: write backup = { at = \"02:30\" } in site.lua");
    free(p);
}

void fc_health_backup(fc_site *s, fc_findings *f)
{
    fc_backup_times t = {0};
    fc_err err;
    fc_civil c;
    char why[2][400];
    settings(s, f);
    if (fc_backup_log_times(s->store, &t, &err)) {
        fc_find(f, FC_BAD, "backup", "", "%s%.0s", "%.0s%s", err.text[FC_ZH], err.text[FC_EN]);
        return;
    }
    last_error(s->store, why);
    if (!t.last_good) {
        fc_find(f, FC_WARNING, "backup", "", "还没有备份过：请运行 forecourt backup%s%.0s",
                "there is no backup yet: run forecourt backup%.0s%s", why[FC_ZH], why[FC_EN]);
        return;
    }
    fc_civil_of(t.last_good, &c);
    int old = fc_now() - t.last_good > OLD_MS;
    fc_find(f, old ? FC_WARNING : FC_GOOD, "backup", "", "最近一次成功的备份：%04d-%02d-%02d %02d:%02d%s%.0s",
            "the last good backup: %04d-%02d-%02d %02d:%02d%.0s%s", c.year, c.month, c.day, c.hour, c.minute,
            why[FC_ZH], why[FC_EN]);
    last_file(s->store, f);
}
