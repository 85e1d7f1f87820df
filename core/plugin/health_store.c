/* A database: its schema's version, its pages, rows that point nowhere. */
#include "plugin/health.h"
#include "base/folder.h"
#include "base/clock.h"
#include "store/pages.h"

#include <stdio.h>
#include <string.h>

static void failed(fc_findings *f, const char *check, const char *place, const fc_err *err)
{
    fc_find(f, FC_BAD, check, place, "无法检查：%s%.0s", "cannot be checked: %.0s%s", err->text[FC_ZH],
            err->text[FC_EN]);
}

/* Opening refuses a database of a newer program and one that cannot be migrated; here it is named. */
void fc_health_schema(fc_store *s, const char *place, fc_findings *f)
{
    int64_t version;
    int found;
    fc_err err;
    if (fc_ask_int(s, "SELECT max(number) FROM fc_migration", NULL, 0, &version, &found, &err))
        failed(f, "schema", place, &err);
    else
        fc_find(f, FC_GOOD, "schema", place, "数据结构版本 %lld", "schema version %lld", (long long)version);
}

/* Every page of file and log against its sum. */
static void one_file(const char *path, fc_findings *f)
{
    const char *name = strrchr(path, '/') + 1;
    fc_verified v;
    fc_err err;
    char day[11];
    if (fc_store_verify(path, NULL, NULL, &v, &err)) {
        fc_find(f, FC_BAD, "sums", name, "%s%.0s", "%.0s%s", err.text[FC_ZH], err.text[FC_EN]);
        return;
    }
    fc_find(f, FC_GOOD, "sums", name, "%lld 页与校验和相符（另有预写日志 %lld 帧）",
            "%lld pages fit their sums (and %lld frames of the log)", (long long)v.pages,
            (long long)v.frames);
    if (!v.adopted_at) return;
    fc_day_format((v.adopted_at + FC_ZONE_MS) / 86400000, day);
    if (v.lost_sums)
        fc_find(f, FC_WARNING, "sums", name, "校验和文件曾经丢失，%s 按当时的内容重建：此前的损坏无从察觉",
                "its file of sums was lost and made anew on %s from what was there: damage before that day "
                "cannot "
                "be seen",
                day);
    else
        fc_find(f, FC_GOOD, "sums", name, "校验和自 %s 起建立", "sums since %s", day);
}

void fc_health_files(const char *dir, fc_findings *f)
{
    char path[4096];
    fc_names files;
    snprintf(path, sizeof path, "%s/data", dir);
    int bad = fc_names_read(path, ".db", &files);
    if (bad)
        fc_find(f, FC_BAD, "sums", "data", "%s: 无法读取文件夹：%s", "%s: the folder cannot be read: %s",
                path, strerror(bad));
    for (size_t i = 0; i < files.n; i++) {
        snprintf(path, sizeof path, "%s/data/%s", dir, files.names[i]);
        one_file(path, f);
    }
    fc_names_free(&files);
}

/* SQLite begins with "*** in database main ***" on a line of its own; a finding is one line. */
static void one_line(const fc_value *v, char *out, size_t cap)
{
    const char *s = v->type == FC_TEXT ? v->s : "", *after = strstr(s, "***\n");
    snprintf(out, cap, "%s", after ? after + 4 : s);
    for (char *p = out; *p; p++)
        if (*p == '\n') *p = ' ';
}

void fc_health_pages(fc_store *s, const char *place, fc_findings *f)
{
    static const char sql[] = "PRAGMA integrity_check(1)";
    fc_cursor *c;
    fc_err err;
    fc_value v;
    int row = 0;
    int rc = fc_query(s, sql, sizeof sql - 1, NULL, 0, &c, &err);
    if (rc) {
        failed(f, "pages", place, &err);
        return;
    }
    rc = fc_cursor_next(c, &row, &err);
    if (rc) {
        failed(f, "pages", place, &err);
    } else {
        char told[201];
        fc_cursor_value(c, 0, &v);
        one_line(&v, told, sizeof told);
        if (row && v.type == FC_TEXT && v.n == 2 && memcmp(v.s, "ok", 2) == 0)
            fc_find(f, FC_GOOD, "pages", place, "数据库页完好", "database pages are sound");
        else
            fc_find(
                f, FC_BAD, "pages", place, "数据库损坏，请从备份恢复（forecourt restore）；SQLite 的原话：%s",
                "the database is damaged, restore a backup (forecourt restore); in SQLite's words: %s", told);
    }
    fc_cursor_close(c);
}

/* The first table that is hit, and how many rows there are in all. */
void fc_health_references(fc_store *s, const char *place, fc_findings *f)
{
    static const char sql[] = "PRAGMA foreign_key_check";
    fc_cursor *c = NULL;
    fc_err err;
    fc_value v;
    char from[80] = "", to[80] = "";
    int row = 0, rc = fc_query(s, sql, sizeof sql - 1, NULL, 0, &c, &err);
    long long n = 0, id = 0;
    while (!rc && !(rc = fc_cursor_next(c, &row, &err)) && row) {
        if (n++) continue;
        fc_cursor_value(c, 0, &v);
        snprintf(from, sizeof from, "%.*s", (int)v.n, v.s ? v.s : "");
        fc_cursor_value(c, 1, &v);
        id = v.i;
        fc_cursor_value(c, 2, &v);
        snprintf(to, sizeof to, "%.*s", (int)v.n, v.s ? v.s : "");
    }
    if (rc)
        failed(f, "references", place, &err);
    else if (n)
        fc_find(f, FC_BAD, "references", place, "%lld 行指向不存在的行，例如 %s 的记录 %lld，指向 %s",
                "%lld rows point to rows that are not there, for example %s row %lld, to %s", n, from, id,
                to);
    else
        fc_find(f, FC_GOOD, "references", place, "外键完好", "foreign keys are sound");
    fc_cursor_close(c);
}
