/* Copies of an operator's files inside the site's folder of files, so that a script only ever sees names
 * there. A copy holds what people import, numbers in the clear: it belongs to the process that made it, whose
 * id and start are in its name, and goes when that process is gone. */
#ifndef FC_PLUGIN_COPIES_H
#define FC_PLUGIN_COPIES_H
#include "base/err.h"
#include <stddef.h>

/* Copies the file at `path` into `folder`; its new name ("run-PID-START-ID-BASE") goes to name. What is no
 * plain file (it may never end) or is larger than 1 GiB is refused. */
int fc_copy_in(const char *folder, const char *path, char *name, size_t cap, fc_err *err);
/* Removes the copies whose process is gone; never a living one's. */
void fc_copies_sweep(const char *folder);
#endif
