/* Turning what a handler returned into an answer: template, frame, JSON, file, redirect; and errors into
 * pages. */
#ifndef FC_PLUGIN_RENDER_H
#define FC_PLUGIN_RENDER_H
#include "plugin/visit.h"

/* result NULL: v->text is the answer. */
void fc_render_result(fc_visit *v, json_t *result);
/* An error page in the reader's language: with the frame, as plain text for htmx, as {"error"} for JSON. */
void fc_render_error(fc_visit *v, int status, const char *zh, const char *en);
#endif
