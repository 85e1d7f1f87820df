#ifndef FC_PACK_MINISIGN_INTERNAL_H
#define FC_PACK_MINISIGN_INTERNAL_H
#include "pack/minisign.h"

struct fc_sign_secret {
    unsigned char id[8], key[64];
};

/* Base64 of exactly `want` bytes; 0 if it is not. */
int fc_minisign_decode(const char *line, size_t n, void *out, size_t want);
void fc_minisign_encode(const void *bytes, size_t n, fc_buf *out); /* 300 bytes at most */
const char *fc_minisign_line(const char **p, const char *end, size_t *n);
#endif
