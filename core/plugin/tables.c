/* Prefixes are compared each time they are asked for: a live set has a dozen plugins, and a text of SQL is
 * asked about once in each state. */
#include "plugin/tables.h"
#include "base/buf.h"
#include "plugin/migration_files.h"
#include "plugin/problem.h"
#include "plugin/table_prefix.h"

#include <stdio.h>
#include <string.h>

static int begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Kept in the source: the list is asked for often and never changes. */
static const json_t *prefixes(fc_source *s)
{
    if (s->tables) return s->tables;
    json_t *declared = json_object_get(s->manifest, "tables");
    s->tables = json_is_array(declared) ? json_incref(declared) : json_array();
    if (json_is_array(declared) || !fc_migrations_any(s)) return s->tables;
    char own[80];
    snprintf(own, sizeof own, "%s_", s->id);
    for (char *p = own; *p; p++)
        if (*p == '-') *p = '_';
    json_array_append_new(s->tables, json_string(own));
    return s->tables;
}

const char **fc_table_prefixes(fc_source *s)
{
    size_t i, n = 0;
    json_t *v;
    const json_t *all = prefixes(s);
    const char **list = fc_alloc((json_array_size(all) + 1) * sizeof *list);
    json_array_foreach((json_t *)all, i, v) if (json_is_string(v)) list[n++] = json_string_value(v);
    return list;
}

const char *fc_table_owner(const fc_live *l, const char *table)
{
    if (fc_table_is_hosts(table)) return "";
    for (size_t g = 0; g < l->n; g++) {
        size_t i;
        json_t *v;
        json_array_foreach((json_t *)prefixes(l->gens[g]->source), i, v)
        {
            if (json_is_string(v) && begins(table, json_string_value(v))) return l->gens[g]->source->id;
        }
    }
    return NULL;
}

static const char *clash(fc_source *a, fc_source *b, const char **mine)
{
    size_t i, k;
    json_t *x, *y;
    json_array_foreach((json_t *)prefixes(b), i, x) json_array_foreach((json_t *)prefixes(a), k, y)
    {
        const char *p = json_string_value(x), *q = json_string_value(y);
        if (!p || !q || (!begins(p, q) && !begins(q, p))) continue;
        *mine = p;
        return q;
    }
    return NULL;
}

static void refuse(fc_source *s, const fc_source *first, const char *mine, const char *theirs,
                   json_t *problems)
{
    char at[512], zh[512], en[512];
    snprintf(at, sizeof at, "%s/plugin.lua", s->label);
    snprintf(zh, sizeof zh,
             "表前缀 '%s' 与插件 %s 的 '%s' 相重，一张表只能由一个插件写：请在 tables 中写别的前缀", mine,
             first->id, theirs);
    snprintf(en, sizeof en,
             "the table prefix '%s' meets '%s' of the plugin %s, and a table is written by one plugin alone: "
             "write another prefix in tables",
             mine, theirs, first->id);
    fc_problem(problems, s->id, at, zh, en);
}

static void check_own(fc_source *s, json_t *failed, json_t *problems)
{
    size_t i;
    json_t *v;
    char at[512], zh[300], en[300];
    json_array_foreach((json_t *)prefixes(s), i, v)
    {
        const char *prefix = json_is_string(v) ? json_string_value(v) : "?";
        if (fc_prefix_ok(prefix)) continue;
        snprintf(at, sizeof at, "%s/plugin.lua", s->label);
        snprintf(zh, sizeof zh, "由 id 得出的表前缀 '%.60s' 不能用：请写明 tables = { \"前缀_\" }", prefix);
        snprintf(en, sizeof en,
                 "the table prefix '%.60s' that follows from the id cannot be used: write tables = { "
                 "\"prefix_\" }",
                 prefix);
        fc_problem(problems, s->id, at, zh, en);
        json_object_set_new(failed, s->id, json_true());
    }
}

void fc_tables_claim(const fc_live *l, json_t *failed, json_t *problems)
{
    for (size_t b = 0; b < l->n; b++) {
        fc_source *s = l->gens[b]->source;
        check_own(s, failed, problems);
        for (size_t a = 0; a < b; a++) {
            const char *mine = NULL, *theirs = clash(l->gens[a]->source, s, &mine);
            if (!theirs) continue;
            refuse(s, l->gens[a]->source, mine, theirs, problems);
            json_object_set_new(failed, s->id, json_true());
            break;
        }
    }
}
