#include "plugin/envelope.h"
#include "plugin/problem.h"
#include "text/json.h"
#include "rules/rules.h"

const char *fc_envelope_text(const json_t *env, const char *key)
{
    const char *text = json_string_value(json_object_get(env, key));
    return text ? text : "";
}

void fc_envelope_hash(json_t *env)
{
    char hash[FC_HASH_HEX];
    json_t *known = json_pack("{s:O, s:O, s:O}", "point", json_object_get(env, "point"), "id",
                              json_object_get(env, "id"), "data", json_object_get(env, "data"));
    fc_json_hash(known, hash);
    json_decref(known);
    json_object_set_new(env, "hash", json_string(hash));
}

void fc_envelope_seal(json_t *env, const fc_source *source)
{
    fc_envelope_hash(env);
    json_object_set_new(env, "plugin", json_string(source->id));
    json_object_set_new(env, "plugin_version", json_string(fc_source_version(source)));
    if (!*fc_envelope_text(env, "version"))
        json_object_set_new(env, "version", json_string(fc_source_version(source)));
}

void fc_envelope_check_rules(const json_t *env, const char *blamed, json_t *problems)
{
    const json_t *data = json_object_get(env, "data");
    size_t i;
    json_t *p;
    if (!json_object_get(data, "hit") || !json_object_get(data, "rules")) return;
    json_t *list = json_array();
    fc_rule_set_check(data, json_object_get(data, "facts"), list);
    json_array_foreach(list, i, p)
    {
        const char *place = fc_envelope_text(p, "at");
        fc_problem(problems, blamed, *place ? place : fc_envelope_text(env, "at"), fc_envelope_text(p, "zh"),
                   fc_envelope_text(p, "en"));
    }
    json_decref(list);
}
