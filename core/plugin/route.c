/* Path matching: segment by segment, a literal beats a parameter. */
#include "plugin/route.h"
#include "plugin/problem.h"
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

static int add(fc_live *l, json_t *env, json_t *failed, json_t *problems)
{
    json_t *data = json_object_get(env, "data");
    fc_route r = {.env = env, .root = json_is_true(json_object_get(data, "root"))};
    const char *plugin = json_string_value(json_object_get(env, "plugin")),
               *name = json_string_value(json_object_get(data, "template"));
    r.method = json_string_value(json_object_get(data, "method"));
    r.path = json_string_value(json_object_get(data, "path"));
    r.fixed = strcspn(r.path, ":");
    r.letter = r.fixed > 1 ? r.path[1] : 0;
    r.gen = fc_live_gen(l, plugin);
    snprintf(r.ref, sizeof r.ref, "pages/%s#run", json_string_value(json_object_get(env, "id")));
    if (!json_object_get(data, "who")) {
        fc_problem(problems, plugin, json_string_value(json_object_get(env, "at")),
                   "页面没有写明谁可以调用（who）", "the page does not say who may call it (who)");
        json_object_set_new(failed, plugin, json_true());
        return 0;
    }
    if (name) {
        char path[512];
        snprintf(path, sizeof path, "pages/%s", name);
        r.template = fc_gen_template(r.gen, path);
    }
    l->routes[l->nroutes++] = r;
    return 1;
}

void fc_routes_build(fc_live *l, json_t *failed, json_t *problems)
{
    size_t i;
    json_t *env, *pages = fc_live_point(l, "pages");
    l->routes = fc_alloc((json_array_size(pages) + 1) * sizeof *l->routes);
    json_array_foreach(pages, i, env) add(l, env, failed, problems);
}

/* -1 no match, else the number of parameters: the fewest win. */
static int match(const char *pattern, const char *path, json_t *params)
{
    int used = 0;
    while (*pattern && *path) {
        if (*pattern != ':') {
            if (*pattern++ != *path++) return -1;
            continue;
        }
        size_t name = strcspn(pattern + 1, "/"), value = strcspn(path, "/");
        if (value == 0) return -1;
        if (params) json_object_setn_new(params, pattern + 1, name, json_stringn(path, value));
        pattern += 1 + name;
        path += value;
        used++;
    }
    return *pattern || *path ? -1 : used;
}

const fc_route *fc_route_find(const fc_live *l, const char *method, const char *path, int root,
                              json_t *params, int *other_method)
{
    const fc_route *best = NULL;
    int best_used = 1000;
    *other_method = 0;
    if (*path != '/') return NULL;
    for (size_t i = 0; i < l->nroutes; i++) {
        const fc_route *r = &l->routes[i];
        if (r->root != root || (r->letter && r->letter != path[1])) continue;
        if (strncmp(r->path, path, r->fixed) != 0) continue;
        int used = match(r->path, path, NULL);
        if (used < 0) continue;
        if (strcmp(r->method, method) != 0) {
            *other_method = 1;
            continue;
        }
        if (used < best_used) {
            best = r;
            best_used = used;
        }
    }
    if (best) match(best->path, path, params);
    return best;
}
