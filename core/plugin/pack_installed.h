/* Installed packs, as the lock names them, when the plugins of a site are looked for. */
#ifndef FC_PLUGIN_PACK_INSTALLED_H
#define FC_PLUGIN_PACK_INSTALLED_H
#include "plugin/source.h"

/* FC_OK if what was read of the folder is what the lock entry names: the INDEX with its hash, each file with
 * its own, a signature by a key the site still trusts. A pack without one is taken where `dev` stands in the
 * lock or the Lua (fc_lua_version) is fit for strangers' code. */
int fc_installed_check(const fc_source *s, const char *dir, const json_t *entry, const json_t *trust,
                       const char *lua, fc_err *err);
/* All files of the folder against INDEX, also those that are no source (assets). */
int fc_installed_whole(const char *dir, const char *hash, fc_err *err);
#endif
