#include "plugin/settings.h"
#include "base/log.h"
#include "plugin/setting_declared.h"

#include <string.h>

static const json_t *of_site(const fc_dealership *d, const char *plugin)
{
    return json_object_get(json_object_get(d->site->config, "settings"), plugin);
}

/* New object key -> value as the form set them. A store that cannot be read now has no say: the defaults are
 * what the plugin was tested with. */
static json_t *of_form(fc_dealership *d, const char *plugin)
{
    static const char sql[] = "SELECT key, value FROM host_setting WHERE plugin = ?";
    json_t *out = json_object();
    fc_cursor *c;
    fc_err err;
    int row;
    if (fc_query(d->store, sql, sizeof sql - 1,
                 &(fc_value){.type = FC_TEXT, .s = plugin, .n = strlen(plugin)}, 1, &c, &err)) {
        fc_log(FC_WARN, "settings", "%s: %s", plugin, err.text[fc_process_lang()]);
        return out;
    }
    while (fc_cursor_next(c, &row, &err) == FC_OK && row) {
        fc_value key, value;
        fc_cursor_value(c, 0, &key);
        fc_cursor_value(c, 1, &value);
        json_object_setn_new(out, key.s, key.n, json_loadb(value.s, value.n, JSON_DECODE_ANY, NULL));
    }
    fc_cursor_close(c);
    return out;
}

/* The value in force and where it comes from; borrowed. */
static const json_t *in_force(const json_t *declaration, const json_t *site, const json_t *form,
                              const char **from)
{
    fc_err err;
    *from = "site";
    if (site && fc_setting_check(declaration, site, &err) == FC_OK) return site;
    *from = "form";
    if (form && fc_setting_check(declaration, form, &err) == FC_OK) return form;
    *from = "default";
    return fc_setting_default(declaration);
}

json_t *fc_settings_values(fc_dealership *d, const char *plugin, const json_t *declared)
{
    json_t *out = json_object(), *declaration, *form = of_form(d, plugin);
    const json_t *site = of_site(d, plugin);
    const char *key, *from;
    json_object_foreach((json_t *)declared, key, declaration)
    {
        const json_t *v =
            in_force(declaration, json_object_get(site, key), json_object_get(form, key), &from);
        if (v) json_object_set(out, key, (json_t *)v);
    }
    json_decref(form);
    return out;
}

json_t *fc_settings_form(fc_dealership *d, const char *plugin, const json_t *declared)
{
    static const char *const kept[] = {"order", "title", "hint", "min", "max", "choices", NULL};
    json_t *out = json_array(), *declaration, *form = of_form(d, plugin);
    const json_t *site = of_site(d, plugin);
    const char *key, *from;
    json_object_foreach((json_t *)declared, key, declaration)
    {
        const json_t *v =
            in_force(declaration, json_object_get(site, key), json_object_get(form, key), &from);
        json_t *row =
            json_pack("{s:s, s:s, s:s}", "key", key, "kind", fc_setting_kind(declaration), "from", from);
        for (const char *const *k = kept; *k && json_is_object(declaration); k++)
            if (json_object_get(declaration, *k)) json_object_set(row, *k, json_object_get(declaration, *k));
        if (v) json_object_set(row, "value", (json_t *)v);
        if (fc_setting_default(declaration))
            json_object_set(row, "default", (json_t *)fc_setting_default(declaration));
        json_array_append_new(out, row);
    }
    json_decref(form);
    return out;
}
