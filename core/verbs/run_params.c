/* A script's parameters from the words of the command line. */
#include "plugin/copies.h"
#include "plugin/params.h"
#include "verbs/run.h"

#include <string.h>

static int copy_file(fc_dealership *d, const char *path, json_t **out, fc_err *err)
{
    char name[256];
    int rc = fc_copy_in(d->site->files, path, name, sizeof name, err);
    if (!rc) *out = json_string(name);
    return rc;
}

static json_t *declared(const json_t *script, const char *name)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(json_object_get(script, "data"), "params"), i,
                       p) if (!strcmp(json_string_value(json_object_get(p, "name")), name)) return p;
    return NULL;
}

static int check_choice(const json_t *p, const char *name, const char *text, fc_err *err)
{
    size_t i;
    json_t *choice, *choices = json_object_get(p, "choices");
    if (!choices) return FC_OK;
    json_array_foreach(choices, i, choice)
    {
        const char *value = json_is_object(choice) ? json_string_value(json_object_get(choice, "value"))
                                                   : json_string_value(choice);
        if (value && strcmp(value, text) == 0) return FC_OK;
    }
    return fc_fail(err, FC_EINVAL, "--%s: '%s' 不在可选的值里", "--%s: '%s' is not one of the choices", name,
                   text);
}

/* A value that can be no value is wrong use; a file that cannot be had is a failure. */
static int read_value(fc_dealership *d, const json_t *p, const char *text, json_t **out,
                      const fc_usage *usage, fc_err *err)
{
    const char *name = json_string_value(json_object_get(p, "name")),
               *type = json_string_value(json_object_get(p, "type"));
    if (strcmp(type, "file") == 0) return copy_file(d, text, out, err);
    int rc = check_choice(p, name, text, err);
    if (!rc)
        rc = fc_param_value(name, strcmp(type, "choice") ? type : "string", text, strlen(text), out, err);
    return rc ? fc_wrong_use(usage, "%s%.0s", "%.0s%s", err->text[FC_ZH], err->text[FC_EN]), -2 : FC_OK;
}

int fc_run_read_params(fc_dealership *d, const json_t *script, int argc, char **argv, json_t *params,
                       const fc_usage *usage, fc_err *err)
{
    for (int i = 0; i < argc; i += 2) {
        json_t *value = NULL, *p;
        if (strncmp(argv[i], "--", 2) != 0)
            return fc_wrong_use(usage, "多余的参数 %s", "unexpected argument %s", argv[i]), -2;
        char *equals = strchr(argv[i], '=');
        if (equals) *equals = 0;
        p = declared(script, argv[i] + 2);
        if (!p) return fc_wrong_use(usage, "脚本没有参数 %s", "the script has no parameter %s", argv[i]), -2;
        const char *text = equals ? equals + 1 : i + 1 < argc ? argv[i + 1] : NULL;
        if (equals) i--;
        if (!text)
            return fc_wrong_use(usage, "参数 %s 后面要有值", "parameter %s needs a value", argv[i]), -2;
        int rc = read_value(d, p, text, &value, usage, err);
        if (rc) return rc;
        json_object_set_new(params, json_string_value(json_object_get(p, "name")), value);
    }
    return FC_OK;
}

int fc_run_complete(const json_t *script, json_t *params, fc_err *err)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(json_object_get(script, "data"), "params"), i, p)
    {
        const char *name = json_string_value(json_object_get(p, "name"));
        if (json_object_get(params, name)) continue;
        if (json_object_get(p, "default"))
            json_object_set(params, name, json_object_get(p, "default"));
        else if (json_is_true(json_object_get(p, "required")))
            return fc_fail(err, FC_EINVAL, "缺少参数 --%s", "the parameter --%s is missing", name);
    }
    return FC_OK;
}
