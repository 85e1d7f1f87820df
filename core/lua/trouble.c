/* What kind of failure a text from host.db tells of. A plugin gets a text, as for any error; whoever answers
 * the person must know a full disk from a mistake in the SQL. So the last failure that is nobody's mistake is
 * remembered here, and a text that contains it is that failure, whatever was put around it on its way up. */
#include "lua/internal.h"

#include <string.h>

#define REMEMBERED 240 /* its beginning: what is put in front of it may push its end out of a fault */

static struct {
    int code;
    char text[REMEMBERED];
} last;

void fc_trouble_note(const fc_err *err, const char *text)
{
    if (err->code != FC_EIO && err->code != FC_EBUSY) return;
    last.code = err->code;
    snprintf(last.text, sizeof last.text, "%s", text);
}

int fc_trouble_of(const char *text)
{
    return last.code && strstr(text, last.text) ? last.code : 0;
}
