/* A pack as one file: INDEX, perhaps INDEX.minisig, then the files in the order of INDEX, as a plain tar.
 * Read whole (it is bounded) and compared byte for byte with what INDEX decides; nothing of it is used before
 * all of it fits. */
#ifndef FC_PACK_ARCHIVE_H
#define FC_PACK_ARCHIVE_H
#include "pack/index.h"
#include "pack/minisign.h"

#define FC_PACK_ARCHIVE_BYTES (FC_PACK_BYTES + (4ll << 20)) /* with headers and paddings */

typedef struct fc_archive {
    fc_pack_index *index;
    char hash[FC_HASH_HEX]; /* of INDEX: what the pack is known by */
    const char **bodies;    /* of the files, in their order; point into data */
    const char *index_text;
    size_t index_len;
    const char *signature; /* text of INDEX.minisig; NULL: not signed */
    size_t signature_len;
    fc_buf data; /* owned */
} fc_archive;

/* Takes over data, also when it fails. The sentence names what is wrong; `name` is the place in front of it.
 */
int fc_archive_open(fc_buf *data, const char *name, fc_archive **out, fc_err *err);
int fc_archive_read(const char *path, fc_archive **out, fc_err *err);
void fc_archive_free(fc_archive *a);
/* signature NULL: none. bodies in the order of the index's files. */
void fc_archive_write(const fc_pack_index *x, const char *const *bodies, const char *signature, fc_buf *out);

/* What the trusted comment of a pack's signature says; text fields "" and numbers 0 where it says nothing. */
typedef struct fc_claims {
    char id[FC_PACK_ID + 1], version[FC_PACK_VERSION], expires[11];
    int64_t seq;
} fc_claims;
void fc_claims_write(const fc_claims *c, fc_buf *out);
/* Checks the signature with the key and its comment with INDEX. FC_EDENIED if one does not fit. *claims may
 * be NULL. */
int fc_archive_verify(const fc_archive *a, const fc_sign_public *key, fc_claims *claims, fc_err *err);
/* The id of the key that claims to have signed; 0 if there is no signature. */
int fc_archive_signer(const fc_archive *a, fc_signature *out, fc_err *err);
#endif
