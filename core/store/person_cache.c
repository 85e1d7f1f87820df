/* Persons' keys that are unwrapped, in locked memory: the one unused for longest goes first. */
#include "store/keys_parts.h"

#include <sodium.h>
#include <string.h>

void fc_cache_wipe(fc_keys *k)
{
    sodium_memzero(k->cache, FC_CACHED * sizeof *k->cache);
}

const unsigned char *fc_cache_find(fc_keys *k, int64_t person)
{
    for (int i = 0; i < FC_CACHED; i++) {
        if (k->cache[i].person != person) continue;
        k->cache[i].used = ++k->tick;
        return k->cache[i].key;
    }
    return NULL;
}

void fc_cache_add(fc_keys *k, int64_t person, const unsigned char *key)
{
    fc_cached *slot = k->cache;
    for (int i = 1; i < FC_CACHED && slot->person; i++)
        if (!k->cache[i].person || k->cache[i].used < slot->used) slot = &k->cache[i];
    slot->person = person;
    slot->used = ++k->tick;
    memcpy(slot->key, key, FC_KEY_BYTES);
}
