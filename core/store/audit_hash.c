#include "store/audit_chain.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void number(unsigned char to[8], int64_t v)
{
    for (int i = 0; i < 8; i++)
        to[i] = (unsigned char)((uint64_t)v >> (8 * i));
}

/* Type, length and bytes of each value, so that no two rows look alike. */
static void add(crypto_generichash_state *state, const fc_value *v)
{
    unsigned char head[9] = {(unsigned char)v->type};
    int text = v->type == FC_TEXT || v->type == FC_BLOB;
    number(head + 1, text ? (int64_t)v->n : v->i);
    crypto_generichash_update(state, head, sizeof head);
    if (text) crypto_generichash_update(state, (const unsigned char *)v->s, v->n);
}

void fc_audit_hash(const unsigned char before[FC_AUDIT_HASH], int64_t seq, const fc_cursor *c, int first,
                   unsigned char hash[FC_AUDIT_HASH])
{
    crypto_generichash_state state;
    unsigned char n[8];
    fc_value v;
    number(n, seq);
    crypto_generichash_init(&state, NULL, 0, FC_AUDIT_HASH);
    crypto_generichash_update(&state, before, FC_AUDIT_HASH);
    crypto_generichash_update(&state, n, sizeof n);
    for (int i = 0; i < 6; i++) {
        fc_cursor_value(c, first + i, &v);
        add(&state, &v);
    }
    crypto_generichash_final(&state, hash, FC_AUDIT_HASH);
}

void fc_audit_genesis(const char *dealership, unsigned char hash[FC_AUDIT_HASH])
{
    char text[256];
    int n = snprintf(text, sizeof text, "forecourt audit 1: %.200s", dealership);
    crypto_generichash(hash, FC_AUDIT_HASH, (const unsigned char *)text, (size_t)n, NULL, 0);
}

size_t fc_audit_statement(const char *dealership, int64_t seq, int64_t at, int64_t more,
                          const unsigned char hash[FC_AUDIT_HASH], unsigned char out[512])
{
    size_t n = (size_t)snprintf((char *)out, 256, "forecourt audit seal 1: %.200s", dealership) + 1;
    number(out + n, seq);
    number(out + n + 8, at);
    number(out + n + 16, more);
    memcpy(out + n + 24, hash, FC_AUDIT_HASH);
    return n + 24 + FC_AUDIT_HASH;
}
