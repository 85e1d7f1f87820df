/* The reference, read from the annotation files that the language server reads, too. */
#ifndef FC_VERBS_DOC_H
#define FC_VERBS_DOC_H
#include <jansson.h>

/* Appends {"name","kind","signature","zh","en","notes","from"} for each module, type, function and point of a
 * file. */
void fc_doc_read(const char *text, const char *file, json_t *entries);
/* Writes DIR/.luarc.json (never over another) and what it refers to; `files` is an array of paths of
 * annotation files. Returns the exit code. */
int fc_doc_luals(const char *dir, const json_t *files);
#endif
