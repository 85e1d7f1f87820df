/* An XML entry of a zip archive, parsed piece by piece, stopping where the caller wants: expat's handlers
 * with bounds. Names come without prefix ("x:row" is "row"), because exporters differ in it. A DOCTYPE, more
 * than 64 levels or a single tag of more than 1 MiB is refused: no workbook has them, every attack does. */
#ifndef FC_TEXT_XML_PULL_H
#define FC_TEXT_XML_PULL_H
#include "text/zip_entry.h"

typedef struct fc_xml fc_xml;

typedef struct fc_xml_handlers {
    void (*start)(void *ctx, const char *name, const char **attrs);
    void (*end)(void *ctx, const char *name);
    void (*text)(void *ctx, const char *s, int n); /* may be NULL */
} fc_xml_handlers;

/* Begins with the entry at which the archive stands. `place` is for sentences; both are borrowed. */
fc_xml *fc_xml_open(fc_zip *zip, const char *place, const fc_xml_handlers *handlers, void *ctx);
void fc_xml_close(fc_xml *x);
/* Goes on until a handler pauses, or to the end: *ended = 1. */
int fc_xml_go(fc_xml *x, int *ended, fc_err *err);
/* From a handler: fc_xml_go returns as soon as this handler has. */
void fc_xml_pause(fc_xml *x);
/* From a handler: the rest does not matter. */
void fc_xml_finish(fc_xml *x);
/* From a handler: fc_xml_go returns this error; the sentence is in *err of fc_xml_go. */
fc_err *fc_xml_fail(fc_xml *x);
/* The value of an attribute by its name without prefix, or NULL. */
const char *fc_xml_attr(const char **attrs, const char *name);
#endif
