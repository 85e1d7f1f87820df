/* An index: index.json, its signature index.json.minisig, and the packs beside it, in a plain folder or on
 * any web server.
 *
 *   {"name": "acme", "number": 7, "expires": "2027-05-01", "packs": [{"id", "version", "seq", "hash" (of
 * INDEX), "file", "size", "needs": {id: range}}]}
 *
 * The trusted comment repeats name, number and end. The number only grows: an older copy is known by it.
 * After its end nothing new is installed from an index; what runs is not touched. */
#ifndef FC_PACK_REGISTRY_H
#define FC_PACK_REGISTRY_H
#include "pack/archive.h"
#include <jansson.h>

typedef struct fc_registry {
    char *place; /* of the folder */
    json_t *body;
    json_t *packs; /* borrowed from body */
    const char *name, *expires;
    int64_t number;
    char key[FC_SIGN_ID_HEX]; /* who signed */
    fc_buf text, signature;   /* as they were read: what mirror writes */
} fc_registry;

/* Reads and checks the index at a folder or address. The signer is a key of `trust` or, where that is NULL,
 * `key`. */
int fc_registry_open(const char *place, const json_t *trust, const fc_sign_public *key, fc_registry **out,
                     fc_err *err);
void fc_registry_free(fc_registry *r);
/* 1 if today (YYYY-MM-DD) is after its end. */
int fc_registry_over(const fc_registry *r, const char *today);
/* Fetches one entry of it and checks that it is what the index says; its signature is for the caller. */
int fc_registry_fetch(const fc_registry *r, const json_t *entry, fc_archive **out, fc_err *err);
/* The two texts of an index from {"name","number","expires","packs"}. */
int fc_registry_sign(const json_t *body, const fc_sign_secret *key, fc_buf *text, fc_buf *signature,
                     fc_err *err);
/* Copies the index and all its packs into a folder; the index comes last. A pack that is there already is
 * kept if it is the right one. *copied, *kept count packs. */
int fc_registry_mirror(const fc_registry *r, const char *to, int *copied, int *kept, fc_err *err);
#endif
