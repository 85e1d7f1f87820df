/* A file that holds a key as 64 hexadecimal digits. For master.c only. */
#ifndef FC_STORE_MASTER_FILE_H
#define FC_STORE_MASTER_FILE_H
#include "base/err.h"
#include <stddef.h>

/* given: systemd wrote it (a credential's mode is systemd's affair, but others may still not read it). */
int fc_key_file_read(const char *path, int given, unsigned char *key, fc_err *err);
int fc_key_parse(const char *place, const char *hex, size_t n, unsigned char *key, fc_err *err);
#endif
