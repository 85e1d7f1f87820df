/* Packs into a site: gathered, checked, resolved, then put in force by one replacement of packs.lock.
 *
 * open -> from/file/name (as often as needed) -> resolve -> look at the items -> commit, or close and nothing
 * happened. Works with every plugin broken and without a running server; a server that runs sees the change
 * like any other. */
#ifndef FC_PLUGIN_PACK_INSTALL_H
#define FC_PLUGIN_PACK_INSTALL_H
#include "pack/registry.h"
#include "plugin/source.h"

typedef struct fc_pack_item {
    fc_archive *archive;
    fc_source *source;
    char key[FC_SIGN_ID_HEX]; /* "": nobody vouches for it */
    char *from;               /* path or address */
    json_t *asks, *more;      /* all; those beyond what is in force of it */
    const char *before;       /* version in force, NULL: new */
} fc_pack_item;

typedef struct fc_install {
    char *site;
    json_t *lock, *acts, *trust, *seen, *asked;
    json_t *names;       /* id -> title, for fc_ask_text */
    fc_source **present; /* what the site sees now */
    fc_registry *registry;
    fc_pack_item *items;
    size_t n;
    int dev, fd;
    const char *lua; /* fc_lua_version(): is it fit for what nobody vouches for? */
    int still;       /* the site looks at its folders only when it is told to: forecourt plugin reload */
} fc_install;

/* dev: packs without a trusted signature are taken. FC_EBUSY while another process changes packs. */
int fc_install_open(const char *dir, int dev, fc_install **out, fc_err *err);
void fc_install_close(fc_install *in); /* NULL is allowed */
/* The index that names are looked up in. */
int fc_install_from(fc_install *in, const char *place, fc_err *err);
int fc_install_file(fc_install *in, const char *place, fc_err *err);
/* "acme-x" or "acme-x@^1.2": from the index. */
int fc_install_name(fc_install *in, const char *wanted, fc_err *err);
/* What packs.lock names and is not there as it should be: again from where it came. */
int fc_install_locked(fc_install *in, fc_err *err);
/* Chooses versions, fetches and checks what is missing, finds out what each asks for. Items are then what
 * would change. */
int fc_install_resolve(fc_install *in, fc_err *err);
/* 1 if what is in force of a pack would be replaced by something that asks for more. */
int fc_install_widens(const fc_install *in);
/* Unpacks and names them in the lock: in force, or `staged` beside what is in force. `by`: who did it. */
int fc_install_commit(fc_install *in, int staged, const char *by, fc_err *err);

/* Staged packs (new array of {"id","version","before","asks","more"}), and putting all of them in force. */
json_t *fc_install_staged(const fc_install *in);
int fc_install_accept(fc_install *in, const char *by, fc_err *err);
int fc_install_refuse(fc_install *in, const char *by, fc_err *err); /* forgets them */
/* Refused while another plugin needs it. */
int fc_install_remove(fc_install *in, const char *id, const char *by, fc_err *err);
#endif
