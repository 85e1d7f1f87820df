/* Folders first; then what is switched off goes, and a content that is held (a trial that went wrong,
 * somebody who went back) is replaced by what the store has in force. */
#include "plugin/candidates.h"
#include "plugin/off.h"
#include "base/buf.h"
#include "plugin/live_rows.h"
#include "plugin/problem.h"

#include <stdio.h>
#include <string.h>

int fc_candidate_back(fc_dealership *d, const json_t *hashes, fc_source **at)
{
    fc_source *old = fc_source_in_force(d, hashes, (*at)->id);
    fc_source_unref(*at);
    if (old)
        *at = old;
    else
        do
            at[0] = at[1];
        while (*at++);
    return old != NULL;
}

/* ---- the folders */

fc_source *const *fc_candidates_look(fc_dealership *d)
{
    d->scan_problems = json_array();
    return d->scanned = fc_sources_scan(d->site->share, d->site->dir,
                                        json_object_get(d->site->config, "packs"), d->scan_problems);
}

void fc_candidates_forget(fc_dealership *d)
{
    fc_sources_free(d->scanned);
    json_decref(d->scan_problems);
    d->scanned = NULL;
    d->scan_problems = NULL;
}

static fc_source **scan(fc_dealership *d, const char *extra)
{
    if (!d->scanned) fc_candidates_look(d);
    fc_source **list = d->scanned;
    json_array_extend(d->problems, d->scan_problems);
    json_decref(d->scan_problems);
    d->scan_problems = NULL;
    d->scanned = NULL;
    if (!extra) return list;
    fc_source *more = fc_source_read(extra, extra, "site", d->problems);
    if (!more) return list;
    size_t n = 0;
    for (; list[n]; n++)
        if (strcmp(list[n]->id, more->id) == 0) {
            fc_source_unref(list[n]);
            list[n] = more;
            return list;
        }
    list = fc_realloc(list, (n + 2) * sizeof *list);
    list[n] = more;
    list[n + 1] = NULL;
    return list;
}

static int is_broken(const fc_dealership *d, const fc_source *old)
{
    size_t i;
    json_t *p;
    json_array_foreach(d->problems, i, p) if (strcmp(json_string_value(json_object_get(p, "plugin")),
                                                     old->label) == 0) return 1;
    return 0;
}

static const fc_source *needed_by(fc_source *const *list, const char *id)
{
    for (; *list; list++)
        if (fc_source_needs(*list, id)) return *list;
    return NULL;
}

static void still_needed(fc_dealership *d, const fc_source *old, const fc_source *by)
{
    char zh[512], en[512];
    snprintf(zh, sizeof zh, "文件夹不见了，但插件 %s 需要它：旧版继续使用", by->id);
    snprintf(en, sizeof en, "the folder is gone, but the plugin %s needs it: the old version stays in force",
             by->id);
    fc_problem(d->problems, old->id, old->label, zh, en);
}

/* A folder whose manifest cannot be read is no candidate, and one that is gone may be in the middle of a
 * copy: the live version stays while the folder is there in some form, or while another plugin needs it. */
static fc_source **with_kept(fc_dealership *d, fc_source **list)
{
    size_t n = 0;
    while (list[n])
        n++;
    for (size_t g = d->live ? d->live->n : 0;
         g-- > 0;) { /* from the top, so that what a kept one needs is kept, too */
        fc_source *old = d->live->gens[g]->source;
        int there = 0;
        for (fc_source **s = list; *s; s++)
            there |= strcmp((*s)->id, old->id) == 0;
        const fc_source *by = needed_by(list, old->id);
        if (there || (!by && !is_broken(d, old))) continue;
        if (!is_broken(d, old)) still_needed(d, old, by);
        list = fc_realloc(list, (n + 2) * sizeof *list);
        list[n++] = fc_source_ref(old);
        list[n] = NULL;
    }
    return list;
}

/* ---- what people and trials have said */

static int held(fc_dealership *d, const fc_source *s)
{
    static const char sql[] = "SELECT why, zh, en FROM host_plugin_held WHERE plugin = ? AND hash = ?";
    fc_value v[] = {fc_text(s->id), fc_text(s->hash)}, why, zh, en;
    fc_cursor *c;
    fc_err err;
    int row = 0;
    if (fc_query(d->store, sql, sizeof sql - 1, v, 2, &c, &err)) return 0;
    if (!fc_cursor_next(c, &row, &err) && row) {
        fc_cursor_value(c, 0, &why);
        fc_cursor_value(c, 1, &zh);
        fc_cursor_value(c, 2, &en);
        /* Who went back by hand knows it. */
        if (why.n == 5) fc_problem(d->problems, s->id, s->label, zh.s, en.s);
    }
    fc_cursor_close(c);
    return row;
}

static void without_held(fc_dealership *d, const json_t *hashes, fc_source **list)
{
    int64_t any = 0;
    int found = 0;
    fc_err err;
    if (fc_ask_int(d->store, "SELECT count(*) FROM host_plugin_held", NULL, 0, &any, &found, &err) || !any)
        return;
    for (fc_source **s = list; *s;)
        if (!held(d, *s) || fc_candidate_back(d, hashes, s)) s++;
}

/* What is in force may have gone back to where it is, wherever its text is read from: nobody who puts the
 * older text into the folder as well loses the plugin at the next start. */
static void mark_in_force(const json_t *hashes, fc_source **list)
{
    for (; *list; list++) {
        const char *hash = json_string_value(json_object_get(hashes, (*list)->id));
        if (hash && strcmp(hash, (*list)->hash) == 0) (*list)->back = 1;
    }
}

/* Takes out and replaces, in place. */
static void obey(fc_dealership *d, fc_source **list)
{
    json_t *hashes = fc_live_hashes(d);
    fc_off_apply(d, list, d->problems);
    without_held(d, hashes, list);
    mark_in_force(hashes, list);
    json_decref(hashes);
}

fc_source **fc_candidates_folders(fc_dealership *d, const char *extra)
{
    fc_source **list = with_kept(d, scan(d, extra));
    obey(d, list);
    return list;
}

fc_source **fc_candidates_stored(fc_dealership *d, int shipped)
{
    fc_source **list = fc_stored_sources(d);
    size_t n = 0;
    if (!shipped) return list;
    while (list[n])
        n++;
    fc_source **now = fc_sources_scan(d->site->share, NULL, NULL, d->problems);
    size_t more = 0;
    while (now[more])
        more++;
    list = fc_realloc(list, (n + more + 1) * sizeof *list);
    for (fc_source **s = now; *s; s++) {
        size_t at = 0;
        while (at < n && strcmp(list[at]->id, (*s)->id) != 0)
            at++;
        if (at < n) fc_source_unref(list[at]);
        list[at] = fc_source_ref(*s);
        n += at == n;
    }
    list[n] = NULL;
    fc_sources_free(now);
    obey(d, list);
    return list;
}

fc_source **fc_candidates_safe(fc_dealership *d)
{
    char dir[4096];
    fc_source **list = fc_alloc(2 * sizeof *list);
    snprintf(dir, sizeof dir, "%s/plugins/console", d->site->share);
    list[0] = fc_source_read(dir, "plugins/console", "shipped", d->problems);
    if (list[0]) json_object_set_new(list[0]->manifest, "needs", json_object());
    return list;
}
