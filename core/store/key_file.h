/* A file with one secret of 32 bytes as 64 hex digits: the site's master key, the seed of the audit log's
 * signing key. Its mode must be 0600 or 0400. The bytes given out are the caller's to wipe
 * (sodium_memzero). */
#ifndef FC_STORE_KEY_FILE_H
#define FC_STORE_KEY_FILE_H
#include "base/err.h"
#include "store/locked.h"

/* `create`: a file that is not there is made (random, 0600), so that of two processes one wins and both read
 * the same. *made (may be NULL) tells whether this call made it. */
int fc_key_read(const char *path, int create, unsigned char key[FC_KEY_BYTES], int *made, fc_err *err);
/* Only read. given: systemd wrote it (a credential's mode is systemd's affair, but others may still not read
 * it). */
int fc_key_file_read(const char *path, int given, unsigned char *key, fc_err *err);
/* Writes a key to a new file, 0600; FC_ECONFLICT if there is one. */
int fc_key_write(const char *path, const unsigned char key[FC_KEY_BYTES], fc_err *err);
/* A random one; FC_OK also where there is one. */
int fc_key_make(const char *path, int *made, fc_err *err);
/* The digits, and white space behind them; `place` for the sentence. */
int fc_key_parse(const char *place, const char *hex, size_t n, unsigned char *key, fc_err *err);
#endif
