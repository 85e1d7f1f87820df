/* Each check is one line: ok, warn or bad, what, and the remedy. Works when plugins are broken: nothing here
 * runs Lua of a plugin except the loading of the live set. */
#include "base/clock.h"
#include "base/log.h"
#include "lua/vm.h"
#include "plugin/live.h"
#include "verbs/doctor_keys.h"
#include "store/pages.h"
#include "verbs/options.h"
#include "verbs/session.h"
#include "verbs/verbs.h"

#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

static int bad_lines;

enum mark { OK, WARN, BAD };

static void say(enum mark m, const char *zh, const char *en, ...)
{
    static const char *const marks[] = {"ok  ", "warn", "bad "};
    va_list args;
    va_start(args, en);
    printf("%s  ", marks[m]);
    vprintf(fc_say(zh, en), args);
    printf("\n");
    va_end(args);
    bad_lines += m == BAD;
}

static void check_integrity(fc_store *s, const char *name)
{
    fc_cursor *c;
    fc_err err;
    fc_value v;
    int row = 0;
    static const char sql[] = "PRAGMA quick_check(1)", keys[] = "PRAGMA foreign_key_check";
    if (fc_query(s, sql, sizeof sql - 1, NULL, 0, &c, &err) || fc_cursor_next(c, &row, &err)) {
        say(BAD, "%s: 无法检查：%s", "%s: cannot be checked: %s", name, fc_err_text(&err, fc_process_lang()));
        return;
    }
    fc_cursor_value(c, 0, &v);
    int fine = row && v.type == FC_TEXT && v.n == 2 && memcmp(v.s, "ok", 2) == 0;
    if (fine)
        say(OK, "%s: 数据库页完好", "%s: database pages are sound", name);
    else
        say(BAD, "%s: 数据库损坏（%.200s）：请从备份恢复",
            "%s: the database is damaged (%.200s): restore a backup", name, v.type == FC_TEXT ? v.s : "");
    fc_cursor_close(c);
    if (fc_query(s, keys, sizeof keys - 1, NULL, 0, &c, &err)) return;
    row = 0;
    if (!fc_cursor_next(c, &row, &err) && row)
        say(BAD, "%s: 有行指向不存在的行", "%s: rows point to rows that are not there", name);
    fc_cursor_close(c);
}

/* Every page of file and WAL against its sum; needs no site that opens. */
static void check_pages(const char *path, const char *name)
{
    fc_verified v;
    fc_err err;
    if (fc_store_verify(path, NULL, NULL, &v, &err)) {
        say(BAD, "%s", "%s", fc_err_text(&err, fc_process_lang()));
        return;
    }
    say(OK, "%s: %lld 页与校验和相符（另有预写日志 %lld 帧）",
        "%s: %lld pages fit their sums (and %lld frames of the WAL)", name, (long long)v.pages,
        (long long)v.frames);
    if (!v.adopted_at) return;
    char day[11];
    fc_day_format((v.adopted_at + FC_ZONE_MS) / 86400000, day);
    if (v.lost_sums)
        say(WARN, "%s: 校验和文件曾经丢失，%s 按当时的内容重建：此前的损坏无从察觉",
            "%s: its file of sums was lost and made anew on %s from what was there: damage before that day "
            "cannot be seen",
            name, day);
    else
        say(OK, "%s: 校验和自 %s 起建立", "%s: sums since %s", name, day);
}

static void check_files(const char *dir)
{
    char pattern[4096];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/data/*.db", dir);
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            check_pages(found.gl_pathv[i], strrchr(found.gl_pathv[i], '/') + 1);
    globfree(&found);
}

static void check_space(const char *dir)
{
    struct statvfs fs;
    if (statvfs(dir, &fs) != 0) return;
    unsigned long long mib = (unsigned long long)fs.f_bavail * fs.f_frsize >> 20;
    if (mib < 512)
        say(WARN, "磁盘只剩 %llu MiB：请清理", "only %llu MiB of disk left: make room", mib);
    else
        say(OK, "磁盘剩余 %llu MiB", "%llu MiB of disk left", mib);
}

static void say_line(int mark, const char *text)
{
    say((enum mark)mark, "%s", "%s", text);
}

static void check_plugins(const fc_dealership *d)
{
    size_t i;
    json_t *p;
    say(OK, "%s: %zu 个插件在用", "%s: %zu plugins in force", d->id, d->live->n);
    json_array_foreach(d->problems, i, p)
        say(BAD, "%s: %s", "%s: %s", json_string_value(json_object_get(p, "at")),
            json_string_value(json_object_get(p, fc_process_lang() == FC_EN ? "en" : "zh")));
}

static void check_mail(const fc_dealership *d)
{
    int64_t n = 0;
    int found;
    fc_err err;
    if (fc_ask_int(d->store, "SELECT count(*) FROM host_mail WHERE sent_at IS NULL AND tries > 0", NULL, 0,
                   &n, &found, &err))
        return;
    if (n)
        say(WARN, "%s: %lld 封邮件还没有发出", "%s: %lld mails could not be sent yet", d->id, (long long)n);
}

int fc_verb_doctor(int argc, char **argv)
{
    const char *dir = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {
        "doctor",
        "",
        "检查站点：数据库、密钥、磁盘、插件、邮件；有问题时以 1 结束。",
        "Checks a site: databases, key, disk, plugins, mail; exits 1 if something is bad.",
        options,
        0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (argc > 1) return fc_wrong_use(&usage, "多余的参数 %s", "unexpected argument %s", argv[1]);
    fc_err err;
    fc_site *site = NULL;
    fc_log_level(FC_SILENT);
    say(OK, "forecourt %s, %s, SQLite %s", "forecourt %s, %s, SQLite %s", FORECOURT_VERSION, fc_lua_version(),
        fc_store_version());
    if (!fc_lua_trusted())
        say(WARN, "%s（Debian 12 自带）有脚本可触及的内存缺陷：只运行可信的插件，自己写的不受影响",
            "%s (the one of Debian 12) has memory faults that a script can reach: fine for plugins of your "
            "own, run no others",
            fc_lua_version());
    check_files(dir ? dir : ".");
    int rc = fc_site_open(dir ? dir : ".", FC_SITE_OPEN, &site, &err);
    if (rc) return fc_failed(&err);
    rc = fc_site_load(site, NULL, &err);
    if (rc) say(BAD, "%s", "%s", fc_err_text(&err, fc_process_lang()));
    fc_doctor_keys(site, say_line);
    check_space(site->dir);
    check_integrity(site->store, "site");
    for (size_t i = 0; i < site->ndealerships && !rc; i++) {
        check_integrity(site->dealerships[i].store, site->dealerships[i].id);
        check_plugins(&site->dealerships[i]);
        check_mail(&site->dealerships[i]);
    }
    fc_site_close(site);
    return bad_lines ? 1 : 0;
}
