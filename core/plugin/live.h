/* A live set: the generations in force together. A call keeps the one it began with (reference count); a
 * reload makes a new one that shares the generations that did not change and moves one pointer. */
#ifndef FC_PLUGIN_LIVE_H
#define FC_PLUGIN_LIVE_H
#include "plugin/generation.h"
#include "rules/rules.h"
#include "sched/calendar.h"

struct fc_live {
    int refs;
    fc_gen **gens; /* in order of their needs */
    size_t n;
    json_t *points; /* point -> array of envelopes, sorted by order, plugin, id */
    fc_calendar *calendar;
    struct fc_compiled *rule_sets; /* compiled at first use */
    struct fc_route *routes;       /* one block; what it points to belongs to the set (route.h) */
    size_t nroutes;
    struct fc_live
        *healed; /* a later one, where a state was made anew that is spoiled here; NULL: not asked */
};
typedef struct fc_live fc_live;

fc_live *fc_live_ref(fc_live *l);
void fc_live_unref(fc_live *l);
fc_gen *fc_live_gen(const fc_live *l, const char *plugin);
/* The same generation for a call under way. Where somebody else's end spoiled its state here: as it was made
 * anew in `now`, which is then kept as long as l. NULL: not in force. */
fc_gen *fc_live_sound_gen(fc_live *l, fc_live *now, const char *plugin);
json_t *fc_live_point(const fc_live *l, const char *point); /* borrowed array, empty if there is none */
json_t *fc_live_definition(const fc_live *l, const char *point, const char *id);
const fc_rule_set *fc_live_rule_set(fc_live *l, const char *point, const char *id, const char **hash,
                                    fc_err *err);
#endif
