/* A generation is one loaded version of one plugin for one dealership: one Lua state, its definitions, texts
 * and templates. Built aside, checked, then shared by the live sets that contain it. What is wrong is
 * collected, all of it, and the generation is then not used. */
#ifndef FC_PLUGIN_GENERATION_H
#define FC_PLUGIN_GENERATION_H
#include "lua/vm.h"
#include "plugin/source.h"
#include "text/template.h"

typedef struct fc_gen {
    int refs;
    fc_source *source;
    fc_source **world;     /* NULL-terminated: itself and what it needs, for require */
    char key[FC_HASH_HEX]; /* own hash and those of the define libraries it uses */
    fc_vm *vm;
    json_t *definitions; /* array of envelopes with plugin, plugin_version, hash */
    json_t *locale;      /* {"zh":{key:text},"en":{...}} */
    json_t *templates;   /* name -> integer index */
    fc_template **compiled;
    size_t ncompiled;
    int64_t since;
} fc_gen;

void fc_gen_key(const fc_source *s, fc_source *const *all, char out[FC_HASH_HEX]);
/* `points`: object point name -> id of the plugin that opens it, over all candidate sources. */
fc_gen *fc_gen_build(fc_source *s, fc_source *const *all, const json_t *points, json_t *problems);
fc_gen *fc_gen_ref(fc_gen *g);
void fc_gen_unref(fc_gen *g);
const fc_template *fc_gen_template(const fc_gen *g, const char *name); /* "pages/x.html"; NULL */
const char *fc_gen_text(const fc_gen *g, const char *key, enum fc_lang lang);
#endif
