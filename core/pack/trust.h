/* packs.trust in the site: publishers' public keys, each bound to namespaces.
 * {"keys": {"<key id>": {"key": "RW...", "namespaces": ["acme"]}}, "acts": [...]} */
#ifndef FC_PACK_TRUST_H
#define FC_PACK_TRUST_H
#include "pack/archive.h"
#include <jansson.h>

/* *out is the caller's; a site without the file trusts nobody. */
int fc_trust_read(const char *site, json_t **out, fc_err *err);
int fc_trust_write(const char *site, const json_t *trust, fc_err *err);
int fc_trust_add(json_t *trust, const fc_sign_public *key, const char *space, fc_err *err);
/* FC_ENOTFOUND if no such key is trusted. */
int fc_trust_remove(json_t *trust, const char *key_id, fc_err *err);
/* Remembers who did that (pack/acts.h), for the next fc_trust_write. space may be NULL. */
void fc_trust_note(json_t *trust, const char *what, const char *by, const char *key_id, const char *space);
int fc_trust_key(const json_t *trust, const unsigned char id[8], fc_sign_public *out, fc_err *err);
/* FC_OK if this key may sign packs with this id: the longest namespace around it is the key's. */
int fc_trust_may_sign(const json_t *trust, const char *key_id, const char *pack, fc_err *err);
/* 1 if some key's namespace is around the id. */
int fc_trust_owned(const json_t *trust, const char *pack);
/* The whole question: signed, by a trusted key, for its namespace, for this INDEX. FC_ENOTFOUND: not signed;
 * else FC_EDENIED or FC_EINVAL. key_id: of the signer, "" if there is none. Expiry is for the caller to
 * judge. */
int fc_trust_verify(const json_t *trust, const fc_archive *a, char key_id[FC_SIGN_ID_HEX], fc_claims *claims,
                    fc_err *err);
#endif
