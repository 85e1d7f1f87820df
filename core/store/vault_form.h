/* The forms of sealed values and blind indexes, and remaking them under a new pair without knowing what they
 * hold. For vault.c and change_pair.c.
 *
 *     form 2  of a person, under his own key; of person 0: under the first pair
 *     form 3  of nobody in particular, under pair number N, which stands where the person would
 *     form 4  form 2 of person 0, 3 or 4 once more sealed, under pair number N
 *
 * Only who sealed a value knows the place it is bound to, so a value is not sealed again but sealed over. */
#ifndef FC_STORE_VAULT_FORM_H
#define FC_STORE_VAULT_FORM_H
#include "store/vault.h"

#define FC_FORM_OWN 2
#define FC_FORM_PAIR 3
#define FC_FORM_OVER 4
#define FC_OWNER_BYTES 8
#define FC_NONCE_BYTES 24
#define FC_TAG_BYTES 16
#define FC_NONCE_AT (1 + FC_OWNER_BYTES)
#define FC_HEAD_BYTES (FC_NONCE_AT + FC_NONCE_BYTES)
#define FC_INDEX_BYTES 16

unsigned char *fc_vault_grow(fc_buf *b, size_t n); /* n bytes more; returns where they begin */
void fc_vault_number(fc_buf *out, int64_t n);

/* Number of the pair that something of nobody in particular lies under; -1: none of ours, or a person's. */
int64_t fc_vault_pair_of(const void *sealed, size_t n);
/* The same of an index; -1: no index. */
int64_t fc_vault_index_pair(const char *index, size_t n);

/* Seals over, under the present pair. */
void fc_vault_over(const fc_keys *k, const void *sealed, size_t n, fc_buf *out);
/* Takes all layers off; *sealed then points into `inner`, where there were any. FC_EDENIED: does not open. */
int fc_vault_peel(const fc_keys *k, fc_buf *inner, const unsigned char **sealed, size_t *n);
/* From the index of pair - 1 to that of pair. */
void fc_vault_reindex(const fc_keys *k, int64_t pair, char index[FC_INDEX_CAP]);
#endif
