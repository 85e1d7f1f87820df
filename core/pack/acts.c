#include "pack/acts.h"
#include "base/clock.h"
#include "pack/site_file.h"

#include <sodium.h>
#include <stdint.h>
#include <string.h>

/* No two verbs give out the same, whatever their clocks say. */
static json_int_t fresh_id(void)
{
    uint64_t bits;
    randombytes_buf(&bits, sizeof bits);
    return (json_int_t)(bits >> 2);
}

static json_int_t at_of(const json_t *act)
{
    return json_integer_value(json_object_get(act, "at"));
}

static void drop_oldest(json_t *acts)
{
    size_t bytes = 0, kept = 0, n = json_array_size(acts);
    while (kept < n && kept < FC_PACK_ACTS) {
        bytes += json_dumpb(json_array_get(acts, n - 1 - kept), NULL, 0, 0);
        if (bytes > FC_PACK_ACTS_BYTES && kept) break;
        kept++;
    }
    while (json_array_size(acts) > kept)
        json_array_remove(acts, 0);
}

void fc_act_note(json_t *acts, const char *what, const char *by, const char *subject, json_t *more)
{
    json_t *act = json_pack("{s:I, s:s, s:s, s:I, s:s}", "id", fresh_id(), "what", what, "by", by, "at",
                            (json_int_t)fc_now(), "subject", subject);
    if (more) json_object_update_missing(act, more);
    json_decref(more);
    json_array_append_new(acts, act);
    drop_oldest(acts);
}

/* People may have written into the file. */
static int is_act(const json_t *v)
{
    static const char *const texts[] = {"what", "by", "subject", NULL};
    for (const char *const *k = texts; *k; k++)
        if (!json_is_string(json_object_get(v, *k))) return 0;
    return json_is_integer(json_object_get(v, "id")) &&
           strncmp(json_string_value(json_object_get(v, "what")), "pack.", 5) == 0;
}

json_t *fc_acts_of(const json_t *file)
{
    size_t i;
    json_t *act, *out = json_array();
    json_array_foreach(json_object_get(file, "acts"), i, act) if (is_act(act)) json_array_append(out, act);
    return out;
}

static json_t *read_one(const char *site, const char *name)
{
    json_t *whole;
    if (fc_site_file_read(site, name, &whole, NULL)) return json_array();
    json_t *list = fc_acts_of(whole);
    json_decref(whole);
    return list;
}

/* Of one file they stand in their order, whatever the clocks of those who acted said. */
json_t *fc_acts_read(const char *site)
{
    json_t *packs = read_one(site, "packs.lock"), *keys = read_one(site, "packs.trust"), *out = json_array();
    for (size_t p = 0, k = 0;;) {
        json_t *pack = json_array_get(packs, p), *key = json_array_get(keys, k);
        if (!pack && !key) break;
        int key_first = !pack || (key && at_of(key) <= at_of(pack));
        json_array_append(out, key_first ? key : pack);
        k += key_first;
        p += !key_first;
    }
    json_decref(packs);
    json_decref(keys);
    return out;
}

const json_t *fc_acts_last(const json_t *acts, const char *subject)
{
    for (size_t i = json_array_size(acts); i-- > 0;) {
        const json_t *act = json_array_get(acts, i);
        if (strcmp(json_string_value(json_object_get(act, "subject")), subject) == 0) return act;
    }
    return NULL;
}
