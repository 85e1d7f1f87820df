/* host.point, host.definition, host.who, host.settings, host.plugins: what is in force and who asks. */
#include "lua/internal.h"

#include <stdlib.h>

#include <string.h>

static int push_owned(lua_State *L, json_t *v)
{
    fc_push_json(L, v);
    json_decref(v);
    return 1;
}

static int point(lua_State *L)
{
    fc_only_running(L, "host.point");
    fc_call *c = fc_call_need(L);
    fc_push_json(L, c->world->point(c, luaL_checkstring(L, 1)));
    return 1;
}

int fc_mod_point(lua_State *L)
{
    lua_pushcfunction(L, point);
    return 1;
}

static int definition(lua_State *L)
{
    fc_only_running(L, "host.definition");
    fc_call *c = fc_call_need(L);
    const char *first = luaL_checkstring(L, 1);
    if (!lua_isnoneornil(L, 2)) {
        fc_push_json(L, c->world->live_definition(c, first, luaL_checkstring(L, 2)));
        return 1;
    }
    return push_owned(L, c->world->definition(c, first));
}

int fc_mod_definition(lua_State *L)
{
    lua_pushcfunction(L, definition);
    return 1;
}

static fc_call *running(lua_State *L)
{
    fc_only_running(L, "host.who");
    return fc_call_need(L);
}

static int who_actor(lua_State *L)
{
    static const char *const kinds[] = {"user", "cli", "job"};
    fc_call *c = running(L);
    lua_createtable(L, 0, 4);
    lua_pushstring(L, c->login);
    lua_setfield(L, -2, "login");
    lua_pushstring(L, c->name[0] ? c->name : c->login);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, kinds[c->kind]);
    lua_setfield(L, -2, "kind");
    fc_push_json(L, c->roles);
    lua_setfield(L, -2, "roles");
    return 1;
}

static int who_has(lua_State *L)
{
    fc_call *c = running(L);
    int n = lua_gettop(L), found = 0;
    for (int i = 1; i <= n && !found; i++) {
        const char *role = luaL_checkstring(L, i);
        size_t k;
        json_t *held;
        json_array_foreach(c->roles, k, held) if (strcmp(json_string_value(held), role) == 0) found = 1;
    }
    lua_pushboolean(L, found);
    return 1;
}

static int who_dealership(lua_State *L)
{
    fc_call *c = running(L);
    lua_createtable(L, 0, 2);
    lua_pushstring(L, c->dealership);
    lua_setfield(L, -2, "id");
    fc_push_json(L, c->dealership_name);
    lua_setfield(L, -2, "name");
    return 1;
}

static int who_lang(lua_State *L)
{
    lua_pushstring(L, running(L)->lang == FC_EN ? "en" : "zh");
    return 1;
}

static int has_role(json_t *user, const char *role)
{
    size_t i;
    json_t *held;
    json_array_foreach(json_object_get(user, "roles"), i,
                       held) if (strcmp(json_string_value(held), role) == 0) return 1;
    return 0;
}

static int who_users(lua_State *L)
{
    fc_call *c = running(L);
    fc_err err;
    size_t i;
    json_t *user;
    const char *role = luaL_optstring(L, 1, NULL);
    json_t *all = c->site ? fc_user_list(c->site, c->dealership, &err) : json_array();
    if (!all) return fc_raise(L, &err);
    json_t *out = json_array();
    json_array_foreach(all, i, user)
    {
        if (!json_is_true(json_object_get(user, "active")) &&
            json_integer_value(json_object_get(user, "active")) == 0)
            continue;
        if (!role || has_role(user, role)) json_array_append(out, user);
    }
    json_decref(all);
    return push_owned(L, out);
}

/* Of all users of the site: who was switched off or works in another dealership now did something here. */
static int who_names(lua_State *L)
{
    fc_call *c = running(L);
    fc_err err;
    size_t i;
    json_t *user;
    json_t *all = c->site ? fc_user_list(c->site, NULL, &err) : json_array();
    if (!all) return fc_raise(L, &err);
    json_t *out = json_object();
    json_array_foreach(all, i, user) json_object_set(out, json_string_value(json_object_get(user, "login")),
                                                     json_object_get(user, "name"));
    json_decref(all);
    return push_owned(L, out);
}

static const luaL_Reg who_functions[] = {
    {"actor", who_actor}, {"has", who_has},     {"dealership", who_dealership},
    {"lang", who_lang},   {"users", who_users}, {"names", who_names},
    {NULL, NULL}};

int fc_mod_who(lua_State *L)
{
    luaL_newlib(L, who_functions);
    return 1;
}

static int settings_get(lua_State *L)
{
    fc_only_running(L, "host.settings");
    fc_call *c = fc_call_need(L);
    return push_owned(L, c->world->settings(c, fc_vm_of(L)->plugin));
}

int fc_mod_settings(lua_State *L)
{
    static const luaL_Reg functions[] = {{"get", settings_get}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}

static int plugins_list(lua_State *L)
{
    fc_only_running(L, "host.plugins");
    fc_call *c = fc_call_need(L);
    return push_owned(L, c->world->plugins(c));
}

static int plugins_form(lua_State *L)
{
    fc_only_running(L, "host.plugins");
    fc_call *c = fc_call_need(L);
    return push_owned(L, c->world->settings_form(c, luaL_checkstring(L, 1)));
}

/* read_setting(plugin, key, said): the value as JSON text, nil where nothing was said; raises what is wrong
 * with it, and where there is no such setting */
static int plugins_read(lua_State *L)
{
    fc_err err;
    fc_only_running(L, "host.plugins");
    fc_call *c = fc_call_need(L);
    fc_scratch *s = fc_scratch_push(L);
    s->json = c->world->setting_read(c, luaL_checkstring(L, 1), luaL_checkstring(L, 2),
                                     luaL_optstring(L, 3, NULL), &err);
    if (!s->json) return fc_raise(L, &err);
    if (json_is_null(s->json)) return 0;
    char *text = json_dumps(s->json, JSON_ENCODE_ANY | JSON_COMPACT);
    lua_pushstring(L, text);
    free(text);
    return 1;
}

static int plugin_ask(lua_State *L, const char *what, const char *plugin, const char *to, const char *from)
{
    fc_only_running(L, "host.plugins");
    fc_call *c = fc_call_need(L);
    fc_err err;
    json_t *out = c->world->plugin_ask(c, what, plugin, to, from, &err);
    return out ? push_owned(L, out) : fc_raise(L, &err);
}

static int plugins_states(lua_State *L)
{
    return plugin_ask(L, "states", NULL, NULL, NULL);
}

static int plugins_history(lua_State *L)
{
    return plugin_ask(L, "history", luaL_optstring(L, 1, NULL), NULL, NULL);
}

static int plugins_changes(lua_State *L)
{
    return plugin_ask(L, "changes", luaL_checkstring(L, 1), luaL_optstring(L, 2, NULL),
                      luaL_optstring(L, 3, NULL));
}

static int plugins_act(lua_State *L)
{
    return plugin_ask(L, luaL_checkstring(L, 1), luaL_checkstring(L, 2), luaL_optstring(L, 3, NULL),
                      luaL_optstring(L, 4, NULL));
}

int fc_mod_plugins(lua_State *L)
{
    static const luaL_Reg functions[] = {{"list", plugins_list},         {"form", plugins_form},
                                         {"read_setting", plugins_read}, {"states", plugins_states},
                                         {"history", plugins_history},   {"changes", plugins_changes},
                                         {"act", plugins_act},           {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
