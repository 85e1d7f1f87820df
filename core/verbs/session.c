#include "verbs/session.h"
#include "base/clock.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

const char *fc_cli_login(void)
{
    static char text[80];
    struct passwd *who = getpwuid(getuid());
    snprintf(text, sizeof text, "cli:%s", who ? who->pw_name : "unknown");
    return text;
}

int fc_verb_site(const char *dir, const char *dealership, fc_site **site, fc_dealership **d, fc_err *err)
{
    int rc = fc_site_open(dir ? dir : ".", FC_SITE_OPEN, site, err);
    if (!rc) rc = fc_site_load(*site, NULL, err);
    if (!rc && !(*d = fc_site_dealership(*site, dealership, err))) rc = err->code;
    return rc;
}

static void audit_as(fc_dealership *d, const char *as)
{
    fc_value v[] = {fc_int(fc_id()), fc_int(fc_now()), fc_text(fc_cli_login()), fc_text("cli.as"),
                    fc_text(as)};
    fc_run(d->store, "INSERT INTO host_audit (id, at, actor, what, subject) VALUES (?, ?, ?, ?, ?)", v, 5,
           NULL, NULL);
}

fc_call *fc_verb_call(fc_dealership *d, const char *as, int64_t budget_ns, fc_err *err)
{
    fc_user user;
    if (!as)
        return fc_world_call(d, FC_BY_CLI, fc_cli_login(), fc_cli_login(), json_pack("[s]", "it"),
                             fc_process_lang(), budget_ns);
    if (fc_user_find(d->site->store, as, &user, err)) return NULL;
    audit_as(d, as);
    return fc_world_call(d, FC_BY_CLI, user.login, user.name, fc_user_roles(d->site->store, user.id, d->id),
                         fc_process_lang(), budget_ns);
}
