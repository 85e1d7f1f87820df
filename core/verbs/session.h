/* What most verbs share: a site opened and loaded, one dealership, the actor of the command line. */
#ifndef FC_VERBS_SESSION_H
#define FC_VERBS_SESSION_H
#include "plugin/world.h"

/* Opens and loads the site in dir (NULL: the current folder). */
int fc_verb_site(const char *dir, const char *dealership, fc_site **site, fc_dealership **d, fc_err *err);
/* cli:<login> with the role "it", or with `as` that user's rights (an audit row says so). */
fc_call *fc_verb_call(fc_dealership *d, const char *as, int64_t budget_ns, fc_err *err);
const char *fc_cli_login(void);
/* One line from a file, "-" for standard input, NULL: asked twice on the terminal without echo. */
int fc_read_password(const char *file, char *out, size_t cap, fc_err *err);
#endif
