/* Every module of the host that is written in C, and what a plugin's exports are: what `require` gives, which
 * itself stands below all of them. */
#include "lua/internal.h"

static const luaL_Reg host[] = {
    {"db", fc_mod_db},
    {"point", fc_mod_point},
    {"definition", fc_mod_definition},
    {"call", fc_mod_call},
    {"who", fc_mod_who},
    {"clock", fc_mod_clock},
    {"calendar", fc_mod_calendar},
    {"vault", fc_mod_vault},
    {"rules", fc_mod_rules},
    {"csv", fc_mod_csv},
    {"file", fc_mod_file},
    {"json", fc_mod_json},
    {"re", fc_mod_re},
    {"text", fc_mod_text},
    {"log", fc_mod_log},
    {"progress", fc_mod_progress},
    {"session", fc_mod_session},
    {"settings", fc_mod_settings},
    {"core.plugins", fc_mod_plugins},
    {"core", fc_mod_core},
    {"core.db", fc_mod_own_db},
    {"core.http", fc_mod_http},
    {NULL, NULL},
};

const fc_modules fc_all_modules = {.host = host, .exports = fc_export_proxy};

int fc_module_is_known(const char *name)
{
    return fc_require_knows(&fc_all_modules, name);
}
