/* Content hashes: BLAKE2b-256 as 64 hex digits. What is known by its content anywhere in Forecourt
 * (definitions, generations, files, decisions) is known by this. */
#ifndef FC_BASE_HASH_H
#define FC_BASE_HASH_H
#include <stddef.h>
#define FC_HASH_HEX 65
void fc_hash(const void *bytes, size_t n, char out[FC_HASH_HEX]);
#endif
