#include "plugin/off.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/live_rows.h"
#include "plugin/problem.h"
#include "text/json.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- obeying */

static void say_off(const fc_source *s, int64_t since, const char *by, const json_t *why, json_t *problems)
{
    char at[512], when[32], zh[1300], en[1300];
    fc_civil c;
    fc_civil_of(since, &c);
    const char *why_zh = json_string_value(json_object_get(why, "zh")),
               *why_en = json_string_value(json_object_get(why, "en"));
    snprintf(at, sizeof at, "%s/plugin.lua", s->label);
    snprintf(when, sizeof when, "%04u-%02u-%02u %02u:%02u", (unsigned)c.year % 10000, (unsigned)c.month % 100,
             (unsigned)c.day % 100, (unsigned)c.hour % 100, (unsigned)c.minute % 100);
    snprintf(zh, sizeof zh, "已停用（%s，%s）%s%s。重新启用：forecourt plugin enable %s", when, by,
             why_zh ? "：" : "", why_zh ? why_zh : "", s->id);
    snprintf(en, sizeof en, "switched off (%s, %s)%s%s. To use it again: forecourt plugin enable %s", when,
             by, why_en ? ": " : "", why_en ? why_en : "", s->id);
    fc_problem(problems, s->id, at, zh, en);
}

static int is_off(fc_dealership *d, const fc_source *s, json_t *problems)
{
    static const char sql[] = "SELECT at, actor, why FROM host_plugin_off WHERE plugin = ?";
    fc_cursor *c;
    fc_err err;
    fc_value arg = fc_text(s->id), since, v;
    int row = 0;
    if (fc_query(d->store, sql, sizeof sql - 1, &arg, 1, &c, &err)) return 0;
    if (!fc_cursor_next(c, &row, &err) && row) {
        char by[80];
        json_t *why = NULL;
        fc_cursor_value(c, 0, &since);
        fc_cursor_value(c, 1, &v);
        snprintf(by, sizeof by, "%.*s", (int)v.n, v.s);
        fc_cursor_value(c, 2, &v);
        fc_json_parse(v.s, v.n, 1 << 16, &why, &err);
        if (why) say_off(s, since.i, by, why, problems); /* who did it by hand knows it */
        json_decref(why);
    }
    fc_cursor_close(c);
    return row;
}

void fc_off_apply(fc_dealership *d, fc_source **list, json_t *problems)
{
    size_t kept = 0;
    for (fc_source **s = list; *s; s++) {
        if (is_off(d, *s, problems))
            fc_source_unref(*s);
        else
            list[kept++] = *s;
    }
    list[kept] = NULL;
}

/* ---- switching off */

static int switch_off(fc_dealership *d, const char *plugin, const char *why, int64_t *changed, fc_err *err)
{
    fc_value v[] = {fc_text(plugin), fc_int(fc_now()), fc_text(why)};
    int rc =
        fc_run(d->store,
               "INSERT INTO host_plugin_off (plugin, at, actor, why) VALUES (?, ?, 'host', ?) ON CONFLICT "
               "(plugin) DO NOTHING",
               v, 3, changed, err);
    if (rc || !*changed) return rc;
    rc = fc_live_row_end(d, plugin, "host", "disable", err);
    if (!rc) rc = fc_change_bump(d, err);
    return rc ? rc : fc_plugin_audit(d, "host", "plugin.off", plugin, why, err);
}

static int write_in(fc_dealership *d, const fc_death *death, const char *text, int blamed, int64_t *changed,
                    fc_err *err)
{
    int rc = fc_tx_begin(d->store, err);
    if (rc) return rc;
    rc = fc_plugin_audit(d, "host", "worker.died", death->worker, text, err);
    if (!rc && blamed) rc = switch_off(d, death->call.who.plugin, text, changed, err);
    if (!rc) return fc_tx_commit(d->store, err);
    fc_tx_rollback(d->store);
    return rc;
}

int fc_off_after(fc_site *s, const fc_death *death, int *off, fc_err *err)
{
    fc_err said;
    int rc = FC_OK, blamed = fc_death_blames(death) && death->call.who.own;
    fc_death_says(death, &said);
    json_t *both = json_pack("{s:s, s:s}", "zh", said.text[FC_ZH], "en", said.text[FC_EN]);
    char *text = json_dumps(both, JSON_COMPACT);
    *off = 0;
    for (size_t i = 0; i < s->ndealerships && !rc; i++) {
        int64_t changed = 0;
        rc = write_in(&s->dealerships[i], death, text, blamed, &changed, err);
        if (!rc && changed) *off = 1;
    }
    if (*off)
        fc_log(FC_ERROR, "plugin", fc_say("%s 已停用：%s", "%s is switched off: %s"), death->call.who.plugin,
               fc_err_text(&said, fc_process_lang()));
    free(text);
    json_decref(both);
    return rc;
}
