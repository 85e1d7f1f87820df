#include "plugin/backup_plan.h"
#include "plugin/site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int wrong(fc_err *err, const char *name, const char *zh, const char *en)
{
    return fc_fail(err, FC_EINVAL, "site.lua: backup.%s 应为%s%.0s", "site.lua: backup.%s should be %.0s%s",
                   name, zh, en);
}

static int number(const json_t *b, const char *name, int otherwise, int least, int *out, fc_err *err)
{
    const json_t *v = json_object_get(b, name);
    *out = otherwise;
    if (!v) return FC_OK;
    if (!json_is_integer(v) || json_integer_value(v) < least || json_integer_value(v) > 3650)
        return wrong(err, name, "整数（最多 3650）", "a whole number, at most 3650");
    *out = (int)json_integer_value(v);
    return FC_OK;
}

static int folder(const char *dir, const json_t *b, const char *name, const char *otherwise, char *out,
                  fc_err *err)
{
    const json_t *v = json_object_get(b, name);
    const char *text = v ? json_string_value(v) : otherwise;
    if (!text || !*text) return wrong(err, name, "文件夹", "a folder");
    int n =
        text[0] == '/' ? snprintf(out, PATH_MAX, "%s", text) : snprintf(out, PATH_MAX, "%s/%s", dir, text);
    return n < PATH_MAX - 128 ? FC_OK : wrong(err, name, "较短的路径", "a shorter path");
}

static int time_of_day(const json_t *b, int *minute, fc_err *err)
{
    int h, m, n = 0;
    const json_t *v = json_object_get(b, "at");
    const char *text = v ? json_string_value(v) : "02:30";
    if (!text || sscanf(text, "%2d:%2d%n", &h, &m, &n) != 2 || text[n] || h < 0 || h > 23 || m < 0 || m > 59)
        return wrong(err, "at", "一天中的时间，例如 \"02:30\"", "a time of the day, for example \"02:30\"");
    *minute = h * 60 + m;
    return FC_OK;
}

static int known_names(const json_t *b, fc_err *err)
{
    static const char *const names[] = {"at",         "to",      "keep_days",
                                        "keep_weeks", "keys_to", "keys_retention_days"};
    const char *name;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)b, name, v)
    {
        int known = 0;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            known |= strcmp(name, names[i]) == 0;
        if (!known)
            return fc_fail(err, FC_EINVAL, "site.lua: backup 没有设置 '%s'",
                           "site.lua: backup has no setting '%s'", name);
    }
    return FC_OK;
}

static void name_of(const json_t *config, fc_backup_plan *p)
{
    const json_t *name = json_object_get(config, "name");
    const char *zh =
        json_is_object(name) ? json_string_value(json_object_get(name, "zh")) : json_string_value(name);
    snprintf(p->site, sizeof p->site, "%.250s", zh ? zh : p->folder);
}

int fc_backup_plan_of(const char *dir, const json_t *config, fc_backup_plan *p, fc_err *err)
{
    const json_t *b = json_object_get(config, "backup");
    memset(p, 0, sizeof *p);
    fc_backup_folder_name(dir, p->folder);
    name_of(config, p);
    if (b && !json_is_object(b))
        return fc_fail(err, FC_EINVAL, "site.lua: backup 应为表，例如 { at = \"02:30\", keep_days = 14 }",
                       "site.lua: backup should be a table, for example { at = \"02:30\", keep_days = 14 }");
    p->scheduled = p->prunes = b != NULL;
    int rc = b ? known_names(b, err) : FC_OK;
    if (!rc) rc = time_of_day(b, &p->at_minute, err);
    if (!rc) rc = number(b, "keep_days", 14, 1, &p->keep.days, err);
    if (!rc) rc = number(b, "keep_weeks", 8, 0, &p->keep.weeks, err);
    if (!rc) rc = number(b, "keys_retention_days", 30, 1, &p->keys_keep.days, err);
    if (!rc) rc = folder(dir, b, "to", "backups", p->to, err);
    if (!rc) rc = folder(dir, b, "keys_to", "backups-keys", p->keys_to, err);
    return rc;
}

int fc_backup_plan_read(const char *dir, const char *to, const char *keys_to, fc_backup_plan *p, fc_err *err)
{
    json_t *config = NULL;
    int rc = fc_site_config(dir, &config, err);
    if (rc == FC_ENOTFOUND) return rc; /* no site at all */
    if (rc && to) rc = FC_OK;          /* a broken site.lua is no reason to go without a backup */
    if (!rc) rc = fc_backup_plan_of(dir, config, p, err);
    if (!rc && to) snprintf(p->to, sizeof p->to, "%s", to);
    if (!rc && keys_to) snprintf(p->keys_to, sizeof p->keys_to, "%s", keys_to);
    if (!rc && to) p->prunes = 0;
    json_decref(config);
    return rc;
}

int fc_backup_plan_prune(const fc_backup_plan *p, const fc_backup_result *r, int64_t now, int *removed,
                         fc_err *err)
{
    int keys = 0;
    int rc = fc_backup_prune(p->to, p->folder, 0, &p->keep, r->file, now, removed, err);
    if (!rc && r->keys_file[0])
        rc = fc_backup_prune(p->keys_to, p->folder, 1, &p->keys_keep, r->keys_file, now, &keys, err);
    *removed += keys;
    return rc;
}

int fc_backup_plan_store(const char *dir, fc_store **out, fc_err *err)
{
    char path[PATH_MAX], schema[PATH_MAX], *share = fc_share_dir();
    snprintf(path, sizeof path, "%s/data/site.db", dir);
    snprintf(schema, sizeof schema, "%s/schema/site", share);
    free(share);
    int rc = fc_store_open(path, out, err);
    if (!rc && (rc = fc_store_migrate(*out, schema, err))) {
        fc_store_close(*out);
        *out = NULL;
    }
    return rc;
}
