/* The source of one plugin at one moment: the texts of its folder, its manifest, its hash. Made from a folder
 * or from the store, never changed afterwards, shared by reference count between the generations built from
 * it. */
#ifndef FC_PLUGIN_SOURCE_H
#define FC_PLUGIN_SOURCE_H
#include "base/err.h"
#include "base/hash.h"
#include <jansson.h>
#include <stdint.h>

#define FC_SOURCE_TEXT (256u << 10) /* bytes of one file */

typedef struct fc_source {
    int refs;
    char *id;      /* from the manifest */
    char *dir;     /* absolute; assets are served from here; "" when it came from the store */
    char *label;   /* place for messages: "plugins/survey" */
    char *origin;  /* "shipped", "pack", "site" */
    json_t *files; /* object: relative path -> text (.lua, .html, .sql of migrations/) */
    json_t *manifest;
    json_t *tables; /* prefixes of its tables, made at the first question (tables.c) */
    char hash[FC_HASH_HEX];
    int back;                /* in force, or an earlier version put back: newer migrations may have run */
    int64_t calls, failures; /* since they were last written down (trial.c) */
} fc_source;

/* Reads a folder. What is wrong with it (no manifest, bad manifest, bytes that are no text) is appended to
 * problems (problem.h); NULL then. */
fc_source *fc_source_read(const char *dir, const char *label, const char *origin, json_t *problems);
/* Does the host read this file of a plugin's folder ("pages/x.lua")? Tests, assets and what is for authors it
 * does not. */
int fc_source_wants(const char *path);
/* From canonical JSON {"dir","label","origin","files"} as fc_source_dump wrote it. */
fc_source *fc_source_load(const char *text, size_t n, json_t *problems);
char *fc_source_dump(const fc_source *s); /* owned by the caller */
fc_source *fc_source_ref(fc_source *s);
void fc_source_unref(fc_source *s);
const char *fc_source_file(const fc_source *s, const char *path, size_t *n); /* NULL if there is none */
const char *fc_source_version(const fc_source *s);
int fc_source_needs(const fc_source *s, const char *plugin);
int fc_source_uses(const fc_source *s, const char *module);

/* All plugins a site sees, in a fixed order: shipped ones, packs named in `packs` (site/packs first, then
 * shipped packs), those that packs.lock names (which stand above a shipped one), the site's own plugins and
 * scripts. New list of fc_source*, NULL-terminated, owned by the caller (unref each, free the list). Two
 * folders with one id: the problem names both; the first stays. */
fc_source **fc_sources_scan(const char *share, const char *site, const json_t *packs, json_t *problems);
void fc_sources_free(fc_source **list);
#endif
