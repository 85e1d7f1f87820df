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
    fc_live *live;              /* what new calls begin with; never NULL after fc_site_load */
    json_t *problems;           /* of the folders as they are now: array of {"plugin","at","zh","en"} */
    struct fc_source **scanned; /* the folders as a start has just read them; else NULL */
    json_t *scan_problems;
    json_t *staged; /* versions that wait for their tests: array of {"plugin","hash","tests","since"} */
    json_t *trials; /* plugin -> hash of versions on trial */
    int64_t change; /* the number of the change that is in force here */
    struct {
        int64_t build, write, swap;
    } spent; /* ns of the last reload: building aside, the transaction, moving the pointer */
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
    int lease;      /* descriptor of the lock, 0: not held (lease.h) */
    int keep_lease; /* set before fc_site_load by who goes on holding it */
    int follows;    /* a worker beside the first one: never takes the lease, only follows the rows */
    int safe;       /* nothing but the shipped console */
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
 * was replaced. Never fails half: what is wrong stands in d->problems and the old generation stays. Only for
 * who holds the lease. `why`: "save", "reload" ... */
int fc_dealership_reload(fc_dealership *d, const char *extra, const char *actor, const char *why,
                         int *changed, fc_err *err);
/* Puts in force what the store says, without a look at the folders; writes nothing. */
void fc_dealership_follow(fc_dealership *d);
/* watch = false in site.lua: folders are looked at only when asked. */
int fc_site_watches(const fc_site *s);
/* A spoiled generation (killed inside) is built again from the same source. */
void fc_dealership_heal(fc_dealership *d);
#endif
