/* What kind of failure a text from host.db tells of. A plugin gets a text, as for any error; whoever answers
 * the person must know a full disk from a mistake in the SQL. So the last failure that is nobody's mistake is
 * remembered here, and a text that contains it is that failure, whatever was put around it on its way up. */
#include "lua/internal.h"

#include <string.h>

#define REMEMBERED 240 /* its beginning: what is put in front of it may push its end out of a fault */

static struct {
    int code;
    char text[REMEMBERED];
} last, limit; /* of the store, of a plugin */

void fc_trouble_note(const fc_err *err, const char *text)
{
    if (err->code != FC_EIO && err->code != FC_EBUSY && err->code != FC_ECANCEL) return;
    last.code = err->code;
    snprintf(last.text, sizeof last.text, "%s", text);
}

void fc_trouble_limit(const char *text)
{
    limit.code = FC_ELIMIT;
    snprintf(limit.text, sizeof limit.text, "%s", text);
}

int fc_trouble_of(const char *text)
{
    if (last.code && strstr(text, last.text)) return last.code;
    return limit.code && strstr(text, limit.text) ? limit.code : 0;
}
