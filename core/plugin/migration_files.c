/* Refused: a name of another form, a number twice, a gap (0001, 0003). */
#include "plugin/migration_files.h"
#include "base/buf.h"
#include "plugin/only_adds.h"
#include "store/look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "migrations/"

int fc_migrations_any(const fc_source *s)
{
    const char *path;
    json_t *text;
    json_object_foreach(s->files, path, text) if (strncmp(path, FOLDER, strlen(FOLDER)) == 0) return 1;
    return 0;
}

const char *fc_migration_name(const fc_migration_file *f)
{
    return f->path + strlen(FOLDER);
}

int fc_migration_wrap(const fc_source *s, const char *path, fc_err *err)
{
    char place[1200];
    snprintf(place, sizeof place, "%s/%s", s->label, path);
    return fc_wrap(err, place);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const fc_migration_file *)a)->path, ((const fc_migration_file *)b)->path);
}

static int check_name(const fc_source *s, fc_migration_file *f, fc_err *err)
{
    const char *name = fc_migration_name(f);
    if (!fc_migration_named(name)) {
        fc_fail(err, FC_EINVAL, "文件名应为 0001_name.sql 的形式（小写字母、数字、_、-）",
                "the name must have the form 0001_name.sql (lower case letters, digits, _, -)");
        return fc_migration_wrap(s, f->path, err);
    }
    f->number = atoi(name);
    fc_hash(f->text, f->n, f->hash);
    return FC_OK;
}

static int check_order(const fc_source *s, const fc_migration_file *files, int count, fc_err *err)
{
    for (int i = 0; i < count; i++) {
        if (files[i].number == i + 1) continue;
        if (i && files[i].number == files[i - 1].number)
            fc_fail(err, FC_EINVAL, "编号与 %s 相同；请换号", "has the number of %s; give it another",
                    files[i - 1].path);
        else
            fc_fail(err, FC_EINVAL, "编号应从 0001 起连续；这里应是 %04d",
                    "numbers begin with 0001 and leave no gap; this should be %04d", i + 1);
        return fc_migration_wrap(s, files[i].path, err);
    }
    return FC_OK;
}

int fc_migration_files(const fc_source *s, fc_migration_file **out, int *count, fc_err *err)
{
    const char *path;
    json_t *text;
    int rc = FC_OK, n = 0;
    fc_migration_file *files = NULL;
    json_object_foreach(s->files, path, text)
    {
        if (strncmp(path, FOLDER, strlen(FOLDER)) != 0 || rc) continue;
        files = fc_realloc(files, sizeof *files * (size_t)(n + 1));
        fc_migration_file *f = &files[n++];
        *f =
            (fc_migration_file){.path = path, .text = json_string_value(text), .n = json_string_length(text)};
        rc = check_name(s, f, err);
    }
    *out = files;
    *count = n;
    if (rc || !n) return rc;
    qsort(files, (size_t)n, sizeof *files, by_path);
    return check_order(s, files, n, err);
}

int fc_migrations_only_add(const fc_source *newer, const fc_source *older_one, char *which, size_t cap)
{
    const char *path, **paths = fc_alloc((json_object_size(newer->files) + 1) * sizeof *paths);
    fc_script *scripts = fc_alloc((json_object_size(newer->files) + 1) * sizeof *scripts);
    json_t *text;
    int n = 0;
    json_object_foreach(newer->files, path, text)
    {
        if (strncmp(path, FOLDER, strlen(FOLDER)) != 0 || json_object_get(older_one->files, path)) continue;
        scripts[n] = (fc_script){json_string_value(text), json_string_length(text)};
        paths[n++] = path;
    }
    int bad = fc_only_add(scripts, n);
    if (bad >= 0) snprintf(which, cap, "%s", paths[bad]);
    free(scripts);
    free(paths);
    return bad < 0;
}
