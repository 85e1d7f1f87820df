/* Follows one plugin (or all) on a running site, from outside: the log file that every process of the site
 * appends to (data/forecourt.log), and the rows it writes into the store: what is in force (host_audit) and
 * what rule sets concluded (host_decision). Nothing is asked of the server, so it also works while that is
 * busy or gone. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "plugin/site.h"
#include "plugin/site_log.h"
#include "text/json.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define EACH_MS 40
#define LATE_MS 5000 /* another process may commit a row this long after it made its id */
#define ID_BITS 22   /* below the milliseconds of an id */

typedef struct tailing {
    fc_dealership *d;
    const char *plugin; /* or NULL */
    int json;
    char path[PATH_MAX];
    FILE *log;
    ino_t inode;
    fc_buf line;          /* what has come of a line that is not complete yet */
    json_t *seen;         /* ids of rows that were shown */
    int64_t began, since; /* ids: none older than began is shown, none older than since is looked at */
} tailing;

/* The log writes a report of several lines into one, with \n: people read it as it was. */
static void show(const tailing *t, const char *kind, const char *text)
{
    if (t->json) {
        fc_buf out = {0};
        json_t *v = json_pack("{s:s, s:s}", "kind", kind, "text", text);
        if (v) fc_json_canonical(v, &out);
        printf("%s\n", fc_buf_str(&out));
        fc_buf_free(&out);
        json_decref(v);
    } else {
        const char *p = text;
        for (const char *end; (end = strstr(p, "\\n")); p = end + 2)
            printf("%.*s\n    ", (int)(end - p), p);
        printf("%s\n", p);
    }
    fflush(stdout);
}

/* ---- the log */

static int has_between(const char *text, const char *name, const char *before, const char *after)
{
    size_t n = strlen(name);
    for (const char *p = text; (p = strstr(p, name)); p++)
        if (p > text && strchr(before, p[-1]) && p[n] && strchr(after, p[n])) return 1;
    return 0;
}

/* "TIME LEVEL AREA: TEXT": the area is the plugin, or a place in it is named: "plugins/NAME/..." */
static int is_mine(const tailing *t, const char *line)
{
    if (!t->plugin) return 1;
    const char *area = strchr(line, ' ');
    area = area ? strchr(area + 1, ' ') : NULL;
    size_t n = strlen(t->plugin);
    if (area && strncmp(area + 1, t->plugin, n) == 0 && area[1 + n] == ':') return 1;
    return has_between(line, t->plugin, "/ ", "/ @:");
}

static void take_line(tailing *t)
{
    if (is_mine(t, fc_buf_str(&t->line))) show(t, "log", fc_buf_str(&t->line));
    fc_buf_clear(&t->line);
}

static void read_log(tailing *t)
{
    char piece[4096];
    while (t->log && fgets(piece, sizeof piece, t->log)) {
        size_t n = strlen(piece);
        fc_buf_add(&t->line, piece, n);
        if (piece[n - 1] != '\n') continue;
        t->line.data[--t->line.len] = 0;
        take_line(t);
    }
    if (t->log) clearerr(t->log);
}

/* A file that was begun anew is read from its beginning, after what was left of the old one. */
static void follow_log(tailing *t)
{
    struct stat st;
    read_log(t);
    if (stat(t->path, &st) != 0 || (t->log && st.st_ino == t->inode)) return;
    if (t->log) fclose(t->log);
    t->log = fopen(t->path, "re");
    t->inode = st.st_ino;
    read_log(t);
}

/* The last lines that were there before. */
static void open_log(tailing *t, int lines)
{
    struct stat st;
    char **last = fc_alloc((size_t)(lines + 1) * sizeof *last), *line = NULL;
    size_t cap = 0;
    int n = 0;
    snprintf(t->path, sizeof t->path, "%s/%s", t->d->site->dir, FC_SITE_LOG);
    t->log = fopen(t->path, "re");
    if (t->log && fstat(fileno(t->log), &st) == 0) t->inode = st.st_ino;
    while (t->log && getline(&line, &cap, t->log) > 0) {
        line[strcspn(line, "\n")] = 0;
        if (lines == 0 || !is_mine(t, line)) continue;
        free(last[n % lines]);
        last[n++ % lines] = fc_strdup(line);
    }
    if (t->log) clearerr(t->log);
    for (int i = n > lines ? n - lines : 0; i < n; i++)
        show(t, "log", last[i % lines]);
    for (int i = 0; i < lines && i < n; i++)
        free(last[i]);
    free(last);
    free(line);
}

/* ---- the store */

static const char decisions[] = "SELECT d.id, d.at, d.point || '/' || d.set_id, COALESCE(d.rule, '-'), "
                                "d.subject_kind || ' ' || d.subject_id, "
                                "COALESCE(d.place, ''), d.actor, COALESCE(f.plugin, ''), "
                                "COALESCE(f.plugin_version, '') FROM host_decision d LEFT "
                                "JOIN host_definition f ON f.hash = d.set_hash WHERE d.id >= ? AND (? = '' "
                                "OR f.plugin = ?) ORDER BY d.id";
static const char audits[] =
    "SELECT a.id, a.at, a.what, COALESCE(a.subject, ''), COALESCE(l.version, ''), "
    "COALESCE(a.detail, ''), a.actor, '', '' "
    "FROM host_audit a LEFT JOIN host_live_set l ON l.plugin = a.subject AND l.hash "
    "= a.detail WHERE a.id >= ? AND (a.what "
    "LIKE 'plugin.%' OR a.what LIKE 'pack.%') AND (? = '' OR a.subject = ?) ORDER BY a.id";

static void add_time(fc_buf *b, int64_t ms)
{
    fc_civil c;
    fc_civil_of(ms, &c);
    fc_buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02d+08:00", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

static const char *word(fc_cursor *c, int i, char out[256])
{
    fc_value v;
    fc_cursor_value(c, i, &v);
    snprintf(out, 256, "%.*s", v.type == FC_TEXT ? (int)v.n : 0, v.type == FC_TEXT ? v.s : "");
    return out;
}

/* A content is known by the beginning of its hash; a reason is a sentence, shown whole. */
static void add_audit(fc_buf *b, const char *what, const char *plugin, const char *version,
                      const char *detail, const char *actor)
{
    size_t n = strlen(detail);
    int is_hash = n == FC_HASH_HEX - 1 && strspn(detail, "0123456789abcdef") == n;
    fc_buf_addf(b, " %s%s%s%s%s", what, *plugin ? " " : "", plugin, *version ? " " : "", version);
    if (n) fc_buf_addf(b, is_hash ? " %.12s" : fc_say("：%s", ": %s"), detail);
    fc_buf_addf(b, "%s%s", fc_say("，由 ", ", by "), actor);
}

static void show_row(const tailing *t, fc_cursor *c, int is_decision)
{
    fc_buf b = {0};
    fc_value id, at;
    char w[7][256];
    fc_cursor_value(c, 0, &id);
    fc_cursor_value(c, 1, &at);
    for (int i = 0; i < 7; i++)
        word(c, i + 2, w[i]);
    add_time(&b, at.i);
    if (is_decision)
        fc_buf_addf(&b,
                    fc_say(" 决定 %lld %s：%s，关于 %s，依据 %s（%s %s，由 %s）",
                           " decision %lld %s: %s for %s, at %s (%s %s, by %s)"),
                    (long long)id.i, w[0], w[1], w[2], w[3], w[5], w[6], w[4]);
    else
        add_audit(&b, w[0], w[1], w[2], w[3], w[4]);
    show(t, is_decision ? "decision" : "plugin", fc_buf_str(&b));
    fc_buf_free(&b);
}

static void follow_rows(tailing *t, const char *sql, int is_decision)
{
    fc_cursor *c;
    fc_err err;
    fc_value v[] = {fc_int(t->since), fc_text(t->plugin ? t->plugin : ""),
                    fc_text(t->plugin ? t->plugin : ""), fc_int(0)},
             id;
    int row = 0;
    if (fc_query(t->d->store, sql, strlen(sql), v, 3, &c, &err)) return; /* busy: soon again */
    while (fc_cursor_next(c, &row, &err) == FC_OK && row) {
        char key[32];
        fc_cursor_value(c, 0, &id);
        snprintf(key, sizeof key, "%lld", (long long)id.i);
        if (json_object_get(t->seen, key)) continue;
        json_object_set_new(t->seen, key, json_true());
        show_row(t, c, is_decision);
    }
    fc_cursor_close(c);
}

/* Ids begin with their time, so what is older than LATE_MS need not be looked at again. */
static void move_on(tailing *t)
{
    const char *key;
    json_t *v;
    void *next;
    t->since = fc_id() - ((int64_t)LATE_MS << ID_BITS);
    if (t->since < t->began) t->since = t->began;
    json_object_foreach_safe(t->seen, next, key, v) if (atoll(key) < t->since) json_object_del(t->seen, key);
}

/* One that is not there yet may be made in a moment; a name that is misspelt shows nothing, so it is said. */
static void say_if_unknown(const tailing *t)
{
    int64_t n = 0;
    int found = 0;
    fc_err err;
    const fc_dealership *d = t->d;
    const char *plugin = t->plugin;
    fc_value v = fc_text(plugin);
    json_t *problems = json_array();
    fc_ask_int(d->store, "SELECT 1 FROM host_live_set WHERE plugin = ?", &v, 1, &n, &found, &err);
    fc_source **all =
        fc_sources_scan(d->site->share, d->site->dir, json_object_get(d->site->config, "packs"), problems);
    for (fc_source **s = all; *s; s++)
        found |= strcmp((*s)->id, plugin) == 0;
    size_t i;
    json_t *p;
    json_array_foreach(problems, i, p) found |=
        has_between(json_string_value(json_object_get(p, "at")), plugin, "/", "/");
    fc_sources_free(all);
    json_decref(problems);
    if (found) return;
    printf(fc_say("还没有插件 %s：等它出现（名称写错了？不带名称则跟看全部）\n",
                  "there is no plugin %s yet: waiting for it (misspelt? without a name all are followed)\n"),
           plugin);
}

static void run(tailing *t, int lines)
{
    struct timespec pause = {0, EACH_MS * 1000000L};
    printf(fc_say("跟看 %s：日志 %s/%s；重载和决定来自 data/%s.db。Ctrl-C 结束\n",
                  "following %s: the log %s/%s; reloads and decisions from data/%s.db. Ctrl-C ends\n"),
           t->plugin ? t->plugin : fc_say("全部插件", "all plugins"), t->d->site->dir, FC_SITE_LOG, t->d->id);
    if (t->plugin) say_if_unknown(t);
    open_log(t, lines);
    fflush(stdout);
    t->began = t->since = fc_id();
    for (;;) {
        follow_log(t);
        follow_rows(t, audits, 0);
        follow_rows(t, decisions, 1);
        move_on(t);
        nanosleep(&pause, NULL);
    }
}

int fc_verb_tail(int argc, char **argv)
{
    const char *dir = ".", *dealership = NULL, *json = NULL, *lines = "10";
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {"dealership", "ID", "哪家店", "which dealership", &dealership},
        {"lines", "N", "先显示日志最后几行（默认 10）", "last lines of the log to begin with (default 10)",
         &lines},
        {"json", NULL, "每条一行 JSON", "one line of JSON per event", &json},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {
        "tail",
        "[PLUGIN]",
        "跟看运行中的站点：一个插件（或全部）的重载、决定和日志。",
        "Follows a running site: reloads, decisions and log lines of one plugin, or of all.",
        options,
        0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (argc > 2) return fc_wrong_use(&usage, "只能写一个插件", "takes one plugin");
    if (strspn(lines, "0123456789") != strlen(lines) || strlen(lines) > 4 || !*lines)
        return fc_wrong_use(&usage, "--lines 应为 0 到 9999", "--lines should be from 0 to 9999");
    fc_err err;
    fc_site *site = NULL;
    tailing t = {.plugin = argc > 1 ? argv[1] : NULL, .json = json != NULL, .seen = json_object()};
    fc_log_level(FC_SILENT);
    int rc = fc_site_open(dir, FC_SITE_LOOK, &site, &err);
    if (!rc && !(t.d = fc_site_dealership(site, dealership, &err))) rc = err.code;
    if (!rc && !t.d->store)
        rc = fc_fail(&err, FC_ENOTFOUND, "%s: 站点还没有运行过（forecourt serve --site %s）",
                     "%s: the site has not run yet (forecourt serve --site %s)", dir, dir);
    if (!rc) run(&t, atoi(lines));
    json_decref(t.seen);
    fc_site_close(site);
    return rc ? fc_failed(&err) : 0;
}
