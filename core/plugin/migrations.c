/* Files against rows, then the rest is run, each file with its row inside a savepoint.
 *
 * Refused: a file that changed after it ran, a version of the plugin that has fewer files than ran here (it
 * is older, and nothing runs backwards). */
#include "plugin/migrations.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/live.h"
#include "plugin/migration_files.h"
#include "plugin/tables.h"
#include "store/look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct plan {
    fc_source *source;
    fc_migration_file *files;
    int count, ran;
} plan;

static int older(const plan *p, const char *name, fc_err *err)
{
    char place[600];
    snprintf(place, sizeof place, "%s/migrations", p->source->label);
    fc_fail(err, FC_EVERSION,
            "这个版本的插件没有已经执行过的 %s：它比数据库里的旧，迁移不能倒退；请装回较新的版本",
            "this version of the plugin lacks %s, which ran already: it is older than the database, and "
            "nothing runs backwards; put the "
            "newer version back",
            name);
    return fc_wrap(err, place);
}

static int check_row(const plan *p, int64_t number, const char *name, const char *hash, fc_err *err)
{
    if (number > p->count) return p->source->back ? FC_OK : older(p, name, err);
    const fc_migration_file *f = &p->files[number - 1];
    if (strcmp(f->hash, hash) == 0) return FC_OK;
    fc_fail(err, FC_ECONFLICT, "该文件在执行之后被更改；请恢复原文，把更改写进新编号的文件",
            "the file was changed after it ran; put the old text back and write the change as a file with a "
            "new number");
    return fc_migration_wrap(p->source, f->path, err);
}

static int read_rows(fc_store *s, plan *p, fc_err *err)
{
    static const char sql[] =
        "SELECT number, name, hash FROM host_plugin_migration WHERE plugin = ? ORDER BY number";
    fc_cursor *c;
    fc_value plugin = fc_text(p->source->id);
    int row = 0, rc = fc_query(s, sql, sizeof sql - 1, &plugin, 1, &c, err);
    if (rc) return rc;
    while (!(rc = fc_cursor_next(c, &row, err)) && row) {
        fc_value v[3];
        for (int i = 0; i < 3; i++)
            fc_cursor_value(c, i, &v[i]);
        rc = check_row(p, v[0].i, v[1].s, v[2].s, err);
        if (rc) break;
        p->ran += v[0].i <= p->count; /* a version that came back knows fewer than ran */
    }
    fc_cursor_close(c);
    return rc;
}

static int record(fc_store *s, const plan *p, const fc_migration_file *f, fc_err *err)
{
    fc_value v[] = {fc_text(p->source->id), fc_int(f->number), fc_text(fc_migration_name(f)),
                    fc_text(f->hash), fc_int(fc_now())};
    return fc_run(s,
                  "INSERT INTO host_plugin_migration (plugin, number, name, hash, at) VALUES (?, ?, ?, ?, ?)",
                  v, 5, NULL, err);
}

static int run_files(fc_store *s, const plan *p, fc_err *err)
{
    int rc = FC_OK;
    const char **prefixes = fc_table_prefixes(p->source);
    for (int i = p->ran; i < p->count && !rc; i++) {
        char place[1200];
        const fc_migration_file *f = &p->files[i];
        snprintf(place, sizeof place, "%s/%s", p->source->label, f->path);
        rc = fc_store_script(s, place, f->text, f->n, prefixes, err);
        if (!rc) rc = record(s, p, f, err);
    }
    free(prefixes);
    return rc;
}

static void say(fc_store *s, const plan *p)
{
    for (int i = p->ran; i < p->count; i++)
        fc_log(strcmp(fc_store_path(s), ":memory:") ? FC_INFO : FC_DEBUG, "plugin", "%s: %s/%s",
               fc_store_path(s), p->source->label, p->files[i].path);
}

int fc_migrations_run(fc_store *s, fc_source *source, int *done, fc_err *err)
{
    plan p = {.source = source};
    int rc = fc_migration_files(source, &p.files, &p.count, err);
    if (!rc) rc = read_rows(s, &p, err);
    if (!rc && p.ran < p.count && !(rc = fc_tx_begin(s, err))) {
        rc = run_files(s, &p, err);
        if (rc)
            fc_tx_rollback(s);
        else if (!(rc = fc_tx_commit(s, err)))
            say(s, &p);
    }
    if (!rc) *done += p.count - p.ran;
    free(p.files);
    return rc;
}

int fc_migrations_run_all(fc_store *s, const fc_live *l, fc_err *err)
{
    int rc = FC_OK, done = 0;
    for (size_t i = 0; i < l->n && !rc; i++)
        rc = fc_migrations_run(s, l->gens[i]->source, &done, err);
    return rc;
}

static int has_table(fc_store *s, int64_t *has, fc_err *err)
{
    int found;
    return fc_ask_int(s, "SELECT count(*) FROM sqlite_schema WHERE name = 'host_plugin_migration'", NULL, 0,
                      has, &found, err);
}

json_t *fc_migrations_pending(fc_store *s, fc_source *source, fc_err *err)
{
    plan p = {.source = source};
    int64_t has = 0;
    int rc = fc_migration_files(source, &p.files, &p.count, err);
    if (!rc && s) rc = has_table(s, &has, err);
    if (!rc && has) rc = read_rows(s, &p, err);
    json_t *names = rc ? NULL : json_array();
    for (int i = p.ran; i < p.count && names; i++)
        json_array_append_new(names, json_string(p.files[i].path));
    free(p.files);
    return names;
}
