/* Keys, checks and names of a backup's file. */
#include "store/backup_file.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *fc_fcb_alloc(size_t n)
{
    size_t whole = (n + 63) / 64 * 64;
    void *p = aligned_alloc(64, whole);
    if (!p) {
        fputs("forecourt: out of memory\n", stderr);
        abort();
    }
    return memset(p, 0, whole);
}

static void derive(const unsigned char *master, const char *use, const char *kind, unsigned char *out,
                   size_t n)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, master, FC_KEY_BYTES, n);
    crypto_generichash_update(&state, (const unsigned char *)use, strlen(use) + 1);
    crypto_generichash_update(&state, (const unsigned char *)kind, strlen(kind) + 1);
    crypto_generichash_final(&state, out, n);
    sodium_memzero(&state, sizeof state);
}

void fc_fcb_key(const unsigned char master[FC_KEY_BYTES], const char *kind, unsigned char key[32],
                char id[17])
{
    derive(master, "forecourt backup 1: stream", kind, key, 32);
    fc_master_print(master, id);
}

/* The id is 16 bytes of the hash at least for BLAKE2b's sake, cut to 8 for people's. */
int fc_fcb_old_id(const unsigned char master[FC_KEY_BYTES], const char *id)
{
    unsigned char raw[16];
    char old[17];
    derive(master, "forecourt backup 1: id", "", raw, sizeof raw);
    sodium_bin2hex(old, 17, raw, 8);
    return strcmp(old, id) == 0;
}

void fc_fcb_check(const char *text, size_t n, char out[17])
{
    unsigned char raw[16];
    crypto_generichash(raw, sizeof raw, (const unsigned char *)text, n, NULL, 0);
    sodium_bin2hex(out, 17, raw, 8);
}

static int part_is_safe(const char *part, size_t n)
{
    return n > 0 && n < 256 && !(n == 1 && part[0] == '.') && !(n == 2 && part[0] == '.' && part[1] == '.');
}

int fc_fcb_name_is_safe(const char *name, size_t n)
{
    size_t begin = 0;
    if (n == 0 || n >= FC_FCB_NAME) return 0;
    for (size_t i = 0; i <= n; i++) {
        unsigned char c = i < n ? (unsigned char)name[i] : '/';
        if (c < 0x20 || c == 0x7F || c == '\\') return 0;
        if (c != '/') continue;
        if (!part_is_safe(name + begin, i - begin)) return 0;
        begin = i + 1;
    }
    return 1;
}
