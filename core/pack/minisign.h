/* Keys and signatures in the files of minisign, so that its program verifies what we sign and we what it
 * signs: Ed25519 over the BLAKE2b-512 of the content ("ED"), and once more over the signature together with
 * the trusted comment. The old form without the hash is refused. */
#ifndef FC_PACK_MINISIGN_H
#define FC_PACK_MINISIGN_H
#include "base/buf.h"
#include "base/err.h"

#define FC_SIGN_ID_HEX 17
#define FC_SIGN_COMMENT 1024

typedef struct fc_sign_public {
    unsigned char id[8], key[32];
} fc_sign_public;

typedef struct fc_sign_secret fc_sign_secret; /* in locked memory, wiped when freed */

typedef struct fc_signature {
    unsigned char id[8], sig[64], whole[64];
    char comment[FC_SIGN_COMMENT]; /* the trusted one; trust it only after fc_sign_verify */
} fc_signature;

/* As minisign prints it: 16 hex digits. */
void fc_sign_id(const unsigned char id[8], char hex[FC_SIGN_ID_HEX]);
/* A public key: the line "RW..." alone, or the two lines of a .pub file. */
int fc_sign_public_parse(const char *text, fc_sign_public *out, fc_err *err);
void fc_sign_public_line(const fc_sign_public *p, fc_buf *out); /* "RW..." without a new line */

int fc_sign_new(fc_sign_secret **out, fc_err *err);
void fc_sign_free(fc_sign_secret *s); /* NULL is allowed */
void fc_sign_public_of(const fc_sign_secret *s, fc_sign_public *out);
/* The secret key's file. password NULL or "": not encrypted; else as minisign does it (scrypt, 128 MiB). The
 * text is a secret: the caller wipes it. */
int fc_sign_secret_write(const fc_sign_secret *s, const char *password, fc_buf *out, fc_err *err);
/* 1 if this secret key's file needs a password. */
int fc_sign_secret_locked(const char *text);
int fc_sign_secret_parse(const char *text, const char *password, fc_sign_secret **out, fc_err *err);

/* The text of a .minisig file. `comment` has no new line. The same input always gives the same bytes. */
int fc_sign(const fc_sign_secret *s, const void *bytes, size_t n, const char *comment, fc_buf *out,
            fc_err *err);
void fc_signature_write(const fc_signature *s, fc_buf *out); /* the text, as fc_sign makes it */
int fc_signature_parse(const char *text, size_t n, fc_signature *out, fc_err *err);
/* FC_EDENIED if the content or the trusted comment is not what this key signed. */
int fc_sign_verify(const fc_signature *s, const fc_sign_public *key, const void *bytes, size_t n,
                   fc_err *err);
#endif
