/* A site: the folder an installation serves. site.lua says which dealerships there are; each has a store, a
 * vault and a live set. */
#ifndef FC_PLUGIN_SITE_H
#define FC_PLUGIN_SITE_H
#include "lua/call.h"
#include "plugin/generation.h"

typedef struct fc_live fc_live;
typedef struct fc_site fc_site;

typedef struct fc_dealership {
    fc_site *site;
    char *id;
    json_t *name; /* Text */
    fc_store *store;
    fc_vault *vault;
    fc_live *live;    /* what new calls begin with; never NULL after fc_site_load */
    json_t *problems; /* of the folders as they are now: array of {"plugin","at","zh","en"} */
} fc_dealership;

struct fc_site {
    char *dir;      /* absolute; NULL: no site, everything in memory */
    char *share;    /* what the binary finds beside itself */
    char *files;    /* dir/data/files */
    char *passing;  /* the same where it goes with the site: in memory; else NULL */
    json_t *config; /* site.lua */
    json_t *name;
    fc_store *store; /* users, sessions */
    fc_dealership *dealerships;
    size_t ndealerships;
    void (*jobs_changed)(fc_site *s);
    int quiet; /* another process of the same site says what is wrong with its plugins */
};

enum fc_site_mode {
    FC_SITE_OPEN,   /* stores in data/, live set kept there */
    FC_SITE_MEMORY, /* stores in memory: check, eval without a site, tests */
    FC_SITE_LOOK, /* stores as they are: nothing is made or migrated, no key; one that is not there is NULL */
};

/* share folder beside the binary: BIN/../share/forecourt. Owned by the caller. */
char *fc_share_dir(void);
/* Opens stores (migrated) and keys; loads no plugin yet. dir may be NULL with FC_SITE_MEMORY. */
int fc_site_open(const char *dir, enum fc_site_mode mode, fc_site **out, fc_err *err);
/* Only site.lua, checked: for what must work when a store does not open. *out is the caller's. */
int fc_site_config(const char *dir, json_t **out, fc_err *err);
int fc_dealership_id_check(const char *id, fc_err *err);
/* Loads the plugins of every dealership: from the folders, and for a plugin that is broken there from the
 * store. extra: further plugin folder or NULL. Problems stand in each dealership. */
int fc_site_load(fc_site *s, const char *extra, fc_err *err);
void fc_site_close(fc_site *s);
/* id NULL: the only one (else an error naming them). */
fc_dealership *fc_site_dealership(fc_site *s, const char *id, fc_err *err);

/* Looks at the folders again; builds aside what changed and swaps. *changed counts plugins whose generation
 * was replaced. Never fails half: what is wrong stands in d->problems and the old generation stays. */
int fc_dealership_reload(fc_dealership *d, const char *extra, const char *actor, int *changed, fc_err *err);
/* A spoiled generation (killed inside) is built again from the same source. */
void fc_dealership_heal(fc_dealership *d);
#endif
