/* One text after the other; the first thing that is wrong with it is told, with the line where it stands. */
#include "plugin/sql_check.h"
#include "plugin/lua_sql.h"
#include "plugin/problem.h"
#include "plugin/tables.h"
#include "store/look.h"
#include "store/subset.h"

#include <stdio.h>
#include <string.h>

typedef struct check {
    const fc_source *source;
    fc_dealership *d; /* NULL: the subset only */
    json_t *problems;
    const char *place;     /* of data; NULL: the text below says */
    const fc_lua_sql *sql; /* of Lua */
    json_t *data;          /* texts in the definitions -> true while they are not judged */
    char foreign[80];      /* a table that is not the plugin's */
} check;

static void problem(check *c, size_t at, const char *zh, const char *en)
{
    char place[1200];
    if (c->place)
        snprintf(place, sizeof place, "%s", c->place);
    else
        snprintf(place, sizeof place, "%s/%s:%d", c->source->label, c->sql->file,
                 fc_lua_sql_line(c->sql, at));
    fc_problem(c->problems, c->source->id, place, zh, en);
}

static void writes(void *ctx, const char *table)
{
    check *c = ctx;
    const char *owner = fc_table_owner(c->d->live, table);
    if (!*c->foreign && (!owner || strcmp(owner, c->source->id) != 0))
        snprintf(c->foreign, sizeof c->foreign, "%s", table);
}

static void not_yours(check *c)
{
    char zh[300], en[300];
    const char *owner = fc_table_owner(c->d->live, c->foreign);
    const char *who_zh = !owner   ? "没有在用的插件"
                         : *owner ? owner
                                  : "宿主",
               *who_en = !owner   ? "no plugin in force"
                         : *owner ? owner
                                  : "the host";
    snprintf(zh, sizeof zh, "写了表 %.60s，它只由%s%.60s写：请调用它的导出函数，或写自己的表", c->foreign,
             owner && *owner ? "插件 " : "", who_zh);
    snprintf(en, sizeof en,
             "writes the table %.60s, which is written by %s%.60s alone: call one of its exports, or keep a "
             "table of your own",
             c->foreign, owner && *owner ? "the plugin " : "", who_en);
    problem(c, 0, zh, en);
}

static int nullable(void *ctx, const char *table, const char *column)
{
    return fc_store_nullable(ctx, table, column);
}

static void judge(check *c, const char *sql, size_t n)
{
    fc_err err;
    fc_sql_problem p;
    if (fc_sql_subset(sql, n, FC_SQL_ROWS, &p)) {
        problem(c, p.at, p.text[FC_ZH], p.text[FC_EN]);
        return;
    }
    if (!c->d) return;
    *c->foreign = 0;
    size_t at;
    if (fc_store_look(c->d->store, sql, n, writes, c, &at, &err))
        problem(c, at, err.text[FC_ZH], err.text[FC_EN]);
    else if (*c->foreign)
        not_yours(c);
    else if (fc_sql_nulls(sql, n, nullable, c->d->store, &p))
        problem(c, p.at, p.text[FC_ZH], p.text[FC_EN]);
}

static void found(void *ctx, const fc_lua_sql *sql)
{
    check *c = ctx;
    const char *text = sql->text.data ? sql->text.data : "";
    if (sql->field && !json_is_true(json_object_get(c->data, text))) return;
    if (sql->field) json_object_set_new(c->data, text, json_false());
    c->place = NULL;
    c->sql = sql;
    judge(c, text, sql->text.len);
}

/* Most files (texts, pages without rows) have neither the database nor SQL: they are not cut into words. */
static int may_hold_sql(const char *path, const char *text, size_t n)
{
    size_t len = strlen(path);
    if (len < 5 || strcmp(path + len - 4, ".lua") != 0 || strncmp(path, "locale/", 7) == 0) return 0;
    return memmem(text, n, "host.db", 7) || memmem(text, n, "SELECT", 6) || memmem(text, n, "select", 6);
}

static void check_lua(check *c)
{
    const char *path;
    json_t *text;
    fc_lua_finder *f = fc_lua_finder_new(found, c);
    json_object_foreach(c->source->files, path, text)
    {
        const char *lua = json_string_value(text);
        size_t n = json_string_length(text);
        if (may_hold_sql(path, lua, n)) fc_lua_finder_file(f, path, lua, n);
    }
    fc_lua_finder_end(f);
}

typedef void (*data_fn)(check *c, const char *sql, const char *place);

/* The nearest "at" above is the place. */
static void each_text(check *c, const json_t *v, const char *place, data_fn fn)
{
    const char *key, *at = json_string_value(json_object_get(v, "at"));
    size_t i;
    json_t *item;
    if (at && strchr(at, ':')) place = at;
    json_array_foreach((json_t *)v, i, item) each_text(c, item, place, fn);
    json_object_foreach((json_t *)v, key, item)
    {
        if (json_is_string(item) && strcmp(key, "sql") == 0)
            fn(c, json_string_value(item), place);
        else
            each_text(c, item, place, fn);
    }
}

static void each_definition(check *c, const json_t *definitions, data_fn fn)
{
    size_t i;
    json_t *env;
    json_array_foreach((json_t *)definitions, i, env)
        each_text(c, json_object_get(env, "data"), json_string_value(json_object_get(env, "at")), fn);
}

static void expect(check *c, const char *sql, const char *place)
{
    (void)place;
    json_object_set_new(c->data, sql, json_true());
}

/* What was put together while loading stands in no file as it is. */
static void judge_rest(check *c, const char *sql, const char *place)
{
    if (!json_is_true(json_object_get(c->data, sql))) return;
    json_object_set_new(c->data, sql, json_false());
    c->place = place;
    judge(c, sql, strlen(sql));
}

static void check_plugin(check *c, const json_t *definitions)
{
    c->data = json_object();
    each_definition(c, definitions, expect);
    check_lua(c);
    each_definition(c, definitions, judge_rest);
    json_decref(c->data);
}

void fc_sql_check_source(const fc_source *s, const json_t *definitions, json_t *problems)
{
    check_plugin(&(check){.source = s, .problems = problems}, definitions);
}

void fc_sql_check_live(fc_dealership *d, json_t *problems)
{
    for (size_t i = 0; i < d->live->n; i++) {
        const fc_gen *g = d->live->gens[i];
        check_plugin(&(check){.source = g->source, .d = d, .problems = problems}, g->definitions);
    }
}
