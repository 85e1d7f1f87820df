#ifndef FC_PLUGIN_PACK_INSTALL_INTERNAL_H
#define FC_PLUGIN_PACK_INSTALL_INTERNAL_H
#include "plugin/pack_install.h"

/* pack_take.c. Takes over `a`; `from` is copied. Everything is checked but the needs. */
int fc_install_take(fc_install *in, fc_archive *a, const char *from, fc_err *err);
const fc_source *fc_install_present(const fc_install *in, const char *id); /* NULL */
/* pack_try.c. Builds everything in memory; FC_EINVAL with the first problem of an item that could not be put
 * in force, or of a plugin that would no longer be. */
int fc_install_try(const fc_install *in, fc_err *err);
/* Looks at an unpacked folder as the scan of a server does. *out (may be NULL) is the caller's. */
int fc_install_check_folder(const fc_install *in, const char *id, const json_t *entry, fc_source **out,
                            fc_err *err);
/* pack_record.c. Remembers who did what with a pack; it is on disk with the next fc_install_write. before:
 * the version that gave way or NULL; more: what it asks for beyond that (taken over) or NULL. */
void fc_install_note(fc_install *in, const char *what, const char *by, const char *id, const json_t *entry,
                     const char *before, json_t *more);
/* Writes packs.lock, tidies, and nudges a running server. */
int fc_install_write(fc_install *in, fc_err *err);
#endif
