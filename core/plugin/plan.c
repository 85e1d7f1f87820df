/* Only reads. The plugins are those of the folders; whether each can be put in force is known only when it is
 * built, so a plugin with other problems stands in the plan, too. */
#include "plugin/plan.h"
#include "plugin/migrations.h"
#include "plugin/problem.h"
#include "store/look.h"

#include <stdio.h>

typedef struct planner {
    json_t *plan, *problems;
    const char *store, *schema;
} planner;

static void add_host(void *ctx, int number, const char *file)
{
    planner *p = ctx;
    char path[400];
    (void)number;
    snprintf(path, sizeof path, "schema/%s/%s", p->schema, file);
    json_array_append_new(p->plan,
                          json_pack("{s:s, s:s, s:s}", "store", p->store, "plugin", "", "file", path));
}

static int host(planner *p, const fc_site *s, fc_store *store, fc_err *err)
{
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/schema/%s", s->share, p->schema);
    int rc = fc_store_migrations(store, dir, add_host, p, err);
    return rc ? fc_wrap(err, p->store) : rc;
}

static void plugin(planner *p, fc_source *source, fc_store *store)
{
    fc_err err;
    size_t i;
    json_t *name, *names = fc_migrations_pending(store, source, &err);
    if (!names) fc_problem_placed(p->problems, source->id, &err);
    json_array_foreach(names, i, name)
    {
        char path[1200];
        snprintf(path, sizeof path, "%s/%s", source->label, json_string_value(name));
        json_array_append_new(
            p->plan, json_pack("{s:s, s:s, s:s}", "store", p->store, "plugin", source->id, "file", path));
    }
    json_decref(names);
}

static int dealership(planner *p, const fc_site *s, const fc_dealership *d, fc_err *err)
{
    p->store = d->id;
    p->schema = "dealership";
    int rc = host(p, s, d->store, err);
    if (rc) return rc;
    json_t *ignored = json_array();
    fc_source **list = fc_sources_scan(s->share, s->dir, json_object_get(s->config, "packs"), ignored);
    for (fc_source **source = list; *source; source++)
        plugin(p, *source, d->store);
    fc_sources_free(list);
    json_decref(ignored);
    return FC_OK;
}

json_t *fc_site_plan(fc_site *s, json_t *problems, fc_err *err)
{
    planner p = {.plan = json_array(), .problems = problems, .store = "site", .schema = "site"};
    int rc = host(&p, s, s->store, err);
    for (size_t i = 0; i < s->ndealerships && !rc; i++)
        rc = dealership(&p, s, &s->dealerships[i], err);
    if (!rc) return p.plan;
    json_decref(p.plan);
    return NULL;
}
