/* Would it work here? Everything is built once, in memory, as a server would build it, and an unpacked folder
 * is looked at as its scan does, so that "installed" is never said of what no server would put in force. */
#include "plugin/pack_install_internal.h"
#include "base/buf.h"
#include "plugin/live_build.h"
#include "plugin/pack_build.h"
#include "plugin/pack_installed.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static fc_source *replaced(const fc_install *in, fc_source *s)
{
    for (size_t i = 0; i < in->n; i++)
        if (strcmp(in->items[i].source->id, s->id) == 0) return NULL;
    return s;
}

static fc_source **would_be(const fc_install *in)
{
    size_t n = 0, k = 0;
    while (in->present[n])
        n++;
    fc_source **list = fc_alloc((n + in->n + 1) * sizeof *list);
    for (size_t i = 0; i < n; i++)
        if (replaced(in, in->present[i])) list[k++] = in->present[i];
    for (size_t i = 0; i < in->n; i++)
        list[k++] = in->items[i].source;
    return list;
}

/* The first problem that names the plugin, else the first of all: it stands on something that is broken. */
static int refuse(const fc_source *s, const char *from, const json_t *problems, fc_err *err)
{
    size_t i;
    json_t *p, *own = json_array();
    json_array_foreach((json_t *)problems, i, p)
    {
        const char *plugin = json_string_value(json_object_get(p, "plugin"));
        if (strcmp(plugin, s->id) == 0 || strcmp(plugin, s->label) == 0) json_array_append(own, p);
    }
    fc_pack_problem(json_array_size(own) ? own : problems, err);
    json_decref(own);
    return fc_wrap(err, from);
}

/* A plugin that is in force now and would not be any more, because it meets with a new one; NULL if there is
 * none. */
static const fc_source *driven_out(const fc_install *in, const fc_live *live)
{
    const fc_source *out = NULL;
    fc_live *now = NULL;
    json_t *ignored = json_array();
    for (fc_source **s = in->present; *s && !out; s++) {
        if (!replaced(in, *s) || fc_live_gen(live, (*s)->id)) continue;
        if (!now) now = fc_live_build(in->present, NULL, ignored);
        if (fc_live_gen(now, (*s)->id)) out = *s;
    }
    fc_live_unref(now);
    json_decref(ignored);
    return out;
}

int fc_install_try(const fc_install *in, fc_err *err)
{
    if (in->n == 0) return FC_OK;
    json_t *problems = json_array();
    fc_source **list = would_be(in);
    fc_live *live = fc_live_build(list, NULL, problems);
    int rc = FC_OK;
    for (size_t i = 0; i < in->n && !rc; i++)
        if (!fc_live_gen(live, in->items[i].source->id))
            rc = refuse(in->items[i].source, in->items[i].from, problems, err);
    const fc_source *out = rc ? NULL : driven_out(in, live);
    if (out) rc = refuse(out, out->id, problems, err);
    fc_live_unref(live);
    free(list);
    json_decref(problems);
    return rc;
}

int fc_install_check_folder(const fc_install *in, const char *id, const json_t *entry, fc_source **out,
                            fc_err *err)
{
    char dir[PATH_MAX], label[100];
    json_t *problems = json_array();
    snprintf(dir, sizeof dir, "%s/packs/%s", in->site, json_string_value(json_object_get(entry, "folder")));
    snprintf(label, sizeof label, "packs/%s", id);
    fc_source *s = fc_source_read(dir, label, "pack", problems);
    int rc = s ? fc_installed_check(s, dir, entry, in->trust, in->lua, err) : fc_pack_problem(problems, err);
    json_decref(problems);
    if (!rc && out) *out = fc_source_ref(s);
    fc_source_unref(s);
    return rc ? fc_wrap(err, label) : rc;
}
